"""The contract of finding contacts: everyone, pages, points, external ids, accounts, keys for finding duplicates."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from uuid import uuid4

import pytest

from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.ports import Backend, Query
from mimcore.rules.language.nodes import Equals, Known
from mimcore.testing.contract_setup import ContractSetup, bound, ids, reading, stored, writing
from mimcore.testing.factories import Factory

__all__ = ["ContactContract"]

GONE = (RecordStatus.ARCHIVED, RecordStatus.MERGED, RecordStatus.ERASED)
each_way_to_be_gone = pytest.mark.parametrize("status", GONE)


class ContactContract(ContractSetup):
    """Holds for contacts, with the questions that services ask."""

    def test_everyone_is_every_active_contact_in_order(self, backend: Backend, make: Factory) -> None:
        """No rule means all active contacts, ordered by the bytes of their ids."""
        people = [make.contact(version=1) for _ in range(9)]
        stored(backend, contacts=people[::-1])
        with reading(backend) as work:
            assert work.contacts.find(Query()) == ids(*people)
            assert work.contacts.count() == 9

    def test_an_empty_store_has_nobody(self, backend: Backend) -> None:
        """Nobody is found, counted or listed where nobody was stored."""
        with reading(backend) as work:
            assert work.contacts.find(Query()) == []
            assert work.contacts.count() == 0
            assert list(work.contacts.all()) == []

    @each_way_to_be_gone
    def test_who_is_not_active_is_not_found_but_can_be_read(
        self, backend: Backend, make: Factory, status: RecordStatus
    ) -> None:
        """Archived, merged and erased records are outside everyone, yet `get_many` and `all` have them."""
        here, gone = make.contact(version=1), make.contact(version=1, status=status)
        stored(backend, contacts=[here, gone])
        with reading(backend) as work:
            assert work.contacts.find(Query()) == [here.id]
            assert work.contacts.count(bound(Known(field="contact.name.given"))) == 1
            assert work.contacts.get_many([gone.id]) == {gone.id: gone}
            assert [one.id for one in work.contacts.all()] == ids(here, gone)

    def test_who_is_held_stays_as_they_stood(self, backend: Backend, make: Factory) -> None:
        """Whole, archived ones too, also after the end of the transaction and after a change; unknown ones are out."""
        one, archived = make.contact(version=1), make.contact(version=1, status=RecordStatus.ARCHIVED)
        stored(backend, contacts=[one, archived, make.contact(version=1)])
        with reading(backend) as work:
            held = work.contacts.held([one.id, archived.id, uuid4()])
        with writing(backend) as work:
            work.contacts.update([one.evolve(version=2, city="Elsewhere", emails=["new@example.com"])])
        assert (set(held), len(held)) == ({one.id, archived.id}, 2)
        assert one.id in held
        assert uuid4() not in held
        assert [held[one.id], held[archived.id]] == [one, archived]
        assert deepcopy(held) == {one.id: one, archived.id: archived}

    def test_pages_join_to_the_whole(self, backend: Backend, make: Factory) -> None:
        """`limit` cuts after so many, `after` goes on behind an id: nobody is left out, nobody comes twice."""
        people = [make.contact(version=1) for _ in range(11)]
        stored(backend, contacts=people)
        pages: list[list[object]] = []
        with reading(backend) as work:
            page = work.contacts.find(Query(limit=4))
            while page:
                pages.append([*page])
                page = work.contacts.find(Query(limit=4, after=page[-1]))
        assert [len(one) for one in pages] == [4, 4, 3]
        assert [one for page in pages for one in page] == ids(*people)

    def test_pages_of_a_rule_count_only_those_for_whom_it_is_true(self, backend: Backend, make: Factory) -> None:
        """The limit counts found contacts, not looked-at ones."""
        people = [make.contact(version=1, country="DK" if index % 3 == 0 else "SE") for index in range(12)]
        stored(backend, contacts=people)
        danes = bound(Equals(field="contact.demographic.country", value="DK"))
        with reading(backend) as work:
            first = work.contacts.find(Query(danes, limit=2))
            rest = work.contacts.find(Query(danes, limit=9, after=first[-1]))
        assert first + rest == ids(*people[::3])

    def test_ids_are_ordered_by_their_bytes(self, backend: Backend) -> None:
        """The order does not depend on how a database writes an id: high first bytes come last."""
        from uuid import UUID

        texts = ["00000000-0000-7000-8000-0000000000ff", "7fffffff-0000-7000-8000-000000000000"]
        texts += ["80000000-0000-7000-8000-000000000000", "ff000000-0000-7000-8000-000000000001"]
        wanted = [UUID(text) for text in texts]
        stored(backend, contacts=[Contact(id=one, version=1) for one in (wanted[2], wanted[0], wanted[3], wanted[1])])
        with reading(backend) as work:
            assert work.contacts.find(Query()) == wanted
            for before, after in pairwise(wanted):
                assert work.contacts.find(Query(limit=1, after=before)) == [after]

    def test_an_active_point_finds_its_contacts(self, backend: Backend, make: Factory) -> None:
        """All who share a mailbox are found, in order; keys that nobody has are left out."""
        first, second = (make.contact(version=1, emails=["shared@example.com"]) for _ in range(2))
        other = make.contact(version=1)
        stored(backend, contacts=[second, other, first])
        key, own = first.emails[0].match_key, other.emails[0].match_key
        with reading(backend) as work:
            found = work.contacts.with_points("email", [key, own, "nobody@example.com"])
            assert found == {key: tuple(ids(first, second)), own: (other.id,)}
            assert work.contacts.with_points("phone", [key]) == {}
            assert work.contacts.with_points("email", []) == {}

    def test_a_phone_finds_its_contact(self, backend: Backend, make: Factory) -> None:
        """Phone numbers are found by their own kind of key."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        key = contact.phones[0].match_key
        with reading(backend) as work:
            assert work.contacts.with_points("phone", [key]) == {key: (contact.id,)}

    def test_a_retired_point_finds_nobody(self, backend: Backend, make: Factory) -> None:
        """An address that was replaced is kept with the contact, but no longer leads to it."""
        contact = make.contact(version=1, emails=["old@example.com"])
        stored(backend, contacts=[contact])
        moved = contact.evolve(emails=["new@example.com"], version=2)
        with writing(backend) as work:
            work.contacts.update([moved])
        with reading(backend) as work:
            found = work.contacts.with_points("email", ["old@example.com", "new@example.com"])
            assert found == {"new@example.com": (contact.id,)}
            assert len(work.contacts.get_many([contact.id])[contact.id].emails) == 2

    @each_way_to_be_gone
    def test_no_key_leads_to_who_is_not_active(self, backend: Backend, make: Factory, status: RecordStatus) -> None:
        """Points, external ids and account links find active contacts only."""
        account = make.account(version=1)
        gone = make.contact(version=1, account=account, external_ids={"crm": "7"}, status=status)
        stored(backend, accounts=[account], contacts=[gone])
        with reading(backend) as work:
            assert work.contacts.with_points("email", [gone.emails[0].match_key]) == {}
            assert work.contacts.with_external_ids("crm", ["7"]) == {}
            assert work.contacts.in_account(account.id) == []
            assert list(work.contacts.match_keys("email")) == []

    def test_keys_follow_the_status(self, backend: Backend, make: Factory) -> None:
        """Who is archived is not found by address; who comes back is."""
        contact = make.contact(version=1)
        key = contact.emails[0].match_key
        stored(backend, contacts=[contact])
        for version, status in ((2, RecordStatus.ARCHIVED), (3, RecordStatus.ACTIVE)):
            with writing(backend) as work:
                work.contacts.update([contact.evolve(status=status, version=version)])
                found = work.contacts.with_points("email", [key])
            assert found == ({key: (contact.id,)} if status is RecordStatus.ACTIVE else {})

    def test_an_external_id_belongs_to_its_source(self, backend: Backend, make: Factory) -> None:
        """The same text in another system is another id; unknown ones are left out."""
        crm, shop = (
            make.contact(version=1, external_ids={"crm": "7"}),
            make.contact(version=1, external_ids={"shop": "7"}),
        )
        stored(backend, contacts=[crm, shop])
        with reading(backend) as work:
            assert work.contacts.with_external_ids("crm", ["7", "8"]) == {"7": (crm.id,)}
            assert work.contacts.with_external_ids("shop", ["7"]) == {"7": (shop.id,)}
            assert work.contacts.with_external_ids("web", ["7"]) == {}

    def test_an_external_id_may_stand_for_several(self, backend: Backend, make: Factory) -> None:
        """Another system's id is evidence, not identity: two contacts may have it."""
        both = [make.contact(version=1, external_ids={"crm": "7"}) for _ in range(2)]
        stored(backend, contacts=both)
        with reading(backend) as work:
            assert work.contacts.with_external_ids("crm", ["7"]) == {"7": tuple(ids(*both))}

    def test_an_account_has_those_who_are_linked_now(self, backend: Backend, make: Factory) -> None:
        """A link that has ended does not count, a second one beside the primary one does."""
        acme, other = make.account(version=1), make.account(version=1)
        primary = make.contact(version=1, account=acme)
        side = (AccountLink(account_id=other.id), AccountLink(account_id=acme.id, is_primary=False))
        second = make.contact(version=1, accounts=side)
        ended = make.contact(version=1, accounts=(AccountLink(account_id=acme.id, end_on="2026-01-01"),))
        stored(backend, accounts=[acme, other], contacts=[second, ended, primary])
        with reading(backend) as work:
            assert work.contacts.in_account(acme.id) == ids(primary, second)
            assert work.contacts.in_account(other.id) == [second.id]

    def test_match_keys_pair_active_points_with_their_contacts(self, backend: Backend, make: Factory) -> None:
        """E-mail and phone keys come with the contact; retired points have none."""
        contact = make.contact(version=1, emails=["a@example.com", "b@example.com"]).evolve(emails=["b@example.com"])
        other = make.contact(version=1, emails=[], phones=[])
        stored(backend, contacts=[contact, other])
        with reading(backend) as work:
            assert list(work.contacts.match_keys("email")) == [("b@example.com", contact.id)]
            assert list(work.contacts.match_keys("phone")) == [(contact.phones[0].match_key, contact.id)]

    def test_namesakes_at_one_address_share_a_name_key(self, backend: Backend, make: Factory) -> None:
        """The name key is the same however name and postal code are spelt, and another for another name."""
        place = {"country": "DK", "postal_code": "8000", "street": "Åboulevarden 1"}
        one = make.contact(version=1, name="Åse Sørensen", **place)
        two = make.contact(version=1, name="Mrs ÅSE SØRENSEN", **place)
        three = make.contact(version=1, name="Ole Sørensen", **place)
        stored(backend, contacts=[one, two, three])
        with reading(backend) as work:
            keys = {contact_id: key for key, contact_id in work.contacts.match_keys("name")}
        assert keys[one.id] == keys[two.id] != keys[three.id]

    def test_an_account_is_found_by_its_domain(self, backend: Backend, make: Factory) -> None:
        """Active accounts only; a new domain takes the place of the old one."""
        acme = make.account(version=1, domain="acme.example.com")
        gone = make.account(version=1, domain="gone.example.com", status=RecordStatus.ARCHIVED)
        stored(backend, accounts=[acme, gone])
        with reading(backend) as work:
            asked = ["acme.example.com", "gone.example.com", "example.com"]
            assert work.accounts.with_domains(asked) == {"acme.example.com": (acme.id,)}
        moved = acme.evolve(domain="new.example.com", version=2)
        with writing(backend) as work:
            work.accounts.update([moved])
            found = work.accounts.with_domains(["acme.example.com", "new.example.com"])
            assert found == {"new.example.com": (moved.id,)}

    def test_accounts_are_found_by_name_and_by_external_id(self, backend: Backend, make: Factory) -> None:
        """Whatever the letter case; an id belongs to its source; what an update takes away finds nothing any more."""
        one = make.account(version=1, name="ACME A/S", external_ids=[("crm", "7"), ("erp", "x"), ("crm", "8")])
        two = make.account(version=1, name="Acme a/s", external_ids={"crm": "8"})
        gone = make.account(version=1, name="Acme A/S", external_ids={"crm": "9"}, status=RecordStatus.ARCHIVED)
        stored(backend, accounts=[one, two, gone])
        with reading(backend) as work:
            assert work.accounts.with_names(["acme a/s", "other"]) == {"acme a/s": tuple(ids(one, two))}
            found = work.accounts.with_external_ids("crm", ["7", "8", "9", "x"])
            assert found == {"7": (one.id,), "8": tuple(ids(one, two))}
            assert work.accounts.get_many([one.id]) == {one.id: one}
        with writing(backend) as work:
            work.accounts.update([one.evolve(name="Other", external_ids=[("erp", "y")], version=2)])
            assert work.accounts.with_names(["acme a/s", "other"]) == {"acme a/s": (two.id,), "other": (one.id,)}
            assert work.accounts.with_external_ids("crm", ["7", "8"]) == {"8": (two.id,)}
            work.accounts.remove([two.id])
            assert work.accounts.with_external_ids("crm", ["8"]) == {}

    def test_removing_a_contact_takes_its_keys_along(self, backend: Backend, make: Factory) -> None:
        """After a creation was taken back no key, account or rule leads to it."""
        account = make.account(version=1)
        contact = make.contact(version=1, account=account, external_ids={"crm": "7"})
        stored(backend, accounts=[account], contacts=[contact])
        with writing(backend) as work:
            work.contacts.remove([contact.id])
        with reading(backend) as work:
            assert work.contacts.with_points("email", [contact.emails[0].match_key]) == {}
            assert work.contacts.with_external_ids("crm", ["7"]) == {}
            assert work.contacts.in_account(account.id) == []
            assert work.contacts.find(Query()) == []

    def test_a_contact_knows_what_it_is_needed_for(self, backend: Backend, make: Factory) -> None:
        """By what was recorded under it, ended or not; whoever was merged, on either side; nobody else is named."""
        one, two, three, nobody = (make.contact(version=1) for _ in range(4))
        lead, task, segment = make.lead(contact=one), make.task(contact_id=one.id, status="done"), make.segment()
        stored(backend, contacts=[one, two, three, nobody], leads=[lead], tasks=[task], segments=[segment])
        with writing(backend) as work:
            work.interactions.add([make.interaction(contact=two), make.interaction(contact=two)])
            work.segments.put_on(segment.id, [one.id])
        everyone = [*ids(one, two, three, nobody), uuid4()]
        with writing(backend) as work:
            found = work.contacts.uses(everyone)
            assert found == {one.id: {"lead", "task", "list"}, two.id: {"interaction"}}
            work.merges.move(two.id, three.id)
            assert work.contacts.uses(everyone) == {**found, two.id: {"interaction", "merge"}, three.id: {"merge"}}
            work.merges.move_back(two.id)
            work.leads.remove([lead.id])
            work.tasks.remove([task.id])
            work.segments.take_off(segment.id, [one.id])
            assert work.contacts.uses(everyone) == {two.id: {"interaction"}}
            assert work.contacts.uses([]) == {}

    def test_an_account_knows_what_it_is_needed_for(self, backend: Backend, make: Factory) -> None:
        """By a link that ended, by an archived contact, by a child of any status, by events that name it."""
        ended, archived, parent, named, nobody = (make.account(version=1) for _ in range(5))
        past = make.contact(version=1, accounts=(AccountLink(account_id=ended.id, end_on="2026-01-31"),))
        gone = make.contact(version=1, account=archived, status=RecordStatus.ARCHIVED)
        child = make.account(version=1, parent_id=parent, status=RecordStatus.ARCHIVED)
        stored(backend, accounts=[ended, archived, parent, named, nobody, child], contacts=[past, gone])
        with writing(backend) as work:
            work.interactions.add([make.interaction(contact=past).evolve(account_id=named.id)])
            asked = [*ids(ended, archived, parent, named, nobody, child), uuid4()]
            contacts = {ended.id: {"contact"}, archived.id: {"contact"}}
            others = {parent.id: {"account"}, named.id: {"interaction"}}
            assert work.accounts.uses(asked) == {**contacts, **others}
            work.accounts.remove([child.id])
            assert work.accounts.uses(asked) == {**contacts, named.id: {"interaction"}}
            assert work.accounts.uses([]) == {}
