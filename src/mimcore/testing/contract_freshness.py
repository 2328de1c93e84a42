"""The contract of how trustworthy values are: their states, the checks that changed them, and half-lives."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.evidence import Trigger
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState, observed
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import DuplicateKeyError
from mimcore.repositories.ports import Backend
from mimcore.repositories.records import Arrivals, PlannedCheck, Verification
from mimcore.testing.contract_setup import NOW, ContractSetup, reading, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.instants import to_microseconds

__all__ = ["FreshnessContract"]

LATER = NOW + timedelta(days=1)


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

    def test_states_that_are_held_stay_as_they_stood(self, backend: Backend, make: Factory) -> None:
        """Those of own values by attribute, not those of points; also after the end, and after a change."""
        one, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[one, other])
        first, second = _state(one, "contact.tags", at=NOW), _state(one, at=NOW)
        _put(backend, first, second, _state(one, "contact.emails", one.emails[0].id, at=NOW))
        with reading(backend) as work:
            held = work.freshness.held([one.id, other.id])
        _put(backend, _state(one, at=LATER))
        assert dict(held) == {one.id: sorted([first, second]), other.id: []}

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

    def test_removing_an_account_removes_its_states(self, backend: Backend, make: Factory) -> None:
        """As with contacts; stored again, it starts without any."""
        account = make.account(version=1)
        stored(backend, accounts=[account])
        _put(backend, _state(account, "account.firmographic.employees", at=NOW))
        with writing(backend) as work:
            work.accounts.remove([account.id])
            assert work.freshness.of([account.id]).get(account.id, []) == []

    def test_removing_a_contact_removes_its_checks(self, backend: Backend, make: Factory) -> None:
        """With their external ids, which may stand for other checks then; those of others stay."""
        contact, other = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[contact, other])
        check = replace(_check(contact, NOW), external_id="7")
        kept = replace(_check(other, NOW), external_id="8")
        with writing(backend) as work:
            work.freshness.verified([check, kept, _check(contact, NOW)])
            assert work.contacts.uses([contact.id]) == {contact.id: {"verification"}}
        with writing(backend) as work:
            work.contacts.remove([contact.id])
        with writing(backend) as work:
            assert work.freshness.checked("test", ["7", "8"]) == {"8": kept}
            assert work.freshness.verifications_of(contact.id) == []
            work.freshness.verified([again := replace(_check(other, NOW), external_id="7")])
            assert work.freshness.checked("test", ["7"]) == {"7": again}

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
            work.history.append([_change(one)])
            work.freshness.verified([early])
        with reading(backend) as work:
            (first, last), (changed,) = work.freshness.journal(), work.history.journal()
        assert [first[1], last[1]] == [late, early]
        assert first[0] < changed[0] < last[0]

    def test_a_check_is_read_back_as_it_was(self, backend: Backend, make: Factory) -> None:
        """Everything that it was weighed with, and which gap it closes; what is not known stays so."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        plain = _check(contact, NOW)
        marked = replace(
            plain, id=uuid4(), by="call", is_valid=False, external_id="7", is_correction=True, incident="a flood",
            trigger=Trigger.RANDOM, since=None,
        )  # fmt: skip
        with writing(backend) as work:
            work.freshness.verified([plain, marked])
        with reading(backend) as work:
            assert work.freshness.verifications_of(contact.id) == [plain, marked]
            assert work.freshness.verifications([contact.id, contact.emails[0].id]) == {
                contact.id: [plain, marked],
                contact.emails[0].id: [],
            }

    def test_an_external_id_stands_for_one_check(self, backend: Backend, make: Factory) -> None:
        """Of its source; another source may use the same, and checks without one are as many as there are."""
        contact = make.contact(version=1)
        stored(backend, contacts=[contact])
        first = replace(_check(contact, NOW), external_id="7")
        other = replace(first, id=uuid4(), source="agency")
        with writing(backend) as work:
            work.freshness.verified([first, other, _check(contact, NOW), _check(contact, NOW)])
        with reading(backend) as work:
            assert work.freshness.checked("test", ["7", "8"]) == {"7": first}
            assert work.freshness.checked("agency", ["7"]) == {"7": other}
            assert work.freshness.checked("agency", []) == {}
        with pytest.raises(DuplicateKeyError), writing(backend) as work:
            work.freshness.verified([replace(first, id=uuid4())])

    def test_planned_checks_are_those_that_did_not_come_by_themselves(self, backend: Backend, make: Factory) -> None:
        """Contact by contact in the order in which they were made, whenever recorded; events are left out."""
        one, two = make.contact(version=1), make.contact(version=1)
        stored(backend, contacts=[one, two])
        checks = [_check(one, NOW - timedelta(days=ago)) for ago in (3, 2, 1)]
        sample = replace(_check(two, NOW), trigger=Trigger.RANDOM, since=None, is_valid=False, incident="a flood")
        with writing(backend) as work:
            work.freshness.verified([checks[2], sample, replace(checks[1], trigger=Trigger.EVENT), checks[0]])
        with reading(backend) as work:
            found = list(work.freshness.planned_checks())
        assert [(check.contact_id, check.at) for check in found if check.contact_id == one.id] == [
            (one.id, to_microseconds(check.at)) for check in (checks[0], checks[2])
        ]
        (random,) = (check for check in found if check.contact_id == two.id)
        assert random == PlannedCheck(
            two.id,
            "contact.emails",
            two.emails[0].id,
            "b2c.email",
            "fair",
            None,
            to_microseconds(NOW),
            is_valid=False,
            trigger=Trigger.RANDOM,
            is_correction=False,
            incident="a flood",
        )
        assert len(found) == 3

    def test_half_lives_are_kept_until_the_default_holds_again(self, backend: Backend) -> None:
        """Of some pools; the others keep theirs."""
        with writing(backend) as work:
            work.freshness.keep_half_lives({"b2c.email": 500.5, "survey": 100.0})
            work.freshness.keep_half_lives({"survey": 200.0})
        with reading(backend) as work:
            kept = {**DEFAULT_HALF_LIVES, "b2c.email": 500.5, "survey": 200.0}
            assert dict(work.freshness.half_lives()) == kept
        with writing(backend) as work:
            work.freshness.keep_half_lives({"b2c.email": None, "b2b.email": None})
        with reading(backend) as work:
            assert dict(work.freshness.half_lives()) == {**DEFAULT_HALF_LIVES, "survey": 200.0}

    def test_checked_states_of_pools_are_read_in_pages(self, backend: Backend, make: Factory) -> None:
        """Each once, whosever they are, archived people's too, though each page is stored anew before the next."""
        here, gone = make.contact(version=1), make.contact(version=1, status=RecordStatus.ARCHIVED)
        stored(backend, contacts=[here, gone])
        new = [_state(one, f"contact.custom.n{number:04}", at=NOW) for one in (here, gone) for number in range(1100)]
        wanted = [one._replace(ref_at=LATER) for one in new]
        other = _state(here, "contact.tags", at=NOW)._replace(pool="survey", ref_at=LATER)
        unchecked = _state(here, "contact.interests", at=NOW), _state(gone, "contact.interests")
        _put(backend, *wanted, other, *unchecked)
        found: list[FreshnessState] = []
        with writing(backend) as work:
            for page in work.freshness.checked_in_pools(["b2c.address", "b2b.address"]):
                found += page
                work.freshness.put([state._replace(key=5) for state in page])
        assert len(found) == len(wanted)
        assert {(one.attribute, one.subject_id): one for one in found} == _by_key(wanted)
        with reading(backend) as work:
            assert {state.key for page in work.freshness.checked_in_pools(["b2c.address"]) for state in page} == {5}
            assert list(work.freshness.checked_in_pools([])) == []

    def test_what_stands_as_it_arrived_is_moved_together(self, backend: Backend, make: Factory) -> None:
        """By pool, attribute, source and probability; undated values change pools, checked ones stay."""
        here, gone = make.contact(version=1), make.contact(version=1, status=RecordStatus.ARCHIVED)
        stored(backend, contacts=[here, gone])
        dated, undated = _state(here, at=NOW), _state(gone)
        checked = _state(here, "contact.tags", at=NOW)._replace(ref_at=LATER)
        other = _state(gone, "contact.tags", at=NOW)._replace(source="web")
        doubtful = _state(here, "contact.interests", at=NOW)._replace(p_ref=0.5)
        _put(backend, dated, undated, checked, other, doubtful)
        kinds = {
            Arrivals("b2c.address", one.attribute, one.source, one.p_ref) for one in (dated, undated, other, doubtful)
        }
        target = f"b2c.address/{dated.attribute}@test"
        with writing(backend) as work:
            assert set(work.freshness.arrivals(["b2c.address", "survey"])) == kinds
            assert list(work.freshness.arrivals([])) == []
            moves = [(Arrivals("b2c.address", dated.attribute, "test", 0.95), target, -7)]
            assert work.freshness.settle(moves) == 2
            assert work.freshness.settle([]) == 0
        moved = [dated._replace(pool=target, key=(dated.key or 0) - 7), undated._replace(pool=target)]
        with reading(backend) as work:
            found = [state for states in work.freshness.of([here.id, gone.id]).values() for state in states]
        assert _by_key(found) == _by_key([*moved, checked, other, doubtful])


def _state(
    contact: Contact | Account,
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
        pool="b2c.email",
        value_source="fair",
        since=NOW - timedelta(days=30),
        trigger=Trigger.PLANNED,
        sensitivity=0.99,
        false_confirmation=0.1 + 0.02,
    )


def _change(contact: Contact) -> ChangeSet:
    kind = ChangeKind.CHANGED
    return ChangeSet("contact", contact.id, 1, kind, "maria", "manual", NOW, NOW, {}, {"contact.owner": "maria"})
