"""From a rule to its bound form: negation to the leaves, everything that depends on time or the store made constant."""

from __future__ import annotations

from mimcore.errors import MissingFactsError, RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.limits import MAX_BOUND_LEAVES, MAX_DEPTH, check_limits
from mimcore.rules.lowering.belonging import ANY_ACCOUNT, EVENTS, asks_any_account, asks_for_a_segment
from mimcore.rules.lowering.binding import Binding, SegmentReference
from mimcore.rules.lowering.bound import (
    AnyAccount,
    Bound,
    BoundAll,
    BoundAny,
    Constant,
    CountAccounts,
    Listed,
    Literal,
    negate,
)
from mimcore.rules.lowering.collection_conditions import collection
from mimcore.rules.lowering.event_conditions import Conditions, event_condition
from mimcore.rules.lowering.scope import Leaves, Scope, single
from mimcore.rules.lowering.time_conditions import timed
from mimcore.rules.lowering.value_conditions import freshness_cutoff, valued

__all__ = ["Binding", "SegmentReference", "bind", "freshness_cutoff", "in_a_circle"]

_TIMED = (nodes.Window, nodes.Elapsed, nodes.CalendarWindow, nodes.Anniversary, nodes.ClockTest)
_COLLECTIONS = (nodes.Overlaps, nodes.HasRecord, nodes.ElementCount)


def in_a_circle(keys: tuple[str, ...]) -> RuleTypeError:
    """Return the error for segments that refer to each other in a circle.

    Args:
        keys: The way round, from a segment back to itself.
    """
    way = " → ".join(keys)
    return RuleTypeError(f"segments refer to each other in a circle: {way}; make the common part another segment")


def bind(rule: nodes.Rule, binding: Binding) -> Bound:
    """Make a rule concrete.

    Args:
        rule: Any rule.
        binding: Instant, zone, half-lives, segments and fields to bind with.

    Returns:
        The bound form that every engine evaluates.

    Raises:
        UnknownFieldError: If a field, kind of event or segment is not declared.
        RuleTypeError: If an operator or a literal does not fit a field.
        MissingFactsError: If the rule needs `now` and there is none.
        UnsupportedConditionError: If it asks for what no store keeps yet.
    """
    check_limits(nodes.as_rule(rule, "rule"))
    return _Lowering(Scope(binding)).lower(rule, negated=False, missing=None)


