"""Time travel over random histories: the past by rewinding is what really was, and what a replay of all changes says."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from hypothesis import given
from tests.properties.past_histories import History, everything, plain, replayed, steps
from tests.stores import START, examples, opened, ordered_ids

from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids

KINDS = ("source", "account", "contact", "lead", "segment")


def come_true(store, clock, steps):
    """Live through a history, then go back to every instant of it."""
    history = History(store, clock).run(steps)
    with store.read() as work:
        changes = [change for _, change in work.transaction.history.journal()]
    for instant, was in history.seen.items():
        with store.as_of(instant) as then:
            found = everything(then)
            for part, held in was.items():
                assert found[part] == held, f"{part} as of {instant}"
            with then.read() as work:
                for kind in KINDS:
                    held = plain(getattr(work.transaction, f"{kind}s").all())
                    assert held == json_values(replayed(changes, kind, instant)), f"{kind} replayed to {instant}"


def json_values(held: dict[UUID, dict]):
    """As a database reads them back."""
    return {one: json.loads(json.dumps(fields, default=str)) for one, fields in held.items()}


@examples(150)
@given(steps=steps)
def test_the_past_is_what_was(tmp_path_factory, steps):
    """Records, states, events, lists, checks, consents, merges and imports at every instant of 150 histories."""
    _lived_through(tmp_path_factory, steps)


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(8))
@examples(250)
@given(steps=steps)
def test_the_past_is_what_was_2000_times(tmp_path_factory, part, steps):
    """The same for 2,000 histories."""
    _lived_through(tmp_path_factory, steps)


def _lived_through(tmp_path_factory, steps):
    clock = FixedClock(START)
    with using_ids(ordered_ids()), opened("memory", tmp_path_factory.getbasetemp(), clock) as store:
        come_true(store, clock, steps)


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(4))
@examples(50)
@given(steps=steps)
def test_the_past_is_what_was_on_sqlite_200_times(tmp_path_factory, part, steps):
    """The same on the other store, over 200 histories."""
    _lived_through_on_sqlite(tmp_path_factory, steps)


@examples(15)
@given(steps=steps)
def test_the_past_is_what_was_on_sqlite(tmp_path_factory, steps):
    """The same on the other store."""
    _lived_through_on_sqlite(tmp_path_factory, steps)


def _lived_through_on_sqlite(tmp_path_factory, steps):
    clock = FixedClock(START)
    with using_ids(ordered_ids()), opened("sqlite", tmp_path_factory.mktemp("past"), clock) as store:
        come_true(store, clock, steps)
