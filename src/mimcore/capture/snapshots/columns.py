"""From entities to Arrow tables: each column is one comprehension over the opened groups of a batch.

A group of which nothing is known costs one comparison a contact, and a column without any value costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from mimcore.capture.snapshots.schema import Shape, account_name, arrow, schema_of, shape, shapes_of
from mimcore.rules.language.catalogue import FieldSpec, Kind, default_catalogue
from mimcore.values.text import fold

__all__ = ["Batch", "Columns", "account_columns", "contact_columns", "event_columns", "link_columns", "point_columns"]

Values = Sequence[Any] | None
"""One column's values; None where nothing is known of anybody."""


class Batch:
    """Some entities, whose groups are opened once for all columns."""

    def __init__(self, entities: Sequence[Any], **beside: list[Any]) -> None:
        """Take entities.

        Args:
            entities: Contacts, accounts, interactions, points or links; all of one kind.
            **beside: Values that the entities do not hold themselves, such as the ids of their owners.
        """
        self.entities, self.beside = entities, beside
        kinds: dict[str, dict[str, Any]] = {one.__class__.__name__: one.__dict__ for one in entities}
        shared = [name for name in next(iter(kinds.values()), ()) if all(name in kind for kind in kinds.values())]
        rows = [one.__dict__ for one in entities]
        self._opened: dict[str, dict[str, tuple[Any, ...]]] = {"": _turned(rows, shared) if rows else {}}

    def values(self, holder: str, name: str) -> Values:
        """Return an attribute of a group of every entity; None where it is missing or empty in all of them.

        Args:
            holder: The group; empty for the entity itself.
            name: The attribute.
        """
        if holder not in self._opened:
            self._opened[holder] = self._open(holder)
        found = self._opened[holder].get(name)
        # Counting compares by identity first; a generator would ask every value for its truth.
        is_blank = found is None or found.count(None) + found.count(()) == len(found)
        return None if is_blank else found

    def _open(self, holder: str) -> dict[str, tuple[Any, ...]]:
        empty = self.entities[0].__class__.model_fields[holder].default
        held = self._opened[""][holder]
        known = next((one for one in held if one is not empty and one is not None), None)
        if known is None:
            return {}
        blank: dict[str, Any] = dict.fromkeys(known.__dict__)
        return _turned([blank if one is empty or one is None else one.__dict__ for one in held], blank)


