"""What refers to what: nothing may be left hanging at a commit, and what a record is needed for can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from mimcore.errors import ConflictError
from mimcore.memory.session import Session
from mimcore.memory.tables import Tables

__all__ = ["account_uses", "check_references", "contact_uses", "drop_states"]


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


def contact_uses(session: Session, tables: Tables, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return what each of some contacts is needed for; see `ContactRepository.uses`."""
    by_contact: dict[str, dict[UUID, Any]] = {
        "interaction": tables.timelines,
        "verification": tables.verifications,
        "list": tables.listed,
    }

    def uses(one: UUID) -> Iterator[str]:
        indexes = {"lead": tables.leads.index, "task": tables.tasks.index}
        yield from (kind for kind, index in indexes.items() if session.has(index, ("contact", one)))
        yield from (kind for kind, table in by_contact.items() if session.has(table, one))
        if session.has(tables.members, one) or session.get(tables.golden, one) is not None:
            yield "merge"

    return _needed(ids, uses)


def account_uses(session: Session, tables: Tables, ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return what each of some accounts is needed for; see `AccountRepository.uses`."""
    named = {event.account_id for event in session.rows(tables.interactions).values()}

    def uses(one: UUID) -> Iterator[str]:
        if session.has(tables.contacts.index, ("linked", one)):
            yield "contact"
        if session.has(tables.accounts.index, ("parent", one)):
            yield "account"
        if one in named:
            yield "interaction"

    return _needed(ids, uses)


def _needed(ids: Iterable[UUID], uses: Callable[[UUID], Iterator[str]]) -> dict[UUID, frozenset[str]]:
    found = {one: frozenset(uses(one)) for one in ids}
    return {one: kinds for one, kinds in found.items() if kinds}


def drop_states(session: Session, tables: Tables, owners: Iterable[UUID]) -> None:
    """Remove all freshness states of contacts or accounts."""
    for one in owners:
        for state in session.get(tables.states, one) or ():
            session.drop(tables.state_owner, state)
        session.drop(tables.states, one)
