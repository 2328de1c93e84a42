"""The contract of every aggregate's repository: add, get, update, remove, versions, duplicates, order."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.declaring.entity import CLEAR, Entity
from mimcore.domain.groups import Device, SocialProfile
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.vocabularies import DeviceKind, SocialNetwork
from mimcore.errors import DuplicateKeyError, StaleVersionError
from mimcore.repositories.ports import Backend, Transaction
from mimcore.repositories.taken import naming_the_taken
from mimcore.rules.language.nodes import Known
from mimcore.testing.contract_setup import NOW, ContractSetup, ids, reading, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.money import Money

__all__ = ["EntityContract", "KeyedContract"]

KINDS = ("contacts", "accounts", "leads", "segments", "sources", "campaigns", "tasks")
each_kind = pytest.mark.parametrize("kind", KINDS)
each_keyed_kind = pytest.mark.parametrize("kind", ["segments", "sources", "campaigns"])


class _Maker:
    """Makes records of any aggregate; the contact that leads belong to is stored first."""

    def __init__(self, backend: Backend, make: Factory) -> None:
        self._make, self._owner = make, make.contact()
        stored(backend, contacts=[self._owner])

    def one(self, kind: str, **given: Any) -> Any:
        """Make a record with version 1."""
        extra = {"contact": self._owner} if kind == "leads" else {}
        return getattr(self._make, kind.removesuffix("s"))(version=1, **extra, **given)


class EntityContract(ContractSetup):
    """Holds for each of the seven aggregates."""

    @pytest.fixture
    def maker(self, backend: Backend, make: Factory) -> _Maker:
        """Makes records of any aggregate."""
        return _Maker(backend, make)

    @each_kind
    def test_an_added_record_is_read_back_as_it_was(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """What is stored is what is read: every field, the id and the version."""
        record = maker.one(kind)
        stored(backend, **{kind: [record]})
        assert _all_of(backend, kind)[record.id] == record

    @each_kind
    def test_ids_that_are_not_there_are_left_out(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """Reading many ids gives those that exist; none is no error, and no ids give no records."""
        record = maker.one(kind)
        stored(backend, **{kind: [record]})
        with reading(backend) as work:
            assert set(_repository(work, kind).get_many([uuid4(), record.id, uuid4()])) == {record.id}
            assert _repository(work, kind).get_many([]) == {}

    @each_kind
    def test_all_records_come_in_order_of_their_ids(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """The order is that of the ids' bytes, however the records were added."""
        records = [maker.one(kind) for _ in range(7)]
        stored(backend, **{kind: [records[3], records[6], records[0]]})
        stored(backend, **{kind: [records[5], records[1], records[4], records[2]]})
        wanted = set(ids(*records))
        with reading(backend) as work:
            assert [one.id for one in _repository(work, kind).all() if one.id in wanted] == ids(*records)

    @each_kind
    def test_an_id_is_added_once(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """A second record with the same id is a conflict, and the first one stays."""
        record = maker.one(kind)
        stored(backend, **{kind: [record]})
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            _repository(work, kind).add([_next(record)])
        assert _all_of(backend, kind)[record.id] == record

    @each_kind
    def test_who_adds_a_record_again_is_told_which(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """The transaction can be asked after a refusal, so that one sentence names the record on every engine."""
        record, other = maker.one(kind), maker.one(kind)
        stored(backend, **{kind: [record]})
        with pytest.raises(DuplicateKeyError, match=f"{_name(kind, record)} exists already: update it instead"):
            _add(backend, kind, [other, record])
        assert other.id not in _all_of(backend, kind)

    @each_kind
    def test_an_id_is_added_once_within_one_call(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """The same id twice in one call is a conflict, and nothing of the call is stored."""
        record, other = maker.one(kind), maker.one(kind)
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            _repository(work, kind).add([other, record, record])
        assert {record.id, other.id}.isdisjoint(_all_of(backend, kind))

    @each_kind
    def test_an_update_replaces_the_record(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """The next version takes the place of the stored one."""
        record = maker.one(kind)
        stored(backend, **{kind: [record]})
        with writing(backend) as work:
            _repository(work, kind).update([_changed(record)])
        assert _all_of(backend, kind)[record.id] == _changed(record)

    @each_kind
    @pytest.mark.parametrize("step", [0, 2, -1])
    def test_an_update_must_carry_the_next_version(self, backend: Backend, maker: _Maker, kind: str, step: int) -> None:
        """The stored version, one too far or an older one is refused; the error names the id, the record stays."""
        record = maker.one(kind)
        stored(backend, **{kind: [record]})
        wrong = _changed(record).model_copy(update={"version": record.version + step})
        with pytest.raises(StaleVersionError, match=str(record.id)), writing(backend) as work:
            _repository(work, kind).update([wrong])
        assert _all_of(backend, kind)[record.id] == record

    @each_kind
    def test_of_two_changes_to_one_version_the_second_is_stale(
        self, backend: Backend, maker: _Maker, kind: str
    ) -> None:
        """Nobody overwrites what somebody else changed in the meantime."""
        record = maker.one(kind)
        stored(backend, **{kind: [record]})
        with writing(backend) as work:
            _repository(work, kind).update([_changed(record)])
        with pytest.raises(StaleVersionError, match=str(record.id)), writing(backend) as work:
            _repository(work, kind).update([_next(record)])
        assert _all_of(backend, kind)[record.id] == _changed(record)

    @each_kind
    def test_what_was_never_stored_cannot_be_updated(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """An update is no insert."""
        record = maker.one(kind)
        with pytest.raises(StaleVersionError, match=str(record.id)), writing(backend) as work:
            _repository(work, kind).update([_next(record)])
        assert record.id not in _all_of(backend, kind)

    @each_kind
    def test_a_removed_record_is_gone_and_its_id_is_free(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """Removing takes back a creation; ids that do not exist are let be."""
        record, other = maker.one(kind), maker.one(kind)
        stored(backend, **{kind: [record, other]})
        with writing(backend) as work:
            _repository(work, kind).remove([record.id, uuid4()])
        assert record.id not in _all_of(backend, kind)
        stored(backend, **{kind: [record]})
        assert {record.id, other.id} <= set(_all_of(backend, kind))

    @each_kind
    def test_a_thousand_records_in_one_call(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """Long lists of records and of ids are ordinary, whatever a database's limit on parameters is."""
        records = [maker.one(kind) for _ in range(1_100)]
        stored(backend, **{kind: records})
        with writing(backend) as work:
            _repository(work, kind).update([_next(record) for record in records])
        with reading(backend) as work:
            found = _repository(work, kind).get_many([record.id for record in records])
        assert {one.version for one in found.values()} == {2}
        assert len(found) == len(records)

    def test_every_part_of_a_rich_contact_survives(self, backend: Backend, make: Factory) -> None:
        """Groups, points with their states, links, devices, profiles, money, instants and odd letters are read back."""
        account = make.account(version=1)
        contact = _rich_contact(make, account)
        stored(backend, accounts=[account], contacts=[contact])
        assert _all_of(backend, "contacts")[contact.id] == contact

    def test_an_empty_contact_stays_empty(self, backend: Backend) -> None:
        """Missing stays missing: no field turns into an empty text, a zero or a false."""
        contact = Contact(version=1)
        stored(backend, contacts=[contact])
        assert _all_of(backend, "contacts")[contact.id] == contact

    def test_an_account_with_a_parent_survives(self, backend: Backend, make: Factory) -> None:
        """Firmographic and key-account groups, external ids and the parent are read back."""
        parent = make.account(version=1)
        child = make.account(
            version=1,
            parent_id=parent,
            annual_revenue=Money(minor_units=2**40, currency="JPY"),
            stack=["Postgres", "Python"],
            ideal_customer_fit=0.1,
            external_ids={"crm": "A-17"},
        )
        stored(backend, accounts=[parent, child])
        assert _all_of(backend, "accounts")[child.id] == child

    def test_a_lead_keeps_its_way(self, backend: Backend, make: Factory) -> None:
        """The steps through the funnel are stored with time and reason."""
        contact = make.contact(version=1)
        lead = make.lead(contact=contact, version=1, score=12.5, expected_value=Money(minor_units=5, currency="EUR"))
        lost = lead.advance("mql", at=NOW).advance("lost", at=NOW, reason="no budget")
        stored(backend, contacts=[contact], leads=[lost])
        assert _all_of(backend, "leads")[lead.id] == lost


class KeyedContract(EntityContract):
    """Holds for segments, sources and campaigns: people name them by a key."""

    @each_keyed_kind
    def test_a_record_is_found_by_its_key(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """The key finds one record; an unknown key finds none."""
        record, other = maker.one(kind, key="spring-2026"), maker.one(kind, key="spring-2027")
        stored(backend, **{kind: [record, other]})
        with reading(backend) as work:
            assert _repository(work, kind).with_key("spring-2026") == record
            assert _repository(work, kind).with_key("spring") is None

    @each_keyed_kind
    def test_who_takes_a_key_that_is_taken_is_told_which(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """Of the store, and within one call."""
        stored(backend, **{kind: [maker.one(kind, key="a")]})
        for keys, taken in ((("b", "a"), "a"), (("c", "c"), "c")):
            with pytest.raises(DuplicateKeyError, match=f"{kind.removesuffix('s')} '{taken}' exists already"):
                _add(backend, kind, [maker.one(kind, key=key) for key in keys])
        assert len([one for one in _all_of(backend, kind).values() if one.key in {"a", "b", "c"}]) == 1

    @each_keyed_kind
    def test_a_key_belongs_to_one_record(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """Adding a record with a known key, or giving it a known key, is a conflict."""
        record, other = maker.one(kind, key="a"), maker.one(kind, key="b")
        stored(backend, **{kind: [record, other]})
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            _repository(work, kind).add([maker.one(kind, key="a")])
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            _repository(work, kind).update([other.evolve(key="a", version=2)])
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            _repository(work, kind).add([maker.one(kind, key="c"), maker.one(kind, key="c")])
        assert _all_of(backend, kind) == {record.id: record, other.id: other}

    @each_keyed_kind
    def test_a_key_is_free_again(self, backend: Backend, maker: _Maker, kind: str) -> None:
        """A key that its record gave up, by another name or by removal, may be taken."""
        record = maker.one(kind, key="a")
        stored(backend, **{kind: [record]})
        with writing(backend) as work:
            _repository(work, kind).update([record.evolve(key="b", version=2)])
            assert _repository(work, kind).with_key("a") is None
        second = maker.one(kind, key="a")
        stored(backend, **{kind: [second]})
        with writing(backend) as work:
            _repository(work, kind).remove([second.id])
        stored(backend, **{kind: [third := maker.one(kind, key="a")]})
        with reading(backend) as work:
            assert _repository(work, kind).with_key("a") == third

    def test_a_segment_keeps_its_rule(self, backend: Backend, make: Factory) -> None:
        """The rule is read back as the same rule."""
        segment = make.segment(version=1, rule=Known(field="contact.demographic.city") & ~Known(field="contact.tags"))
        stored(backend, segments=[segment])
        assert _all_of(backend, "segments")[segment.id] == segment


def _name(kind: str, record: Any) -> str:
    singular = kind.removesuffix("s")
    return f"{singular} '{record.key}'" if kind in {"segments", "sources", "campaigns"} else f"{singular} {record.id}"


def _add(backend: Backend, kind: str, records: list[Any]) -> None:
    with writing(backend) as work:
        port = _repository(work, kind)
        naming_the_taken(port, records, lambda: port.add(records), are_new=True)


def _repository(work: Transaction, kind: str) -> Any:
    return getattr(work, kind)


def _all_of(backend: Backend, kind: str) -> dict[Any, Any]:
    with reading(backend) as work:
        return {one.id: one for one in _repository(work, kind).all()}


def _next(record: Any) -> Any:
    return record.model_copy(update={"version": record.version + 1})


def _changed(record: Entity) -> Any:
    """Return the next version, with a difference."""
    changes: dict[type[Entity], dict[str, Any]] = {
        Contact: {"notes": "changed", "city": CLEAR, "country": "SE"},
        Account: {"employees": 77},
        Lead: {"owner": "maria"},
        Segment: {"description": "changed"},
        Source: {"reliability": 0.5},
        Campaign: {"tags": ["changed"]},
        Task: {"title": "Changed"},
    }
    return record.evolve(**changes[type(record)], version=record.version + 1)


def _rich_contact(make: Factory, account: Account) -> Contact:
    made = make.contact(
        version=1,
        name="Prof. Dr. Zoë  Ångström-O'Neill Jr",
        emails=["zoe@example.com", "Zoe.Two@example.org"],
        accounts=(AccountLink(account_id=account.id, role="buyer", start_on="2020-02-29"),),
        annual_income=Money(minor_units=-1, currency="KWD"),
        birth_date=None,
        birth_year=1980,
        children=0,
        acquisition={"channel": "event", "at": "2026-03-02T09:00:00.000001+01:00", "campaign": "spring"},
        beliefs=["vegan"],
        devices=(Device(kind=DeviceKind.TABLET, app="Shop", last_seen_at=NOW),),
        social_profiles=(SocialProfile(network=SocialNetwork.MASTODON, handle="@zoe", followers=2**53),),
        is_decision_maker=False,
        preferred_channels=["email", "sms"],
        time_zone="Europe/Copenhagen",
        tags=["vip", "straße", "İstanbul"],
        notes="line one\nline two \N{GRINNING FACE} '; drop table --",
        external_ids={"crm": "0017", "shop": "Ünï"},
    )
    first, second = made.emails
    return made.model_copy(
        update={"emails": (first.evolve(state="verified"), second.evolve(is_retired=True, label="old"))}
    )
