"""The contract bites: each way of breaking a back end that is tried here is caught by the suite."""

from __future__ import annotations

import pytest

from mimcore.memory import InMemoryBackend
from mimcore.memory.contacts import InMemoryContactRepository
from mimcore.memory.entities import InMemoryRepository
from mimcore.memory.events import InMemoryInteractionRepository, InMemoryMergeRepository
from mimcore.memory.ledger import Journal, Ledger
from mimcore.memory.logs import InMemoryConsentRepository, InMemoryFreshnessRepository
from mimcore.memory.records import InMemoryOutboxRepository
from mimcore.memory.session import Session
from mimcore.repositories.ports import Query
from mimcore.testing import Factory, RepositoryContract

_find = InMemoryContactRepository.find
_put = InMemoryFreshnessRepository.put
_end = Session.end


class Suite(RepositoryContract):
    """The suite, called by hand."""

    def make_backend(self, folder):
        """The one that is broken."""
        return InMemoryBackend()


BREAKS = {
    "a rollback that forgets nothing": (Journal, "undo", lambda self: None, "test_what_is_rolled_back_was_never_there"),
    "readers that see open work": (
        Ledger,
        "get",
        lambda self, table, key, *, seen: table.get(key),
        "test_a_reader_sees_nothing_that_is_not_committed",
    ),
    "a page that ignores its limit": (
        InMemoryContactRepository,
        "find",
        lambda self, query: _find(self, Query(query.where, None, query.after)),
        "test_pages_join_to_the_whole",
    ),
    "a merge that moves nothing": (
        InMemoryMergeRepository,
        "move",
        lambda self, from_id, to_id: None,
        "test_a_merged_records_interactions_count_for_the_survivor",
    ),
    "a list of suppressed people that is empty": (
        InMemoryConsentRepository,
        "suppressed",
        lambda self, identifiers, *, channel: frozenset(),
        "test_suppressing_twice_is_harmless",
    ),
    "states that pile up": (
        InMemoryFreshnessRepository,
        "drop",
        lambda self, subjects: None,
        "test_a_points_state_moves_with_the_point",
    ),
    "interactions recorded twice": (
        InMemoryInteractionRepository,
        "_refuse_known",
        lambda self, interactions: None,
        "test_a_sources_id_is_recorded_once",
    ),
    "events delivered again and again": (
        InMemoryOutboxRepository,
        "mark_delivered",
        lambda self, ids, at: None,
        "test_what_was_delivered_waits_no_more",
    ),
    "an index that is never cleaned": (
        InMemoryRepository,
        "_reindex",
        lambda self, changes: None,
        "test_an_active_point_finds_its_contacts",
    ),
}


def _prove(name, backend):
    """Run one test of the suite by hand."""
    getattr(Suite(), name)(backend, Factory(seed=2026)) if name not in _WITHOUT_MAKE else getattr(Suite(), name)(
        backend
    )


_WITHOUT_MAKE = {"test_suppressing_twice_is_harmless", "test_what_was_delivered_waits_no_more"}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_back_end_fails_the_suite(name, monkeypatch):
    """The test passes on the back end as it is, and fails on the broken one."""
    owner, method, broken, test = BREAKS[name]
    _prove(test, InMemoryBackend())
    monkeypatch.setattr(owner, method, broken)
    backend = InMemoryBackend()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        _prove(test, backend)


def test_the_suite_is_as_large_as_it_says():
    """At least sixty tests, every one with a sentence of its own."""
    tests = {name: getattr(RepositoryContract, name) for name in dir(RepositoryContract) if name.startswith("test_")}
    assert len(tests) >= 60
    assert [name for name, test in tests.items() if not test.__doc__] == []


def test_the_suite_itself_is_abstract():
    """Without `make_backend` it cannot run by accident."""
    with pytest.raises(TypeError, match="make_backend"):
        RepositoryContract()
