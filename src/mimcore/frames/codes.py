"""Columns of codes that hold something else: how many rows do, and what to do; never what is written there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import narwhals as nw

from mimcore.errors import InvalidValueError
from mimcore.frames.columns import Columns
from mimcore.frames.forms import CURRENCY_REMEDY
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind
from mimcore.values.currencies import CURRENCIES

__all__ = ["Strays", "strays"]

_FEW = 20
_READERS = {
    "country": "turn names into codes first: mimcore.values.codes.country reads 'Danmark', 'dk' and 'DNK' as 'DK'",
    "language": "turn names into codes first: mimcore.values.codes.language reads 'Dansk', 'DA' and 'da-DK' as 'da'",
}


@dataclass(frozen=True, slots=True)
class Strays:
    """What a column of codes holds besides codes.

    Attributes:
        column: Its name.
        field: Canonical name of the field.
        rows: How many rows hold no code.
        of: How many rows there are.
        remedy: What to do.
    """

    column: str
    field: str
    rows: int
    of: int
    remedy: str

    def __str__(self) -> str:
        """In words."""
        return f"{self.rows} of {self.of} rows hold no code of {self.field}, and equal none; {self.remedy}"


def strays(columns: Columns, specs: Iterable[FieldSpec], catalogue: Catalogue) -> list[Strays]:
    """Count the rows of a frame that hold no code where one belongs; a lazy frame is read for it.

    Args:
        columns: The frame's columns; none is added to them.
        specs: The fields that are looked at, where they are of codes or of money.
        catalogue: The declared fields, which knows the kinds of events.

    Returns:
        One for each column that holds something else.
    """
    own = Columns(columns.table, columns.naming, columns.constants, "s")
    asked: dict[str, nw.Expr] = {"rows": own.flag(value=True)}
    found: list[tuple[str, FieldSpec, frozenset[str]]] = []
    for column, spec, known in _coded(own, specs, catalogue):
        found.append((column, spec, known))
        asked[f"strays_{len(found)}"] = _is_stray(own, column, spec, known)
    if not found:
        return []
    counts = own.table.numbers(own.table.prepared(own.made), asked)
    told = [
        Strays(column, spec.name, counts[f"strays_{at}"], counts["rows"], _remedy(spec, known))
        for at, (column, spec, known) in enumerate(found, start=1)
    ]
    return [one for one in told if one.rows]


def _coded(
    columns: Columns, specs: Iterable[FieldSpec], catalogue: Catalogue
) -> Iterator[tuple[str, FieldSpec, frozenset[str]]]:
    """Yield the columns that hold nothing but codes, and the codes."""
    for spec in specs:
        known = _codes(spec, catalogue)
        column = columns.naming.find(spec)
        if spec.kind is Kind.MONEY:
            column = columns.naming.beside(spec, "_currency")
        is_fixed = ("currency" if spec.kind is Kind.MONEY else spec.short) in columns.constants
        if known is None or column is None or is_fixed or columns.table.dtype(column) is None:
            continue
        if _fits(columns, column, spec):
            yield column, spec, known


def _codes(spec: FieldSpec, catalogue: Catalogue) -> frozenset[str] | None:
    if spec.kind is Kind.MONEY:
        return frozenset(CURRENCIES)
    if spec.name == "event.kind":
        return catalogue.event_kinds
    return spec.options if spec.kind in {Kind.CODE, Kind.CODES} else None


def _fits(columns: Columns, column: str, spec: FieldSpec) -> bool:
    """Whether the type of the column does; what is refused is said elsewhere."""
    try:
        columns.words(spec) if spec.is_collection else columns.raw(column, spec, Kind.CODE)
    except InvalidValueError:
        return False
    return True


def _is_stray(columns: Columns, column: str, spec: FieldSpec, known: frozenset[str]) -> nw.Expr:
    codes = sorted(known)
    if spec.is_collection:
        lists = columns.words(spec)
        return columns.prepared(
            (spec.name, "strays"), lambda: columns.table.notation.holds_others(lists, codes)
        ).fill_null(value=False)
    word = columns.prepared((spec.name, "word"), lambda: columns.raw(column, spec, Kind.CODE))
    return (~word.is_in(codes)).fill_null(value=False)


def _remedy(spec: FieldSpec, known: frozenset[str]) -> str:
    if spec.kind is Kind.MONEY:
        return CURRENCY_REMEDY
    if len(known) <= _FEW:
        return f"write one of {', '.join(sorted(known))}"
    return _READERS.get(spec.vocabulary, f"write codes such as '{min(known)}'")
