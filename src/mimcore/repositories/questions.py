"""The questions that services ask of accounts, leads, campaigns and tasks inside a unit of work."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.lead import Lead, LeadStage
from mimcore.domain.task import Task
from mimcore.errors import AmbiguousError, InvalidValueError, NotFoundError
from mimcore.repositories.ports import AccountRepository, CampaignRepository, LeadRepository, TaskRepository
from mimcore.repositories.reading import Records
from mimcore.values.identifiers import as_id, check_domain
from mimcore.values.instants import as_date

if TYPE_CHECKING:
    from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Accounts", "Campaigns", "Leads", "Tasks"]


class Accounts(Records[Account]):
    """Reading accounts."""

    def __init__(self, work: UnitOfWork, repository: AccountRepository) -> None:
        """Read through a unit of work."""
        super().__init__(work, Account, repository)
        self._port = repository

    def with_domain(self, domain: str) -> Account:
        """Return the active account of an internet domain; of several, the one with the smallest id.

        Args:
            domain: A domain, or an address on the web; www. is left out.

        Raises:
            NotFoundError: If no active account has it.
            InvalidValueError: If it is no domain.
        """
        self._work.alive()
        wanted = check_domain(domain, "domain")
        ids = () if wanted is None else self._port.with_domains([wanted]).get(wanted, ())
        if not ids:
            raise NotFoundError("no active account has this domain")
        return self.get(ids[0])

    def with_external_id(self, source: str, value: str) -> Account:
        """Return the one active account with an id in another system.

        Args:
            source: Key of the system.
            value: The id there.

        Raises:
            NotFoundError: If no active account has it.
            AmbiguousError: If several have it.
        """
        self._work.alive()
        found = self._port.with_external_ids(source, [value])
        if value not in found:
            raise NotFoundError("no active account has this external id")
        first, *others = found[value]
        if others:
            raise AmbiguousError(f"{len(found[value])} active accounts have this external id: read them by id")
        return self.get(first)


class Leads(Records[Lead]):
    """Reading leads."""

    def __init__(self, work: UnitOfWork, repository: LeadRepository) -> None:
        """Read through a unit of work."""
        super().__init__(work, Lead, repository)
        self._port = repository

    def in_stage(self, stage: LeadStage | str) -> tuple[Lead, ...]:
        """Return the leads that stand in a stage, ordered by id.

        Raises:
            InvalidValueError: If there is no such stage.
        """
        self._work.alive()
        return tuple(self._port.in_stage(_stage(stage)))

    def of_contact(self, contact: Contact | UUID | str) -> tuple[Lead, ...]:
        """Return the leads that count for a contact, ordered by id; those of records merged into it are among them."""
        self._work.alive()
        return tuple(self._port.of_contact(as_id(contact, "contact")))


def _stage(stage: LeadStage | str) -> LeadStage:
    try:
        return LeadStage(stage)
    except ValueError:
        pass
    raise InvalidValueError("stage", "is not a stage of a lead", f"use one of {', '.join(LeadStage)}")


class Campaigns(Records[Campaign]):
    """Reading campaigns."""

    def __init__(self, work: UnitOfWork, repository: CampaignRepository) -> None:
        """Read through a unit of work."""
        super().__init__(work, Campaign, repository)
        self._port = repository

    def active_on(self, day: date | str) -> tuple[Campaign, ...]:
        """Return the campaigns whose period holds a local day, ordered by id; cancelled ones are never active.

        Args:
            day: A date, or text such as '2026-04-01'.
        """
        self._work.alive()
        return tuple(self._port.active_on(as_date(day, "day")))


class Tasks(Records[Task]):
    """Reading tasks."""

    def __init__(self, work: UnitOfWork, repository: TaskRepository) -> None:
        """Read through a unit of work."""
        super().__init__(work, Task, repository)
        self._port = repository

    def due_before(self, day: date | str) -> tuple[Task, ...]:
        """Return unfinished tasks due before a local day, the earliest first.

        Args:
            day: A date, or text such as '2026-04-01'; that day itself is not included.
        """
        self._work.alive()
        return tuple(self._port.due_before(as_date(day, "day")))
