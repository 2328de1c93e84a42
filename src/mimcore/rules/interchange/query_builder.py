"""Reading the JSON that React Query Builder's component exports. Writing it is in `query_builder_export`.

Nothing is ever skipped: what is not understood is refused with its JSON path. React Query Builder has no third answer;
here every operator keeps mimcore's: a missing value is unknown under `=` and under `!=` alike, and unknown people are
neither in a segment nor in its opposite.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from mimcore.errors import InvalidValueError, RuleError, RuleFormatError, RuleTypeError, UnknownFieldError, nearest
from mimcore.rules.interchange.document import is_object, parse
from mimcore.rules.interchange.query_builder_fields import OPERATORS
from mimcore.rules.interchange.query_builder_lists import compared_fields, matched
from mimcore.rules.interchange.query_builder_parts import (
    OPPOSITES,
    check_binds,
    combinator_of,
    is_list,
    items,
    key,
    only,
)
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.rules.language.limits import MAX_DEPTH, check_limits
from mimcore.rules.language.literals import primitive, scalar
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding
from mimcore.values.money import money

__all__ = ["from_query_builder"]

_ALL_OPERATORS = frozenset(name for names in OPERATORS.values() for name in names)
_COMPARISONS: dict[str, Literal["less_than", "at_most", "more_than", "at_least"]] = {
    "<": "less_than",
    "<=": "at_most",
    ">": "more_than",
    ">=": "at_least",
}
_TEXTS: dict[str, Literal["contains", "starts_with", "ends_with"]] = {
    "contains": "contains",
    "beginsWith": "starts_with",
    "endsWith": "ends_with",
}
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")
_MONEY = re.compile(r"(?P<amount>[+-]?[0-9.]{1,40}) (?P<currency>[A-Z]{3})")
_SHOWN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,119}")
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def from_query_builder(
    document: Mapping[str, object] | str | bytes,
    *,
    catalogue: Catalogue | None = None,
    preserve_value_order: bool = True,
) -> Rule:
    r"""Read a rule from React Query Builder's exported JSON.

    Understood are the formats `json` and `json_without_ids`, with one combinator a group or independent combinators
    (`and` binds before `or`); values as single values, arrays or comma-joined text (`\,` is a comma inside a value);
    numbers as text; money as `100.00 DKK`. Keys that belong to the screen (`id`, `path`, `disabled`) have no meaning,
    and neither has the value beside `null` and `notNull`.

    A field is named canonically (`contact.demographic.country`), by entity and short name (`contact.country`,
    `account.employees`), or, for contacts, by the short name alone (`country`).

    A missing value stays unknown under every operator, `!=`, `notIn` and a group's `not` included; only `null` and
    `notNull` decide about it. Collections such as interests are never missing: `in` and `contains` ask whether they
    share a value, `notIn` and `doesNotContain` are true for empty ones.

    The `match` modes ask how many elements of a collection fit an inner query. They are understood for codes with
    options: which of these fit is known here, compared exactly. `all` is true of an empty collection. A field compared
    with a field (`valueSource`) is understood with `=` and in the order of its kind, and for two codes with options
    with every operator.

    Args:
        document: Parsed JSON or JSON text; at most 64 KiB, with the limits of every rule.
        catalogue: Declared fields; the built-in ones unless given.
        preserve_value_order: Whether a range from a higher to a lower value holds for nobody, as it is written; False
            reads it from the lower to the higher, as the component's own exports do unless they are told otherwise.

    Returns:
        The rule. Groups of one part are that part.

    Raises:
        RuleFormatError: If something is not understood, with the JSON path in the message and in `place`.
        UnknownFieldError: If a field is not declared, likewise.
        RuleTypeError: If an operator or a value does not fit its field, likewise. No message holds a value.

    Examples:
        >>> import mimcore as mim
        >>> nordic = {"field": "country", "operator": "in", "value": ["DK", "SE"]}
        >>> adult = {"field": "age", "operator": ">=", "value": "18"}
        >>> str(mim.Rule.from_query_builder({"combinator": "and", "not": False, "rules": [nordic, adult]}))
        'country is DK or SE and age is at least 18'
    """
    reader = _Reader(catalogue or default_catalogue(), is_order_kept=preserve_value_order)
    rule = reader.group(_plain(document), "", 1)
    check_limits(rule)
    return rule


def _plain(document: Mapping[str, object] | str | bytes) -> object:
    if isinstance(document, str | bytes):
        return parse(document)
    try:
        text = json.dumps(dict(document), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        pass
    else:
        return parse(text)
    raise RuleFormatError("the rule is nested too deeply or is not made of plain JSON values")


class _Reader:
    def __init__(self, catalogue: Catalogue, *, is_order_kept: bool) -> None:
        self.catalogue, self.is_order_kept = catalogue, is_order_kept
        self.binding = Binding(now=_ANY_TIME, catalogue=catalogue)

    def group(self, data: object, path: str, depth: int) -> Rule:
        if not is_object(data) or "rules" not in data:
            raise RuleFormatError.located(path, "a group of React Query Builder is a JSON object with the key 'rules'")
        if depth > MAX_DEPTH:
            raise RuleFormatError(
                f"the rule is nested deeper than {MAX_DEPTH} levels; name inner parts as segments of their own"
            )
        only(data, path, ("combinator", "not", "rules"))
        is_negated = data.get("not", False)
        if not isinstance(is_negated, bool):
            raise RuleFormatError.located(key(path, "not"), "is true or false")
        joined = self._joined(data, path, depth)
        return ~joined if is_negated else joined

    def _joined(self, data: dict[str, object], path: str, depth: int) -> Rule:
        rules = data["rules"]
        if not is_list(rules) or not rules:
            raise RuleFormatError.located(
                key(path, "rules"), "the group is empty, which would mean everybody; add a rule or remove the group"
            )
        if "combinator" not in data:
            return self._independent(rules, path, depth)
        combinator = combinator_of(data["combinator"], key(path, "combinator"))
        inner = [self._element(part, f"{key(path, 'rules')}[{index}]", depth) for index, part in enumerate(rules)]
        return _grouped(combinator, inner)

    def _independent(self, parts: list[object], path: str, depth: int) -> Rule:
        """Join `[a, "and", b, "or", c]`; `and` binds before `or`, as in SQL and in the component's own conversion."""
        runs: list[list[Rule]] = [[]]
        for index, part in enumerate(parts):
            place = f"{key(path, 'rules')}[{index}]"
            if index % 2 == 0:
                runs[-1].append(self._element(part, place, depth))
            elif combinator_of(part, place) == "or":
                runs.append([])
        if len(parts) % 2 == 0:
            raise RuleFormatError.located(key(path, "rules"), "ends with a combinator; a rule belongs behind it")
        return _grouped("or", [_grouped("and", run) for run in runs])

    def _element(self, data: object, path: str, depth: int) -> Rule:
        if not is_object(data):
            raise RuleFormatError.located(path, "a rule or a group is a JSON object")
        return self.group(data, path, depth + 1) if "rules" in data else self._condition(data, path)

    def _condition(self, data: dict[str, object], path: str) -> Rule:
        only(data, path, ("field", "operator", "value", "valueSource", "match"))
        spec = self._field(data.get("field"), key(path, "field"))
        if "match" in data:
            return matched(spec, data, path)
        if data.get("valueSource") == "field":
            return self._compared(spec, data, path)
        operator = _operator(spec, data.get("operator"), key(path, "operator"))
        if data.get("valueSource", "value") != "value":
            raise RuleFormatError.located(
                key(path, "valueSource"), "is 'value' or 'field'; expressions and parameters are not understood"
            )
        positive = OPPOSITES.get(operator, operator)
        if positive != "notNull" and "value" not in data:
            raise RuleFormatError.located(path, "the key 'value' is missing")
        leaf = _leaf(spec, positive, data.get("value"), key(path, "value"))
        if isinstance(leaf, nodes.Between) and not self.is_order_kept:
            leaf = _ascending(spec, leaf)
        check_binds(leaf, self.binding, path)
        return ~leaf if operator in OPPOSITES else leaf

    def _compared(self, spec: FieldSpec, data: dict[str, object], path: str) -> Rule:
        other = self._field(data.get("value"), key(path, "value"))
        rule = compared_fields(spec, other, data.get("operator"), path)
        check_binds(rule, self.binding, path)
        return rule

    def _field(self, name: object, path: str) -> FieldSpec:
        if not isinstance(name, str):
            raise RuleFormatError.located(path, "the name of a field is missing; it is text")
        if name == "~":
            raise RuleFormatError.located(path, "no field is chosen yet")
        known = name if "." in name else f"contact.{name}"
        if known not in self.catalogue:
            shown = f"'{name}'" if _SHOWN_NAME.fullmatch(name) else "this"
            raise UnknownFieldError.located(path, f"{shown} is not a declared field{self._hint(name[:120])}")
        spec = self.catalogue[known]
        if spec.entity == "event":
            raise RuleTypeError.located(
                path, f"{spec.name} belongs to events, which this format cannot ask for; use mimcore's own rule JSON"
            )
        return spec

    def _hint(self, name: str) -> str:
        if f"account.{name}" in self.catalogue:
            return f" of contacts; the account's is 'account.{name}'"
        long = [found for one in self.catalogue for found in (one.name, f"{one.entity}.{one.short}")]
        return nearest(name, [*long, *(one.short for one in self.catalogue.of("contact"))])


