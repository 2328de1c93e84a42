"""The contract of conditions beyond a contact's own values: accounts, history, consent, samples, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from mimcore.domain.consent import ConsentAction, ConsentEvent, ConsentMethod
from mimcore.domain.contact import Contact
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.errors import InvalidValueError, UnsupportedConditionError
from mimcore.repositories.looking_up import looked_up
from mimcore.repositories.ports import Backend, Query
from mimcore.rules.language import nodes
from mimcore.testing.contract_setup import (
    NOW,
    ContractSetup,
    bound,
    divides,
    gate_of,
    reading,
    stored,
    writing,
)
from mimcore.testing.factories import Factory
from mimcore.values.identifiers import sample_key

__all__ = ["CompanionContract"]

_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)
_CITY, _BORN, _SIZE = (f"contact.demographic.{name}" for name in ("city", "birth_date", "household_size"))
_BIG = nodes.Compare(op="at_least", field="account.firmographic.employees", value=100)


def _change(contact: Contact, before: Mapping[str, Any], after: Mapping[str, Any], **told: Any) -> ChangeSet:
    made = ChangeSet(
        "contact", contact.id, 2, ChangeKind.CHANGED, "test", "test", NOW - _DAY, NOW - _DAY, before, after
    )
    return replace(made, **told)


class CompanionContract(ContractSetup):
    """Holds for conditions on a contact's accounts, history, consent and share of a sample."""

    def _linked(self, backend: Backend, make: Factory) -> dict[str, Contact]:
        big, small, unknown, gone = (make.account(version=1, employees=size) for size in (500, 5, None, 900))
        gone = gone.evolve(status=RecordStatus.ARCHIVED)

        def member(*accounts: Any, ended: Any = None) -> Contact:
            links = [{"account_id": one.id, "is_primary": at == 0} for at, one in enumerate(accounts)]
            past = [{"account_id": ended.id, "is_primary": False, "end_on": "2026-01-01"}] if ended else []
            return Contact(version=1, accounts=[*links, *past])

        people = {
            "none": member(),
            "big": member(big),
            "small": member(small),
            "unknown": member(unknown),
            "small_big": member(small, big),
            "small_unknown": member(small, unknown),
            "big_unknown": member(unknown, big),
            "ended": member(small, ended=big),
            "archived": member(gone),
        }
        stored(backend, accounts=[big, small, unknown, gone], contacts=list(people.values()))
        return people

    def _divide(self, backend: Backend, rule: nodes.Rule, who: dict[str, Contact], yes: str, no: str) -> None:
        true, false = yes.split(), no.split()
        divides(
            backend,
            rule,
            yes=[who[name] for name in true],
            no=[who[name] for name in false],
            unknown=[one for name, one in who.items() if name not in {*true, *false}],
        )

    def test_any_account(self, backend: Backend, make: Factory) -> None:
        """Kleene's or over active accounts of current links; without one it is false."""
        who = self._linked(backend, make)
        yes, no = "big small_big big_unknown", "none small ended archived"
        self._divide(backend, nodes.AccountTest(op="any_account", where=_BIG), who, yes, no)

    def test_all_accounts(self, backend: Backend, make: Factory) -> None:
        """Kleene's and; without one it is true."""
        who = self._linked(backend, make)
        yes, no = "none big archived", "small small_big small_unknown ended"
        self._divide(backend, nodes.AccountTest(op="all_accounts", where=_BIG), who, yes, no)

    def test_how_many_accounts(self, backend: Backend, make: Factory) -> None:
        """Those for which the condition is true; never unknown."""
        who = self._linked(backend, make)
        one = nodes.AccountTest(op="account_count", where=_BIG, comparison="equals", value=1)
        yes = "big small_big big_unknown"
        self._divide(backend, one, who, yes, "none small unknown small_unknown ended archived")
        known = nodes.Known(field="account.firmographic.employees")
        every = nodes.AccountTest(op="account_count", where=known, comparison="less_than", value=2)
        rest = "none big small unknown small_unknown big_unknown ended archived"
        self._divide(backend, every, who, rest, "small_big")

    def test_a_condition_on_several_values_of_one_account(self, backend: Backend, make: Factory) -> None:
        """One account must fit the whole condition, negations and `or_missing` inside it included."""
        who = self._linked(backend, make)
        not_small: Any = (
            ~nodes.Compare(op="less_than", field="account.firmographic.employees", value=100)
        ).or_missing()
        yes = "big unknown small_big small_unknown big_unknown"
        self._divide(
            backend, nodes.AccountTest(op="any_account", where=not_small), who, yes, "none small ended archived"
        )

    def test_what_a_value_was(self, backend: Backend) -> None:
        """Present and past values count, compared folded; unknown is who never had one; what was cleared was held."""
        now, before, never, cleared, cleared_other, empty, correction = (
            Contact(version=1, city=city) for city in ("ÅRHUS", "Odense", "Odense", None, None, None, "Odense")
        )
        stored(backend, contacts=[now, before, never, cleared, cleared_other, empty, correction])
        with writing(backend) as work:
            work.history.append(
                [
                    _change(before, {_CITY: "Århus"}, {_CITY: "Odense"}),
                    _change(never, {_CITY: "Ribe"}, {_CITY: "Odense"}),
                    _change(never, {_CITY: None}, {_CITY: "Ribe"}, kind=ChangeKind.CREATED),
                    _change(cleared, {_CITY: "århus", _SIZE: 2}, {_CITY: None, _SIZE: 3}),
                    _change(cleared_other, {_CITY: "Ribe"}, {_CITY: None}),
                    _change(empty, {_SIZE: 2}, {_SIZE: 3}),
                    _change(correction, {_CITY: "Århus"}, {_CITY: "Odense"}, kind=ChangeKind.CORRECTED),
                ]
            )
        rule = nodes.EverBeen(field=_CITY, value="århus")
        divides(backend, rule, yes=[now, before, cleared, correction], no=[never, cleared_other], unknown=[empty])

    def test_what_changed(self, backend: Backend) -> None:
        """A known value gave way to a different known one, observed in the window; both its ends belong to it."""
        start = NOW - 30 * _DAY
        cases: dict[str, tuple[bool, dict[str, Any]]] = {
            "changed": (True, {}),
            "at the start": (True, {"observed_at": start}),
            "too early": (False, {"observed_at": start - _MOMENT, "recorded_at": NOW}),
            "now": (True, {"observed_at": NOW}),
            "later": (False, {"observed_at": NOW + _MOMENT}),
            "undated": (True, {"observed_at": None, "recorded_at": start}),
            "undated, too early": (False, {"observed_at": None, "recorded_at": start - _MOMENT}),
            "first": (False, {"before": {_CITY: None}}),
            "cleared": (False, {"after": {_CITY: None}}),
            "spelling": (False, {"after": {_CITY: "ribe"}}),
            "another field": (False, {"before": {_SIZE: 1}, "after": {_SIZE: 2}}),
            "corrected": (False, {"kind": ChangeKind.CORRECTED}),
            "merged": (False, {"kind": ChangeKind.MERGED}),
            "unmerged": (False, {"kind": ChangeKind.UNMERGED}),
            "undone": (False, {"kind": ChangeKind.IMPORT_UNDONE}),
        }
        people = {name: Contact(version=1) for name in cases}
        stored(backend, contacts=list(people.values()))
        with writing(backend) as work:
            work.history.append(
                [
                    _change(people[name], **{"before": {_CITY: "Ribe"}, "after": {_CITY: "Odense"}, **told})
                    for name, (_, told) in cases.items()
                ]
            )
        divides(
            backend,
            nodes.ChangedWithin(field=_CITY, days=30),
            yes=[people[name] for name, (changed, _) in cases.items() if changed],
            no=[people[name] for name, (changed, _) in cases.items() if not changed],
        )

    def test_history_of_dates_and_numbers(self, backend: Backend) -> None:
        """Past values come back from plain JSON in the form that rules compare."""
        one, other = Contact(version=1, birth_date="1990-05-05"), Contact(version=1)
        stored(backend, contacts=[one, other])
        with writing(backend) as work:
            work.history.append([_change(one, {_BORN: "1990-05-04", _SIZE: 0}, {_BORN: "1990-05-05", _SIZE: 2})])
        divides(backend, nodes.EverBeen(field=_BORN, value="1990-05-04"), yes=[one], unknown=[other])
        divides(backend, nodes.EverBeen(field=_SIZE, value=0), yes=[one], unknown=[other])
        both = nodes.ChangedWithin(field=_BORN, days=2) & ~nodes.EverBeen(field=_SIZE, value=1)
        divides(backend, both, yes=[one], no=[other])

    def test_who_may_be_written_to(self, backend: Backend, make: Factory) -> None:
        """Any point in use that the gate lets pass is enough; consent of one purpose or channel is none for another."""
        reached = make.contact(version=1, emails=["first@example.com", "second@example.com"])
        refused, lapsed, retired, silent = (
            make.contact(version=1, emails=[f"{name}@example.com"])
            for name in ("refused", "lapsed", "retired", "silent")
        )
        gone = retired.evolve(emails=[])
        nobody = Contact(version=1)
        stored(backend, contacts=[reached, refused, lapsed, gone, silent, nobody])
        with writing(backend) as work:
            gate = gate_of(work)

            def act(contact: Contact, at: int = 0, **told: Any) -> ConsentEvent:
                given: dict[str, Any] = {
                    "occurred_at": NOW - _DAY,
                    "recorded_at": NOW - _DAY,
                    "channel": Channel.EMAIL,
                    "purpose": "newsletter",
                    "action": ConsentAction.GIVEN,
                    "method": ConsentMethod.FORM,
                    "notice": "v1",
                    "identifier": gate.identifier(contact.emails[at]),
                    "identifier_key_id": "k",
                    "source": "test",
                    "actor": "test",
                }
                return ConsentEvent(**(given | told))

            work.consents.append(
                [
                    act(reached, 0, action=ConsentAction.REFUSED),
                    act(reached, 1),
                    act(refused),
                    act(refused, action=ConsentAction.WITHDRAWN, occurred_at=NOW),
                    act(lapsed, expires_at=NOW),
                    act(retired),
                    act(silent, purpose="offers"),
                ]
            )
        rule = nodes.MayReceive(channel="email", purpose="newsletter")
        divides(backend, rule, yes=[reached], no=[refused, lapsed, gone, silent, nobody])
        offers = nodes.MayReceive(channel="email", purpose="offers")
        divides(backend, rule | offers, yes=[reached, silent], no=[refused, lapsed, gone, nobody])
        earlier = NOW - _MOMENT
        divides(backend, rule, yes=[reached, refused, lapsed], no=[gone, silent, nobody], now=earlier)
        service = nodes.MayReceive(channel="email", purpose="service")
        divides(backend, service, yes=[reached, refused, lapsed, silent], no=[gone, nobody])

    def test_a_channel_without_points_is_refused(self, backend: Backend) -> None:
        """Nobody can be written to by paid search: that is a mistake in the rule, not an empty segment."""
        with reading(backend) as work:
            rule = bound(nodes.MayReceive(channel="paid_search", purpose="offers"), work)
            with pytest.raises(InvalidValueError, match="has no contact points"):
                looked_up(rule, work, gate_of(work), NOW)

    @pytest.mark.parametrize(
        "rule",
        [
            nodes.ChangedWithin(field=_CITY, days=30),
            nodes.EverBeen(field=_CITY, value="Ribe"),
            nodes.MayReceive(channel="email", purpose="offers"),
        ],
        ids=lambda rule: rule.op,
    )
    def test_what_was_not_looked_up_is_refused(self, backend: Backend, rule: nodes.Rule) -> None:
        """A repository never takes absent history or consent for empty ones."""
        with reading(backend) as work, pytest.raises(UnsupportedConditionError, match="history and consent"):
            work.contacts.find(Query(bound(rule, work)))

    def test_a_sample_is_the_same_everywhere(self, backend: Backend) -> None:
        """The share is that of the key and the salt; a whole is everybody."""
        people = [Contact(version=1) for _ in range(60)]
        stored(backend, contacts=people)
        half = nodes.Sample(percent=50, salt="spring")
        divides(backend, nodes.Sample(percent=100, salt="spring"), yes=people)
        chosen = [one for one in people if _is_in_half(one)]
        assert 10 < len(chosen) < 50
        divides(backend, half, yes=chosen, no=[one for one in people if one not in chosen])

    def test_contact_points_in_use(self, backend: Backend, make: Factory) -> None:
        """Person by person; retired points, other kinds, and those who are archived are left out."""
        several = make.contact(version=1, emails=["a@example.com", "b@example.com"]).evolve(emails=["b@example.com"])
        without, archived = Contact(version=1), make.contact(version=1, status=RecordStatus.ARCHIVED)
        stored(backend, contacts=[several, without, archived])
        with reading(backend) as work:
            found = dict(work.contacts.points("email"))
            phones = dict(work.contacts.points("phone"))
        assert {one: [point.value for point in points] for one, points in found.items()} == {
            several.id: ["b@example.com"]
        }
        assert list(phones) == [several.id]
        assert list(phones[several.id]) == list(several.phones)

    def test_contact_points_of_some(self, backend: Backend, make: Factory) -> None:
        """Those in use, in order, whatever the contact's status; who has none of the kind is left out."""
        several = make.contact(version=1, emails=["a@example.com", "b@example.com", "c@example.com"])
        several, without = several.evolve(emails=["c@example.com", "b@example.com"]), Contact(version=1)
        archived, other = make.contact(version=1, status=RecordStatus.ARCHIVED), make.contact(version=1)
        stored(backend, contacts=[several, without, archived, other])
        with reading(backend) as work:
            found = work.contacts.points_of("email", [archived.id, without.id, several.id, uuid4()])
            assert work.contacts.points_of("phone", []) == {}
        assert found.keys() == {several.id, archived.id}
        assert list(found[several.id]) == [point for point in several.emails if not point.is_retired]
        assert [point.value for point in found[several.id]] == ["c@example.com", "b@example.com"]
        assert list(found[archived.id]) == list(archived.emails)

    def test_replaced_values(self, backend: Backend) -> None:
        """Changes of that kind of record in which the fields had a value; perhaps of some records, or since then."""
        one, other = Contact(version=1), Contact(version=1)
        kept = _change(one, {_CITY: "Ribe"}, {_CITY: None}, observed_at=NOW - 9 * _DAY)
        newer = _change(other, {_SIZE: 1, _CITY: "Ribe"}, {_SIZE: 2, _CITY: "Odense"}, observed_at=None)
        left_out = [
            _change(one, {_CITY: None}, {_CITY: "Ribe"}, kind=ChangeKind.CREATED),
            _change(one, {_SIZE: 1}, {_SIZE: 2}),
            _change(one, {_CITY: "Ribe"}, {_CITY: "x"}, entity="account"),
        ]
        with writing(backend) as work:
            work.history.append([kept, newer, *left_out])
        with reading(backend) as work:

            def found(**told: Any) -> list[ChangeSet]:
                changes = work.history.replaced("contact", [_CITY, _BORN], **told)
                return [change for change in changes if change.before.get(_CITY) is not None]

            assert found() == [kept, newer]
            assert found(ids=[other.id]) == [newer]
            assert found(since=NOW - 9 * _DAY) == [kept, newer]
            assert found(since=NOW - 9 * _DAY + _MOMENT) == [newer]
            assert found(ids=[one.id], since=NOW) == []


def _is_in_half(contact: Contact) -> bool:
    """Half of the salt `spring`, by the published numbers: SHA-256 of it gives a and b."""
    return (_A * sample_key(contact.id) + _B) % 2_147_483_647 < 1_073_741_824


_A, _B = 1_196_551_413, 1_887_023_944
