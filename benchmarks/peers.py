"""The six conditions in other people's rule engines, on dicts made beforehand; one that is not installed is left out.

They are no dependency of the project. To see their lines:
`pip install rule-engine zen-engine common-expression-language panzi-json-logic business-rules`.
"""

# The engines have no types, and are rarely installed.
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return"

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from benchmarks.customers import Customer, by_hand
from benchmarks.people import NOW
from benchmarks.the_rule import SINCE, THRESHOLD, WANTED_COUNTRIES, WANTED_INTERESTS
from benchmarks.timing import Line, compare, line, race

__all__ = ["measure_peers"]

Row = dict[str, Any]
SINCE_SECONDS, NOW_SECONDS = SINCE.timestamp(), NOW.timestamp()
COUNTRIES, INTERESTS = sorted(WANTED_COUNTRIES), sorted(WANTED_INTERESTS)
BASELINE = "comprehension over the own objects"


def measure_peers(people: list[Customer]) -> list[Line]:
    """Measure what is installed against the comprehension; what is missing is empty or -1, which all can compare."""
    rows = [_row(one) for one in people]
    expected = [one.number for one in by_hand(people)]
    lines = []
    for package, (module, make) in PEERS.items():
        if find_spec(module) is None:
            continue
        matches = make()
        assert [people[at].number for at, row in enumerate(rows) if matches(row)] == expected, package

        def theirs(matches: Callable[[Row], Any] = matches) -> list[Row]:
            return [row for row in rows if matches(row)]

        seconds = race({"theirs": theirs, "hand": lambda: by_hand(people)}, 5)
        note = "their time; dicts made beforehand, times as seconds"
        lines.append(line(f"peer: {package}", BASELINE, len(rows), seconds["theirs"], seconds["hand"], note))
    return [*lines, _conversion(people)]


def _conversion(people: list[Customer]) -> Line:
    return compare(
        "objects to dicts, which the peers need",
        BASELINE,
        len(people),
        ours=lambda: [_row(one) for one in people],
        hand=lambda: by_hand(people),
    )


def _row(one: Customer) -> Row:
    return {
        "country": one.country or "",
        "age": -1 if one.age is None else one.age,
        "interests": list(one.interests or ()),
        "seen": -1.0 if one.last_seen is None else one.last_seen.timestamp(),
        "email": one.email or "",
        "freshness": -1.0 if one.freshness is None else one.freshness,
    }


def _rule_engine() -> Callable[[Row], Any]:
    from rule_engine import Rule

    overlap = " or ".join(f"'{word}' in interests" for word in INTERESTS)
    return Rule(
        f"country in {COUNTRIES!r} and age >= 25 and age <= 54"
        f" and ({overlap} or (seen >= {SINCE_SECONDS} and seen <= {NOW_SECONDS}))"
        f" and email.ends_with('.com') and freshness >= {THRESHOLD}"
    ).matches


def _zen() -> Callable[[Row], Any]:
    from zen import compile_expression

    return compile_expression(
        f"country in {COUNTRIES!r} and age >= 25 and age <= 54"
        f" and (some(interests, # in {INTERESTS!r}) or (seen >= {SINCE_SECONDS} and seen <= {NOW_SECONDS}))"
        f" and endsWith(email, '.com') and freshness >= {THRESHOLD}"
    ).evaluate


def _cel() -> Callable[[Row], Any]:
    from cel import compile as compiled

    return compiled(
        f"country in {COUNTRIES!r} && age >= 25 && age <= 54"
        f" && (interests.exists(word, word in {INTERESTS!r}) || (seen >= {SINCE_SECONDS} && seen <= {NOW_SECONDS}))"
        f" && email.endsWith('.com') && freshness >= {THRESHOLD}"
    ).execute


def _json_logic() -> Callable[[Row], Any]:
    from json_logic import jsonLogic

    overlap = {"some": [{"var": "interests"}, {"in": [{"var": ""}, INTERESTS]}]}
    recent = {"<=": [SINCE_SECONDS, {"var": "seen"}, NOW_SECONDS]}
    rule = {
        "and": [
            {"in": [{"var": "country"}, COUNTRIES]},
            {"<=": [25, {"var": "age"}, 54]},
            {"or": [overlap, recent]},
            {"==": [{"substr": [{"var": "email"}, -4]}, ".com"]},
            {">=": [{"var": "freshness"}, THRESHOLD]},
        ]
    }
    return lambda row: jsonLogic(rule, row)


def _business_rules() -> Callable[[Row], Any]:
    from business_rules.engine import check_conditions_recursively
    from business_rules.variables import (
        BaseVariables,
        boolean_rule_variable,
        numeric_rule_variable,
        select_multiple_rule_variable,
        select_rule_variable,
        string_rule_variable,
    )

    class Variables(BaseVariables):  # the time becomes one yes-or-no question
        def __init__(self, row: Row) -> None:
            self.row = row

        @select_rule_variable(options=COUNTRIES)
        def country(self) -> list[str]:
            return [self.row["country"]]

        @numeric_rule_variable
        def age(self) -> int:
            return int(self.row["age"])

        @numeric_rule_variable
        def freshness(self) -> float:
            return float(self.row["freshness"])

        @boolean_rule_variable
        def is_recent(self) -> bool:
            return bool(SINCE_SECONDS <= self.row["seen"] <= NOW_SECONDS)

        @select_multiple_rule_variable(options=INTERESTS)
        def interests(self) -> list[str]:
            return list(self.row["interests"])

        @string_rule_variable
        def email(self) -> str:
            return str(self.row["email"])

    overlap = {"name": "interests", "operator": "shares_at_least_one_element_with", "value": INTERESTS}
    rule = {
        "all": [
            {"any": [{"name": "country", "operator": "contains", "value": one} for one in COUNTRIES]},
            {"name": "age", "operator": "greater_than_or_equal_to", "value": 25},
            {"name": "age", "operator": "less_than_or_equal_to", "value": 54},
            {"any": [overlap, {"name": "is_recent", "operator": "is_true", "value": True}]},
            {"name": "email", "operator": "ends_with", "value": ".com"},
            {"name": "freshness", "operator": "greater_than_or_equal_to", "value": THRESHOLD},
        ]
    }
    return lambda row: check_conditions_recursively(rule, Variables(row))


PEERS: dict[str, tuple[str, Callable[[], Callable[[Row], Any]]]] = {
    "rule-engine": ("rule_engine", _rule_engine),
    "zen-engine": ("zen", _zen),
    "common-expression-language": ("cel", _cel),
    "panzi-json-logic": ("json_logic", _json_logic),
    "business-rules": ("business_rules", _business_rules),
}
