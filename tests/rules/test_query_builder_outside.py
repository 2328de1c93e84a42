"""React Query Builder's own 46 cases: the same rows on every engine, or refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import mimcore as mim
from mimcore.rules.language.catalogue import default_catalogue

OUTSIDE = json.loads(
    (Path(__file__).parents[1] / "outside" / "react_query_builder" / "react_query_builder_cases.json").read_text(
        "utf-8"
    )
)
HEROES: list[dict[str, Any]] = OUTSIDE["users"]
CASES: dict[str, dict[str, Any]] = {case["name"]: case for case in OUTSIDE["cases"]}
OBJECTS = {name: case for name, case in CASES.items() if name.startswith("match objects")}
PLAIN = {name: case for name, case in CASES.items() if not name.startswith("match")}
ASKED = {name: case for name, case in CASES.items() if name not in OBJECTS}
NAMES = ("firstName", "lastName", "madeUpName", "nickname")


def snake(name: str) -> str:
    """As attributes are named here."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


TEXTS = {name: mim.attribute(snake(name)) for name in NAMES}
CODES = {name: mim.attribute(f"{snake(name)}_code", options=[hero[name] for hero in HEROES]) for name in NAMES}
"""The same names once more, as vocabularies: two of these can be compared with each other by any operator."""
OTHERS = {
    "powerUpAge": mim.attribute("power_up_age", kind="integer"),
    "enhanced": mim.attribute("enhanced", kind="boolean"),
    "nicknames": mim.attribute(
        "nicknames", kind="codes", options=[word for hero in HEROES for word in hero["nicknames"]]
    ),
}
ATTRIBUTES = [*TEXTS.values(), *CODES.values(), *OTHERS.values()]
CATALOGUE = default_catalogue().extended([one.spec for one in ATTRIBUTES])


def custom(hero: dict[str, Any]) -> dict[str, Any]:
    """A hero's attributes."""
    values = {TEXTS[name].spec.short: hero[name] for name in NAMES} | {
        CODES[name].spec.short: hero[name] for name in NAMES
    }
    return values | {handle.spec.short: hero[name] for name, handle in OTHERS.items()}


def renamed(part: Any) -> Any:
    """The query with the fields' names of here; field to field goes to the vocabularies."""
    if isinstance(part, list):
        return [renamed(one) for one in part]
    if not isinstance(part, dict):
        return part
    changed = {name: renamed(value) for name, value in part.items()}
    if part.get("field"):
        known = CODES if part.get("valueSource") == "field" else TEXTS | OTHERS
        changed["field"] = known[part["field"]].spec.short
        if part.get("valueSource") == "field":
            changed["value"] = known[part["value"]].spec.short
    return changed


def read(case: dict[str, Any]) -> mim.Rule:
    """The case's rule, read with its options."""
    keeps_order = (case.get("opts") or {}).get("preserveValueOrder", True)
    return mim.Rule.from_query_builder(renamed(case["query"]), catalogue=CATALOGUE, preserve_value_order=keeps_order)


PEOPLE = [mim.Contact(custom=custom(hero)) for hero in HEROES]
Asking = Callable[[mim.Rule], list[str]]


def _python(rule: mim.Rule) -> list[str]:
    found = [mim.evaluate(rule, mim.Facts(contact=one), attributes=ATTRIBUTES) for one in PEOPLE]
    return [hero["madeUpName"] for hero, answer in zip(HEROES, found, strict=True) if answer is True]


def _frame() -> pl.DataFrame:
    return pl.DataFrame([custom(hero) for hero in HEROES], infer_schema_length=None)


def _polars(rule: mim.Rule) -> list[str]:
    return mim.filter(_frame(), rule, attributes=ATTRIBUTES)["made_up_name"].to_list()


def _lazy(rule: mim.Rule) -> list[str]:
    return mim.filter(_frame().lazy(), rule, attributes=ATTRIBUTES).collect()["made_up_name"].to_list()


def _pandas(rule: mim.Rule) -> list[str]:
    return list(
        mim.filter(pd.DataFrame([custom(hero) for hero in HEROES]), rule, attributes=ATTRIBUTES)["made_up_name"]
    )


@contextmanager
def _stored(url: str) -> Iterator[Asking]:
    with mim.connect(url, actor="tester", secret=b"only-for-tests-0") as store:
        store.attributes.declare(*ATTRIBUTES)
        with store.begin(source="comics") as work:
            work.add(*PEOPLE)
        names = {person.id: hero["madeUpName"] for person, hero in zip(PEOPLE, HEROES, strict=True)}
        yield lambda rule: [names[one.id] for one in store.contacts.find(rule).items]


