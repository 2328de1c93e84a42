"""Segments over random histories: what a refresh finds from changes alone is what asking everybody finds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from sqlalchemy import create_engine
from tests.properties.living_histories import LivingHistory, check_log, check_replay, living_steps
from tests.stores import SECRET, START, ZONE, examples, opened, ordered_ids

import mimcore as mim
from mimcore.sql.backend import SqlBackend
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids

_tenants = itertools.count(1)


def lived(store, clock, steps, *, is_full=False):
    """Live through a history, then look back."""
    history = LivingHistory(store, clock, is_full=is_full).run(steps)
    check_log(history)
    check_replay(history)
    return history


def in_memory(folder, steps, *, is_full=False):
    """Live through it in memory, with ids that are the same in every run."""
    clock = FixedClock(START)
    with using_ids(ordered_ids()), opened("memory", folder, clock) as store:
        return lived(store, clock, steps, is_full=is_full).moves()


@examples(200)
@given(steps=living_steps)
def test_what_changed_is_enough(tmp_path_factory, steps):
    """200 histories in memory: members after each refresh are those of the rules, and the log tells of each move once."""
    in_memory(tmp_path_factory.getbasetemp(), steps)


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(8))
@examples(250)
@given(steps=living_steps)
def test_what_changed_is_enough_2000_times(tmp_path_factory, part, steps):
    """The same for 2,000 histories."""
    in_memory(tmp_path_factory.getbasetemp(), steps)


@examples(25)
@given(steps=living_steps)
def test_the_reasons_are_those_of_asking_everybody(tmp_path_factory, steps):
    """Not the members alone: cause, condition and origin of every move are the same either way."""
    folder = tmp_path_factory.getbasetemp()
    assert in_memory(folder, steps) == in_memory(folder, steps, is_full=True)


@examples(12)
@given(steps=living_steps)
def test_in_sqlite(tmp_path_factory, steps):
    """The same moves as in memory."""
    clock, folder = FixedClock(START), tmp_path_factory.mktemp("living")
    with using_ids(ordered_ids()), opened("sqlite", folder, clock) as store:
        found = lived(store, clock, steps).moves()
    assert found == in_memory(folder, steps)


@pytest.fixture(scope="module")
def server(shared_postgres_url):
    """An engine on the shared database."""
    engine = create_engine(shared_postgres_url)
    yield engine
    engine.dispose()


@examples(12)
@given(steps=living_steps)
def test_in_postgresql(tmp_path_factory, server, steps):
    """The same moves as in memory."""
    clock, backend = FixedClock(START), SqlBackend(server, tenant=f"living-{next(_tenants)}")
    with using_ids(ordered_ids()), mim.Store(backend, actor="tester", zone=ZONE, clock=clock, secret=SECRET) as store:
        found = lived(store, clock, steps).moves()
    assert found == in_memory(tmp_path_factory.getbasetemp(), steps)