def _turned(rows: Sequence[dict[str, Any]], names: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Turn rows into columns; `itemgetter` and `zip` do it several times faster than a comprehension a column."""
    listed = list(names)
    return dict(zip(listed, zip(*map(itemgetter(*listed), rows), strict=True), strict=True))


@dataclass(frozen=True, slots=True)
class _Part:
    """Columns that are made together."""

    shapes: tuple[Shape, ...]
    make: Callable[[Batch], tuple[Values, ...]]


class Columns:
    """The columns of one table, and how a batch becomes rows of it."""

    def __init__(self, parts: Iterable[_Part]) -> None:
        """Put parts side by side.

        Args:
            parts: In the order of the columns.
        """
        self._parts = tuple(parts)
        self.shapes = tuple(one for part in self._parts for one in part.shapes)
        self.schema = schema_of(self.shapes)

    def table(self, batch: Batch) -> Any:
        """Return the Arrow table of a batch; of none at all without rows."""
        if not batch.entities:
            return self.schema.empty_table()
        made = [values for part in self._parts for values in part.make(batch)]
        size = len(batch.entities)
        arrays = [_array(values, one.type, size) for values, one in zip(made, self.shapes, strict=True)]
        return arrow().table(arrays, schema=self.schema)


def _array(values: Values, type_: Any, size: int) -> Any:
    pa = arrow()
    if values is not None:
        return pa.array(values, type_)
    return pa.array(((),) * size, type_) if pa.types.is_list(type_) else pa.nulls(size, type_)


def _field(spec: FieldSpec, name: str = "") -> _Part:
    read, convert = _reader(spec), _CONVERSIONS.get(spec.kind)
    shapes = shapes_of(spec, name)
    if spec.kind is Kind.RECORDS:
        convert = _records(spec)

    def make(batch: Batch) -> tuple[Values, ...]:
        values = read(batch)
        if values is None:
            return (None,) * len(shapes)
        return (values,) if convert is None else convert(values)

    return _Part(shapes, make)


def _reader(spec: FieldSpec) -> Callable[[Batch], Values]:
    _, *groups, name = spec.name.split(".")
    if spec.is_derived or groups == ["custom"]:
        return lambda batch: [spec.read(one) for one in batch.entities]
    holder = groups[0] if groups else ""
    return lambda batch: batch.values(holder, name)


def _text(values: Sequence[Any]) -> tuple[Values, ...]:
    known = {one: fold(one) for one in set(values) if one is not None}
    return values, [known.get(one) for one in values]


def _tags(values: Sequence[Any]) -> tuple[Values, ...]:
    known = {word: fold(word) for word in {word for held in values if held for word in held}}
    return [held or () for held in values], [[known[word] for word in held or ()] for held in values]


def _codes(values: Sequence[Any]) -> tuple[Values, ...]:
    return ([held or () for held in values],)


def _records(spec: FieldSpec) -> Callable[[Sequence[Any]], tuple[Values, ...]]:
    inner = [(one.short, one.name.rpartition(".")[2]) for one in spec.record_fields]
    return lambda values: (
        [[{short: one.__dict__[name] for short, name in inner} for one in held or ()] for held in values],
    )


def _money(values: Sequence[Any]) -> tuple[Values, ...]:
    return (
        [None if one is None else one.amount for one in values],
        [None if one is None else one.currency for one in values],
    )


def _places(values: Sequence[Any]) -> tuple[Values, ...]:
    known = [None if one is None else one.units for one in values]
    axes = ([None if one is None else one[axis] for one in known] for axis in range(3))
    return [None if one is None else one.text for one in values], *axes


_CONVERSIONS: dict[Kind, Callable[[Sequence[Any]], tuple[Values, ...]]] = {
    Kind.TEXT: _text,
    Kind.TAGS: _tags,
    Kind.CODES: _codes,
    Kind.MONEY: _money,
    Kind.LOCATION: _places,
}


# --- the tables -------------------------------------------------------------------------------------------------------


def contact_columns(fields: Iterable[FieldSpec]) -> Columns:
    """Return the columns of contacts; those of their accounts stand beside them, in a table of their own.

    Args:
        fields: The contact's fields to be shown.
    """
    pa = arrow()
    return Columns(
        (
            _id("id"),
            _plain("version", "integer", pa.int64()),
            _beside("account_id", "id", pa.string()),
            *(_field(spec, _name(spec)) for spec in fields if spec.kind is not Kind.AGE),
            _born(),
            _outside(),
        )
    )


def _name(spec: FieldSpec) -> str:
    return spec.name if _is_custom(spec) and _is_taken(spec, spec.short) else spec.short


def _name_beside(spec: FieldSpec) -> str:
    own = account_name(spec)
    return spec.name if _is_custom(spec) and _is_taken(spec, own) else own


def _is_custom(spec: FieldSpec) -> bool:
    return spec.name.split(".")[1] == "custom"


def _is_taken(spec: FieldSpec, name: str) -> bool:
    """Whether a custom attribute would take another column's name; its canonical name, which frames know, is free."""
    mine = {one.column.name for one in shapes_of(spec, name)}
    is_like_another = name.endswith("_folded") or (spec.entity == "contact" and name.startswith("account_"))
    return is_like_another or bool(mine & _built_in())


@cache
def _built_in() -> frozenset[str]:
    catalogue = default_catalogue()
    named = [(spec, spec.short) for spec in (*catalogue.of("contact"), *catalogue.of("account"))]
    named += [(spec, account_name(spec)) for spec in catalogue.of("account")]
    fixed = {"id", "version", "parent_id", "account_id", "born_from", "born_to", "external_ids"}
    return frozenset(fixed | {one.column.name for spec, name in named for one in shapes_of(spec, name)})


def account_columns(fields: Iterable[FieldSpec], *, is_beside_contacts: bool = False) -> Columns:
    """Return the columns of accounts.

    Args:
        fields: The account's fields to be shown.
        is_beside_contacts: Whether they stand among a contact's columns: named `account_…`, and the fields alone.
    """
    if is_beside_contacts:
        return Columns(_field(spec, _name_beside(spec)) for spec in fields)
    version = _plain("version", "integer", arrow().int64())
    own = (_field(spec, _name(spec)) for spec in fields)
    return Columns((_id("id"), version, _id("parent_id"), *own, _outside()))


def event_columns(fields: Iterable[FieldSpec]) -> Columns:
    """Return the columns of events; `contact_id` is for whom they count, `recorded_for` whose they were at first.

    Args:
        fields: The event's fields to be shown.
    """
    text = arrow().string()
    return Columns(
        (
            _id("id"),
            _beside("contact_id", "id", text),
            _beside("recorded_for", "id", text),
            _id("account_id"),
            _plain("visitor_id", "text", text, is_personal=True),
            _plain("source", "code", text),
            *map(_field, fields),
            _json("properties"),
        )
    )


def point_columns() -> Columns:
    """Return the columns of contact points: e-mail addresses and phone numbers, retired ones too."""
    text = arrow().string()
    return Columns(
        (
            _beside("contact_id", "id", text),
            _id("id"),
            _plain("kind", "code", text),
            _read(shape("value", "text", text, is_personal=True), lambda one: one.value),
            _read(shape("match_key", "folded", text, is_personal=True), lambda one: one.match_key),
            _plain("label", "text", text, is_personal=True),
            _plain("state", "code", text),
            _plain("is_retired", "boolean", arrow().bool_()),
            _beside("position", "integer", arrow().int64()),
        )
    )


def link_columns() -> Columns:
    """Return the columns of the links between contacts and accounts, ended ones too."""
    pa = arrow()
    return Columns(
        (
            _beside("contact_id", "id", pa.string()),
            _id("account_id"),
            _plain("role", "text", pa.string()),
            _plain("is_primary", "boolean", pa.bool_()),
            _plain("start_on", "date", pa.date32()),
            _plain("end_on", "date", pa.date32()),
            _beside("position", "integer", pa.int64()),
        )
    )


def _plain(name: str, kind: str, type_: Any, *, is_personal: bool = False) -> _Part:
    """Make a column of an attribute that is no declared field."""
    return _Part((shape(name, kind, type_, is_personal=is_personal),), lambda batch: (batch.values("", name),))


def _read(own: Shape, read: Callable[[Any], Any]) -> _Part:
    return _Part((own,), lambda batch: ([read(one) for one in batch.entities],))


def _beside(name: str, kind: str, type_: Any) -> _Part:
    return _Part((shape(name, kind, type_),), lambda batch: (batch.beside[name],))


def _made(own: Shape, make: Callable[[Any], Any]) -> _Part:
    """Make a column of an attribute that is changed on the way; a missing or empty one is left as it is."""

    def column(batch: Batch) -> tuple[Values, ...]:
        values = batch.values("", own.column.name)
        return (None if values is None else [make(one) if one else None for one in values],)

    return _Part((own,), column)


def _id(name: str) -> _Part:
    return _made(shape(name, "id", arrow().string()), str)


def _born() -> _Part:
    """Make the bounds of the date of birth, from which an age follows at any instant."""
    type_ = arrow().date32()
    shapes = tuple(shape(name, "date", type_, is_personal=True) for name in ("born_from", "born_to"))

    def make(batch: Batch) -> tuple[Values, ...]:
        bounds = [one.demographic.birth_bounds or (None, None) for one in batch.entities]
        return [earliest for earliest, _ in bounds], [latest for _, latest in bounds]

    return _Part(shapes, make)


def _outside() -> _Part:
    """Make the ids in other systems."""
    pa = arrow()
    pairs = pa.list_(pa.struct([("source", pa.string()), ("value", pa.string())]))

    def make(batch: Batch) -> tuple[Values, ...]:
        values = batch.values("", "external_ids")
        if values is None:
            return (None,)
        return ([[{"source": one.source, "value": one.value} for one in held] for held in values],)

    return _Part((shape("external_ids", "records", pairs, is_personal=True),), make)


def _json(name: str) -> _Part:
    """Make a column of named values as JSON text; missing where there are none."""

    def text(held: Mapping[str, Any]) -> str:
        return json.dumps(dict(held), ensure_ascii=False, separators=(",", ":"))

    return _made(shape(name, "json", arrow().string(), is_personal=True), text)
