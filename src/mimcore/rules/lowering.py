"""From a rule to its bound form: negation to the leaves, everything that depends on time or the store made constant."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mimcore.errors import MissingFactsError, RuleSyntaxError, RuleTypeError, UnknownFieldError
from mimcore.rules import nodes
from mimcore.rules.bound import (
    BornBy,
    Bound,
    BoundAll,
    BoundAny,
    Comparison,
    Constant,
    Dated,
    EventLeaf,
    Fresh,
    IsKnown,
    Leaf,
    Listed,
    Literal,
    Member,
    Op,
    Overlap,
    RecordMatch,
    TextMatch,
)
from mimcore.rules.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.rules.handles import Field
from mimcore.rules.limits import MAX_BOUND_LEAVES, MAX_DEPTH, check_limits
from mimcore.rules.literals import INT64, codes, minor_units, primitive
from mimcore.values.instants import as_instant, to_microseconds

__all__ = ["Binding", "SegmentReference", "bind", "freshness_cutoff"]

_OPS: dict[str, Op] = {"at_least": "ge", "more_than": "gt", "at_most": "le", "less_than": "lt", "equals": "eq"}
_ORDERED = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.INSTANT, Kind.AGE})
_MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class SegmentReference:
    """What a segment key stands for: a rule, or a list kept by hand when `rule` is None."""

    key: str
    rule: nodes.Rule | None


@dataclass(frozen=True, slots=True)
class Binding:
    """The inputs of binding: instant, zone, half-lives, segments, fields."""

    now: datetime | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    half_lives: Mapping[str, float] = field(default_factory=dict[str, float])
    """Half-life in days of every pool present."""
    segment: Callable[[str], SegmentReference] | None = None
    catalogue: Catalogue = field(default_factory=default_catalogue)
    uncollected: Collection[str] = ()
    """Canonical names of fields that nobody collected at the instant: what reads them cannot be decided."""

    def instant(self, what: str) -> datetime:
        """Return `now`, or say which condition needs it.

        Raises:
            MissingFactsError: If there is none.
            InvalidValueError: If it has no time zone.
        """
        if self.now is None:
            raise MissingFactsError(f"{what} depends on the time: give now=")
        return as_instant(self.now, "now")

    def today(self, what: str) -> date:
        """Return the local date of `now`."""
        return self.instant(what).astimezone(self.zone).date()

    def knowing(self, attributes: Iterable[Field]) -> Binding:
        """Return the same with custom attributes beside its fields, for rules that are asked outside a store.

        Args:
            attributes: What `mim.attribute` returned.

        Raises:
            RuleSyntaxError: If one is no field.
        """
        fields: list[object] = list(attributes)
        specs = [one.spec for one in fields if isinstance(one, Field)]
        if len(specs) < len(fields):
            raise RuleSyntaxError("attributes are what mim.attribute(...) returned: attributes=[tier]")
        return replace(self, catalogue=self.catalogue.extended(specs)) if specs else self


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
    """
    check_limits(rule)
    return _Lowering(binding).lower(rule, negated=False, missing=None)


def freshness_cutoff(now: datetime, half_life_days: float, threshold: float) -> int:
    """Return the key that freshness ≥ threshold means: now + h·log2(θ), in whole microseconds, rounded once.

    Examples:
        >>> freshness_cutoff(datetime(1970, 1, 3, tzinfo=UTC), 1.0, 0.5) == 86_400_000_000
        True
    """
    return to_microseconds(now) + round(half_life_days * _MICROSECONDS_PER_DAY * math.log2(threshold))


