"""Stores of both kinds under a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from hypothesis import HealthCheck, settings

import mimcore as mim
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids, uuid7

KINDS = ("memory", "sqlite")
SECRET = b"only-for-tests-0"
ZONE = "Europe/Copenhagen"
START = "2026-05-01T10:00Z"


def examples(number):
    """So many examples, however slow the machine is; a test may open a store of its own for each of them."""
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(max_examples=number, deadline=None, suppress_health_check=slow)


@contextmanager
def opened(kind, folder, clock):
    """Open an empty store."""
    url = "memory:" if kind == "memory" else f"sqlite:///{folder / 'store.db'}"
    with mim.connect(url, actor="tester", source="manual", zone=ZONE, clock=clock, secret=SECRET) as store:
        yield store


def ordered_ids():
    """Return a source of ids that count up: what is made later has the greater id."""
    numbers: Iterator[int] = count(1_780_000_000_000)
    return lambda: uuid7(next(numbers), bytes(10))


@pytest.fixture(autouse=True)
def _ids_count_up():
    """What is made later has the greater id, within a millisecond too."""
    with using_ids(ordered_ids()):
        yield


@pytest.fixture
def clock():
    """A clock that stands at 10:00 UTC on 1 May 2026, noon in Copenhagen."""
    return FixedClock(START)


@pytest.fixture(params=KINDS)
def store(request, tmp_path, clock):
    """An empty store of each kind."""
    with opened(request.param, tmp_path, clock) as store:
        yield store


@pytest.fixture(params=[*KINDS, "postgresql"])
def everywhere(request, tmp_path, clock):
    """An empty store of each kind, PostgreSQL among them."""
    if request.param != "postgresql":
        with opened(request.param, tmp_path, clock) as store:
            yield store
        return
    url, tenant = (request.getfixturevalue(name) for name in ("shared_postgres_url", "tenant"))
    with mim.connect(url, actor="tester", zone=ZONE, clock=clock, secret=SECRET, tenant=tenant) as store:
        yield store


def added(store, *entities, **options):
    """Store entities in a unit of work of their own; one alone is returned as itself."""
    with store.begin(**options) as work:
        stored = work.add(*entities)
    return stored[0] if len(stored) == 1 else stored


def states(store, *contacts):
    """Return the states of contacts' values, each list in a fixed order."""
    with store.read() as work:
        found = work.transaction.freshness.of([one.id for one in contacts])
    return [sorted(found.get(one.id, []), key=lambda s: (s.attribute, s.subject_id)) for one in contacts]


def state_of(store, contact, attribute):
    """Return the one state of a contact's attribute."""
    (found,) = [one for one in states(store, contact)[0] if one.attribute == attribute]
    return found
