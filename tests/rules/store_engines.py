"""The stores as engines: people are loaded through the ports, and the bound rule and its negation are asked of the store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from copy import copy
from functools import cache
from itertools import count
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine
from tests.rules.engines import Answers, binding
from tests.rules.generate import ATTRIBUTES, Dataset, Person

from mimcore.domain.custom_fields import declaration_of
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.segment import Segment
from mimcore.memory.backend import InMemoryBackend
from mimcore.repositories.ports import Backend, Query, Transaction
from mimcore.rules import nodes
from mimcore.rules.bound import negate
from mimcore.rules.lowering import bind
from mimcore.sql.backend import SqlBackend
from mimcore.testing.postgres import PostgresServer


class StoreEngine:
    """A store that is filled once for each dataset."""

    def __init__(self, name: str, make: Callable[[], Backend]) -> None:
        """Take the name and the function that makes an empty back end."""
        self.name, self._make = name, make
        self._filled = cache(self._fill)

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything."""
        return True

    def answer(self, rule: nodes.Rule, dataset: Dataset) -> Answers:
        """Members by the rule, non-members by its negation; nobody may be both; the rest is unknown."""
        bound = bind(rule, binding(dataset))
        transaction = self._filled(dataset).begin(is_read_only=True)
        members, others = (set(transaction.contacts.find(Query(one))) for one in (bound, negate(bound)))
        assert not members & others
        assert transaction.contacts.count(bound) == len(members)
        transaction.rollback()
        return {person.contact.id: _verdict(person.contact.id, members, others) for person in dataset.people}

    def _fill(self, dataset: Dataset) -> Backend:
        backend = self._make()
        transaction = backend.begin()
        for one in ATTRIBUTES:
            transaction.attributes.put(declaration_of(one).evolve(version=1))
        accounts = {person.account.id: person.account for person in dataset.people if person.account is not None}
        transaction.accounts.add(list(accounts.values()))
        transaction.contacts.add([person.contact for person in dataset.people])
        transaction.interactions.add([event for person in dataset.people for event in person.events])
        transaction.freshness.put([state for person in dataset.people for state in _states(person)])
        _lists(transaction, dataset)
        transaction.commit()
        return backend


def _verdict(contact_id: UUID, members: set[UUID], others: set[UUID]) -> bool | None:
    return True if contact_id in members else (False if contact_id in others else None)


def _states(person: Person) -> list[FreshnessState]:
    key = person.contact.id
    return [
        FreshnessState(name, key, key, state.pool, "test", None, None, 1.0, None, state.key)
        for name, state in person.states.items()
    ]


def _lists(transaction: Transaction, dataset: Dataset) -> None:
    for key in sorted({key for person in dataset.people for key in person.listed_in}):
        listed = Segment(key=key, version=1)
        transaction.segments.add([listed])
        transaction.segments.put_on(
            listed.id, [person.contact.id for person in dataset.people if key in person.listed_in]
        )


def _sqlite() -> Backend:
    folder = tempfile.mkdtemp(prefix="mimcore-rules-")
    return SqlBackend.connect(f"sqlite:///{Path(folder) / 'rules.db'}")


class OnPostgresql:
    """Makes back ends on one database; each has a tenant of its own, so none sees another's people."""

    def __init__(self) -> None:
        """Wait for a server: `conftest.py` gives it."""
        self._backend: SqlBackend | None = None
        self._tenants = count(1)

    def use(self, server: PostgresServer) -> None:
        """Create the database, once."""
        if self._backend is None:
            self._backend = SqlBackend(create_engine(server.new_database()), schema="auto")

    def __call__(self) -> Backend:
        """Return an empty back end."""
        made = copy(self._backend)
        assert made is not None
        made._tenant = f"dataset-{next(self._tenants)}"
        return made


ON_POSTGRESQL = OnPostgresql()
STORES = (
    StoreEngine("in-memory store", InMemoryBackend),
    StoreEngine("sqlite", _sqlite),
    StoreEngine("postgresql", ON_POSTGRESQL),
)
