"""Exporting contacts and accounts of a store, in one consistent state, a few thousand records at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.capture.exporting.arrow_tables import one_table
from mimcore.capture.exporting.columns import ExportColumn, columns_of
from mimcore.capture.exporting.writing import PORTION, Exported, check_form, write_rows
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule
from mimcore.segments.references import rule_of
from mimcore.values.arguments import given_path
from mimcore.values.instants import day_of

__all__ = ["accounts_as_arrow", "contacts_as_arrow", "export_accounts", "export_contacts"]

Rows = Iterator[list[list[Any]]]


def export_contacts(
    workspace: Workspace,
    path: str | os.PathLike[str],
    rule: Rule | Segment | str | None,
    *,
    fields: Iterable[Field | str],
    for_: str | None,
    delimiter: str,
    now: datetime | None,
) -> Exported:
    """Write contacts to a file; see `StoredContacts.export`."""
    check_form(given_path(path, "path"), for_)
    with workspace.read() as work:
        columns, rows = _contacts(workspace, work, rule, fields, now)
        return write_rows(path, columns, rows, for_=for_, delimiter=delimiter, noun="contact")


def contacts_as_arrow(
    workspace: Workspace, rule: Rule | Segment | str | None, *, fields: Iterable[Field | str], now: datetime | None
) -> Any:
    """Return contacts as an Arrow table; see `StoredContacts.to_arrow`."""
    with workspace.read() as work:
        return one_table(*_contacts(workspace, work, rule, fields, now))


def export_accounts(
    workspace: Workspace,
    path: str | os.PathLike[str],
    *,
    fields: Iterable[Field | str],
    for_: str | None,
    delimiter: str,
) -> Exported:
    """Write the active accounts to a file; see `StoredAccounts.export`."""
    check_form(given_path(path, "path"), for_)
    with workspace.read() as work:
        columns, rows = _accounts(workspace, work, fields)
        return write_rows(path, columns, rows, for_=for_, delimiter=delimiter, noun="account")


def accounts_as_arrow(workspace: Workspace, *, fields: Iterable[Field | str]) -> Any:
    """Return the active accounts as an Arrow table; see `StoredAccounts.to_arrow`."""
    with workspace.read() as work:
        return one_table(*_accounts(workspace, work, fields))


def _contacts(
    workspace: Workspace,
    work: UnitOfWork,
    rule: Rule | Segment | str | None,
    fields: Iterable[Field | str],
    now: datetime | None,
) -> tuple[Sequence[ExportColumn], Rows]:
    at = work.origin.asked_at(now)
    columns = columns_of("contact", fields, work.catalogue, day_of(at, workspace.zone, "now"))
    found = work.contacts.stream(None if rule is None else rule_of(work, rule), now=now)
    needs_accounts = any(one.spec is not None and one.spec.entity == "account" for one in columns)

    def rows() -> Rows:
        for people in portions(found, PORTION):
            beside = _primary_accounts(work, people) if needs_accounts else {}
            yield [_row(columns, one, beside.get(one.id)) for one in people]

    return columns, rows()


def _accounts(
    workspace: Workspace, work: UnitOfWork, fields: Iterable[Field | str]
) -> tuple[Sequence[ExportColumn], Rows]:
    today = work.origin.recorded_at.astimezone(workspace.zone).date()
    columns = columns_of("account", fields, work.catalogue, today)
    active = (one for one in work.transaction.accounts.all() if one.status is RecordStatus.ACTIVE)
    return columns, ([_row(columns, one, None) for one in some] for some in portions(active, PORTION))


def _row(columns: Sequence[ExportColumn], record: Any, beside: Account | None) -> list[Any]:
    return [one.read(record, beside) for one in columns]


def _primary_accounts(work: UnitOfWork, people: Sequence[Contact]) -> dict[UUID, Account]:
    """Return the active primary account of each contact that has one."""
    links = {one.id: one.primary_account_id for one in people if one.primary_account_id is not None}
    found = work.transaction.accounts.get_many(set(links.values()))
    held = {one: found[account] for one, account in links.items() if account in found}
    return {one: account for one, account in held.items() if account.status is RecordStatus.ACTIVE}
