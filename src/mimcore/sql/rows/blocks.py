"""Between the attributes of an entity and its columns: one slot a field, one block a group, made from the declarations.

A block that holds nothing is skipped in one step, in both directions: most groups of most contacts are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, groupby
from typing import Any

from pydantic import BaseModel

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.sql.rows.codec import Codec
from mimcore.sql.rows.construct import enum_of, model_of
from mimcore.sql.tables.columns import stored_column
from mimcore.values.construct import built, template
from mimcore.values.instants import to_microseconds
from mimcore.values.location import read_location
from mimcore.values.money import Money
from mimcore.values.text import fold

__all__ = ["Block", "Slot", "blocks_of"]

Put = Callable[[Any, list[Any]], None]
Get = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """One field: how it is written to its columns, shadows included, and read back from those that hold it."""

    name: str
    put: Put
    blank: tuple[None, ...]
    get: Get
    columns: tuple[str, ...]
    """The columns it is read from."""


@dataclass(frozen=True, slots=True)
class Block:
    """The consecutive slots of one holder: a group, the name, or the entity itself (`holder` is empty then)."""

    holder: str
    model: type[BaseModel]
    slots: tuple[Slot, ...]
    empty: Any
    """What stands for a holder of which nothing is known."""

    columns: tuple[str, ...]
    """The columns the block is read from, in order."""
    blank: tuple[None, ...]
    """What is written for a holder of which nothing is known."""
    nothing: tuple[None, ...]
    """What is read of such a holder."""
    defaults: dict[str, Any]
    singles: tuple[tuple[int, str, Get | None], ...]
    """Fields of one column: its place, the field's name, the conversion if there is one."""
    wide: tuple[tuple[int, str, Get, int], ...]
    """Fields of several columns: the place of the first, the field's name, the conversion, the number of columns."""

    def put(self, owner: Any, out: list[Any]) -> None:
        """Append the values of all columns of the block, shadows included."""
        holder = getattr(owner, self.holder) if self.holder else owner
        if holder is self.empty or holder is None:
            out += self.blank
            return
        values = holder.__dict__
        for slot in self.slots:
            value = values[slot.name]
            if value is None or value == ():
                out += slot.blank
            else:
                slot.put(value, out)

    def values(self, raw: Sequence[Any]) -> dict[str, Any]:
        """Return the known values by field name, from the block's read columns."""
        found: dict[str, Any] = {}
        for at, name, get in self.singles:
            cell = raw[at]
            if cell is not None:
                found[name] = cell if get is None else get(cell)
        for at, name, get, width in self.wide:
            if raw[at] is not None:
                found[name] = get(*raw[at : at + width])
        return found

    def group(self, raw: Sequence[Any]) -> Any:
        """Return the holder with the values of the read columns."""
        if tuple(raw) == self.nothing:
            return self.empty
        found = self.values(raw)
        return built(self.model, {**self.defaults, **found}, set(found)) if found else self.empty


def blocks_of(model: type[BaseModel], specs: Iterable[FieldSpec], codec: Codec) -> tuple[Block, ...]:
    """Make the blocks of an entity's own fields, in the order of its columns; derived fields are left out.

    Args:
        model: The entity.
        specs: Its declared fields.
        codec: The driver's primitives.
    """
    own = [spec for spec in specs if not spec.is_derived]
    return tuple(
        _block(model, holder, tuple(inside), codec) for holder, inside in groupby(own, lambda spec: _holder(spec.name))
    )


def _holder(name: str) -> str:
    return name.split(".")[1] if name.count(".") > 1 else ""


def _block(model: type[BaseModel], holder: str, specs: tuple[FieldSpec, ...], codec: Codec) -> Block:
    info = model.model_fields.get(holder)
    inner = model if info is None else model_of(info.annotation)
    slots = tuple(_slot(inner, spec, codec) for spec in specs)
    columns = tuple(column for slot in slots for column in slot.columns)
    starts = tuple(accumulate((len(slot.columns) for slot in slots), initial=0))
    placed = list(zip(starts, slots, strict=False))
    return Block(
        holder,
        inner,
        slots,
        None if info is None else info.default,
        columns,
        blank=tuple(cell for slot in slots for cell in slot.blank),
        nothing=(None,) * len(columns),
        defaults=template(inner),
        singles=tuple(
            (at, one.name, None if one.get is _itself else one.get) for at, one in placed if len(one.columns) == 1
        ),
        wide=tuple((at, one.name, one.get, len(one.columns)) for at, one in placed if len(one.columns) > 1),
    )


