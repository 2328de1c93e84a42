"""The stores as engines: people are loaded through the ports, and the bound rule and its negation are asked of the store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, create_engine, literal_column
from tests.rules.engines import Answers, Asking, Verdicts, binding
from tests.rules.generate import ATTRIBUTES, Dataset, Person
from tests.rules.refusals import is_answered

from mimcore.domain.custom.fields import declaration_of
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.segment import Segment
from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.domain.versions.plain import plain
from mimcore.memory.backend import InMemoryBackend
from mimcore.repositories.looking_up import looked_up
from mimcore.repositories.ports import Backend, Query, Transaction
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.bound import Bound, negate
from mimcore.sql.backend import SqlBackend
from mimcore.sql.conditions.compiler import compile_rule
from mimcore.sql.repositories.contacts import _RAW_ID
from mimcore.testing.postgres import PostgresServer

ANSWERS: dict[Any, bool | None] = {"member": True, "non_member": False, "unknown": None}
SIDES: dict[int, bool | None] = {0: None, 1: True, 2: False}
PORTION = 25
"""How many rules stand in one SELECT."""


class StoreEngine(Asking):
    """A store that is filled once for each dataset."""

    def __init__(self, name: str, make: Callable[[], Backend]) -> None:
        """Take the name and the function that makes an empty back end."""
        self.name, self._make = name, make
        self._filled = lru_cache(maxsize=4)(self._fill)

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything but what `refusals` lists."""
        return is_answered(self.name, rule, dataset)

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[Verdicts]:
        """Members by the rule, non-members by its negation; nobody may be both; the rest is unknown.

        The first rule is also asked for by each verdict, and counted, as a unit of work does.
        """
        transaction = self._filled(dataset).begin(is_read_only=True)
        bounds = [_looked_up(rule, dataset, transaction) for rule in rules]
        found = self._asked(transaction, bounds)
        ids = [person.contact.id for person in dataset.people]
        for verdict, answer in ANSWERS.items():
            expected = {one for one, own in found[0].items() if own is answer}
            assert set(transaction.contacts.find(Query(bounds[0], verdict=verdict))) == expected
            assert transaction.contacts.count(bounds[0], verdict) == len(expected)
        transaction.rollback()
        assert all(set(one) == set(ids) for one in found)
        return [[one[contact_id] for contact_id in ids] for one in found]

    def _asked(self, transaction: Any, bounds: Sequence[Bound]) -> list[Answers]:
        """Ask for members and for non-members; the others are unknown."""
        everyone = transaction.contacts.find(Query())
        found: list[Answers] = []
        for bound in bounds:
            members, others = (
                transaction.contacts.find(Query(bound, verdict=verdict)) for verdict in ("member", "non_member")
            )
            assert not set(members) & set(others)
            found.append(dict.fromkeys(everyone) | dict.fromkeys(members, True) | dict.fromkeys(others, False))
        return found

    def _fill(self, dataset: Dataset) -> Backend:
        backend = self._make()
        transaction = backend.begin()
        for one in ATTRIBUTES:
            transaction.attributes.put(declaration_of(one).evolve(version=1))
        everybody = (*dataset.people, *dataset.outside)
        transaction.accounts.add(list(dataset.every_account))
        transaction.contacts.add([person.contact for person in everybody])
        transaction.interactions.add([event for person in everybody for event in person.events])
        transaction.freshness.put([state for person in everybody for state in _states(person)])
        transaction.history.append([change for person in everybody for change in _changes(person)])
        _lists(transaction, dataset)
        transaction.commit()
        return backend


class SqlEngine(StoreEngine):
    """A store in a database: many rules are labelled columns of one SELECT, compiled as the store compiles them."""

    def _asked(self, transaction: Any, bounds: Sequence[Bound]) -> list[Answers]:
        repository = transaction.contacts
        return [one for part in batched(bounds, PORTION) for one in _answers(repository, part)]


def _answers(repository: Any, bounds: Sequence[Bound]) -> list[Answers]:
    columns = [_sides(repository, bound).label(f"rule_{at}") for at, bound in enumerate(bounds)]
    found: list[Answers] = [{} for _ in bounds]
    for raw_id, *sides in repository._wire.ask(repository._active(None, "member", _RAW_ID, *columns)):
        contact_id = repository._wire.codec.get_id(raw_id)
        for one, side in zip(found, sides, strict=True):
            one[contact_id] = SIDES[side]
    return found


