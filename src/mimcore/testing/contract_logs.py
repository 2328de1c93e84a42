"""The contract of what is appended: states of values, history, consent and suppression, imports, the outbox, lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mimcore.domain.changes import ChangeKind, ChangeSet
from mimcore.domain.consent import ConsentAction, ConsentEvent, ConsentMethod, Suppression
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState, observed
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.repositories.ports import Backend
from mimcore.repositories.records import Verification
from mimcore.testing.contract_setup import NOW, ContractSetup, reading, stored, writing
from mimcore.testing.factories import Factory

__all__ = ["ConsentContract", "FreshnessContract", "HistoryContract"]


class FreshnessContract(ContractSetup):
    """Holds for the states of values, and for the checks that changed them."""

    def test_a_state_is_read_back_as_it_was(self, backend: Backend, make: Factory) -> None:
        """Dated and undated ones, of values and of points; microseconds and probabilities are exact."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        dated = _state(contact, at=NOW)._replace(confirmed_at=NOW + timedelta(microseconds=1), p_ref=0.1 + 0.2)
        undated, point = (
            _state(contact, "contact.tags"),
            _state(contact, "contact.emails", contact.emails[0].id, at=NOW),
        )
        _put(backend, dated, undated, point)
        with reading(backend) as work:
            assert _by_key(work.freshness.of([contact.id])[contact.id]) == _by_key([dated, undated, point])

    def test_a_newer_state_replaces_the_older(self, backend: Backend, make: Factory) -> None:
        """One state per attribute and subject."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        _put(backend, _state(contact, at=NOW - timedelta(days=3)))
        _put(backend, newer := _state(contact, at=NOW))
        with reading(backend) as work:
            assert work.freshness.of([contact.id]) == {contact.id: [newer]}

    def test_a_points_state_moves_with_the_point(self, backend: Backend, make: Factory) -> None:
        """Stored under another contact, it stands there only: a merge moves it, an undo moves it back."""
        one, two = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[one, two])
        point = one.emails[0].id
        _put(backend, _state(one, "contact.emails", point, at=NOW))
        _put(backend, moved := _state(two, "contact.emails", point, at=NOW))
        with reading(backend) as work:
            found = work.freshness.of([one.id, two.id])
        assert found.get(one.id, []) == []
        assert found[two.id] == [moved]

    def test_a_state_is_dropped(self, backend: Backend, make: Factory) -> None:
        """By attribute and subject; others stay, unknown ones are let be."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        kept, gone = _state(contact, "contact.tags", at=NOW), _state(contact, at=NOW)
        _put(backend, kept, gone)
        with writing(backend) as work:
            work.freshness.drop(
                [(gone.attribute, contact.id), ("contact.owner", contact.id), (kept.attribute, uuid4())]
            )
        with reading(backend) as work:
            assert work.freshness.of([contact.id]) == {contact.id: [kept]}

    def test_all_states_are_those_of_active_contacts(self, backend: Backend, make: Factory) -> None:
        """Values of archived people are not presumed anything."""
        here, gone = make.contact(version=1), make.contact(version=1, status=RecordStatus.ARCHIVED)
        stored(backend, contacts=[here, gone])
        _put(backend, state := _state(here, at=NOW), _state(gone, at=NOW))
        with reading(backend) as work:
            assert list(work.freshness.all()) == [state]

    def test_removing_a_contact_removes_its_states(self, backend: Backend, make: Factory) -> None:
        """They belong to it alone; after it is stored again it starts without any."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        _put(backend, _state(contact, at=NOW))
        with writing(backend) as work:
            work.contacts.remove([contact.id])
        stored(backend, contacts=[contact])
        with reading(backend) as work:
            assert work.freshness.of([contact.id]).get(contact.id, []) == []

    def test_every_pool_has_a_half_life(self, backend: Backend) -> None:
        """A new store starts with the documented defaults, in days."""
        with reading(backend) as work:
            assert dict(work.freshness.half_lives()) == dict(DEFAULT_HALF_LIVES)

    def test_checks_are_kept_in_order(self, backend: Backend, make: Factory) -> None:
        """Every check of a contact's values, the oldest first, whenever it was recorded."""
        contact, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[contact, other])
        checks = [_check(contact, NOW - timedelta(days=ago)) for ago in (3, 2, 1)]
        with writing(backend) as work:
            work.freshness.verified([checks[2], _check(other, NOW), checks[0]])
            work.freshness.verified([checks[1]])
        with reading(backend) as work:
            assert work.freshness.verifications_of(contact.id) == checks
            assert work.freshness.verifications_of(uuid4()) == []

    def test_checks_have_places_in_the_order_of_recording(self, backend: Backend, make: Factory) -> None:
        """All contacts' checks as they were recorded, whenever made; changes are counted on the same scale."""
        one, two = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[one, two])
        late, early = _check(one, NOW), _check(two, NOW - timedelta(days=9))
        with writing(backend) as work:
            work.freshness.verified([late])
            work.history.append([_change(one.id, 1)])
            work.freshness.verified([early])
        with reading(backend) as work:
            (first, last), (changed,) = work.freshness.journal(), work.history.journal()
        assert [first[1], last[1]] == [late, early]
        assert first[0] < changed[0] < last[0]


