"""Reading the part of JsonLogic that means here what it means there. Writing it is in `json_logic_export`.

JsonLogic converts types, has arithmetic, and takes nothing for 0 or for false. What depends on that is refused with
its JSON path and the reason. Where all values are known the rule answers as JsonLogic does; a missing value stays
unknown, as everywhere in mimcore.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mimcore.errors import RuleError, RuleFormatError, RuleTypeError, UnknownFieldError, nearest
from mimcore.rules.interchange.document import is_object, parse
from mimcore.rules.interchange.query_builder_parts import check_binds, is_list
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.rules.language.limits import MAX_DEPTH, check_limits
from mimcore.rules.language.literals import scalar
from mimcore.rules.lowering.bind import Binding
from mimcore.rules.writing.builder import all_of, any_of

__all__ = ["from_json_logic"]

_ORDERS: dict[str, Any] = {"<": "less_than", "<=": "at_most", ">": "more_than", ">=": "at_least"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_REFUSED = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "max", "min"), "rules do not calculate"),
    **dict.fromkeys(("cat", "substr"), "rules do not put texts together"),
    **dict.fromkeys(("if", "?:"), "rules have no branches; write it with 'and', 'or' and '!'"),
    **dict.fromkeys(("map", "filter", "reduce", "merge"), "rules do not make lists"),
    "all": "'all' of an empty list is false there and true elsewhere; write it with 'none' and say what empty means",
    "missing_some": "write it with 'missing', 'and' and 'or'",
    "log": "a rule has no effects",
    "method": "a rule calls nothing",
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.AGE})
_EXACT = _NUMBERS | {Kind.CODE, Kind.BOOLEAN, Kind.DATE}
_REASONS = {
    Kind.TEXT: "text is compared there letter by letter, here folded; ask for folded_text=True if that is meant",
    Kind.TAGS: "words are compared there letter by letter, here folded; ask for folded_text=True if that is meant",
    Kind.MONEY: "JsonLogic has no money",
    Kind.INSTANT: "instants are compared there as text, which depends on how they are written",
    Kind.RECORDS: "records are not matched",
    Kind.LOCATION: "JsonLogic knows no distances",
}


def from_json_logic(
    document: Mapping[str, object] | str | bytes, *, catalogue: Catalogue | None = None, folded_text: bool = False
) -> nodes.Rule:
    """Read a rule from JsonLogic.

    Understood are `and`, `or`, `!`, `!!`, `true`, `false`; `===`, `!==`, and `==`, `!=` where both sides have one
    type; `<`, `<=`, `>`, `>=` on numbers and dates, between two ends too; `in` with a list or a collection; `some` and
    `none` with a test of the element; `missing`; a comparison with `null`. Fields are named as in
    `from_query_builder`.

    Args:
        document: Parsed JSON or JSON text; at most 64 KiB, with the limits of every rule.
        catalogue: Declared fields; the built-in ones unless given.
        folded_text: Whether free text and words may be compared folded, which JsonLogic does not do.

    Returns:
        The rule.

    Raises:
        RuleFormatError: If a construct is not understood, with the JSON path and the reason.
        UnknownFieldError: If a field is not declared, likewise.
        RuleTypeError: If an operator or a literal does not fit its field, or would be converted, likewise.

    Examples:
        >>> import mimcore as mim
        >>> adult = {">=": [{"var": "age"}, 18]}
        >>> str(mim.Rule.from_json_logic({"and": [adult, {"in": [{"var": "country"}, ["DK", "SE"]]}]}))
        'age is at least 18 and country is DK or SE'
    """
    reader = _Reader(catalogue or default_catalogue(), folded_text=folded_text)
    rule = reader.rule(_plain(document), "", 1)
    check_limits(rule)
    return rule


def _plain(document: Mapping[str, object] | str | bytes) -> object:
    try:
        text = document if isinstance(document, str | bytes) else json.dumps(dict(document), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = None
    if text is None:
        raise RuleFormatError("the rule is nested too deeply or is not made of plain JSON values")
    return parse(text)


def _place(path: str, operator: str, index: int | None = None) -> str:
    """Return the path of an operator's argument; operators that are no words are named."""
    inner = f"{path}.{operator}" if path else operator
    return inner if index is None else f"{inner}[{index}]"