def _grouped(combinator: str, parts: list[Rule]) -> Rule:
    if len(parts) == 1:
        return parts[0]
    inner: tuple[Any, ...] = tuple(parts)
    return nodes.AllOf(rules=inner) if combinator == "and" else nodes.AnyOf(rules=inner)


def _operator(spec: FieldSpec, name: object, path: str) -> str:
    if isinstance(name, str) and name in OPERATORS[spec.kind]:
        return name
    if isinstance(name, str) and name in _ALL_OPERATORS:
        raise RuleTypeError.located(
            path,
            f"{spec.name} is of kind {spec.kind.value}, which does not understand '{name}' (it understands "
            f"{', '.join(OPERATORS[spec.kind])})",
        )
    raise RuleFormatError.located(path, f"is not an operator of {spec.name} ({', '.join(OPERATORS[spec.kind])})")


def _leaf(spec: FieldSpec, operator: str, value: object, path: str) -> Rule:
    match operator:
        case "notNull":
            return nodes.Known(field=spec.name)
        case "in":
            return _listed(spec, tuple(_literal(spec, one, place) for one, place in items(value, path)))
        case "between":
            ends = items(value, path)
            if len(ends) != 2:
                raise RuleFormatError.located(path, "a range has two values, from and to")
            low, high = (_literal(spec, one, place) for one, place in ends)
            return nodes.Between(field=spec.name, low=low, high=high)
        case "=":
            return nodes.Equals(field=spec.name, value=_literal(spec, value, path))
        case "contains" | "beginsWith" | "endsWith":
            return _text(spec, operator, _literal(spec, value, path), path)
        case _:
            return nodes.Compare(op=_COMPARISONS[operator], field=spec.name, value=_literal(spec, value, path))


