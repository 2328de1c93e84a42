"""What every contract suite stands on: a fresh back end a test, made-up people, transactions as `with` blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from mimcore.domain.declaring.entity import Entity
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.consenting import Gate
from mimcore.repositories.facts import facts_of
from mimcore.repositories.looking_up import looked_up
from mimcore.repositories.ports import Backend, Query, Transaction
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind
from mimcore.rules.lowering.bound import Bound, negate
from mimcore.testing.factories import Factory
from mimcore.values.instants import as_instant

__all__ = ["NOW", "ContractSetup", "bound", "divides", "gate_of", "ids", "members", "reading", "stored", "writing"]

NOW = as_instant("2026-04-01T12:00Z")
"""The instant at which the contracts' rules are bound, and the factory's clock stands."""


class ContractSetup(ABC):
    """A back end under test."""

    @abstractmethod
    def make_backend(self, folder: Path) -> Backend:
        """Return a new, empty back end.

        Args:
            folder: An empty folder of the test's own, for those that keep files.
        """

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[Backend]:
        """The back end of one test; closed at its end."""
        made = self.make_backend(tmp_path)
        yield made
        made.close()

    @pytest.fixture
    def make(self) -> Factory:
        """Makes the test's people."""
        return Factory(seed=2026)


@contextmanager
def writing(backend: Backend) -> Generator[Transaction]:
    """Open a writing transaction; it commits at the end of the block, and rolls back on an error."""
    work = backend.begin()
    try:
        yield work
    except BaseException:
        work.rollback()
        raise
    work.commit()


@contextmanager
def reading(backend: Backend) -> Generator[Transaction]:
    """Open a reading transaction for a block."""
    work = backend.begin(is_read_only=True)
    try:
        yield work
    finally:
        work.rollback()


def stored(backend: Backend, **aggregates: Sequence[Entity]) -> None:
    """Store records in one transaction, as they are.

    Args:
        backend: The back end.
        **aggregates: Records by the name of their repository.
    """
    with writing(backend) as work:
        for name, entities in aggregates.items():
            getattr(work, name).add(entities)


def bound(rule: Rule, work: Transaction | None = None, *, now: datetime = NOW, zone: str = "UTC") -> Bound:
    """Bind a rule as a store would.

    Args:
        rule: The rule.
        work: A transaction whose segments and half-lives the rule may mention.
        now: Instant of evaluation.
        zone: Zone of dates.
    """

    def segment(key: str) -> SegmentReference:
        found = None if work is None else work.segments.with_key(key)
        assert found is not None, f"the test stored no segment {key}"
        return SegmentReference(key, found.rule)

    half_lives: Mapping[str, float] = {} if work is None else work.freshness.half_lives()
    return bind(rule, Binding(now=now, zone=ZoneInfo(zone), half_lives=half_lives, segment=segment))


def gate_of(work: Transaction) -> Gate:
    """Return the consent of a transaction, under the key that all contracts use."""
    return Gate(work, b"the contracts' key of thirty-two.")


def divides(
    backend: Backend,
    rule: Rule,
    *,
    yes: Iterable[Entity] = (),
    no: Iterable[Entity] = (),
    unknown: Iterable[Entity] = (),
    now: datetime = NOW,
    zone: str = "UTC",
) -> None:
    """Assert for whom of all stored contacts a rule is true, false and unknown, and so its negation and `or_missing`.

    Args:
        backend: The back end.
        rule: The rule.
        yes: For these it is true.
        no: For these it is false.
        unknown: For these it cannot be decided.
        now: Instant of evaluation.
        zone: Zone of dates.
    """
    true, false, rest = ids(*yes), ids(*no), ids(*unknown)
    wanted = [
        (rule, true),
        (~rule, false),
        (rule.or_missing(), sorted([*true, *rest], key=_bytes)),
        (~rule.or_missing(), false),
        ((~rule).or_missing(), sorted([*false, *rest], key=_bytes)),
        (~(~rule).or_missing(), true),
    ]
    with reading(backend) as work:
        for form, expected in wanted:
            asked = looked_up(bound(form, work, now=now, zone=zone), work, gate_of(work), now)
            assert work.contacts.find(Query(asked)) == expected, form
            assert work.contacts.count(asked) == len(expected), form
        plain = bound(rule, work, now=now, zone=zone)
        asked = looked_up(plain, work, gate_of(work), now)
        assert work.contacts.find(Query(negate(asked))) == false
        assert work.contacts.find(Query(asked, verdict="unknown")) == rest
        people = [one for one in work.contacts.all() if one.status is RecordStatus.ACTIVE]
        facts, holds = facts_of(work, people, now, where=plain, gate=gate_of(work)), evaluator(plain)
        for answer, expected in ((True, true), (False, false), (None, rest)):
            assert [one for one, known in facts.items() if holds(known) is answer] == expected


def _bytes(one: UUID) -> bytes:
    return one.bytes


def members(backend: Backend, rule: Rule) -> list[UUID]:
    """Return the ids for which a rule is true."""
    with reading(backend) as work:
        return work.contacts.find(Query(bound(rule, work)))


def ids(*entities: Any) -> list[UUID]:
    """Return the ids of records in order."""
    return sorted((entity.id for entity in entities), key=_bytes)