def _sides(repository: Any, bound: Bound) -> ColumnElement[int]:
    """1 for members, 2 for non-members, 0 for the unknown; who is both has no place in `SIDES`."""
    yes, no = (compile_rule(one, repository._columns) for one in (bound, negate(bound)))
    return case((yes, literal_column("1")), else_=literal_column("0")) + case(
        (no, literal_column("2")), else_=literal_column("0")
    )


def batched(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The things in portions."""
    return (things[at : at + size] for at in range(0, len(things), size))


@dataclass(frozen=True)
class _Given:
    """Decides consent as the data set gives it, in place of the gate: what the gate decides is tested with it."""

    dataset: Dataset

    def decide(
        self, points: Sequence[Any], *, channel: str, purpose_key: str, at: datetime, least_freshness: float, **_: Any
    ) -> Any:
        """Whether each point may be used, of whatever age; a point is the permissions of its contact."""
        assert (at, least_freshness) == (self.dataset.now, 0)
        return [(channel, purpose_key) in point.permissions for point in points]


def _looked_up(rule: nodes.Rule, dataset: Dataset, transaction: Any) -> Bound:
    """Bind a rule, and look up history and consent as a unit of work does."""
    people = [(person.contact.id, [_Point(person.contact.id, person.permissions)]) for person in dataset.people]
    reader = _WithPoints(transaction, people)
    return looked_up(bind(rule, binding(dataset)), reader, _Given(dataset), dataset.now)


@dataclass(frozen=True)
class _Point:
    id: UUID
    permissions: frozenset[tuple[str, str]]


class _WithPoints:
    """A transaction whose contacts have the given points for every channel."""

    def __init__(self, transaction: Any, people: Sequence[Any]) -> None:
        self.history = transaction.history
        self.contacts = SimpleNamespace(points=lambda _kind: people)


def _changes(person: Person) -> Iterator[ChangeSet]:
    """One change for each past value; the version does not matter to what is asked."""
    for number, past in enumerate(person.history):
        yield ChangeSet(
            "contact", person.contact.id, number + 2, ChangeKind.CHANGED if past.is_change else ChangeKind.CORRECTED,
            "test", "test", past.at, past.at, {past.field: plain(past.value)}, {past.field: plain(past.after)},
        )  # fmt: skip


def _states(person: Person) -> list[FreshnessState]:
    """An address that is retired was once fresh."""
    key = person.contact.id
    subjects = {f"contact.emails.{place}": point.id for place, point in enumerate(person.contact.emails)}
    retired = [point.id for point in person.contact.emails if point.is_retired]
    states = [(subjects.get(name, key), name, state.pool, state.key) for name, state in person.states.items()]
    states += [(one, "contact.emails.", "slow", 2**62) for one in retired]
    return [
        FreshnessState(
            "contact.emails" if subject != key else name, key, subject, pool, "test", None, None, 1.0, None, reached
        )
        for subject, name, pool, reached in states
    ]


def _lists(transaction: Transaction, dataset: Dataset) -> None:
    for key in sorted({key for person in dataset.people for key in person.listed_in}):
        listed = Segment(key=key, version=1)
        transaction.segments.add([listed])
        transaction.segments.put_on(
            listed.id, [person.contact.id for person in dataset.people if key in person.listed_in]
        )


class _Tenants:
    """Makes back ends on one database; each has a tenant of its own, so none sees another's people."""

    def __init__(self) -> None:
        """Wait for the first question."""
        self._backend: SqlBackend | None = None
        self._tenants = count(1)

    def _open(self) -> SqlBackend:
        """Create the database."""
        raise NotImplementedError

    def __call__(self) -> Backend:
        """Return an empty back end."""
        if self._backend is None:
            self._backend = self._open()
        made = copy(self._backend)
        made._tenant = f"dataset-{next(self._tenants)}"
        return made


class OnSqlite(_Tenants):
    """One file for the process."""

    def _open(self) -> SqlBackend:
        """Create it."""
        self._folder = tempfile.TemporaryDirectory(prefix="mimcore-rules-")
        return SqlBackend.connect(f"sqlite:///{Path(self._folder.name) / 'rules.db'}")


class OnPostgresql(_Tenants):
    """One database on the server of the session: `conftest.py` gives it."""

    server: PostgresServer | None = None

    def use(self, server: PostgresServer) -> None:
        """Take the server."""
        self.server = server

    def _open(self) -> SqlBackend:
        """Create the database."""
        assert self.server is not None
        return SqlBackend(create_engine(self.server.new_database()), schema="auto")


ON_POSTGRESQL = OnPostgresql()
STORES = (
    StoreEngine("in-memory store", InMemoryBackend),
    SqlEngine("sqlite", OnSqlite()),
    SqlEngine("postgresql", ON_POSTGRESQL),
)
