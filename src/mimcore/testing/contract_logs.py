"""The contract of what is appended: history, consent and suppression."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mimcore.domain.consent import Act, ConsentAction, ConsentEvent, ConsentMethod, LawfulBasis, Suppression
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.domain.vocabularies import Channel
from mimcore.repositories.ports import Backend
from mimcore.testing.contract_setup import NOW, ContractSetup, reading, stored, writing
from mimcore.testing.factories import Factory

__all__ = ["ConsentContract", "HistoryContract"]


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

    def test_acts_as_the_gate_reads_them(self, backend: Backend) -> None:
        """Of the channel and purpose only, oldest first; all that is decided from is that of the whole act."""
        plain, imported, ended = _act("a", days=9), _act("a", days=8), _act("a", days=7)
        plain = plain.evolve(recorded_at=plain.occurred_at + timedelta(microseconds=1), basis=LawfulBasis.SOFT_OPT_IN)
        imported = imported.evolve(import_id=uuid4(), evidence={"ip": "192.0.2.1"})
        ended = ended.evolve(expires_at=NOW + timedelta(microseconds=3), evidence={"ip": "192.0.2.1"})
        refused = _act("a", ConsentAction.WITHDRAWN, days=6).evolve(method=ConsentMethod.IMPORT)
        whole = [plain, imported, ended, refused]
        left_out = [_act("a", channel=Channel.SMS), _act("a", purpose="survey"), _act("c")]
        with writing(backend) as work:
            work.consents.append([refused, ended, *left_out, imported, plain])
        with reading(backend) as work:
            found = work.consents.acts(["a", "b"], channel=Channel.EMAIL, purpose="newsletter")
        assert found.keys() == {"a"}
        assert [_read_by_the_gate(one) for one in found["a"]] == [_read_by_the_gate(one) for one in whole]
        assert [one.lifts_refusal for one in found["a"]] == [False, False, True, False]

    def test_an_import_knows_its_acts(self, backend: Backend) -> None:
        """Of whatever channel and purpose; those of one identifier in the order in which they were recorded."""
        one, two = uuid4(), uuid4()
        later, earlier = (_act("a", days=days).evolve(import_id=one) for days in (1, 9))
        survey, other = _act("b", purpose="survey").evolve(import_id=one), _act("a").evolve(import_id=two)
        with writing(backend) as work:
            work.consents.append([later, _act("a"), survey])
            work.consents.append([earlier, other])
        with reading(backend) as work:
            found = work.consents.of_import(one)
            assert [act for act in found if act.identifier == "a"] == [later, earlier]
            assert [act for act in found if act.identifier != "a"] == [survey]
            assert work.consents.of_import(uuid4()) == []

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


def _read_by_the_gate(act: Act) -> tuple[object, ...]:
    said = (act.id, act.action, act.occurred_at, act.recorded_at, act.expires_at, act.basis, act.method, act.import_id)
    return (*said, act.has_evidence, act.is_positive, act.is_refusal, act.is_from_import, act.lifts_refusal)