def _element_words(test: object, path: str) -> list[object]:
    """Return the words that an element is tested to be one of."""
    if is_object(test) and len(test) == 1:
        ((operator, given),) = test.items()
        arguments: list[object] = given if is_list(given) else []
        others = [one for one in arguments if one != {"var": ""}]
        if len(arguments) == 2 and len(others) == 1:
            (other,) = others
            if operator == "in" and is_list(other) and arguments[1] is other:
                return other
            if operator in {"===", "=="} and isinstance(other, str):
                return [other]
    raise RuleFormatError.located(path, "an element is tested with 'in' and a list, or with '==='")


class _Reader:
    def __init__(self, catalogue: Catalogue, *, folded_text: bool) -> None:
        self.catalogue, self.folded_text = catalogue, folded_text
        self.binding = Binding(now=datetime(2000, 1, 1, tzinfo=UTC), catalogue=catalogue)

    def rule(self, data: object, path: str, depth: int) -> nodes.Rule:
        """Read a condition."""
        if isinstance(data, bool):
            return nodes.Everyone() if data else ~nodes.Everyone()
        if not is_object(data) or len(data) != 1:
            raise RuleFormatError.located(path, "a condition is an object with one operator, or true or false")
        if depth > MAX_DEPTH:
            raise RuleFormatError(f"the rule is nested deeper than {MAX_DEPTH} levels")
        ((operator, given),) = data.items()
        arguments: list[object] = list(given) if is_list(given) else [given]
        if operator in {"and", "or", "!", "!!"}:
            return self._joined(operator, arguments, path, depth)
        made = self._condition(operator, arguments, path)
        check_binds(made, self.binding, path)
        return made

    def _joined(self, operator: str, arguments: list[object], path: str, depth: int) -> nodes.Rule:
        if not arguments or (operator.startswith("!") and len(arguments) != 1):
            raise RuleFormatError.located(_place(path, operator), "has no condition, or too many")
        inner = [self.rule(one, _place(path, operator, place), depth + 1) for place, one in enumerate(arguments)]
        if operator == "and":
            return all_of(inner)
        return any_of(inner) if operator == "or" else ~inner[0] if operator == "!" else inner[0]

    def _condition(self, operator: str, arguments: list[object], path: str) -> nodes.Rule:
        match operator:
            case "===" | "!==" | "==" | "!=":
                equal = self._equal(arguments, _place(path, operator))
                return ~equal if operator.startswith("!") else equal
            case "<" | "<=" | ">" | ">=":
                return self._ordered(operator, arguments, _place(path, operator))
            case "in":
                return self._in(arguments, _place(path, operator))
            case "some" | "none":
                some = self._some(arguments, _place(path, operator))
                return ~some if operator == "none" else some
            case "missing":
                return any_of(self._missing(arguments, _place(path, operator)))
            case "var":
                return self._flag(arguments, _place(path, operator))
            case _:
                shown = operator if operator in _REFUSED else "…"
                reason = _REFUSED.get(operator, "this operator is not known, and nothing is ever skipped")
                raise RuleFormatError.located(_place(path, shown), reason)

    def _equal(self, arguments: list[object], path: str) -> nodes.Rule:
        spec, value, _is_first = self._sides(arguments, path)
        if value is None:
            return ~nodes.Known(field=spec.name)
        return nodes.Equals(field=self._exact(spec, path).name, value=self._literal(spec, value, path))

    def _ordered(self, operator: str, arguments: list[object], path: str) -> nodes.Rule:
        if len(arguments) == 3 and operator in {"<", "<="}:
            low, middle, high = arguments
            return self._ordered(operator, [low, middle], path) & self._ordered(operator, [middle, high], path)
        spec, value, is_first = self._sides(arguments, path)
        if spec.kind not in _NUMBERS | {Kind.DATE}:
            raise RuleTypeError.located(path, _REASONS.get(spec.kind, f"{spec.name} has no order"))
        op = _ORDERS[operator if is_first else _MIRRORED[operator]]
        return nodes.Compare(op=op, field=spec.name, value=self._literal(spec, value, path))

    def _in(self, arguments: list[object], path: str) -> nodes.Rule:
        if len(arguments) != 2:
            raise RuleFormatError.located(path, "has two arguments")
        needle, hay = arguments
        if is_list(hay):
            spec = self._exact(self._var(needle, path), path)
            return nodes.IsIn(field=spec.name, values=tuple(self._literal(spec, one, path) for one in hay))
        spec = self._exact(self._var(hay, path), path, Kind.TEXT, Kind.TAGS, Kind.CODES)
        value = self._literal(spec, needle, path)
        if spec.is_collection:
            return nodes.Overlaps(op="overlaps", field=spec.name, values=(value,))
        return nodes.TextTest(op="contains", field=spec.name, value=str(value))

    def _some(self, arguments: list[object], path: str) -> nodes.Rule:
        if len(arguments) != 2:
            raise RuleFormatError.located(path, "has a collection and a test")
        spec = self._exact(self._var(arguments[0], path), path, Kind.TAGS, Kind.CODES)
        words = _element_words(arguments[1], f"{path}[1]")
        values = tuple(self._literal(spec, word, f"{path}[1]") for word in words)
        return nodes.Overlaps(op="overlaps", field=spec.name, values=values)

    def _missing(self, arguments: list[object], path: str) -> list[nodes.Rule]:
        names = arguments[0] if len(arguments) == 1 and is_list(arguments[0]) else arguments
        if not names:
            raise RuleFormatError.located(path, "names no field")
        return [~nodes.Known(field=self._field(name, path).name) for name in names]

    def _flag(self, arguments: list[object], path: str) -> nodes.Rule:
        """Read a field that stands alone: true or false, or a collection that is not empty."""
        spec = self._field(arguments[0] if len(arguments) == 1 else None, path)
        if spec.is_collection:
            return nodes.Known(field=spec.name)
        if spec.kind is not Kind.BOOLEAN:
            raise RuleTypeError.located(path, f"{spec.name} is no condition by itself; compare it")
        return nodes.Equals(field=spec.name, value=True)

    def _sides(self, arguments: list[object], path: str) -> tuple[FieldSpec, object, bool]:
        if len(arguments) != 2:
            raise RuleFormatError.located(path, "compares a field with one value")
        first, second = arguments
        is_first = is_object(first)
        field, value = (first, second) if is_first else (second, first)
        if is_object(value) or is_list(value):
            raise RuleFormatError.located(path, "compares a field with one value")
        return self._var(field, path), value, is_first

    def _var(self, data: object, path: str) -> FieldSpec:
        if not is_object(data) or set(data) != {"var"}:
            raise RuleFormatError.located(path, 'one side is a field: {"var": "country"}')
        name = data["var"]
        return self._field(name[0] if is_list(name) and len(name) == 1 else name, path)

    def _field(self, name: object, path: str) -> FieldSpec:
        if not isinstance(name, str):
            raise RuleFormatError.located(path, "the name of a field is text, without a default or an index")
        known = name if "." in name else f"contact.{name}"
        if known not in self.catalogue or self.catalogue[known].entity not in {"contact", "account"}:
            names = [one.short for one in self.catalogue.of("contact")]
            raise UnknownFieldError.located(path, f"this is not a declared field{nearest(name[:120], names)}")
        return self.catalogue[known]

    def _exact(self, spec: FieldSpec, path: str, *kinds: Kind) -> FieldSpec:
        """Return a field whose values are compared as JsonLogic does it."""
        if kinds and spec.kind not in kinds:
            raise RuleTypeError.located(path, f"{spec.name} is of kind {spec.kind.value}, which holds no such value")
        is_exact = spec.kind in _EXACT or (spec.kind is Kind.CODES and bool(kinds))
        is_folded = self.folded_text and (spec.kind is Kind.TEXT or (spec.kind is Kind.TAGS and bool(kinds)))
        if not is_exact and not is_folded:
            reason = _REASONS.get(spec.kind, f"{spec.name} is a collection; use 'some' or 'in'")
            raise RuleTypeError.located(path, reason)
        return spec

    def _literal(self, spec: FieldSpec, value: object, path: str) -> nodes.Scalar:
        if value is None:
            raise RuleTypeError.located(path, "null is taken for 0 there; compare with null by '===' or '!=='")
        if spec.kind is Kind.DATE and not (isinstance(value, str) and _DATE.fullmatch(value)):
            raise RuleTypeError.located(path, "a date is compared there as text: write it as YYYY-MM-DD")
        problem: RuleError | None = None
        if isinstance(value, bool | int | float | str):
            try:
                return scalar(spec, value)
            except RuleError as error:
                problem = type(error).located(path, error)
        raise problem or RuleTypeError.located(path, "a value is text, a number, true or false")
