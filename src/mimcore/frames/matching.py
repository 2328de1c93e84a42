"""How the columns of a frame are understood: the same naming as every question, shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

from mimcore.display import Table as ShownTable
from mimcore.display.showing import Tabled
from mimcore.errors import InvalidValueError, UnsupportedConditionError
from mimcore.frames.codes import strays
from mimcore.frames.columns import Columns
from mimcore.frames.naming import Naming
from mimcore.frames.options import binding_of
from mimcore.frames.places import DEGREES, Places
from mimcore.frames.preparing import Entity, fields_of
from mimcore.frames.tables import LazyTable, open_table
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind
from mimcore.rules.language.pools import FRESH_KEY, FRESH_POOL
from mimcore.rules.writing.fields import Field, FrameColumn

__all__ = ["ColumnMatch", "ColumnMatches", "match_columns"]

_BESIDE = ("_folded", FRESH_KEY, FRESH_POOL, "_currency", "_minor", "_x", "_y", "_z", "_latitude", "_longitude")
_KEPT = frozenset({"id", "sample_key", "born_from", "born_to"})
_CLOSE = 0.8


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column.

    Attributes:
        column: Its name.
        dtype: Its type, as narwhals calls it.
        field: Canonical name of the field that it is taken for; empty if it is none.
        sure: `given` by the caller, by its `name`, `beside` another column (folded text, currency), or `guess`: nothing
            is done with a guess; it is what `columns=` could say.
        note: What is wrong with it, or what a guess would be written like.
    """

    column: str
    dtype: str
    field: str
    sure: Literal["given", "name", "beside", "guess", "no"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMatches(Tabled):
    """How every column of a frame is understood; prints itself."""

    columns: tuple[ColumnMatch, ...]

    @property
    def matched(self) -> dict[str, str]:
        """Column to the canonical name of its field."""
        return {one.column: one.field for one in self.columns if one.sure in {"given", "name"}}

    @property
    def left_over(self) -> tuple[str, ...]:
        """Columns that are taken for no field."""
        return tuple(one.column for one in self.columns if one.sure in {"guess", "no"})

    @property
    def guesses(self) -> dict[str, str]:
        """Columns that are left over, and the field that their name resembles."""
        return {one.column: one.field for one in self.columns if one.sure == "guess"}

    @property
    def problems(self) -> dict[str, str]:
        """Columns that are understood and cannot be used as they are, and why."""
        return {one.column: one.note for one in self.columns if one.note and one.sure in {"given", "name"}}

    def table(self) -> ShownTable:
        """As a table."""
        rows = [(one.column, one.dtype, one.field or "–", one.sure, one.note) for one in self.columns]
        caption = f"{len(self.matched)} of {len(self.columns)} columns are fields; {len(self.left_over)} left over"
        return ShownTable.of(("column", "type", "field", "sure", "note"), rows, title="Columns", caption=caption)


def match_columns(
    frame: Any,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    of: Entity = "contact",
    attributes: Iterable[Field] = (),
) -> ColumnMatches:
    """Tell how the columns of a frame are understood, and what is left over.

    Args:
        frame: Any frame that `filter` takes; of a lazy one nothing is read but the types. In any other the values of
            codes are looked at, and a note counts what is none.
        columns: Column name to field, where a column is not named after its field.
        of: What a row is: a contact (account fields beside it), a link to an account, or an event.
        attributes: Custom attributes among the columns, as `mim.attribute` returned them.

    Returns:
        What is known of every column, in the frame's order.

    Raises:
        UnknownFieldError: If a mapped column is missing.
        InvalidValueError: If it is no frame.

    Examples:
        >>> import polars as pl
        >>> found = match_columns(pl.DataFrame({"city": ["Aarhus"], "Country": ["DK"], "x": [1]}))
        >>> found.matched, found.guesses, found.left_over
        ({'city': 'contact.demographic.city'}, {'Country': 'contact.demographic.country'}, ('Country', 'x'))
    """
    table, catalogue = open_table(frame), binding_of({"columns": columns, "attributes": attributes}).catalogue
    known = Columns(table, Naming(table.names, columns, catalogue))
    found = {**fields_of(known.naming, catalogue, of), **dict(_halves(known, catalogue, of))}
    looked_at = () if isinstance(table, LazyTable) else strays(known, found.values(), catalogue)
    told = {one.column: str(one) for one in looked_at}
    given = frozenset(columns or ())
    free = {spec.name: spec for spec in _specs(catalogue, of) if spec not in found.values()}
    matches = (_match(name, known, found, given, free) for name in table.names)
    return ColumnMatches(tuple(replace(one, note=one.note or told.get(one.column, "")) for one in matches))


def _halves(known: Columns, catalogue: Catalogue, of: Entity) -> Iterator[tuple[str, FieldSpec]]:
    """Yield the columns of degrees, of which two hold one location."""
    for spec in _specs(catalogue, of):
        if spec.kind is Kind.LOCATION:
            parts = (known.naming.part(spec, part) for part in DEGREES)
            yield from ((name, spec) for name in parts if name is not None)


def _specs(catalogue: Catalogue, of: Entity) -> Iterator[FieldSpec]:
    for entity in ("contact", "account") if of == "contact" else (of,):
        yield from catalogue.of(entity)


def _match(
    name: str,
    known: Columns,
    found: Mapping[str, FieldSpec],
    given: frozenset[str],
    free: Mapping[str, FieldSpec],
) -> ColumnMatch:
    dtype = known.table.dtype(name)
    shown = "no value" if dtype is None else str(dtype)
    spec = found.get(name)
    if spec is not None:
        return ColumnMatch(name, shown, spec.name, "given" if name in given else "name", _problem(known, name, spec))
    stem = next((name.removesuffix(one) for one in _BESIDE if name.endswith(one)), "")
    if name in _KEPT or stem in found or stem in {one.short for one in free.values()}:
        return ColumnMatch(name, shown, found[stem].name if stem in found else "", "beside")
    guess = _guess(name, free)
    if guess is None:
        return ColumnMatch(name, shown, "", "no")
    return ColumnMatch(name, shown, guess.name, "guess", f"columns={{'{name}': f.{guess.entity}.{guess.short}}}")


def _problem(known: Columns, name: str, spec: FieldSpec) -> str:
    """Say why a column cannot be used for its field; empty if it can."""
    try:
        if spec.is_collection:
            known.has_elements(spec)
        elif spec.kind is Kind.LOCATION:
            Places(known, spec).is_known()
        elif spec.kind is Kind.MONEY:
            known.has_amount(spec)
        else:
            known.raw(name, spec, Kind.INTEGER if spec.kind is Kind.AGE else spec.kind)
    except InvalidValueError as error:
        return f"{error.reason}; {error.remedy}"
    except UnsupportedConditionError:
        return "" if known.naming.beside(spec, "_folded") else f"needs '{name}_folded' beside it: mim.prepare(frame)"
    return ""


def _guess(name: str, free: Mapping[str, FieldSpec]) -> FieldSpec | None:
    """Return the field whose short name comes nearest, if one does."""
    shorts = {_plain(spec.short): spec for spec in reversed(list(free.values()))}
    close = get_close_matches(_plain(name), list(shorts), n=1, cutoff=_CLOSE)
    return shorts[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