class _Lowering:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.path: tuple[str, ...] = ()
        self.leaves = 0

    def lower(self, rule: nodes.Rule, *, negated: bool, missing: bool | None) -> Bound:
        match rule:
            case nodes.AllOf(rules=rules):
                group = BoundAny if negated else BoundAll
                return group(tuple(self.lower(part, negated=negated, missing=missing) for part in rules))
            case nodes.AnyOf(rules=rules):
                group = BoundAll if negated else BoundAny
                return group(tuple(self.lower(part, negated=negated, missing=missing) for part in rules))
            case nodes.Not(rule=inner):
                return self.lower(inner, negated=not negated, missing=missing)
            case nodes.OrMissing(rule=inner):
                return self.lower(inner, negated=negated, missing=not negated)
            case nodes.Everyone():
                return Constant(not negated)
            case nodes.InSegment():
                return self._segment(rule, negated=negated, missing=missing)
            case _:
                return self._condition(rule, negated=negated, missing=missing)

    def _condition(self, rule: nodes.Rule, *, negated: bool, missing: bool | None) -> Bound:
        """Lower a leaf node that may stand for several leaves; the group flips under negation like any other."""
        made = self._leaves(rule)
        if self._is_uncollected(rule):
            return Constant(None)
        if isinstance(made, bool):
            return Constant(made is not negated)
        connective, leaves = made
        self._count(len(leaves))
        literals = tuple(Literal(leaf, flipped is not negated, missing) for leaf, flipped in leaves)
        if len(literals) == 1:
            return literals[0]
        return (BoundAll if (connective == "all") is not negated else BoundAny)(literals)

    def _is_uncollected(self, rule: nodes.Rule) -> bool:
        """Tell whether it reads a field that nobody collected yet at the instant."""
        binding = self.scope.binding
        if not binding.uncollected:
            return False
        names = [getattr(rule, part, None) for part in ("field", "other")]
        return any(isinstance(one, str) and binding.catalogue[one].name in binding.uncollected for one in names)

    def _count(self, leaves: int) -> None:
        """Refuse what segments inside segments blow up; a rule of its own size stays far below."""
        self.leaves += leaves
        if self.leaves > MAX_BOUND_LEAVES:
            raise RuleTypeError(f"the rule has more than {MAX_BOUND_LEAVES} conditions once its segments are filled in")

    def _segment(self, rule: nodes.InSegment, *, negated: bool, missing: bool | None) -> Bound:
        key, binding = rule.segment, self.scope.binding
        if binding.segment is None:
            raise MissingFactsError(f"the rule refers to the segment '{key}': give segments=, or use a store")
        if not key.isprintable():
            raise RuleTypeError("the key of a segment holds an unprintable character")
        if self.scope.entity != "contact":
            raise asks_for_a_segment()
        if key in self.path:
            raise in_a_circle((*self.path, key))
        if len(self.path) == MAX_DEPTH:
            raise RuleTypeError(f"segments are nested deeper than {MAX_DEPTH} levels")
        reference = binding.segment(key)
        if reference.rule is None:
            return Literal(Listed(key), negated, missing)
        outer, self.path = self.path, (*self.path, key)
        lowered = self.lower(reference.rule, negated=negated, missing=missing)
        self.path = outer
        return lowered

    def _leaves(self, rule: nodes.Rule) -> bool | Leaves:
        if asks_any_account(rule):
            return single(AnyAccount(self._inside(_of_account(rule), "account")))
        if isinstance(rule, _TIMED):
            return timed(rule, self.scope)
        if isinstance(rule, _COLLECTIONS):
            return collection(rule, self.scope)
        if isinstance(rule, EVENTS):
            return event_condition(rule, self.scope, self._conditions())
        if isinstance(rule, nodes.AccountTest):
            return self._accounts(rule)
        return valued(rule, self.scope)

    def _conditions(self) -> Conditions:
        return lambda rule: None if rule is None else self._inside(rule, "event")

    def _inside(self, rule: nodes.Rule, entity: str) -> Bound:
        """Lower a condition on one event or one account; it is asked on its own, so nothing is negated outside."""
        outer, self.scope = self.scope, self.scope.inside(entity)
        try:
            return self.lower(rule, negated=False, missing=None)
        finally:
            self.scope = outer

    def _accounts(self, rule: nodes.AccountTest) -> Leaves:
        where = self._inside(rule.where, "account")
        if rule.op != "account_count" and (rule.comparison is not None or rule.value is not None):
            raise RuleTypeError(f"{rule.op} has nothing to compare: comparison and value belong to account_count")
        match rule.op:
            case "any_account":
                return single(AnyAccount(where))
            case "all_accounts":
                return "all", [(AnyAccount(negate(where)), True)]
            case "account_count":
                if rule.comparison is None or rule.value is None:
                    raise RuleTypeError("account_count needs a comparison and a value")
                return single(CountAccounts(where, self.scope.op(rule.comparison), self.scope.number(rule.value)))


def _of_account(rule: nodes.Rule) -> nodes.Rule:
    """Return the same condition on one account's own field."""
    fields = {part: name for part in ("field", "other") if isinstance(name := getattr(rule, part, None), str)}
    if not all(name.startswith(ANY_ACCOUNT) for name in fields.values()):
        raise RuleTypeError("a field of any_account is compared with fields of the same account only")
    changed = {part: f"account.{name.removeprefix(ANY_ACCOUNT)}" for part, name in fields.items()}
    return rule.model_copy(update=changed)