def _slot(model: type[BaseModel], spec: FieldSpec, codec: Codec) -> Slot:
    name = spec.name.rpartition(".")[2]
    annotation = model.model_fields[name].annotation
    columns: tuple[str, ...] = (stored_column(spec),)
    put, get, width = _conversion(spec, annotation, codec)
    if spec.kind is Kind.MONEY:
        columns = (*columns, f"{spec.short}_currency")
    return Slot(name, put, (None,) * width, get, columns)


def _conversion(spec: FieldSpec, annotation: Any, codec: Codec) -> tuple[Put, Get, int]:
    """Return how a known value is written and read, and how many columns it fills."""
    enum = enum_of(annotation)
    match spec.kind:
        case Kind.TEXT:
            return (lambda value, out: out.extend((value, fold(value)))), _itself, 2
        case Kind.CODE:
            return (lambda value, out: out.append(str(value))), _member_of(enum), 1
        case Kind.MONEY:
            return (lambda value, out: out.extend((value.minor_units, value.currency))), _money, 2
        case Kind.LOCATION:
            return (lambda value, out: out.extend((value.text, *value.units))), read_location, 4
        case Kind.DATE:
            return (lambda value, out: out.append(codec.put_date(value))), codec.get_date, 1
        case Kind.INSTANT:
            return (lambda value, out: out.append(codec.put_instant(value))), codec.get_instant, 1
        case Kind.BOOLEAN:
            return (lambda value, out: out.append(value)), bool, 1
        case Kind.TAGS | Kind.CODES | Kind.RECORDS:
            return _collection(spec, annotation, codec)
        case _:
            return (lambda value, out: out.append(value)), _itself, 1


def _collection(spec: FieldSpec, annotation: Any, codec: Codec) -> tuple[Put, Get, int]:
    to_json, from_json = codec.put_json, codec.get_json
    if spec.kind is Kind.CODES:
        one_code = _member_of(enum_of(annotation))

        def get_codes(cell: Any) -> Any:
            return tuple(map(one_code, from_json(cell)))

        return (lambda value, out: out.append(to_json([str(one) for one in value]))), get_codes, 1
    if spec.kind is Kind.TAGS:

        def put_tags(value: Any, out: list[Any]) -> None:
            out += (to_json(value), to_json([fold(one) for one in value]))

        def get_tags(cell: Any) -> Any:
            return tuple(from_json(cell))

        return put_tags, get_tags, 2
    return _records(spec, model_of(annotation), codec)


def _records(spec: FieldSpec, model: type[BaseModel], codec: Codec) -> tuple[Put, Get, int]:
    def put_records(value: Any, out: list[Any]) -> None:
        plain = [record.model_dump(mode="json", exclude_none=True) for record in value]
        out += (codec.put_json(plain), codec.put_json([_comparable(spec, record) for record in value]))

    def get_records(cell: Any) -> Any:
        return tuple(model.model_validate(one) for one in codec.get_json(cell))

    return put_records, get_records, 2


def _comparable(spec: FieldSpec, record: Any) -> dict[str, Any]:
    """Return a record as rules compare it: texts folded, instants in microseconds, dates as ISO text."""
    shown: dict[str, Any] = {}
    for inner in spec.record_fields:
        value = inner.read(record)
        if value is None:
            continue
        match inner.kind:
            case Kind.TEXT:
                shown[inner.short] = fold(value)
            case Kind.INSTANT:
                shown[inner.short] = to_microseconds(value)
            case Kind.DATE:
                shown[inner.short] = value.isoformat()
            case _:
                shown[inner.short] = value
    return shown


def _member_of(enum: type[StrEnum] | None) -> Get:
    """Return what finds a member by its value; asking the class itself is four times slower."""
    return _itself if enum is None else {one.value: one for one in enum}.__getitem__


def _itself(value: Any) -> Any:
    return value


def _money(minor_units: int, currency: str) -> Money:
    given = {"minor_units": minor_units, "currency": currency}
    return built(Money, given, set(given))
