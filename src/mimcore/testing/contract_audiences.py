"""The contract of frozen audiences: what became of each member, and when they were handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate, HandOver
from mimcore.domain.contact import Contact
from mimcore.errors import DuplicateKeyError, StoreError
from mimcore.repositories.ports import Backend
from mimcore.testing.contract_setup import NOW, ContractSetup, reading, stored, writing

__all__ = ["AudienceContract"]

_DAY = timedelta(days=1)
_TERMS = {"split": [["test", 0.9], ["control", 0.1]], "caps": [[1, 7.5, [], ["mailing_sent"]]], "fallbacks": {"a": "ø"}}


def _audience(key: str, days: int = 0) -> AudienceRecord:
    return AudienceRecord(key, "email", "spring", NOW + days * _DAY, "ana", "f00d", _TERMS)


def _member(audience: AudienceRecord, number: int, fate: Fate, group: str = "", because: str = "") -> AudienceMember:
    point, consent = (UUID(int=900), UUID(int=901)) if group else (None, None)
    return AudienceMember(audience.id, UUID(int=number), fate, group, because, point, consent)


class AudienceContract(ContractSetup):
    """Holds for frozen audiences and their hand-overs."""

    def test_an_audience_is_kept_with_its_members(self, backend: Backend) -> None:
        """Everything as it was given, members ordered by contact and counted; contacts need not exist."""
        first, second = _audience("a", 1), _audience("b")
        members = [
            _member(first, 3, Fate.CHOSEN, "test"),
            _member(first, 1, Fate.HELD_OUT, "control"),
            _member(first, 2, Fate.EXCLUDED, because="press"),
            _member(first, 4, Fate.CHOSEN, "test"),
        ]
        with writing(backend) as work:
            work.audiences.lock("a")
            work.audiences.add(first, members)
            work.audiences.add(second, [])
        with reading(backend) as work:
            assert work.audiences.with_key("a") == first
            assert work.audiences.with_key("c") is None
            assert work.audiences.all() == [second, first]
            assert work.audiences.members(first.id) == [members[1], members[2], members[0], members[3]]
            assert (work.audiences.members(second.id), dict(work.audiences.tally(second.id))) == ([], {})
            told = {(Fate.CHOSEN, "test"): 2, (Fate.HELD_OUT, "control"): 1, (Fate.EXCLUDED, ""): 1}
            assert dict(work.audiences.tally(first.id)) == told

    def test_a_key_is_taken_once(self, backend: Backend) -> None:
        """Neither a key nor a member twice."""
        first = _audience("a")
        with writing(backend) as work:
            work.audiences.add(first, [])
        twice = _audience("b")
        for audience, members in ((_audience("a"), []), (twice, [_member(twice, 1, Fate.CAPPED)] * 2)):
            work = backend.begin()
            with pytest.raises(DuplicateKeyError):
                work.audiences.add(audience, members)
            work.rollback()
        with reading(backend) as work:
            assert work.audiences.all() == [first]

    def test_hand_overs_are_kept_in_order(self, backend: Backend) -> None:
        """Of one audience, of all, and from an instant on, which itself counts."""
        first, second = _audience("a"), _audience("b")
        done = HandOver(first.id, NOW, "ana", ("test",), "csv", 7, {"withdrawn": 2}, 1, 0)
        later = replace(done, id=UUID(int=5), audience_id=second.id, at=NOW + _DAY, removed={}, groups=("a", "b"))
        with writing(backend) as work:
            for audience in (first, second):
                work.audiences.add(audience, [])
            for one in (done, later):
                work.audiences.add_hand_over(one)
        with reading(backend) as work:
            port = work.audiences
            assert port.hand_overs() == [done, later]
            assert port.hand_overs(first.id) == [done]
            assert port.hand_overs(since=NOW + _DAY) == [later]
            assert port.hand_overs(first.id, NOW + _DAY) == []

    def test_an_audience_that_was_rolled_back_was_never_there(self, backend: Backend) -> None:
        """All of it is part of the transaction; readers cannot write it."""
        audience = _audience("a")
        work = backend.begin()
        work.audiences.add(audience, [_member(audience, 1, Fate.STALE)])
        work.audiences.add_hand_over(HandOver(audience.id, NOW, "ana", (), "csv", 0, {}, 0, 0))
        work.rollback()
        with reading(backend) as work:
            assert (work.audiences.all(), work.audiences.hand_overs()) == ([], [])
            assert work.audiences.members(audience.id) == []
            with pytest.raises(StoreError):
                work.audiences.add(audience, [])

    def test_golden_records_are_told(self, backend: Backend) -> None:
        """Of merged records, by way of others too; of nobody else."""
        people = [Contact(version=1) for _ in range(4)]
        stored(backend, contacts=people)
        one, two, three, four = (person.id for person in people)
        with writing(backend) as work:
            work.merges.move(one, two)
            work.merges.move(two, three)
        with reading(backend) as work:
            assert dict(work.merges.golden([one, two, three, four, UUID(int=1)])) == {one: three, two: three}
            assert dict(work.merges.golden([])) == {}
        with writing(backend) as work:
            work.merges.move_back(two)
            assert two not in work.merges.golden([one, two])
