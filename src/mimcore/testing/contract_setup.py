"""What every contract suite stands on: a fresh back end a test, made-up people, transactions as `with` blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from mimcore.domain.entity import Entity
from mimcore.repositories.ports import Backend, Query, Transaction
from mimcore.rules.bound import Bound
from mimcore.rules.lowering import Binding, SegmentReference, bind
from mimcore.rules.nodes import Rule
from mimcore.testing.factories import Factory
from mimcore.values.instants import as_instant

__all__ = ["NOW", "ContractSetup", "bound", "ids", "members", "reading", "stored", "writing"]

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


def members(backend: Backend, rule: Rule) -> list[UUID]:
    """Return the ids for which a rule is true."""
    with reading(backend) as work:
        return work.contacts.find(Query(bound(rule, work)))


def ids(*entities: Any) -> list[UUID]:
    """Return the ids of records in order."""
    return sorted((entity.id for entity in entities), key=lambda one: one.bytes)
