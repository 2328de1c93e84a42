"""The contract of visitors: what they did counts for nobody, then for a contact, and for nobody again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mimcore.domain import fields as f
from mimcore.domain.contact import Contact
from mimcore.identity.visitors import StitchOutcome
from mimcore.repositories.ports import Backend
from mimcore.store.store import Store
from mimcore.testing.clock import FixedClock
from mimcore.testing.contract_setup import NOW, ContractSetup
from mimcore.testing.factories import Factory

__all__ = ["VisitorContract"]

_VIEWED = f.contact.events("page_view").count() >= 1


class VisitorContract(ContractSetup):
    """Holds for visitors and for stitching what they did."""

    @pytest.fixture
    def clock(self) -> FixedClock:
        """The clock of the store over the back end."""
        return FixedClock(NOW)

    @pytest.fixture
    def visited(self, backend: Backend, clock: FixedClock) -> Store:
        """A store in which visitor v-1 looked at two pages, and v-2 at one."""
        store = Store(backend, actor="contract", source="website", clock=clock, secret=b"only-for-tests-0")
        for visitor, page, ago in (("v-1", "/prices", 3), ("v-2", "/jobs", 2), ("v-1", "/bikes", 1)):
            _viewed(store, visitor, page, ago)
        return store

    def test_what_a_visitor_does_counts_for_nobody(self, visited: Store) -> None:
        """Nobody is added to everyone, no rule sees it; recorded twice it stands once."""
        _viewed(visited, "v-1", "/bikes", 1)
        assert [one.product for one in visited.visitors.history("v-1")] == ["/prices", "/bikes"]
        assert visited.contacts.count() == visited.contacts.count(_VIEWED) == 0
        assert visited.visitors.history("v-3") == ()

    def test_it_is_stitched_only_with_permission(self, visited: Store, make: Factory) -> None:
        """Without consent to the purpose nothing moves; with it, the two pages count at once."""
        ana = _added(visited, make.contact())
        assert visited.visitors.identify("v-1", ana).outcome is StitchOutcome.NO_PERMISSION
        assert visited.contacts.count(_VIEWED) == 0
        _allow(visited, ana)
        stitch = visited.visitors.identify("v-1", ana)
        assert (stitch.outcome, stitch.interactions, stitch.merge_id is None) == (StitchOutcome.STITCHED, 2, False)
        assert visited.contacts.ids(f.contact.events("page_view").count() == 2) == [ana.id]
        assert visited.contacts.count() == 1
        assert len(visited.visitors.history("v-2")) == 1
        assert visited.visitors.identify("v-3", ana).outcome is StitchOutcome.NOTHING

    def test_what_a_known_visitor_does_counts_at_once(self, visited: Store, make: Factory) -> None:
        """Later pages need no second stitch, and a second one says so."""
        ana = _added(visited, make.contact())
        _allow(visited, ana)
        visited.visitors.identify("v-1", ana)
        visited.visitors.record("v-1", "page_view", permission="cookies/1", product="/cart")
        assert visited.contacts.ids(f.contact.events("page_view").count() == 3) == [ana.id]
        assert visited.visitors.identify("v-1", ana).outcome is StitchOutcome.ALREADY

    def test_one_device_and_two_people(self, visited: Store, make: Factory) -> None:
        """Who says later who they are gets nothing of what counts for somebody else."""
        ana, bo = _added(visited, make.contact()), _added(visited, make.contact())
        _allow(visited, ana)
        _allow(visited, bo)
        visited.visitors.identify("v-1", ana)
        assert visited.visitors.identify("v-1", bo).outcome is StitchOutcome.SOMEBODY_ELSE
        assert visited.contacts.ids(_VIEWED) == [ana.id]

    def test_a_stitch_is_taken_back(self, visited: Store, make: Factory, clock: FixedClock) -> None:
        """The contact is as before, the history nobody's with what was done since; and can be stitched anew."""
        ana = _added(visited, make.contact())
        _allow(visited, ana)
        before = visited.contacts.get(ana)
        clock.move_to(NOW + timedelta(days=1))
        stitch = visited.visitors.identify("v-1", ana)
        visited.visitors.record("v-1", "page_view", permission="cookies/1", product="/cart")
        clock.move_to(NOW + timedelta(days=2))
        visited.merges.undo(stitch.merge_id or ana.id)
        assert visited.contacts.get(ana).evolve(version=before.version) == before
        assert (visited.contacts.count(), visited.contacts.count(_VIEWED)) == (1, 0)
        assert [one.product for one in visited.visitors.history("v-1")] == ["/prices", "/bikes", "/cart"]
        assert visited.as_of(NOW + timedelta(days=1, hours=1)).contacts.ids(_VIEWED) == [ana.id]
        assert visited.as_of(NOW + timedelta(hours=1)).contacts.count(_VIEWED) == 0
        assert visited.visitors.identify("v-1", ana).interactions == 3

    def test_a_merge_of_contacts_takes_the_stitch_along(self, visited: Store, make: Factory) -> None:
        """Merged into another record, the history counts for the golden one, and a visitor of it is known."""
        ana, bo = (_added(visited, make.contact(emails=["one@example.com"])) for _ in range(2))
        _allow(visited, ana)
        visited.visitors.identify("v-1", ana)
        (pair,) = visited.duplicates.find()
        golden = visited.duplicates.plan(pair).apply().contact
        assert visited.contacts.ids(_VIEWED) == [golden.id]
        assert golden.id in {ana.id, bo.id}
        assert visited.visitors.identify("v-1", golden).outcome is StitchOutcome.ALREADY


def _viewed(store: Store, visitor: str, page: str, minutes_ago: int) -> None:
    at = NOW - timedelta(minutes=minutes_ago)
    place = visitor + page
    store.visitors.record(visitor, "page_view", permission="cookies/1", at=at, product=page, external_id=place)


def _added(store: Store, contact: Contact) -> Contact:
    with store.begin() as work:
        return work.add(contact)[0]


def _allow(store: Store, contact: Contact) -> None:
    with store.begin() as work:
        work.grant(contact.primary_email, channel="email", purpose="profiling", method="form", notice="profile/1")