class _Lowering:
    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self.path: tuple[str, ...] = ()
        self.is_in_events = False
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
        name: object = getattr(rule, "field", None)
        known = self.binding.catalogue
        return bool(self.binding.uncollected) and isinstance(name, str) and known[name].name in self.binding.uncollected

    def _count(self, leaves: int) -> None:
        """Refuse what segments inside segments blow up; a rule of its own size stays far below."""
        self.leaves += leaves
        if self.leaves > MAX_BOUND_LEAVES:
            raise RuleTypeError(f"the rule has more than {MAX_BOUND_LEAVES} conditions once its segments are filled in")

    def _segment(self, rule: nodes.InSegment, *, negated: bool, missing: bool | None) -> Bound:
        key = rule.segment
        if self.binding.segment is None:
            raise MissingFactsError(f"the rule refers to the segment '{key}': give segments=, or use a store")
        if not key.isprintable():
            raise RuleTypeError("the key of a segment holds an unprintable character")
        if key in self.path:
            raise RuleTypeError(f"segments refer to each other in a circle: {' → '.join((*self.path, key))}")
        if len(self.path) == MAX_DEPTH:
            raise RuleTypeError(f"segments are nested deeper than {MAX_DEPTH} levels")
        reference = self.binding.segment(key)
        if reference.rule is None:
            return Literal(Listed(key), negated, missing)
        outer, self.path = self.path, (*self.path, key)
        lowered = self.lower(reference.rule, negated=negated, missing=missing)
        self.path = outer
        return lowered

    def _spec(self, name: str, *kinds: Kind) -> FieldSpec:
        spec = self.binding.catalogue[name]
        if spec.entity == "event" and not self.is_in_events:
            raise RuleTypeError(f"{spec.name} belongs to events: write f.contact.events(kind).where(...)")
        if kinds and spec.kind not in kinds:
            wanted = " or ".join(sorted(kind.value for kind in kinds))
            raise RuleTypeError(f"{spec.name} is of kind {spec.kind.value}; this condition needs {wanted}")
        return spec

    def _leaves(self, rule: nodes.Rule) -> bool | tuple[str, list[tuple[Leaf, bool]]]:
        match rule:
            case nodes.Equals() | nodes.IsIn() | nodes.Compare() | nodes.Between():
                return self._comparison(rule)
            case nodes.TextTest(op=op, field=name, value=value):
                spec = self._spec(name, Kind.TEXT)
                return _single(TextMatch(spec, op, str(primitive(spec, value))))
            case nodes.Known(field=name):
                return _single(IsKnown(self._spec(name)))
            case nodes.Overlaps() | nodes.HasRecord():
                return self._collection(rule)
            case nodes.Window():
                return self._window(rule)
            case nodes.EventTest():
                return _single(self._events(rule))
            case nodes.FreshnessTest(field=name, value=value):
                return _single(self._fresh(name, value))
            case nodes.Undated(field=name):
                spec = self._kept(name)
                return "all", [(IsKnown(spec), False), (Dated(spec), True)]
            case _:
                raise RuleTypeError(f"a node of type {type(rule).__name__} has no meaning here")

    def _comparison(self, rule: nodes.Rule) -> tuple[str, list[tuple[Leaf, bool]]]:
        match rule:
            case nodes.Equals(field=name, value=value):
                spec = self._single_valued(name)
                if spec.kind is Kind.AGE:
                    return "all", [self._aged(spec, "ge", value), self._aged(spec, "le", value)]
                return _single(_compare(spec, "eq", value))
            case nodes.IsIn(field=name, values=values):
                return self._member(self._single_valued(name), values)
            case nodes.Compare(op=op, field=name, value=value):
                spec = self._spec(name, *_ORDERED)
                if spec.kind is Kind.AGE:
                    return "all", [self._aged(spec, _OPS[op], value)]
                return _single(_compare(spec, _OPS[op], value))
            case nodes.Between(field=name, low=low, high=high):
                spec = self._spec(name, *_ORDERED)
                if spec.kind is Kind.AGE:
                    return "all", [self._aged(spec, "ge", low), self._aged(spec, "le", high)]
                return "all", [(_compare(spec, "ge", low), False), (_compare(spec, "le", high), False)]
            case _:
                raise AssertionError(rule.shape)

    def _single_valued(self, name: str) -> FieldSpec:
        spec = self._spec(name)
        if spec.is_collection:
            raise RuleTypeError(f"{spec.name} is a collection: use .overlaps(...), .contains_all(...) or .any(...)")
        return spec

    def _member(self, spec: FieldSpec, values: tuple[nodes.Scalar, ...]) -> tuple[str, list[tuple[Leaf, bool]]]:
        if spec.kind is Kind.AGE:
            raise RuleTypeError(f"{spec.name}: ages are compared with ranges; use .is_between(low, high)")
        if spec.kind is Kind.MONEY:
            return "any", [(_compare(spec, "eq", value), False) for value in values] or [(_nothing(spec), False)]
        constants = dict.fromkeys(primitive(spec, value) for value in values)
        return _single(Member(spec, tuple(constants)))

    def _collection(self, rule: nodes.Rule) -> bool | tuple[str, list[tuple[Leaf, bool]]]:
        match rule:
            case nodes.Overlaps(op="overlaps", field=name, values=values):
                spec = self._spec(name, Kind.TAGS, Kind.CODES)
                return _single(Overlap(spec, codes(spec, values)))
            case nodes.Overlaps(field=name, values=values):
                spec = self._spec(name, Kind.TAGS, Kind.CODES)
                return ("all", [(Overlap(spec, (word,)), False) for word in codes(spec, values)]) if values else True
            case nodes.HasRecord(field=name, where=where):
                spec = self._spec(name, Kind.RECORDS)
                named = {inner.short: inner for inner in spec.record_fields}
                unknown = [one.name for one in where if one.name not in named]
                if unknown:
                    raise UnknownFieldError(f"{spec.name} has no field '{unknown[0]}' (it has {', '.join(named)})")
                return _single(
                    RecordMatch(spec, tuple((named[one.name], primitive(named[one.name], one.value)) for one in where))
                )
            case _:
                raise AssertionError(rule.shape)

    def _aged(self, spec: FieldSpec, op: Op, value: nodes.Scalar) -> tuple[Leaf, bool]:
        """Years n or more: born on or before today n years ago; the other comparisons follow from that one."""
        years = int(primitive(spec, value))  # type: ignore[arg-type]
        at_least = years + (op in {"gt", "le"})
        return BornBy(spec, _years_before(self.binding.today(spec.name), at_least)), op in {"le", "lt"}

    def _window(self, rule: nodes.Window) -> tuple[str, list[tuple[Leaf, bool]]]:
        spec = self._spec(rule.field, Kind.DATE, Kind.INSTANT)
        now = self.binding.today(spec.name) if spec.kind is Kind.DATE else self.binding.instant(spec.name)
        try:
            past, future = now - timedelta(days=rule.days), now + timedelta(days=rule.days)
        except OverflowError:
            raise RuleTypeError(f"{spec.name}: a window of {rule.days} days reaches beyond the calendar") from None
        match rule.op:
            case "within_last_days":
                return "all", [(Comparison(spec, "ge", past), False), (Comparison(spec, "le", now), False)]
            case "older_than_days":
                return _single(Comparison(spec, "lt", past))
            case "within_next_days":
                return "all", [(Comparison(spec, "gt", now), False), (Comparison(spec, "le", future), False)]

    def _events(self, rule: nodes.EventTest) -> EventLeaf:
        kind = self.binding.catalogue.event_kind(rule.kind)
        now = self.binding.instant(f"counting events of kind {kind}")
        start = None if rule.within_days is None else _earlier(now, rule.within_days)
        where = None if rule.where is None else self._where(rule.where)
        op = _OPS[rule.comparison]
        if rule.op == "event_count":
            if isinstance(rule.value, bool) or not isinstance(rule.value, int):
                raise RuleTypeError("a count of events is compared with a whole number")
            if abs(rule.value) > INT64:
                raise RuleTypeError("a count of events is compared with a number that fits 64 bits")
            return EventLeaf("count", kind, start, now, where, op, rule.value)
        if not isinstance(rule.value, nodes.MoneyLiteral):
            raise RuleTypeError(
                "a total of events is compared with money: mim.money('100', 'DKK'); a bare number has no currency"
            )
        return EventLeaf("total", kind, start, now, where, op, minor_units("a total", rule.value), rule.value.currency)

    def _where(self, rule: nodes.Rule) -> Bound:
        for node in _walk(rule):
            name = getattr(node, "field", None)
            if isinstance(node, nodes.EventTest | nodes.InSegment) or (
                name and self.binding.catalogue[name].entity != "event"
            ):
                raise RuleTypeError("a condition on events may mention only f.event fields")
        self.is_in_events = True
        lowered = self.lower(rule, negated=False, missing=None)
        self.is_in_events = False
        return lowered

    def _kept(self, name: str) -> FieldSpec:
        spec = self._spec(name)
        if spec.entity != "contact":
            raise RuleTypeError(f"{spec.name}: freshness is kept for contacts' values")
        return spec

    def _fresh(self, name: str, threshold: float) -> Fresh:
        spec, now = self._kept(name), self.binding.instant(f"freshness of {name}")
        pools = sorted(self.binding.half_lives.items())
        return Fresh(spec, tuple((pool, freshness_cutoff(now, half_life, threshold)) for pool, half_life in pools))


def _earlier(now: datetime, days: int) -> datetime:
    """Return the start of a window; one that would begin before the calendar has no start."""
    try:
        return now - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _single(leaf: Leaf) -> tuple[str, list[tuple[Leaf, bool]]]:
    return "all", [(leaf, False)]


def _nothing(spec: FieldSpec) -> Leaf:
    return Member(spec, ())


def _compare(spec: FieldSpec, op: Op, value: nodes.Scalar) -> Comparison:
    currency = value.currency if isinstance(value, nodes.MoneyLiteral) else None
    return Comparison(spec, op, primitive(spec, value), currency)


def _walk(rule: nodes.Rule) -> list[nodes.Rule]:
    return [rule, *(inner for part in rule.parts() for inner in _walk(part))]


def _years_before(today: date, years: int) -> date:
    """Return the latest birth date of somebody who is `years` old today; 29 February turns on 1 March."""
    year = today.year - years
    if year < 1:
        return date.min
    if year > 9999:
        return date.max
    try:
        return today.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
