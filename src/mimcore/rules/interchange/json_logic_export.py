"""Writing a rule as JsonLogic: true for exactly the members of the rule, those of whom little is known included.

JsonLogic has two answers and takes nothing for 0; so negation is pushed to the conditions, and a condition that is
negated, or that compares by order, asks first whether the value is known.
"""

from __future__ import annotations

from typing import Any

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.interchange.document import check
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue

__all__ = ["to_json_logic"]

_ORDERS = {"less_than": "<", "at_most": "<=", "more_than": ">", "at_least": ">="}
_SINGLE = frozenset({Kind.CODE, Kind.BOOLEAN, Kind.INTEGER, Kind.NUMBER, Kind.AGE, Kind.DATE})


def to_json_logic(rule: nodes.Rule, *, catalogue: Catalogue | None = None, folded_text: bool = False) -> dict[str, Any]:
    """Write a rule as JsonLogic.

    Args:
        rule: Any rule.
        catalogue: Declared fields; the built-in ones unless given.
        folded_text: Whether conditions on free text and words may be written, which JsonLogic compares letter by
            letter and not folded.

    Returns:
        Plain JSON data, which `from_json_logic` reads; true for exactly the members of the rule.

    Raises:
        UnsupportedConditionError: If a part has no counterpart there, naming it and its JSON path.
        RuleError: If the rule does not fit the declared fields.

    Examples:
        >>> from mimcore import fields as f
        >>> to_json_logic(f.contact.country.is_in("DK", "SE"))
        {'in': [{'var': 'contact.demographic.country'}, ['DK', 'SE']]}
    """
    known = catalogue or default_catalogue()
    check(rule, known)
    made: Any = _Writer(known, folded_text=folded_text).write(rule, "rule", is_negated=False, missing=False)
    written: dict[str, Any] = {"!!": [made]} if isinstance(made, bool) else made
    return written


class _Writer:
    def __init__(self, catalogue: Catalogue, *, folded_text: bool) -> None:
        self.catalogue, self.folded_text = catalogue, folded_text

    def write(self, rule: nodes.Rule, path: str, *, is_negated: bool, missing: bool) -> Any:
        match rule:
            case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
                is_all = isinstance(rule, nodes.AllOf) is not is_negated
                return {
                    "and" if is_all else "or": [
                        self.write(part, f"{path}.rules[{place}]", is_negated=is_negated, missing=missing)
                        for place, part in enumerate(rules)
                    ]
                }
            case nodes.Not(rule=inner):
                return self.write(inner, f"{path}.rule", is_negated=not is_negated, missing=missing)
            case nodes.OrMissing(rule=inner):
                return self.write(inner, f"{path}.rule", is_negated=is_negated, missing=not is_negated)
            case nodes.Everyone():
                return not is_negated
            case _:
                return self._condition(rule, path, is_negated=is_negated, missing=missing)

    def _condition(self, rule: nodes.Rule, path: str, *, is_negated: bool, missing: bool) -> Any:
        name: object = getattr(rule, "field", None)
        spec = self.catalogue[name] if isinstance(name, str) else None
        if spec is None or spec.entity == "any_account":
            raise _unsupported(path, f"'{rule.shape}'")
        field = {"var": spec.name}
        if isinstance(rule, nodes.Known):
            return self._known(spec, is_negated=is_negated)
        test = self._test(rule, spec, field, path)
        if spec.is_collection and spec.entity == "contact":
            return {"!": [test]} if is_negated else test
        if missing:
            return {"or": [{"===": [field, None]}, {"!": [test]} if is_negated else test]}
        is_guarded = is_negated or isinstance(rule, nodes.Compare | nodes.Between)
        return {"and": [{"!==": [field, None]}, {"!": [test]} if is_negated else test]} if is_guarded else test

    def _known(self, spec: FieldSpec, *, is_negated: bool) -> Any:
        field = {"var": spec.name}
        if spec.is_collection:
            return {"!": [field]} if is_negated else {"!!": [field]}
        return {"===" if is_negated else "!==": [field, None]}

    def _test(self, rule: nodes.Rule, spec: FieldSpec, field: dict[str, str], path: str) -> Any:
        self._exact(spec, path)
        match rule:
            case nodes.Equals(value=value):
                return {"===": [field, value]}
            case nodes.IsIn(values=values):
                return {"in": [field, list(values)]}
            case nodes.Compare(op=op, value=value):
                return {_ORDERS[op]: [field, value]}
            case nodes.Between(low=low, high=high):
                return {"<=": [low, field, high]}
            case nodes.TextTest(op="contains", value=value):
                return {"in": [value, field]}
            case nodes.Overlaps(op="overlaps", values=values):
                return {"some": [field, {"in": [{"var": ""}, list(values)]}]}
            case nodes.Overlaps(values=values) if values:
                return {"and": [{"in": [value, field]} for value in values]}
            case _:
                raise _unsupported(path, f"'{rule.shape}'")

    def _exact(self, spec: FieldSpec, path: str) -> None:
        if spec.is_collection and spec.entity != "contact":
            raise _unsupported(path, "collections of accounts, which are unknown without one")
        if spec.kind in {Kind.TEXT, Kind.TAGS} and not self.folded_text:
            raise _unsupported(
                path, "text that is compared folded (unless folded_text=True says that letter by letter will do)"
            )
        if spec.kind not in _SINGLE | {Kind.TEXT, Kind.TAGS, Kind.CODES}:
            raise _unsupported(path, f"fields of kind {spec.kind.value}")


def _unsupported(path: str, what: str) -> UnsupportedConditionError:
    return UnsupportedConditionError.located(
        path, f"JsonLogic has no counterpart of {what}; keep the rule as mimcore's own JSON"
    )
