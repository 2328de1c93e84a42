"""What may not be left hanging at a commit: an interaction of nobody, a link to no account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from mimcore.errors import ConflictError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables

__all__ = ["check_references"]


def check_references(session: Session, tables: Tables) -> None:
    """Refuse to commit if something refers to a record that is not there; within the transaction any order is fine.

    Args:
        session: The transaction, with the ids whose presence it has put in question.
        tables: The tables.

    Raises:
        ConflictError: Naming the id.
    """
    _check(session, session.questioned_contacts, tables.contacts.rows, _refers_to_contact(session, tables), "contact")
    _check(session, session.questioned_accounts, tables.accounts.rows, _refers_to_account(session, tables), "account")


def _check(
    session: Session, ids: set[UUID], rows: dict[UUID, Any], is_referred_to: Callable[[UUID], bool], kind: str
) -> None:
    for one in ids:
        if session.get(rows, one) is None and is_referred_to(one):
            raise ConflictError(f"there is no {kind} {one}, but something stored refers to it")


def _refers_to_contact(session: Session, tables: Tables) -> Callable[[UUID], bool]:
    by_contact: tuple[dict[UUID, Any], ...] = (tables.timelines, tables.members, tables.listed)

    def refers(one: UUID) -> bool:
        if any(session.has(index, ("contact", one)) for index in (tables.leads.index, tables.tasks.index)):
            return True
        return any(session.has(table, one) for table in by_contact)

    return refers


def _refers_to_account(session: Session, tables: Tables) -> Callable[[UUID], bool]:
    return lambda one: session.has(tables.contacts.index, ("linked", one))