def _ascending(spec: FieldSpec, between: nodes.Between) -> nodes.Between:
    """Return the range from its lower end; ends in two currencies have no order."""
    low, high = between.low, between.high
    money = [one.currency for one in (low, high) if isinstance(one, nodes.MoneyLiteral)]
    ends: Any = primitive(spec, low), primitive(spec, high)
    is_falling = len(set(money)) <= 1 and ends[0] > ends[1]
    return nodes.Between(field=between.field, low=high, high=low) if is_falling else between


def _listed(spec: FieldSpec, values: tuple[nodes.Scalar, ...]) -> Rule:
    if spec.is_collection:
        return nodes.Overlaps(op="overlaps", field=spec.name, values=values)
    return nodes.IsIn(field=spec.name, values=values)


def _text(spec: FieldSpec, operator: str, piece: nodes.Scalar, path: str) -> Rule:
    if spec.is_collection:
        return nodes.Overlaps(op="overlaps", field=spec.name, values=(piece,))
    if len(str(piece)) > 500:
        raise RuleFormatError.located(path, "the text is too long (at most 500 characters)")
    return nodes.TextTest(op=_TEXTS[operator], field=spec.name, value=str(piece))


def _literal(spec: FieldSpec, value: object, path: str) -> nodes.Scalar:
    if value is None:
        raise RuleFormatError.located(path, f"{spec.name} is compared with nothing; use 'null' or 'notNull'")
    if is_list(value):
        raise RuleFormatError.located(path, "this operator takes one value; lists belong to 'in' and 'between'")
    try:
        return scalar(spec, _typed(spec, value))
    except InvalidValueError as error:
        problem: RuleError = RuleTypeError.located(path, f"{spec.name}: {error}")
    except RuleError as error:
        problem = type(error).located(path, error)
    raise problem


def _typed(spec: FieldSpec, value: object) -> object:
    """Return what a text in a form stands for, where the field is no text; what does not fit is refused later."""
    if is_object(value):
        return _minor_units(value)
    if not isinstance(value, str):
        return value
    match spec.kind:
        case Kind.INTEGER | Kind.AGE if _WHOLE.fullmatch(value.strip()):
            return int(value)
        case Kind.NUMBER if _NUMBER.fullmatch(value.strip()):
            return float(value)
        case Kind.BOOLEAN if value in {"true", "false"}:
            return value == "true"
        case Kind.MONEY if written := _MONEY.fullmatch(value.strip()):
            return money(written["amount"], written["currency"])
        case Kind.MONEY:
            raise RuleTypeError(f"{spec.name} is money: write the amount and the currency, such as 100.00 DKK")
        case _:
            return value


def _minor_units(value: dict[str, object]) -> nodes.MoneyLiteral:
    units, currency = value.get("minor_units"), value.get("currency")
    if set(value) != {"minor_units", "currency"} or not isinstance(units, int) or isinstance(units, bool):
        raise RuleTypeError("an object as a value is money: minor_units (a whole number) and currency, nothing else")
    if not isinstance(currency, str):
        raise RuleTypeError("the currency of money is text, such as DKK")
    return nodes.MoneyLiteral(minor_units=units, currency=currency)