class HistoryContract(ContractSetup):
    """Holds for change sets."""

    def test_what_changed_since_comes_newest_first(self, backend: Backend) -> None:
        """Strictly after the instant; those of one instant in the opposite order of recording, whoever's they are."""
        one, other = uuid4(), uuid4()
        made = [_change(one, 1), _change(other, 2), _change(one, 3)]
        twins = [replace(_change(who, 4), recorded_at=made[2].recorded_at) for who in (other, one, other)]
        with writing(backend) as work:
            work.history.append([made[2], *twins])
            work.history.append(made[:2])
        with reading(backend) as work:
            assert list(work.history.since(made[0].recorded_at)) == [*reversed(twins), made[2], made[1]]
            assert list(work.history.since(made[2].recorded_at)) == []
            assert len(list(work.history.since(NOW - timedelta(days=9)))) == 6

    def test_the_journal_is_in_the_order_of_time(self, backend: Backend) -> None:
        """All changes by recorded time, those of one instant as recorded; places count up as they were recorded."""
        one, other = uuid4(), uuid4()
        late, early, twin = _change(one, 9), _change(other, 1), _change(one, 1)
        with writing(backend) as work:
            work.history.append([late, early])
            work.history.append([twin])
        with reading(backend) as work:
            places, changes = zip(*work.history.journal(), strict=True)
        assert list(changes) == [early, twin, late]
        assert places[2] < places[0] < places[1]

    def test_the_journal_of_some_records(self, backend: Backend) -> None:
        """Record by record, each in the order of recording; others, and those without any, are left out."""
        one, two, other = uuid4(), uuid4(), uuid4()
        mine, theirs = [_change(one, version) for version in (1, 2, 3)], [_change(two, 1)]
        with writing(backend) as work:
            work.history.append([mine[0], *theirs, _change(other, 1), mine[1]])
            work.history.append([mine[2]])
        with reading(backend) as work:
            found = [change for _, change in work.history.journal([one, two, uuid4(), one])]
            assert list(work.history.journal([])) == []
        assert [change for change in found if change.entity_id == one] == mine
        assert [change for change in found if change.entity_id == two] == theirs
        assert len(found) == 4

    def test_a_long_history_is_read_whole(self, backend: Backend) -> None:
        """More than a page of it, forwards and backwards, across changes of one instant."""
        changes = [_change(uuid4(), 1 + number // 1500) for number in range(4500)]
        with writing(backend) as work:
            work.history.append(changes)
        with reading(backend) as work:
            assert [change for _, change in work.history.journal()] == changes
            assert list(work.history.since(NOW)) == changes[::-1]

    def test_a_records_changes_come_in_order(self, backend: Backend) -> None:
        """Everything about a change is kept, plain values of any shape included; those of one instant stay in order."""
        one, other = uuid4(), uuid4()
        moment = NOW + timedelta(minutes=2)
        before: dict[str, Any] = {"contact.tags": ["a", "b"], "contact.custom": {"n": 1.5}, "contact.owner": None}
        created = _change(one, 1, ChangeKind.CREATED)
        changed = replace(_change(one, 2), before=before, after={"contact.owner": "Åse"}, observed_at=None)
        again = [replace(_change(one, version), recorded_at=moment) for version in (3, 4, 5, 6)]
        with writing(backend) as work:
            work.history.append([created, _change(other, 1)])
            work.history.append([changed, *again])
        with reading(backend) as work:
            assert work.history.of(one) == [created, changed, *again]
            assert work.history.of(uuid4()) == []

    def test_an_import_knows_its_changes(self, backend: Backend) -> None:
        """In the order in which they were made; what others changed is not among them."""
        import_id, records = uuid4(), [uuid4() for _ in range(3)]
        made = [replace(_change(one, 1), import_id=import_id) for one in records]
        with writing(backend) as work:
            work.history.append([made[0], _change(records[0], 2), made[1]])
            work.history.append([made[2]])
        with reading(backend) as work:
            assert work.history.of_import(import_id) == made
            assert work.history.of_import(uuid4()) == []

    def test_history_outlives_the_record(self, backend: Backend, make: Factory) -> None:
        """That something was created and taken back stays known."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        with writing(backend) as work:
            work.history.append([change := _change(contact.id, 1, ChangeKind.CREATED)])
            work.contacts.remove([contact.id])
        with reading(backend) as work:
            assert work.history.of(contact.id) == [change]


class ConsentContract(ContractSetup):
    """Holds for consent acts and for the suppression list."""

    def test_acts_are_kept_per_identifier_channel_and_purpose(self, backend: Backend) -> None:
        """Each question gets its own acts only, the oldest act first, whenever it was recorded."""
        given, withdrawn = _act("a", days=9), _act("a", ConsentAction.WITHDRAWN, days=1)
        sms, survey, other = _act("a", channel=Channel.SMS), _act("a", purpose="survey"), _act("b")
        with writing(backend) as work:
            work.consents.append([withdrawn, sms, other])
            work.consents.append([survey, given])
        with reading(backend) as work:
            found = work.consents.of(["a", "b", "c"], channel=Channel.EMAIL, purpose="newsletter")
            assert found["a"] == [given, withdrawn]
            assert found["b"] == [other]
            assert found.get("c", []) == []
            assert {act.id for act in work.consents.of_identifier("a")} == {
                one.id for one in (given, sms, survey, withdrawn)
            }
            assert work.consents.of_identifier("c") == []

    def test_an_act_keeps_its_evidence(self, backend: Backend) -> None:
        """Notice, basis, expiry, evidence and the row of the import are read back."""
        act = _act("a").evolve(
            evidence={"ip": "192.0.2.1"},
            notice_version="3",
            notice_language="da",
            notice_sha256="0" * 64,
            expires_at=NOW + timedelta(days=365),
            jurisdiction="DK",
            contact_id=uuid4(),
            import_id=uuid4(),
            import_row=7,
        )
        with writing(backend) as work:
            work.consents.append([act])
        with reading(backend) as work:
            assert work.consents.of_identifier("a") == [act]

    def test_consent_outlives_the_contact(self, backend: Backend, make: Factory) -> None:
        """Proof of consent stays when the record's creation is taken back."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        with writing(backend) as work:
            work.consents.append([act := _act("a").evolve(contact_id=contact.id)])
        with writing(backend) as work:
            work.contacts.remove([contact.id])
        with reading(backend) as work:
            assert work.consents.of_identifier("a") == [act]

    @pytest.mark.parametrize(
        ("listed_for", "asked_for", "is_suppressed"),
        [
            (Channel.EMAIL, Channel.EMAIL, True),
            (Channel.EMAIL, Channel.SMS, False),
            (Channel.EMAIL, None, True),
            (None, Channel.EMAIL, True),
            (None, None, True),
        ],
    )
    def test_suppression_holds_for_a_channel_or_for_all(
        self, backend: Backend, listed_for: Channel | None, asked_for: Channel | None, *, is_suppressed: bool
    ) -> None:
        """An entry without a channel is for every channel; asking without one asks for any entry."""
        with writing(backend) as work:
            work.consents.suppress([_suppression("a", listed_for)])
        with reading(backend) as work:
            found = work.consents.suppressed(["a", "b"], channel=asked_for)
        assert found == ({"a"} if is_suppressed else frozenset())

    def test_suppressing_twice_is_harmless(self, backend: Backend) -> None:
        """Entries that exist stay; one for another channel is added beside them."""
        with writing(backend) as work:
            work.consents.suppress([_suppression("a", Channel.EMAIL), _suppression("a", Channel.EMAIL)])
            work.consents.suppress([_suppression("a", Channel.EMAIL), _suppression("a", Channel.SMS)])
        with reading(backend) as work:
            assert work.consents.suppressed(["a"], channel=Channel.SMS) == {"a"}
            assert work.consents.suppressed(["a"], channel=Channel.PHONE) == frozenset()

    def test_all_acts_and_entries_can_be_read(self, backend: Backend) -> None:
        """Every act once, an identifier's in the order of recording; every entry of the list whole."""
        late, early, other = _act("a", days=1), _act("a", days=9), _act("b", channel=Channel.SMS)
        listed = [_suppression("a", None), _suppression("b", Channel.SMS)]
        with writing(backend) as work:
            work.consents.append([late, other])
            work.consents.append([early])
            work.consents.suppress(listed)
        with reading(backend) as work:
            acts = list(work.consents.all())
            assert {act.id for act in acts} == {late.id, early.id, other.id}
            assert [act for act in acts if act.identifier == "a"] == [late, early]
            assert sorted(work.consents.suppressions(), key=lambda one: one.identifier) == listed

    def test_nobody_is_suppressed_in_a_new_store(self, backend: Backend) -> None:
        """No identifiers, no entries, no answer."""
        with reading(backend) as work:
            assert work.consents.suppressed([], channel=None) == frozenset()
            assert work.consents.suppressed(["a"], channel=None) == frozenset()


def _state(
    contact: Contact,
    attribute: str = "contact.demographic.city",
    subject: UUID | None = None,
    *,
    at: datetime | None = None,
) -> FreshnessState:
    return observed(
        attribute,
        contact.id,
        subject or contact.id,
        pool="b2c.address",
        source="test",
        reliability=0.95,
        observed_at=at,
        half_life_days=2173.0,
    )


def _put(backend: Backend, *states: FreshnessState) -> None:
    with writing(backend) as work:
        work.freshness.put(states)


def _by_key(states: list[FreshnessState]) -> dict[tuple[str, UUID], FreshnessState]:
    return {(state.attribute, state.subject_id): state for state in states}


def _check(contact: Contact, at: datetime) -> Verification:
    return Verification(
        "contact.emails",
        contact.id,
        contact.emails[0].id,
        "owner",
        is_valid=True,
        at=at,
        recorded_at=NOW,
        source="test",
        actor="maria",
    )


def _change(entity_id: UUID, version: int, kind: ChangeKind = ChangeKind.CHANGED) -> ChangeSet:
    at = NOW + timedelta(minutes=version)
    return ChangeSet("contact", entity_id, version, kind, "maria", "manual", NOW, at, {}, {"contact.owner": "maria"})


def _act(
    identifier: str,
    action: ConsentAction = ConsentAction.GIVEN,
    *,
    channel: Channel = Channel.EMAIL,
    purpose: str = "newsletter",
    days: int = 5,
) -> ConsentEvent:
    return ConsentEvent(
        occurred_at=NOW - timedelta(days=days),
        recorded_at=NOW,
        channel=channel,
        identifier=identifier,
        identifier_key_id="k1",
        purpose=purpose,
        action=action,
        method=ConsentMethod.FORM,
        notice="v3",
        source="web",
        actor="maria",
    )


def _suppression(identifier: str, channel: Channel | None) -> Suppression:
    return Suppression(identifier, "k1", channel, "requested", NOW)
