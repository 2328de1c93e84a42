"""A rule on a snapshot has exactly the members that it has in the store: generated people, generated rules, every reader."""

from __future__ import annotations

from functools import cache

import pandas as pd
import polars as pl
import pytest
from tests.rules import generate
from tests.rules.refusals import is_answered, nodes_of

import mimcore as mim
from mimcore.domain.segment import Segment
from mimcore.rules.language import nodes

SEED = 3
RULES = 90
SECRET = b"s" * 32


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def world(request, tmp_path_factory):
    """A store of each kind with the generated people, and its snapshot."""
    folder = tmp_path_factory.mktemp("rules")
    dataset = _dataset()
    url = "memory:" if request.param == "memory" else f"sqlite:///{folder / 'store.db'}"
    with mim.connect(url, actor="tester", zone=dataset.zone, clock=lambda: dataset.now, secret=SECRET) as store:
        _fill(store, dataset)
        store.snapshot(folder / "snapshot")
        yield store, folder / "snapshot", dataset


@cache
def _dataset():
    return generate.dataset(SEED, size=120, has_custom=True)


def _fill(store, dataset) -> None:
    for one in generate.ATTRIBUTES:
        store.attributes.declare(one)
    with store.begin() as work:
        work.add(*dataset.every_account)
        work.add(*(person.contact for person in dataset.people))
        work.transaction.interactions.add([event for person in dataset.people for event in person.events])
        work.add(*(Segment(key=key, rule=rule) for key, rule in dataset.segments.items() if rule is not None))


def _asked(dataset) -> list[nodes.Rule]:
    return [
        rule
        for rule in generate.rules(SEED, RULES, dataset.now, has_custom=True)
        if is_answered("polars", rule, dataset) and "accounts" not in rule.needs(dataset.segments)
    ]


def _of_ages(rule, dataset) -> bool:
    """Whether a rule asks how fresh a value is, which a snapshot does not tell."""
    return any(isinstance(node, nodes.FreshnessTest | nodes.Undated) for node in nodes_of(rule, dataset))


def _rules(dataset) -> list[nodes.Rule]:
    return [rule for rule in _asked(dataset) if not _of_ages(rule, dataset)]


def _options(folder, dataset, read):
    events = mim.events(
        read(folder / "events"), contact="contact_id", at="at", value="value", currency="value_currency"
    )
    circumstances = {"segments": dataset.segments, "now": dataset.now, "zone": dataset.zone}
    return {"events": events, "attributes": generate.ATTRIBUTES, **circumstances}


def _read_lazily(folder):
    return pl.scan_parquet(folder / "**/*.parquet", hive_partitioning=True)


def _read_polars(folder):
    return _read_lazily(folder).collect()


def _read_pandas(folder):
    """As the page says: pandas turns whole numbers with gaps into floats, unless it is told not to."""
    return pd.read_parquet(folder, dtype_backend="pyarrow")


READERS = {"lazy": _read_lazily, "polars": _read_polars, "pandas": _read_pandas}


def _ids(frame) -> list[str]:
    return list((frame.collect() if isinstance(frame, pl.LazyFrame) else frame)["id"])


def test_rules_about_ages_say_what_is_missing(world) -> None:
    """Never a silently wider segment: the column that is missing is named."""
    _, folder, dataset = world
    people, options = _read_polars(folder / "contacts"), _options(folder, dataset, _read_polars)
    of_ages = [rule for rule in _asked(dataset) if _of_ages(rule, dataset)]
    assert len(of_ages) >= 3
    for rule in of_ages:
        with pytest.raises(mim.errors.MissingFactsError, match="_fresh_key"):
            mim.filter(people, rule, **options)


@pytest.mark.parametrize("reader", READERS)
def test_every_rule_has_the_members_of_the_store(world, reader: str) -> None:
    """At least 60 generated rules, asked of the store and of the files, in the same order."""
    store, folder, dataset = world
    asked, found = 0, 0
    people, options = READERS[reader](folder / "contacts"), _options(folder, dataset, READERS[reader])
    for rule in _rules(dataset):
        expected = [str(one) for one in store.contacts.ids(rule, now=dataset.now)]
        assert _ids(mim.filter(people, rule, **options)) == expected, rule.to_json()
        asked, found = asked + 1, found + (0 < len(expected) < len(dataset.people))
    assert asked >= 60
    assert found >= 25
