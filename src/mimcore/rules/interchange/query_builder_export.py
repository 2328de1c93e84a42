"""Writing a rule as a document that React Query Builder's component can load, as far as it can express the rule."""

from __future__ import annotations

from typing import Any

from mimcore.errors import UnsupportedConditionError
from mimcore.rules.interchange.document import check
from mimcore.rules.interchange.query_builder_parts import OPPOSITES
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue, default_catalogue
from mimcore.values.money import Money

__all__ = ["to_query_builder"]

_OPERATORS = {
    "equals": "=",
    "less_than": "<",
    "at_most": "<=",
    "more_than": ">",
    "at_least": ">=",
    "contains": "contains",
    "starts_with": "beginsWith",
    "ends_with": "endsWith",
}
_FLIPPED = OPPOSITES | {positive: negative for negative, positive in OPPOSITES.items()}


def to_query_builder(rule: nodes.Rule, *, catalogue: Catalogue | None = None) -> dict[str, Any]:
    """Write a rule as React Query Builder's JSON (`json_without_ids`, one combinator a group, lists as arrays).

    Reading it back with `from_query_builder` gives the same rule, except that groups of one part are that part.

    Args:
        rule: Any rule.
        catalogue: Declared fields; the built-in ones unless given.

    Returns:
        Plain JSON data; the outermost level is a group.

    Raises:
        UnsupportedConditionError: If a part has no counterpart there (`or_missing`, events, segments, windows of days,
            records, freshness, everyone, `contains_all`, empty lists), naming it and its JSON path.
        RuleError: If the rule does not fit the declared fields.

    Examples:
        >>> from mimcore import fields as f
        >>> to_query_builder(f.contact.country != "DE")["rules"]
        [{'field': 'contact.demographic.country', 'operator': '!=', 'valueSource': 'value', 'value': 'DE'}]
    """
    check(rule, catalogue or default_catalogue())
    element = _element(rule, "rule")
    return element if "rules" in element else _group("and", [element])


def _element(rule: nodes.Rule, path: str) -> dict[str, Any]:
    match rule:
        case nodes.AllOf(rules=rules) | nodes.AnyOf(rules=rules):
            parts = [_element(part, f"{path}.rules[{index}]") for index, part in enumerate(rules)]
            return parts[0] if len(parts) == 1 else _group("and" if isinstance(rule, nodes.AllOf) else "or", parts)
        case nodes.Not(rule=inner):
            return _opposite(_element(inner, f"{path}.rule"))
        case _:
            return _condition(rule, path)


def _group(combinator: str, parts: list[dict[str, Any]], *, is_negated: bool = False) -> dict[str, Any]:
    return {"combinator": combinator, "not": is_negated, "rules": parts}


def _opposite(element: dict[str, Any]) -> dict[str, Any]:
    if "rules" in element:
        parts = element["rules"]
        if element["not"] and len(parts) == 1:
            return dict(parts[0])
        return {**element, "not": not element["not"]}
    flipped = _FLIPPED.get(element["operator"])
    return _group("and", [element], is_negated=True) if flipped is None else {**element, "operator": flipped}


def _condition(rule: nodes.Rule, path: str) -> dict[str, Any]:
    match rule:
        case nodes.Equals(field=name, value=value) | nodes.Compare(field=name, value=value):
            return _rule(name, _OPERATORS[rule.shape], _value(value))
        case nodes.TextTest(op=op, field=name, value=value):
            return _rule(name, _OPERATORS[op], value)
        case nodes.IsIn(field=name, values=values) | nodes.Overlaps(op="overlaps", field=name, values=values) if values:
            return _rule(name, "in", [_value(value) for value in values])
        case nodes.Between(field=name, low=low, high=high):
            return _rule(name, "between", [_value(low), _value(high)])
        case nodes.Known(field=name):
            return _rule(name, "notNull", None)
        case _:
            what = "a list without values" if isinstance(rule, nodes.IsIn) else f"'{rule.shape}'"
            raise UnsupportedConditionError.located(
                path, f"React Query Builder has no counterpart of {what}; keep the rule as mimcore's own JSON"
            )


def _rule(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": name, "operator": operator, "valueSource": "value", "value": value}


def _value(value: nodes.Scalar) -> Any:
    if not isinstance(value, nodes.MoneyLiteral):
        return value
    amount = Money(minor_units=value.minor_units, currency=value.currency)
    return f"{amount.amount:f} {amount.currency}"