@pytest.fixture(params=["python", "polars", "polars lazy", "pandas", "memory", "sqlite", "postgresql"])
def asking(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Asking]:
    """Every engine."""
    plain = {"python": _python, "polars": _polars, "polars lazy": _lazy, "pandas": _pandas}
    if request.param in plain:
        yield plain[request.param]
        return
    urls = {"memory": lambda: "memory:", "sqlite": lambda: f"sqlite:///{tmp_path / 'heroes.db'}"}
    with _stored(
        urls[request.param]() if request.param in urls else request.getfixturevalue("empty_postgres_url")
    ) as ask:
        yield ask


def test_the_cases_are_those_of_the_component() -> None:
    """24 plain ones, 11 on lists of text, 11 on lists of objects."""
    assert (len(PLAIN), len(ASKED) - len(PLAIN), len(OBJECTS)) == (24, 11, 11)


def test_every_plain_and_every_string_list_case_gives_the_expected_rows(asking: Asking) -> None:
    """35 of 35 on each engine; a missing age is never below 20, as in SQL."""
    found = {name: sorted(asking(read(case))) for name, case in ASKED.items()}
    assert found == {name: sorted(case["expected"]) for name, case in ASKED.items()}


@pytest.mark.parametrize("case", OBJECTS.values(), ids=OBJECTS)
def test_lists_of_objects_are_refused_by_name(case: dict[str, Any]) -> None:
    """No attribute can hold them; a built-in field that does is not matched element by element."""
    (rule,) = case["query"]["rules"]
    with pytest.raises(mim.UnknownFieldError, match=r"at rules\[0\]\.field: 'early_pencilers' is not a declared field"):
        mim.Rule.from_query_builder({"combinator": "and", "rules": [{**rule, "field": "early_pencilers"}]})
    with pytest.raises(
        mim.RuleTypeError, match=r"at rules\[0\]: contact.technology.devices cannot be matched .* records"
    ):
        mim.Rule.from_query_builder({"combinator": "and", "rules": [{**rule, "field": "devices"}]})


def _matching(field: str = "nicknames", **match: Any) -> dict[str, Any]:
    inner = {"combinator": "and", "rules": [{"field": "", "operator": "contains", "value": "S"}]}
    return {"combinator": "and", "rules": [{"field": field, "operator": "=", "value": inner, "match": match}]}


REFUSED = {
    "an unknown mode": (_matching(mode="most"), "rules[0].match"),
    "no threshold": (_matching(mode="atLeast"), "rules[0].match.threshold"),
    "half of an element": (_matching(mode="atLeast", threshold=1.5), "rules[0].match.threshold"),
    "free words": (_matching("interests", mode="some"), "rules[0]"),
    "a single value": (_matching("country", mode="some"), "rules[0]"),
    "text of another field": ({"rules": [{"field": "first_name", "operator": "contains", "value": "last_name", "valueSource": "field"}]}, "rules[0]"),
    "order of two texts": ({"rules": [{"field": "first_name", "operator": "<", "value": "last_name", "valueSource": "field"}]}, "rules[0]"),
    "fields of two kinds": ({"rules": [{"field": "first_name", "operator": "=", "value": "power_up_age", "valueSource": "field"}]}, "rules[0]"),
    "between two fields": ({"rules": [{"field": "first_name", "operator": "between", "value": "last_name", "valueSource": "field"}]}, "rules[0].operator"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "place"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_matched_or_compared_is_refused_with_its_place(document: dict[str, Any], place: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(mim.RuleError, match=f"at {re.escape(place)}:"):
        mim.Rule.from_query_builder(document, catalogue=CATALOGUE)


def test_every_count_and_share_is_that_of_brute_force() -> None:
    """Each mode and threshold over every collection that a small vocabulary allows."""
    words = ("a", "b", "S", "Sa", "Sb")
    attribute = mim.attribute("words", kind="codes", options=words)
    catalogue = default_catalogue().extended([attribute.spec])
    held = [[word for place, word in enumerate(words) if number >> place & 1] for number in range(2 ** len(words))]
    tests: dict[str, Callable[[int, float], bool]] = {
        "atLeast": lambda fit, wanted: fit >= wanted,
        "atMost": lambda fit, wanted: fit <= wanted,
        "exactly": lambda fit, wanted: fit == wanted,
    }
    for mode, test in tests.items():
        for threshold in (0, 1, 2, 3, 4, 0.25, 0.5, 0.75):
            rule = mim.Rule.from_query_builder(_matching("words", mode=mode, threshold=threshold), catalogue=catalogue)
            for collection in held:
                fit = sum("S" in word for word in collection)
                wanted = threshold * len(collection) if 0 < threshold < 1 else threshold
                facts = mim.Facts(contact=mim.Contact(custom={"words": collection}))
                answer = mim.evaluate(rule, facts, attributes=[attribute])
                assert answer is test(fit, wanted), (mode, threshold, collection)
