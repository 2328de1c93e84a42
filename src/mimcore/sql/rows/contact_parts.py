"""The parts of a contact's row: which fields each is made of, so that a changed contact has only those written again.

A row has over a hundred columns and two dozen indexes; most changes touch a handful of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, cast
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.points import EmailPoint, PhonePoint
from mimcore.domain.versions.revision import SHAPES, Revision, Shape
from mimcore.sql.rows.blocks import Block, Slot
from mimcore.sql.rows.codec import Codec
from mimcore.sql.rows.custom_cells import custom_cells
from mimcore.values.identifiers import sample_key
from mimcore.values.match_keys import name_postal_key
from mimcore.values.text import fold

__all__ = ["Part", "RowPlan", "row_plan"]

Put = Callable[[Contact, list[Any]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Consecutive columns that are made of the same fields."""

    reads: tuple[str, ...]
    """The contact's fields, those of a group by the group's name and their own; none for what never changes."""
    put: Put
    """Appends the values of the columns."""
    columns: tuple[str, ...]


Readers = Mapping[str, Mapping[str, Sequence[Part]]]
"""The parts by the field that they read, and by its inner field (nothing: the field itself)."""


@dataclass(frozen=True, slots=True, eq=False)
class RowPlan:
    """How a contact becomes a row: whole, or only what is made of the fields that are known, or changed."""

    puts: tuple[Put, ...]
    """What appends the values of all columns, in order."""
    parts: tuple[Part, ...]
    """The same columns, field by field."""
    readers: Readers

    blank: tuple[Any, ...]
    """The row of a contact of whom nothing is known."""

    def put_known(self, change: Revision[Contact], out: list[Any]) -> None:
        """Append the values of all columns of a new contact: what reads none of its known fields is as for nobody.

        Args:
            change: How the contact begins.
            out: What they are appended to.
        """
        new = change.new
        for blank, put in self._known(change.changed):
            out += blank
            put(new, out)
        out += self.blank[len(out) - _BEFORE :]

    @lru_cache(SHAPES)  # noqa: B019 - there is one plan a driver
    def _known(self, shape: Shape) -> Sequence[tuple[tuple[Any, ...], Put]]:
        """Return what is put for the parts that read a shape's fields, each with what stands blank before it."""
        wanted, done, at = {*self._touched(shape)}, 0, 0
        found: list[tuple[tuple[Any, ...], Put]] = []
        for part in self.parts:
            if not part.reads or part in wanted:
                found.append((self.blank[done:at], part.put))
                done = at + len(part.columns)
            at += len(part.columns)
        return found

    def changes(self, change: Revision[Contact]) -> Iterator[tuple[str, Any]]:
        """Yield the columns in which the rows of two versions differ, with their new values.

        Args:
            change: What is stored, and what replaces it.
        """
        for part in self._touched(change.changed):
            before: list[Any] = []
            after: list[Any] = []
            part.put(cast("Contact", change.old), before)
            part.put(change.new, after)
            for name, was, cell in zip(part.columns, before, after, strict=True):
                if was != cell:
                    yield name, cell

    @lru_cache(SHAPES)  # noqa: B019 - there is one plan a driver
    def _touched(self, changed: Shape) -> Iterable[Part]:
        """Return the parts that read what changed, each once."""
        found: dict[Part, None] = {}
        for name, inside in changed.items():
            if (readers := self.readers.get(name)) is not None:
                found.update((part, None) for one in inside or readers for part in readers.get(one, ()))
        return found


def row_plan(names: Sequence[str], blocks: Sequence[Block], codec: Codec) -> RowPlan:
    """Return how rows are made.

    Args:
        names: The columns that are written, in order, after tenant, id and version.
        blocks: The blocks of the declared fields, the name's first.
        codec: The driver's primitives.
    """
    pieces = list(_in_order(blocks, codec))
    left = iter(names)
    parts = tuple(
        Part(tuple(reads), put, tuple(islice(left, width)))
        for piece in pieces
        for reads, put, width in (_slots(piece) if isinstance(piece, Block) else (piece,))
    )
    readers: dict[str, dict[str, list[Part]]] = {}
    for part in parts:
        for read in part.reads:
            field, _, inner = read.partition(".")
            readers.setdefault(field, {}).setdefault(inner, []).append(part)
    blank: list[Any] = []
    for part in parts:
        part.put(_NOBODY, blank)
    puts = tuple(piece.put if isinstance(piece, Block) else piece[1] for piece in pieces)
    return RowPlan(puts, parts, readers, tuple(blank))


_NOBODY = Contact(id=UUID(int=0))
_BEFORE = 3
"""Columns before the plan's own: tenant, id and version."""


Piece = tuple[Iterable[str], Put, int]
"""Fields, conversion and width of consecutive columns."""


def _in_order(blocks: Sequence[Block], codec: Codec) -> Iterator[Piece | Block]:
    """Yield what the columns are made of, in the order of the table."""
    name, *groups = blocks
    put_id, put_day = codec.put_optional_id, codec.put_optional_date
    yield ("status",), lambda one, out: out.append(str(one.status)), 1
    yield (), lambda one, out: out.append(sample_key(one.id)), 1
    yield ("accounts",), lambda one, out: out.append(put_id(one.primary_account_id)), 1
    yield ("emails",), lambda one, out: out.append(_id_of(one.primary_email, codec)), 1
    yield ("phones",), lambda one, out: out.append(_id_of(one.primary_phone, codec)), 1
    yield _NAMED, lambda one, out: out.append(name_postal_key(one.name, one.demographic)), 1
    yield _BORN, lambda one, out: out.extend(map(put_day, one.demographic.birth_bounds or (None, None))), 2
    yield name
    yield ("emails",), lambda one, out: out.extend(_shown(one.primary_email)), 2
    yield ("phones",), lambda one, out: out.extend(_shown(one.primary_phone)), 2
    yield from groups
    yield ("custom",), lambda one, out: out.extend(custom_cells(one.custom, codec)), 2


_NAMED = ("name.given", "name.family", "demographic.country", "demographic.postal_code")
_BORN = tuple(f"demographic.{name}" for name in ("birth_date", "birth_year", "age_band", "age_band_on"))


def _slots(block: Block) -> Iterator[Piece]:
    for slot in block.slots:
        field = f"{block.holder}.{slot.name}" if block.holder else slot.name
        yield (field,), _slot_put(block.holder, slot), len(slot.blank)


def _slot_put(holder: str, slot: Slot) -> Put:
    """Return what appends the values of the columns of one slot."""
    name, blank, put = slot.name, slot.blank, slot.put

    def put_slot(owner: Contact, out: list[Any]) -> None:
        values = owner.__dict__
        held = values[holder] if holder else owner
        value = None if held is None else held.__dict__[name]
        if value is None or value == ():
            out += blank
        else:
            put(value, out)

    return put_slot


def _id_of(point: EmailPoint | PhonePoint | None, codec: Codec) -> Any:
    return None if point is None else codec.put_id(point.id)


def _shown(point: EmailPoint | PhonePoint | None) -> tuple[str | None, str | None]:
    return (None, None) if point is None else (point.value, fold(point.value))
