"""Reading aggregates of a store without opening a unit of work: each call is a short transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.lead import Lead, LeadStage
from mimcore.domain.task import Task
from mimcore.repositories.questions import Accounts, Campaigns, Leads, Tasks
from mimcore.repositories.reading import Records
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.store.exporting import AccountExports

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["Stored", "StoredAccounts", "StoredCampaigns", "StoredLeads", "StoredTasks"]

E = TypeVar("E", bound=Entity)
A = TypeVar("A")
Q = TypeVar("Q")


class Stored(Generic[E, Q]):
    """Reading one aggregate; inside your own unit of work use `work.accounts`, `work.leads` and so on.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:")
        >>> with store.begin() as work:
        ...     (acme,) = work.add(mim.Account(name="Acme A/S", domain="acme.dk"))
        >>> store.accounts.get(acme) == store.accounts.with_domain("www.acme.dk")
        True
    """

    def __init__(self, read: Callable[[], UnitOfWork], records: Callable[[UnitOfWork], Q]) -> None:
        """Read from a store.

        Args:
            read: Opens a unit of work that only reads.
            records: Returns its reader of the aggregate.
        """
        self._read, self._records = read, records

    def _ask(self, question: Callable[[Q], A]) -> A:
        with self._read() as work:
            return question(self._records(work))

    def _ask_records(self, question: Callable[[Records[E]], A]) -> A:
        return self._ask(question)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    def get(self, reference: E | UUID | str) -> E:
        """Return the stored record of an object, an id, or a key.

        Raises:
            NotFoundError: If there is none.
        """
        return self._ask_records(lambda records: records.get(reference))

    def find_one(self, reference: E | UUID | str) -> E | None:
        """Return the stored record of an object, an id or a key, or None."""
        return self._ask_records(lambda records: records.find_one(reference))

    def get_many(self, references: Iterable[E | UUID | str]) -> dict[UUID, E]:
        """Return the stored records of objects or ids by id; those that are not stored are left out."""
        return self._ask_records(lambda records: records.get_many(references))

    def all(self) -> tuple[E, ...]:
        """All records, ordered by id."""
        return self._ask_records(lambda records: records.all())


class StoredAccounts(AccountExports, Stored[Account, Accounts]):
    """Reading accounts."""

    def __init__(self, store: Store) -> None:
        """Read from a store.

        Args:
            store: An open store.
        """
        super().__init__(store.read, lambda work: work.accounts)
        self._store = store

    def with_domain(self, domain: str) -> Account:
        """Return the active account of an internet domain; NotFoundError if there is none."""
        return self._ask(lambda accounts: accounts.with_domain(domain))

    def with_external_id(self, source: str, value: str) -> Account:
        """Return the one account with an id in another system; NotFoundError or AmbiguousError otherwise."""
        return self._ask(lambda accounts: accounts.with_external_id(source, value))


class StoredLeads(Stored[Lead, Leads]):
    """Reading leads."""

    def in_stage(self, stage: LeadStage | str) -> tuple[Lead, ...]:
        """Return the leads that stand in a stage, ordered by id."""
        return self._ask(lambda leads: leads.in_stage(stage))

    def of_contact(self, contact: Contact | UUID | str) -> tuple[Lead, ...]:
        """Return the leads that count for a contact, ordered by id."""
        return self._ask(lambda leads: leads.of_contact(contact))


class StoredCampaigns(Stored[Campaign, Campaigns]):
    """Reading campaigns."""

    def active_on(self, day: date | str) -> tuple[Campaign, ...]:
        """Return the campaigns whose period holds a local day, ordered by id; cancelled ones are never active."""
        return self._ask(lambda campaigns: campaigns.active_on(day))


class StoredTasks(Stored[Task, Tasks]):
    """Reading tasks."""

    def due_before(self, day: date | str) -> tuple[Task, ...]:
        """Return unfinished tasks due before a local day, the earliest first."""
        return self._ask(lambda tasks: tasks.due_before(day))
