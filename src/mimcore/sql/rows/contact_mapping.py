"""Contact ↔ rows: the wide row, its contact points, account links and external ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.contact import AccountLink, Contact, ExternalId
from mimcore.domain.points import EmailPoint, PhonePoint, PointState
from mimcore.domain.versions.revision import Revision
from mimcore.domain.vocabularies import RecordStatus
from mimcore.sql.rows.blocks import Block, blocks_of
from mimcore.sql.rows.codec import Codec
from mimcore.sql.rows.contact_parts import row_plan
from mimcore.sql.rows.custom_cells import custom_values
from mimcore.sql.tables.schema import contact as table
from mimcore.values.construct import built, template
from mimcore.values.email import EmailAddress
from mimcore.values.phone import PhoneNumber

__all__ = ["Children", "ContactMapping", "contact_mapping"]

_STATUSES = {one.value: one for one in RecordStatus}
_STATES = {one.value: one for one in PointState}
_HEADER = ("id", "version", "status", "custom")
_KEPT = ("_pool", "_key", "golden_id")
"""Columns that other acts maintain: freshness and merging."""


class Children(NamedTuple):
    """The rows of what belongs to contacts, by contact id (as the driver gives it)."""

    points: Mapping[Any, Sequence[Any]]
    links: Mapping[Any, Sequence[Any]]
    external_ids: Mapping[Any, Sequence[Any]]

    def __repr__(self) -> str:
        """How much there is, and no value."""
        return f"Children(points of {len(self.points)}, links of {len(self.links)}, ids of {len(self.external_ids)})"


class ContactMapping:
    """The two plain functions of the aggregate, `row` and `contact`, for one driver."""

    def __init__(self, codec: Codec) -> None:
        """Prepare slots for a driver.

        Args:
            codec: The driver's primitives.
        """
        self._codec = codec
        self._blocks = blocks_of(Contact, CONTACT_FIELDS, codec)
        self._defaults = template(Contact)
        names: list[str] = table.c.keys()
        self.written = tuple(name for name in names if name in _OWN_KEYS or not name.endswith(_KEPT))
        self.read = (*_HEADER, *(name for block in self._blocks for name in block.columns))
        self.plan = row_plan(self.written[3:], self._blocks, codec)
        spans = _spans(self._blocks, len(_HEADER))
        self._groups = tuple(span for span in spans if span[0].holder)
        self._own = tuple(span for span in spans if not span[0].holder)

    def row(self, entity: Contact, tenant: str) -> tuple[Any, ...]:
        """Return the values of the columns in `written`.

        Args:
            entity: The contact.
            tenant: Whose it is.
        """
        out: list[Any] = [tenant, self._codec.put_id(entity.id), entity.version]
        for put in self.plan.puts:
            put(entity, out)
        return tuple(out)

    def first_row(self, change: Revision[Contact], tenant: str) -> list[Any]:
        """Return the row of a contact that begins.

        Args:
            change: How it begins.
            tenant: Whose it is.
        """
        out: list[Any] = [tenant, self._codec.put_id(change.new.id), change.new.version]
        self.plan.put_known(change, out)
        return out

    def changes(self, change: Revision[Contact]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
        """Return the columns in which the rows of two versions differ, the version first, and their new values.

        Args:
            change: What is stored, and what replaces it.
        """
        changed = {"version": change.new.version, **dict(self.plan.changes(change))}
        return tuple(changed), tuple(changed.values())

    def contact(self, row: Any, children: Children) -> Contact:
        """Return the contact of a row with the columns in `read`.

        Args:
            row: As the driver gives it.
            children: Rows that belong to contacts, this one's among them.
        """
        codec, raw_id = self._codec, row[0]
        found: dict[str, Any] = {"id": codec.get_id(raw_id), "version": row[1], "status": _STATUSES[row[2]]}
        for block, start, end in self._groups:
            found[block.holder] = block.group(row[start:end])
        for block, start, end in self._own:
            cells = row[start:end]
            if cells != block.nothing:
                found |= block.values(cells)
        if row[3] is not None:
            found["custom"] = custom_values(codec.get_json(row[3]))
        if points := children.points.get(raw_id):
            found["emails"] = tuple(self._email(point) for point in points if point[1] == "email")
            found["phones"] = tuple(self._phone(point) for point in points if point[1] == "phone")
        if links := children.links.get(raw_id):
            found["accounts"] = tuple(self._link(link) for link in links)
        if outside := children.external_ids.get(raw_id):
            found["external_ids"] = tuple(_external_id(one) for one in outside)
        return built(Contact, {**self._defaults, **found}, set(found))

    def points(self, rows: Iterable[Any]) -> list[EmailPoint | PhonePoint]:
        """Return contact points.

        Args:
            rows: As they belong to contacts in `Children`.
        """
        return [self._email(row) if row[1] == "email" else self._phone(row) for row in rows]

    def point_rows(self, contact: Contact, tenant: str) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a contact's points, in the order of `contact_point`'s columns."""
        put, owner = self._codec.put_id, self._codec.put_id(contact.id)
        points: tuple[EmailPoint | PhonePoint, ...] = (*contact.emails, *contact.phones)
        for position, one in enumerate(points):
            known = (one.kind, one.value, one.match_key, one.label, str(one.state), one.is_retired)
            yield (tenant, owner, put(one.id), *known, position)

    def link_rows(self, contact: Contact, tenant: str) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a contact's account links, in the order of `contact_account`'s columns."""
        put, day, owner = self._codec.put_id, self._codec.put_optional_date, self._codec.put_id(contact.id)
        for position, one in enumerate(contact.accounts):
            period = (day(one.start_on), day(one.end_on))
            yield (tenant, owner, position, put(one.account_id), one.role, one.is_primary, *period)

    def external_id_rows(self, contact: Contact, tenant: str) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a contact's external ids, in the order of `external_id`'s columns."""
        owner = self._codec.put_id(contact.id)
        for position, one in enumerate(contact.external_ids):
            yield (tenant, owner, position, one.source, one.value)

    def _email(self, row: Any) -> EmailPoint:
        values = self._point(row)
        values["kind"], values["email"] = "email", built(EmailAddress, {"address": row[3]}, {"address"})
        return built(EmailPoint, values, {"id", "email"})

    def _phone(self, row: Any) -> PhonePoint:
        values = self._point(row)
        values["kind"], values["phone"] = "phone", built(PhoneNumber, {"e164": row[3]}, {"e164"})
        return built(PhonePoint, values, {"id", "phone"})

    def _point(self, row: Any) -> dict[str, Any]:
        _, _, raw_id, _, label, state, is_retired = row
        return {
            "id": self._codec.get_id(raw_id),
            "label": label,
            "state": _STATES[state],
            "is_retired": bool(is_retired),
        }

    def _link(self, row: Any) -> AccountLink:
        _, account_id, role, is_primary, start_on, end_on = row
        values = {
            "account_id": self._codec.get_id(account_id),
            "role": role,
            "is_primary": bool(is_primary),
            "start_on": self._codec.get_optional_date(start_on),
            "end_on": self._codec.get_optional_date(end_on),
        }
        return built(AccountLink, values, {"account_id"})


_OWN_KEYS = frozenset({"name_key", "sample_key"})


@cache
def contact_mapping(codec: Codec) -> ContactMapping:
    """Return the mapping for a driver, made once."""
    return ContactMapping(codec)


def _spans(blocks: tuple[Block, ...], start: int) -> tuple[tuple[Block, int, int], ...]:
    spans: list[tuple[Block, int, int]] = []
    for block in blocks:
        end = start + len(block.columns)
        spans.append((block, start, end))
        start = end
    return tuple(spans)


def _external_id(row: Any) -> ExternalId:
    return built(ExternalId, {"source": row[1], "value": row[2]}, {"source", "value"})
