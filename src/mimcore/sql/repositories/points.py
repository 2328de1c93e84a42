"""Contact points in SQL, read without the contacts that have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from mimcore.domain.points import ContactPoint
from mimcore.errors import InvalidValueError
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.rows.contact_mapping import ContactMapping, contact_mapping
from mimcore.sql.tables import schema

__all__ = ["POINT_COLUMNS", "SqlContactPoints", "grouped"]

_contact, _point = schema.contact, schema.contact_point
POINT_COLUMNS = ("contact_id", "kind", "id", "value", "label", "state", "is_retired")
_MATCH_KINDS = ("email", "phone", "name")


class SqlContactPoints:
    """Contact points in use, and what they are matched by."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire
        self._contacts: ContactMapping = contact_mapping(wire.codec)

    def points(self, kind: str) -> Iterator[tuple[UUID, Sequence[ContactPoint]]]:
        """Active contacts' contact points in use, person by person; who has none is left out."""
        get = self._wire.codec.get_id
        for page in self._active_pages():
            yield from self.points_of(kind, [get(raw_id) for raw_id, _ in page]).items()

    def points_of(self, kind: str, contact_ids: Iterable[UUID]) -> dict[UUID, Sequence[ContactPoint]]:
        """Return contacts' contact points in use, the preferred one first; who has none is left out."""
        get, made = self._wire.codec.get_id, self._contacts.points
        rows = self._wire.rows_of_ids(_POINTS_OF, contact_ids, kind=kind)
        return {get(one): made(points) for one, points in grouped(rows).items()}

    def match_keys(self, kind: str) -> Iterator[tuple[str, UUID]]:
        """All (match key, contact id) pairs of active contacts, in order of the contacts' ids.

        Args:
            kind: `email` or `phone` for the keys of active points, `name` for name and postal code together.

        Raises:
            InvalidValueError: If it is another kind.
        """
        if kind not in _MATCH_KINDS:
            raise InvalidValueError("kind", "is not a kind of match key", f"use one of {', '.join(_MATCH_KINDS)}")
        return self._match_keys(kind)

    def _match_keys(self, kind: str) -> Iterator[tuple[str, UUID]]:
        get = self._wire.codec.get_id
        for page in self._active_pages():
            if kind == "name":
                yield from ((key, get(raw_id)) for raw_id, key in page if key is not None)
                continue
            rows = self._wire.rows_of_ids(_KEYS_OF, [get(raw_id) for raw_id, _ in page], kind=kind)
            yield from dict.fromkeys((key, get(raw_id)) for raw_id, key in rows)

    def _active_pages(self) -> Iterator[Sequence[Any]]:
        """Yield ids and name keys of active contacts, a few thousand at a time."""
        after: Any = self._wire.codec.put_id(UUID(int=0))
        while page := self._wire.rows(_ACTIVE_PAGE, after=after, size=PORTION):
            after = page[-1][0]
            yield page


def grouped(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    """Return rows by their first column.

    Args:
        rows: As the driver gives them.
    """
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups


_ACTIVE_PAGE = Prepared(
    select(_contact.c.id, _contact.c.name_key)
    .where(owned(_contact, _contact.c.status == "active", _contact.c.id > bindparam("after")))
    .order_by(_contact.c.id)
    .limit(bindparam("size"))
)


def _in_use(*columns: str) -> Prepared:
    """Read columns of contacts' points of a kind, those that are retired left out."""
    own = owned(
        _point, in_ids(_point.c.contact_id, "ids"), _point.c.kind == bindparam("kind"), _point.c.is_retired.is_(False)
    )
    return Prepared(
        select(*(_point.c[name] for name in columns)).where(own).order_by(_point.c.contact_id, _point.c.position)
    )


_KEYS_OF = _in_use("contact_id", "match_key")
_POINTS_OF = _in_use(*POINT_COLUMNS)
