"""The contract of interactions and of merges: what was recorded under whom, and for whom it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from mimcore.domain import fields as f
from mimcore.domain.interaction import Interaction
from mimcore.errors import DuplicateKeyError
from mimcore.repositories.ports import Backend
from mimcore.repositories.records import LinkAction, MergeLink
from mimcore.testing.contract_setup import NOW, ContractSetup, ids, members, reading, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.money import Money

__all__ = ["InteractionContract", "MergeContract"]


class InteractionContract(ContractSetup):
    """Holds for interactions."""

    def test_an_interaction_is_read_back_as_it_was(self, backend: Backend, make: Factory) -> None:
        """Every part survives: money, channel, properties, the gift, the refund's purchase."""
        account, contact = make.account(version=1), make.contact(version=1)
        full = Interaction(
            kind="refund",
            at=NOW,
            contact_id=contact.id,
            account_id=account.id,
            visitor_id="v-1",
            channel="store",
            campaign="spring",
            product="Hjälm \N{BICYCLE}",
            quantity=0,
            value=Money(minor_units=0, currency="JPY"),
            is_gift=False,
            refund_of="ord-1",
            source="shop",
            external_id="ord-2",
            properties={"size": "L", "weight": 1.5, "boxes": 2, "express": True, "note": None},
            recorded_at=NOW + timedelta(microseconds=1),
        )
        bare = Interaction(kind="visit", at=NOW, contact_id=contact.id)
        stored(backend, accounts=[account], contacts=[contact])
        _record(backend, full, bare)
        with reading(backend) as work:
            assert {event.id: event for event in work.interactions.all()} == {full.id: full, bare.id: bare}

    def test_a_contact_has_its_own_interactions_oldest_first(self, backend: Backend, make: Factory) -> None:
        """In order of time, however they were added; nobody else's are among them."""
        mine, theirs, nobody = (make.contact(version=1) for _ in range(3))
        stored(backend, contacts=[mine, theirs, nobody])
        events = [make.interaction(contact=mine, at=NOW - timedelta(days=ago)) for ago in (2, 9, 0, 5)]
        _record(backend, *events[:2], make.interaction(contact=theirs))
        _record(backend, *events[2:])
        with reading(backend) as work:
            found = work.interactions.of([mine.id, nobody.id])
        assert found[mine.id] == sorted(events, key=lambda event: event.at)
        assert found.get(nobody.id, []) == []
        assert set(found) <= {mine.id, nobody.id}

    def test_all_come_oldest_first_perhaps_of_one_kind(self, backend: Backend, make: Factory) -> None:
        """Over all contacts, in order of time."""
        one, two = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[one, two])
        kinds = ("visit", "purchase", "visit")
        events = [
            make.interaction(contact=who, kind=kind, at=NOW - timedelta(days=ago))
            for ago, (who, kind) in enumerate(zip((one, two, two), kinds, strict=True))
        ]
        _record(backend, *events)
        with reading(backend) as work:
            assert list(work.interactions.all()) == events[::-1]
            assert list(work.interactions.all(kind="visit")) == [events[2], events[0]]
            assert list(work.interactions.all(kind="login")) == []

    def test_amounts_are_those_of_some_kinds_until_an_instant(self, backend: Backend, make: Factory) -> None:
        """Money alone, of the golden record, missing where none moved; pages hold nothing twice."""
        one, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[one, other])
        many = [make.interaction(contact=one, at=NOW, value=Money(minor_units=n, currency="DKK")) for n in range(2_100)]
        late = make.interaction(contact=one, at=NOW + timedelta(microseconds=1))
        paid_back = Interaction(kind="refund", at=NOW, contact_id=other.id, value=Money(minor_units=5, currency="EUR"))
        given = Interaction(kind="purchase", at=NOW - timedelta(days=1), contact_id=other.id)
        _record(backend, *many, late, paid_back, given, Interaction(kind="visit", at=NOW, contact_id=one.id))
        with reading(backend) as work:
            found = list(work.interactions.amounts(["purchase", "refund"], until=NOW))
            assert list(work.interactions.amounts(["refund"], until=NOW)) == [(other.id, "refund", NOW, 5, "EUR")]
        assert len(found) == 2_102
        assert set(found) == {
            *((one.id, "purchase", NOW, n, "DKK") for n in range(2_100)),
            (other.id, "refund", NOW, 5, "EUR"),
            (other.id, "purchase", NOW - timedelta(days=1), None, None),
        }

    def test_a_sources_id_stands_for_one_interaction(self, backend: Backend, make: Factory) -> None:
        """`known` tells which ids of a source are recorded; another source's are others; unknown ones are left out."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        shop = make.interaction(contact=contact, source="shop", external_id="ord-1")
        crm = make.interaction(contact=contact, source="crm", external_id="ord-1")
        _record(backend, shop, crm)
        with reading(backend) as work:
            assert work.interactions.known("shop", ["ord-1", "ord-2"]) == {"ord-1": shop}
            assert work.interactions.known("crm", ["ord-1"]) == {"ord-1": crm}
            assert work.interactions.known("web", ["ord-1"]) == {}

    def test_a_sources_id_is_recorded_once(self, backend: Backend, make: Factory) -> None:
        """The same id of the same source, or the same interaction, a second time is a conflict."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        first = make.interaction(contact=contact, external_id="ord-1")
        _record(backend, first)
        for again in (make.interaction(contact=contact, external_id="ord-1"), first):
            with pytest.raises(DuplicateKeyError):
                _record(backend, again)
        twice = [make.interaction(contact=contact, external_id="ord-2") for _ in range(2)]
        with pytest.raises(DuplicateKeyError):
            _record(backend, *twice)
        with reading(backend) as work:
            assert list(work.interactions.all()) == [first]

    def test_interactions_without_an_outside_id_are_all_kept(self, backend: Backend, make: Factory) -> None:
        """No id is not the same id."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        _record(backend, *(make.interaction(contact=contact, external_id=None) for _ in range(3)))
        with reading(backend) as work:
            assert len(work.interactions.of([contact.id])[contact.id]) == 3

    def test_interactions_are_found_by_id(self, backend: Backend, make: Factory) -> None:
        """Those that exist, merged contacts' under the record that they were recorded for."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        one, two, other = (make.interaction(contact=contact) for _ in range(3))
        _record(backend, one, two, other)
        with reading(backend) as work:
            assert work.interactions.get_many([two.id, uuid4(), one.id]) == {one.id: one, two.id: two}
            assert work.interactions.get_many([]) == {}

    def test_an_interaction_is_taken_back(self, backend: Backend, make: Factory) -> None:
        """It counts no more, and its outside id is free; unknown ids are let be."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        gone, stays = make.interaction(contact=contact, external_id="ord-1"), make.interaction(contact=contact)
        _record(backend, gone, stays)
        with writing(backend) as work:
            work.interactions.remove([gone.id, uuid4()])
        with reading(backend) as work:
            assert work.interactions.of([contact.id]) == {contact.id: [stays]}
            assert work.interactions.known("factory", ["ord-1"]) == {}
        _record(backend, make.interaction(contact=contact, external_id="ord-1"))
        assert members(backend, f.contact.purchases.count() == 2) == [contact.id]


class MergeContract(ContractSetup):
    """Holds for the merge log, and for what counts for whom."""

    def test_the_log_is_kept_in_order(self, backend: Backend) -> None:
        """Entries are read back as they were, in the order of recording, and one by one."""
        link = _link(LinkAction.LINK, 0.97, before={"survivor": {"contact.tags": ["vip"]}, "other": {}})
        unlink = _link(LinkAction.UNLINK, None, undoes=link.id)
        cannot = _link(LinkAction.CANNOT_LINK, None)
        with writing(backend) as work:
            work.merges.append([link, unlink])
            work.merges.append([cannot])
        with reading(backend) as work:
            assert list(work.merges.all()) == [link, unlink, cannot]
            assert work.merges.get(unlink.id) == unlink
            assert work.merges.get(uuid4()) is None

    def test_links_have_places_in_the_order_of_recording(self, backend: Backend) -> None:
        """As they were recorded, whatever their time, counted on the scale of change sets."""
        late = _link(LinkAction.LINK, None)
        early = replace(_link(LinkAction.UNLINK, None), at=NOW - timedelta(days=9))
        with writing(backend) as work:
            work.merges.append([late])
            work.merges.append([early])
        with reading(backend) as work:
            (first, one), (second, two) = work.merges.journal()
            assert list(work.merges.all()) == [early, late]
        assert (one, two) == (late, early)
        assert first < second

    def test_a_merged_records_interactions_count_for_the_survivor(self, backend: Backend, make: Factory) -> None:
        """They are the golden record's in reading and in rules; each keeps saying under whom it was recorded."""
        survivor, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[survivor, other])
        late, early = (
            make.interaction(contact=who, at=at) for who, at in ((survivor, NOW), (other, NOW - timedelta(days=1)))
        )
        _record(backend, late, early)
        _move(backend, other.id, survivor.id)
        with reading(backend) as work:
            found = work.interactions.of([survivor.id, other.id])
            amounts = list(work.interactions.amounts(["purchase"], until=NOW))
        assert found[survivor.id] == [early, late]
        assert found.get(other.id, []) == []
        assert [one.contact_id for one in amounts] == [survivor.id, survivor.id]
        assert members(backend, f.contact.purchases.count() == 2) == [survivor.id]

    def test_what_is_recorded_under_a_merged_record_later_counts_for_the_survivor(
        self, backend: Backend, make: Factory
    ) -> None:
        """An import that still knows the old record loses nothing."""
        survivor, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[survivor, other])
        _record(backend, make.interaction(contact=other))
        _move(backend, other.id, survivor.id)
        _record(backend, make.interaction(contact=other))
        assert members(backend, f.contact.purchases.count() == 2) == [survivor.id]

    def test_moving_back_gives_each_its_own(self, backend: Backend, make: Factory) -> None:
        """What was recorded under the survivor stays there."""
        survivor, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[survivor, other])
        kept, back = make.interaction(contact=survivor), make.interaction(contact=other)
        _record(backend, kept, back)
        _move(backend, other.id, survivor.id)
        with writing(backend) as work:
            work.merges.move_back(other.id)
        with reading(backend) as work:
            assert work.interactions.of([survivor.id, other.id]) == {survivor.id: [kept], other.id: [back]}

    def test_a_chain_of_merges_counts_for_the_last_survivor(self, backend: Backend, make: Factory) -> None:
        """First into second, second into third: all count for the third; moved back, each counts for itself."""
        people = [make.contact(version=1) for _ in range(3)]
        stored(backend, contacts=people)
        events = [make.interaction(contact=who, at=NOW - timedelta(days=3 - n)) for n, who in enumerate(people)]
        _record(backend, *events)
        first, second, third = (who.id for who in people)
        _move(backend, first, second)
        _move(backend, second, third)
        with reading(backend) as work:
            assert work.interactions.of([third]) == {third: events}
        with writing(backend) as work:
            for one in (second, first):
                work.merges.move_back(one)
        with reading(backend) as work:
            found = work.interactions.of([first, second, third])
        assert found == {who.id: [event] for who, event in zip(people, events, strict=True)}

    def test_leads_follow_their_contact(self, backend: Backend, make: Factory) -> None:
        """A contact's leads are its own and those of records merged into it, until they are moved back."""
        survivor, other = make.contact(version=1), make.contact(version=1)
        mine, moved = make.lead(contact=survivor, version=1), make.lead(contact=other, version=1)
        stored(backend, contacts=[survivor, other], leads=[mine, moved])
        _move(backend, other.id, survivor.id)
        with reading(backend) as work:
            assert [lead.id for lead in work.leads.of_contact(survivor.id)] == ids(mine, moved)
            assert work.leads.of_contact(other.id) == []
        with writing(backend) as work:
            work.merges.move_back(other.id)
        with reading(backend) as work:
            assert work.leads.of_contact(survivor.id) == [mine]
            assert work.leads.of_contact(other.id) == [moved]


def _record(backend: Backend, *events: Interaction) -> None:
    with writing(backend) as work:
        work.interactions.add(events)


def _move(backend: Backend, from_id: object, to_id: object) -> None:
    with writing(backend) as work:
        work.merges.move(from_id, to_id)  # type: ignore[arg-type]


def _link(action: LinkAction, score: float | None, **given: object) -> MergeLink:
    return MergeLink(action, uuid4(), uuid4(), "same mailbox", score, "exact-1", "maria", NOW, **given)  # type: ignore[arg-type]
