"""React Query Builder's `match` modes and comparisons of fields: over a vocabulary they are plain conditions.

The elements of a codes field are some of its options, so which options fit the inner query is known when the document
is read; "at least two of the list" is then "all of this pair, or of that one". Nothing is left to the engines.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from math import ceil, comb, floor
from typing import Any

from mimcore.errors import RuleFormatError, RuleTypeError
from mimcore.rules.interchange.document import is_object
from mimcore.rules.interchange.query_builder_parts import OPPOSITES, combinator_of, is_list, items, key, only
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.limits import MAX_DEPTH, MAX_LEAVES
from mimcore.rules.language.literals import scalar
from mimcore.rules.writing.builder import all_of, any_of

__all__ = ["compared_fields", "matched"]

Fits = Callable[[str], bool]
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "=": operators.eq,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "contains": operators.contains,
    "beginsWith": str.startswith,
    "endsWith": str.endswith,
}
_MODES = ("all", "some", "none", "atLeast", "atMost", "exactly")
_COMPARED: dict[str, Any] = {
    "=": "equals", "<": "less_than", "<=": "at_most", ">": "more_than", ">=": "at_least",
}  # fmt: skip
_MOST_OPTIONS = 200
"""Options of a vocabulary that two fields may be compared over."""


def compared_fields(spec: FieldSpec, other: FieldSpec, operator: object, path: str) -> nodes.Rule:
    """Return the rule that compares a field with another one; unknown where one of the two is missing.

    Two codes with vocabularies are compared exactly, option by option, in code point order; other fields by `=` and,
    where their kind has an order, by it.

    Args:
        spec: The field on the left.
        other: The field on the right.
        operator: React Query Builder's operator.
        path: JSON path of the condition.

    Raises:
        RuleError: If the operator does not compare fields of that kind, with the JSON path.
    """
    positive = OPPOSITES.get(operator, operator) if isinstance(operator, str) else ""
    if positive not in _TESTS or operator in {"null", "notIn", "notBetween"}:
        raise RuleFormatError.located(key(path, "operator"), f"does not compare fields ({', '.join(_TESTS)})")
    if spec.kind is other.kind is Kind.CODE and spec.options and other.options:
        rule = _by_options(spec, other, _TESTS[positive], path)
    elif positive in _COMPARED:
        rule = nodes.CompareFields(field=spec.name, comparison=_COMPARED[positive], other=other.name)
    else:
        raise RuleTypeError.located(
            path, f"{spec.name} cannot be searched for the text of another field; only codes with a vocabulary can"
        )
    return ~rule if operator in OPPOSITES else rule


def _by_options(spec: FieldSpec, other: FieldSpec, test: Callable[[str, str], bool], path: str) -> nodes.Rule:
    own, theirs = sorted(spec.options or ()), sorted(other.options or ())
    if len(own) > _MOST_OPTIONS or len(own) * len(theirs) > 2_000:
        raise RuleTypeError.located(path, f"the vocabularies of {spec.name} and {other.name} are too large to compare")
    return any_of(
        nodes.Equals(field=spec.name, value=one)
        & nodes.IsIn(field=other.name, values=tuple(two for two in theirs if test(one, two)))
        for one in own
    )


def matched(spec: FieldSpec, data: dict[str, object], path: str) -> nodes.Rule:
    """Return the rule that says how many elements of a collection fit an inner query.

    Args:
        spec: A field.
        data: The condition, with `match` and the inner query as its `value`.
        path: Its JSON path.

    Raises:
        RuleError: If the field or the query cannot be asked so, with the JSON path and the reason.
    """
    mode, threshold = _mode(data["match"], key(path, "match"))
    if data.get("operator", "=") != "=" or data.get("valueSource", "value") != "value":
        raise RuleFormatError.located(path, "beside 'match' stand the operator '=' and an inner query as the value")
    if spec.kind is not Kind.CODES or not spec.options:
        raise RuleTypeError.located(path, f"{spec.name} cannot be matched element by element: {_obstacle(spec)}")
    fits = _query(data.get("value"), key(path, "value"), spec, 1)
    chosen = tuple(option for option in sorted(spec.options) if fits(option))
    rest = tuple(option for option in sorted(spec.options) if not fits(option))
    return _Counting(spec, chosen, rest, path).rule(mode, threshold)


def _obstacle(spec: FieldSpec) -> str:
    match spec.kind:
        case Kind.TAGS:
            return "its words are free; declare it with options, or use 'in' and 'contains'"
        case Kind.RECORDS:
            return "it holds records; write f.….any(...) in Python, or use mimcore's own rule JSON"
        case _:
            return "it has a single value"


def _mode(match: object, path: str) -> tuple[str, Fraction]:
    if not is_object(match) or set(match) - {"mode", "threshold"} or match.get("mode") not in _MODES:
        raise RuleFormatError.located(path, f"has a mode ({', '.join(_MODES)}) and perhaps a threshold")
    mode, threshold = str(match["mode"]), match.get("threshold")
    if mode in {"all", "some", "none"}:
        return mode, Fraction(0)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or threshold < 0:
        raise RuleFormatError.located(key(path, "threshold"), "is a number from 0 on")
    if threshold >= 1 and threshold != int(threshold):
        raise RuleFormatError.located(key(path, "threshold"), "is a whole number, or a share between 0 and 1")
    return mode, Fraction(str(threshold))


class _Counting:
    """Rules about how many of the chosen options, and of the rest, a collection holds."""

    def __init__(self, spec: FieldSpec, chosen: tuple[str, ...], rest: tuple[str, ...], path: str) -> None:
        self.spec, self.chosen, self.rest, self.path = spec, chosen, rest, path
        self.leaves = 0

    def rule(self, mode: str, threshold: Fraction) -> nodes.Rule:
        match mode:
            case "some":
                return self._least(self.chosen, 1)
            case "none":
                return ~self._least(self.chosen, 1)
            case "all":
                return ~self._least(self.rest, 1)
            case _ if 0 < threshold < 1:
                return any_of(self._shares(mode, (1 - threshold) / threshold))
            case _:
                return self._whole(mode, self.chosen, int(threshold))

    def _whole(self, mode: str, words: tuple[str, ...], number: int) -> nodes.Rule:
        match mode:
            case "atLeast":
                return self._least(words, number)
            case "atMost":
                return ~self._least(words, number + 1)
            case _:
                return all_of([self._least(words, number), ~self._least(words, number + 1)])

    def _shares(self, mode: str, others: Fraction) -> list[nodes.Rule]:
        """Return the cases in which a share fits: so many of the chosen, and `others` times as many of the rest."""
        cases: list[nodes.Rule] = []
        for number in range(len(self.chosen) + 1):
            wanted = number * others
            if mode == "atLeast":
                parts = [self._least(self.chosen, number), ~self._least(self.rest, floor(wanted) + 1)]
            elif mode == "atMost":
                parts = [~self._least(self.chosen, number + 1), self._least(self.rest, ceil(wanted))]
            elif wanted.denominator == 1:
                parts = [self._whole(mode, self.chosen, number), self._whole(mode, self.rest, int(wanted))]
            else:
                continue
            cases.append(all_of(parts))
        return cases

    def _least(self, words: tuple[str, ...], number: int) -> nodes.Rule:
        """At least so many of the words: one of all the combinations of that size."""
        if number <= 0 or number > len(words):
            return nodes.Everyone() if number <= 0 else ~nodes.Everyone()
        if number == 1:
            return nodes.Overlaps(op="overlaps", field=self.spec.name, values=words)
        self.leaves += comb(len(words), number)
        if self.leaves > MAX_LEAVES:
            raise RuleTypeError.located(self.path, f"{self.spec.name} has too many options to count so many of them")
        return any_of(
            nodes.Overlaps(op="contains_all", field=self.spec.name, values=group)
            for group in combinations(words, number)
        )


def _query(data: object, path: str, spec: FieldSpec, depth: int) -> Fits:
    """Read the inner query as a test of one element."""
    if not is_object(data) or "rules" not in data:
        raise RuleFormatError.located(path, "the inner query is a group: a JSON object with the key 'rules'")
    only(data, path, ("combinator", "not", "rules"))
    rules, is_negated = data["rules"], data.get("not", False)
    if not is_list(rules) or not rules or not isinstance(is_negated, bool) or depth > MAX_DEPTH:
        raise RuleFormatError.located(path, "the inner query has at least one rule, a 'not' that is true or false")
    quantifier = all if combinator_of(data.get("combinator"), key(path, "combinator")) == "and" else any
    places = [(part, f"{key(path, 'rules')}[{index}]") for index, part in enumerate(rules)]
    tests = [
        _query(part, place, spec, depth + 1) if is_object(part) and "rules" in part else _test(part, place, spec)
        for part, place in places
    ]
    return lambda element: quantifier(test(element) for test in tests) is not is_negated


def _test(data: object, path: str, spec: FieldSpec) -> Fits:
    if not is_object(data):
        raise RuleFormatError.located(path, "a rule or a group is a JSON object")
    only(data, path, ("field", "operator", "value", "valueSource"))
    if data.get("field", "") != "" or data.get("valueSource", "value") != "value":
        raise RuleFormatError.located(path, "an element has no fields: leave 'field' empty, and compare with a value")
    name = data.get("operator")
    positive = OPPOSITES.get(name, name) if isinstance(name, str) else ""
    if positive == "in":
        listed = {str(scalar(spec, one)) for one, _place in items(data.get("value"), key(path, "value"))}
        return lambda element: (element in listed) is not (name in OPPOSITES)
    value = data.get("value")
    if positive not in _TESTS or not isinstance(value, str) or not value:
        raise RuleFormatError.located(path, f"an element is compared with text by {', '.join(_TESTS)}, or by 'in'")
    test = _TESTS[positive]
    return lambda element: test(element, value) is not (name in OPPOSITES)
