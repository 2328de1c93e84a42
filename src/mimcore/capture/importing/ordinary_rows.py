"""Ordinary rows of contacts, read column by column: each text is judged once, and objects are made of judged values.

What a field accepts is still said by its own declaration, which is asked for every text that is new; only making the
contact again and again from scratch is spared. A row of which anything is refused, and a mapping with a target that
reads its neighbours, is left to `RowReader`, whose words tell why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.ordinary_columns import Column, Columns, Gathered, Holder
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact, ExternalId
from mimcore.domain.points import EmailPoint, PhonePoint, PointState
from mimcore.values.construct import built, template
from mimcore.values.identifiers import new_id
from mimcore.values.phone import PhoneNumber

__all__ = ["Ordinary", "OrdinaryReader"]

Cells = Sequence[str]
P = type[EmailPoint] | type[PhonePoint]


class Ordinary(NamedTuple):
    """What an ordinary row says; see `Candidate`."""

    contact: Contact
    account: Account | None
    key: str
    observed_at: datetime | None
    consents: Mapping[str, bool]


class OrdinaryReader:
    """Reads the ordinary rows of one file under one mapping."""

    def __init__(self, columns: Columns, *, width: int, key_field: str, region: str | None, source: str) -> None:
        """Prepare.

        Args:
            columns: The columns by what they become.
            width: Number of cells of a whole row.
            key_field: Target of the key that is looked up.
            region: ISO country of national phone numbers in rows that name no country.
            source: Key of the source under which external ids are kept.
        """
        self._columns, self._width, self._key_field, self._region = columns, width, key_field, region
        self._defaults, self._account_defaults = template(Contact), template(Account)
        self._source = source

    def read(self, row: Row, clamp: Callable[[Any, str], datetime], observed_at: datetime | None) -> Ordinary | None:
        """Read a row, or return None if it is not ordinary.

        Args:
            row: The row.
            clamp: Refuses instants in the future.
            observed_at: When the file was observed, for rows without a time of their own.
        """
        if row.problem is not None or len(row.values) != self._width:
            return None
        self._columns.clamp = clamp
        try:
            return self._read(row.values, observed_at)
        except ValueError:
            return None

    def _read(self, cells: Cells, observed_at: datetime | None) -> Ordinary | None:
        columns = self._columns
        values = self._defaults.copy()
        for name, pick, known in columns.own:
            value = known[pick(cells)]
            if value is not None:
                values[name] = value
        for holder in columns.holders:
            made = _held(holder, cells)
            if made is not None:
                values[holder.name] = made
        key = self._reached(values, cells)
        if not key:
            return None
        values["id"] = new_id()
        contact = built(Contact, values, columns.given)
        seen = None if columns.observed_at is None else _known(columns.observed_at, cells)
        account = None if columns.account is None else self._account(_known(columns.account, cells))
        return Ordinary(contact, account, key, seen or observed_at, self._consents(cells))

    def _reached(self, values: dict[str, Any], cells: Cells) -> str | None:
        """Add addresses, numbers and the external id; return the key of the row."""
        columns, key = self._columns, None
        if columns.emails:
            addresses = [one for column in columns.emails for one in _known(column, cells) or ()]
            values["emails"] = _points(EmailPoint, "email", addresses)
            if addresses and self._key_field == "contact.emails":
                key = addresses[0].match_key
        if columns.phones:
            region = values["demographic"].country or self._region
            texts = [one for column in columns.phones for one in _known(column, cells) or ()]
            numbers = [PhoneNumber.parse(one, region=region, field="") for one in texts]
            values["phones"] = _points(PhonePoint, "phone", numbers)
            if numbers and self._key_field == "contact.phones":
                key = numbers[0].match_key
        if columns.external_id is not None and (value := _known(columns.external_id, cells)) is not None:
            values["external_ids"] = (built(ExternalId, {"source": self._source, "value": value}, _ID),)
            key = value if self._key_field == "contact.external_id" else key
        return key

    def _consents(self, cells: Cells) -> Mapping[str, bool]:
        if not self._columns.consents:
            return {}
        told = ((purpose, known[pick(cells)]) for purpose, pick, known in self._columns.consents)
        return {purpose: is_yes for purpose, is_yes in told if is_yes is not None}

    def _account(self, account: Account | None) -> Account | None:
        """Return the account that was read before from the same texts, as a record of its own."""
        if account is None:
            return None
        return built(Account, {**account.__dict__, "id": new_id()}, account.model_fields_set)


def _known(column: Column, cells: Cells) -> Any:
    return column.known[column.pick(cells)]


def _held(holder: Holder | Gathered, cells: Cells) -> Any:
    """Return what a few columns make together, or None if none of them is there."""
    found = {name: value for name, pick, known in holder.parts if (value := known[pick(cells)]) is not None}
    return holder.made(found) if found else None


def _points(kind: P, name: str, found: Sequence[Any]) -> tuple[Any, ...]:
    """Return points with identities of their own; two of one mailbox are no matter of an ordinary row."""
    if len(found) > 1 and len({one.match_key for one in found}) < len(found):
        raise ValueError(name)
    return tuple(built(kind, {"id": new_id(), **_POINT, "kind": name, name: one}, _GIVEN[name]) for one in found)


_POINT = {"label": None, "state": PointState.UNVERIFIED, "is_retired": False}
_GIVEN = {"email": {"id", "email"}, "phone": {"id", "phone"}}
_ID = {"source", "value"}
