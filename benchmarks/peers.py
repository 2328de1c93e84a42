"""The same rule in other people's rule engines, on dicts made beforehand; an engine that is not installed is left out.

They are no dependency of the project: `pip install rule-engine panzi-json-logic business-rules` to see their lines.
"""

# The engines have no types, and are rarely installed.
# mypy: disable-error-code="import-not-found,misc,untyped-decorator,no-any-return"

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import mimcore as mim
from benchmarks.people import NOW
from benchmarks.the_rule import BORN_AFTER, BORN_BY, SINCE, WANTED_COUNTRIES, WANTED_INTERESTS, by_hand
from benchmarks.timing import Line, line, race

__all__ = ["measure_peers"]

Row = dict[str, Any]
AFTER, UNTIL, SINCE_TEXT, NOW_TEXT = BORN_AFTER.isoformat(), BORN_BY.isoformat(), SINCE.isoformat(), NOW.isoformat()
COUNTRIES, INTERESTS = sorted(WANTED_COUNTRIES), sorted(WANTED_INTERESTS)


def measure_peers(people: list[mim.Contact]) -> list[Line]:
    """Measure what is installed against the comprehension; missing text is empty, which they all can compare."""
    rows = [_row(one) for one in people]
    expected = [one.id for one in by_hand(people)]
    lines = []
    for package, (module, make) in PEERS.items():
        if find_spec(module) is None:
            continue
        matches = make()
        assert [people[at].id for at, row in enumerate(rows) if matches(row)] == expected, package

        def theirs(matches: Callable[[Row], Any] = matches) -> list[Row]:
            return [row for row in rows if matches(row)]

        seconds = race({"theirs": theirs, "hand": lambda: by_hand(people)}, 5)
        note = "their time; dicts made beforehand, dates as text"
        baseline = "comprehension over the contacts"
        lines.append(line(f"peer: {package}", baseline, len(rows), seconds["theirs"], seconds["hand"], note))
    return lines


def _row(one: mim.Contact) -> Row:
    born, since, point = one.demographic.birth_date, one.acquisition.at, one.primary_email
    return {
        "country": one.demographic.country or "",
        "born": "" if born is None else born.isoformat(),
        "since": "" if since is None else since.isoformat(),
        "interests": list(one.psychographic.interests),
        "email": "" if point is None else point.email.address,
    }


def _rule_engine() -> Callable[[Row], Any]:
    from rule_engine import Rule

    overlap = " or ".join(f"'{word}' in interests" for word in INTERESTS)
    return Rule(
        f"country in {COUNTRIES!r} and born > '{AFTER}' and born <= '{UNTIL}' and email.ends_with('.com')"
        f" and ({overlap} or (since >= '{SINCE_TEXT}' and since <= '{NOW_TEXT}'))"
    ).matches


def _json_logic() -> Callable[[Row], Any]:
    from json_logic import jsonLogic

    overlap = {"some": [{"var": "interests"}, {"in": [{"var": ""}, INTERESTS]}]}
    recent = {"<=": [SINCE_TEXT, {"var": "since"}, NOW_TEXT]}
    rule = {
        "and": [
            {"in": [{"var": "country"}, COUNTRIES]},
            {">": [{"var": "born"}, AFTER]},
            {"<=": [{"var": "born"}, UNTIL]},
            {"==": [{"substr": [{"var": "email"}, -4]}, ".com"]},
            {"or": [overlap, recent]},
        ]
    }
    return lambda row: jsonLogic(rule, row)


def _business_rules() -> Callable[[Row], Any]:
    from business_rules.engine import check_conditions_recursively
    from business_rules.variables import (
        BaseVariables,
        boolean_rule_variable,
        select_multiple_rule_variable,
        select_rule_variable,
        string_rule_variable,
    )

    class Variables(BaseVariables):  # its operators know no ranges of text: dates become two questions
        def __init__(self, row: Row) -> None:
            self.row = row

        @select_rule_variable(options=COUNTRIES)
        def country(self) -> list[str]:
            return [self.row["country"]]

        @boolean_rule_variable
        def is_of_age(self) -> bool:
            return bool(AFTER < self.row["born"] <= UNTIL)

        @boolean_rule_variable
        def is_recent(self) -> bool:
            return bool(SINCE_TEXT <= self.row["since"] <= NOW_TEXT)

        @select_multiple_rule_variable(options=INTERESTS)
        def interests(self) -> list[str]:
            return list(self.row["interests"])

        @string_rule_variable
        def email(self) -> str:
            return str(self.row["email"])

    countries = [{"name": "country", "operator": "contains", "value": one} for one in COUNTRIES]
    rule = {
        "all": [
            {"any": countries},
            {"name": "is_of_age", "operator": "is_true", "value": True},
            {"name": "email", "operator": "ends_with", "value": ".com"},
            {
                "any": [
                    {"name": "interests", "operator": "shares_at_least_one_element_with", "value": INTERESTS},
                    {"name": "is_recent", "operator": "is_true", "value": True},
                ]
            },
        ]
    }
    return lambda row: check_conditions_recursively(rule, Variables(row))


PEERS: dict[str, tuple[str, Callable[[], Callable[[Row], Any]]]] = {
    "rule-engine": ("rule_engine", _rule_engine),
    "panzi-json-logic": ("json_logic", _json_logic),
    "business-rules": ("business_rules", _business_rules),
}
