"""The parts of a contact's row: which fields each is made of, so that a changed contact has only those written again.

A row has over a hundred columns and two dozen indexes; most changes touch a handful of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from mimcore.domain.contact import Contact
from mimcore.domain.points import EmailPoint, PhonePoint
from mimcore.sql.blocks import Block
from mimcore.sql.codec import Codec
from mimcore.sql.custom_cells import custom_cells
from mimcore.values.identifiers import sample_key
from mimcore.values.match_keys import name_postal_key
from mimcore.values.text import fold

__all__ = ["Part", "changed_cells", "parts_of_row"]

Put = Callable[[Contact, list[Any]], None]


class Part(NamedTuple):
    """Consecutive columns that are made of the same fields."""

    reads: frozenset[str]
    """The contact's fields; none for what never changes."""
    put: Put
    """Appends the values of the columns."""
    columns: tuple[str, ...]


def parts_of_row(names: Sequence[str], blocks: Sequence[Block], codec: Codec) -> tuple[Part, ...]:
    """Return the parts of a row.

    Args:
        names: The columns that are written, in order, after tenant, id and version.
        blocks: The blocks of the declared fields, the name's first.
        codec: The driver's primitives.
    """
    left = iter(names)
    return tuple(
        Part(frozenset(reads), put, tuple(islice(left, width))) for reads, put, width in _in_order(blocks, codec)
    )


def changed_cells(
    parts: Iterable[Part], changed: Iterable[str], old: Contact, new: Contact
) -> Iterator[tuple[str, Any]]:
    """Yield the columns in which the rows of two versions differ, with their new values.

    Args:
        parts: The parts of a row.
        changed: The fields in which the versions differ.
        old: What is stored.
        new: What replaces it.
    """
    fields = frozenset(changed)
    for part in parts:
        if part.reads.isdisjoint(fields):
            continue
        before: list[Any] = []
        after: list[Any] = []
        part.put(old, before)
        part.put(new, after)
        for name, was, cell in zip(part.columns, before, after, strict=True):
            if was != cell:
                yield name, cell


def _in_order(blocks: Sequence[Block], codec: Codec) -> Iterator[tuple[Iterable[str], Put, int]]:
    """Yield fields, conversion and width of every part, in the order of the table's columns."""
    name, *groups = blocks
    put_id, put_day = codec.put_optional_id, codec.put_optional_date
    yield ("status",), lambda one, out: out.append(one.status.value), 1
    yield (), lambda one, out: out.append(sample_key(one.id)), 1
    yield ("accounts",), lambda one, out: out.append(put_id(one.primary_account_id)), 1
    yield ("emails",), lambda one, out: out.append(_id_of(one.primary_email, codec)), 1
    yield ("phones",), lambda one, out: out.append(_id_of(one.primary_phone, codec)), 1
    yield ("name", "demographic"), lambda one, out: out.append(name_postal_key(one.name, one.demographic)), 1
    yield ("demographic",), lambda one, out: out.extend(map(put_day, one.demographic.birth_bounds or (None, None))), 2
    yield _of_block(name)
    yield ("emails",), lambda one, out: out.extend(_shown(one.primary_email)), 2
    yield ("phones",), lambda one, out: out.extend(_shown(one.primary_phone)), 2
    yield from map(_of_block, groups)
    yield ("custom",), lambda one, out: out.extend(custom_cells(one.custom, codec)), 2


def _of_block(block: Block) -> tuple[Iterable[str], Put, int]:
    fields = (block.holder,) if block.holder else tuple(slot.name for slot in block.slots)
    return fields, block.put, len(block.blank)


def _id_of(point: EmailPoint | PhonePoint | None, codec: Codec) -> Any:
    return None if point is None else codec.put_id(point.id)


def _shown(point: EmailPoint | PhonePoint | None) -> tuple[str | None, str | None]:
    return (None, None) if point is None else (point.value, fold(point.value))
