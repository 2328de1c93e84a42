"""Columns prepared in Polars: pandas and PyArrow frames come through here, too."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from mimcore.errors import InvalidValueError, MissingFactsError
from mimcore.frames.notation import SHIFT_US, Change, FieldOf, unknown_pools
from mimcore.frames.polars_places import axes, units_of_pair
from mimcore.frames.polars_text import (
    fold_column,
    strip_column,
    unless_empty,
    words_of,
    words_with_content,
    words_within,
)
from mimcore.values.location import units_of_text

__all__ = ["PolarsNotation"]

_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "boolean": pl.Boolean(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "date": pl.Date(),
}
_UUID = r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$"
_PRIME = 2_147_483_647


class PolarsNotation:
    """The operations as Polars expressions."""

    backtracks = False

    def column(self, name: str) -> pl.Expr:
        """A column of the frame."""
        return pl.col(name)

    def flag(self, value: bool | None) -> pl.Expr:  # noqa: FBT001 - a constant, not an option
        """The same answer in every row."""
        return pl.lit(value, dtype=pl.Boolean)

    def constant(self, value: str) -> pl.Expr:
        """The same text in every row."""
        return pl.lit(value)

    def number(self, value: int) -> pl.Expr:
        """The same whole number in every row."""
        return pl.lit(value, dtype=pl.Int64)

    def one_day(self, value: date) -> pl.Expr:
        """The same date in every row."""
        return pl.lit(value)

    def null(self, kind: str) -> pl.Expr:
        """A missing value of a kind."""
        return pl.lit(None, dtype=_TYPES[kind])

    def text(self, value: pl.Expr) -> pl.Expr:
        """Categories as text."""
        return value.cast(pl.String)

    def stripped(self, value: pl.Expr) -> pl.Expr:
        """Text without white space at its edges."""
        return _mapped(value, strip_column, pl.String())

    def folded(self, value: pl.Expr, column: str) -> pl.Expr:  # noqa: ARG002 - the protocol's signature
        """Folded text."""
        return _mapped(value, fold_column, pl.String())

    def unless_empty(self, value: pl.Expr) -> pl.Expr:
        """Text that was folded before."""
        return _mapped(value, unless_empty, pl.String())

    def finite(self, value: pl.Expr) -> pl.Expr:
        """A float; missing if it is no number."""
        return value.fill_nan(None)

    def whole(self, value: pl.Expr) -> pl.Expr:
        """A number as a whole one of 64 bits."""
        return value.cast(pl.Int64)

    def real(self, value: pl.Expr) -> pl.Expr:
        """A number as a float."""
        return value.cast(pl.Float64)

    def wide(self, value: pl.Expr) -> pl.Expr:
        """A whole number of 128 bits."""
        return value.cast(pl.Int128)

    def minor_units(self, value: pl.Expr, factor: Any, *, is_decimal: bool) -> pl.Expr:  # noqa: ARG002 - as above
        """Major units times a factor, rounded half to even."""
        units: pl.Expr = (value * factor).round(0, mode="half_to_even")
        return units.cast(pl.Int64)

    def day(self, value: pl.Expr) -> pl.Expr:
        """The date of a naive datetime."""
        return value.dt.date()

    def checked_day(self, value: pl.Expr, refusal: InvalidValueError) -> pl.Expr:
        """The same, if it is a midnight."""
        return _mapped(value, partial(_days, refusal=refusal), pl.Date())

    def one_of(self, value: pl.Expr, known: Sequence[str], refusal: InvalidValueError) -> pl.Expr:
        """A code that is known."""
        return _mapped(value, partial(_known, codes=list(known), refusal=refusal), pl.String())

    def microseconds(self, value: pl.Expr) -> pl.Expr:
        """An instant as microseconds since 1970."""
        return value.dt.cast_time_unit("us").cast(pl.Int64)

    def where_equal(self, value: pl.Expr, constant: str, then: pl.Expr) -> pl.Expr:
        """`then` where a value equals a constant, else missing."""
        return pl.when(value == constant).then(then)

    def choose(self, value: pl.Expr, by: Mapping[str, int], default: int) -> pl.Expr:
        """A number chosen by a code."""
        return value.replace_strict(dict(by), default=default, return_dtype=pl.Int64)

    def block(self, value: pl.Expr, end: int, length: int) -> pl.Expr:
        """How many whole lengths lie between an instant and the end."""
        return (end - value) // length

    def clock(self, value: pl.Expr, part: str, offsets: Sequence[tuple[int, int]]) -> pl.Expr:
        """The local weekday or hour of microseconds."""
        local = _mapped(value, partial(_local, offsets=tuple(offsets)), pl.Int64()) + SHIFT_US
        if part == "hour":
            return local // 3_600_000_000 % 24
        return (local // 86_400_000_000 + 3) % 7 + 1

    def sample_key(self, value: pl.Expr, column: str) -> pl.Expr:
        """The 31-bit key of an id written as text."""
        return _mapped(value, partial(_sample_keys, name=column), pl.Int64())

    def known_pool(self, pool: pl.Expr, key: pl.Expr, known: Sequence[str], column: str) -> pl.Expr:
        """The half-life pool where there is a key."""
        pair = pl.struct(pool=pl.when(key.is_not_null()).then(pool), is_dated=key.is_not_null())
        return _mapped(pair, partial(_pools, known=list(known), name=column), pl.String())

    def units_of_text(self, value: pl.Expr, column: str) -> tuple[pl.Expr, ...]:
        """The whole numbers of a location written as text."""
        return tuple(_mapped(value, read, pl.Int64()) for read in axes(units_of_text, column))

    def units_of_degrees(self, latitude: pl.Expr, longitude: pl.Expr, column: str) -> tuple[pl.Expr, ...]:
        """The whole numbers of a location in two columns."""
        both = pl.struct(latitude=latitude, longitude=longitude)
        return tuple(_mapped(both, read, pl.Int64()) for read in axes(units_of_pair, column))

    def split(self, value: pl.Expr, separator: str) -> pl.Expr:
        """Text as a list of words."""
        return value.str.split(separator)

    def text_lists(self, lists: pl.Expr) -> pl.Expr:
        """Lists of categories as lists of text."""
        return lists.cast(pl.List(pl.String))

    def has_words(self, lists: pl.Expr) -> pl.Expr:
        """Whether a list holds a word with content."""
        return _mapped(lists, words_with_content, pl.Boolean())

    def overlaps(self, lists: pl.Expr, words: tuple[str, ...], change: Change, column: str) -> pl.Expr:  # noqa: ARG002
        """Whether a list holds one of these words."""
        if change != "none":
            return _mapped(lists, partial(words_within, words=words, change=change), pl.Boolean())
        return lists.list.eval(pl.element().is_in(list(words))).list.any().fill_null(value=False)

    def holds_others(self, lists: pl.Expr, known: Sequence[str]) -> pl.Expr:
        """Whether a list holds any but the known words."""
        return lists.list.eval(~pl.element().is_in(list(known))).list.any().fill_null(value=False)

    def word_count(self, lists: pl.Expr, change: Change, column: str) -> pl.Expr:
        """How many different words a list holds."""
        if change == "none":
            return lists.list.drop_nulls().list.n_unique().cast(pl.Int64).fill_null(0)
        return self.word_count(self.normal_lists(lists, change, column), "none", column)

    def normal_lists(self, lists: pl.Expr, change: Change, column: str) -> pl.Expr:  # noqa: ARG002 - as above
        """Lists of the words in their comparable form."""
        return _mapped(lists, partial(words_of, change=change), pl.List(pl.String()))

    def record_count(self, lists: pl.Expr, fits: Callable[[FieldOf], pl.Expr] | None) -> pl.Expr:
        """How many records of a list fit."""
        if fits is None:
            return lists.list.drop_nulls().list.len().cast(pl.Int64).fill_null(0)
        hits = lists.list.eval(fits(pl.element().struct.field).fill_null(value=False))
        return hits.list.sum().cast(pl.Int64).fill_null(0)

    def has_records(self, lists: pl.Expr) -> pl.Expr:
        """Whether a list holds a record at all."""
        return self.record_count(lists, None) > 0

    def compared(self, value: pl.Expr, op: str, constant: Any) -> pl.Expr:
        """A comparison with a constant."""
        compare: Callable[[pl.Expr, Any], pl.Expr] = getattr(operator, op)
        return compare(value, constant)

    def all_of(self, conditions: Sequence[pl.Expr]) -> pl.Expr:
        """All conditions at once."""
        return pl.all_horizontal(*conditions)


def _mapped(value: pl.Expr, change: Callable[[pl.Series], pl.Series], dtype: Any) -> pl.Expr:
    return value.map_batches(change, return_dtype=dtype, is_elementwise=True)


def _local(instants: pl.Series, offsets: tuple[tuple[int, int], ...]) -> pl.Series:
    if len(offsets) == 1:
        return instants + offsets[0][1] * 1_000_000
    starts = pl.Series([start for start, _ in offsets], dtype=pl.Int64)
    ahead = pl.Series([seconds * 1_000_000 for _, seconds in offsets], dtype=pl.Int64)
    place = starts.search_sorted(instants.fill_null(0), side="right").cast(pl.Int64) - 1
    local: pl.Series = instants + ahead.gather(place.clip(0))
    return local


def _pools(pairs: pl.Series, known: list[str], name: str) -> pl.Series:
    pools, dated = pairs.struct.field("pool"), pairs.struct.field("is_dated")
    if not pools.filter(dated).is_in(known).fill_null(value=False).all():
        raise MissingFactsError(unknown_pools(name))
    return pools


def _days(times: pl.Series, refusal: InvalidValueError) -> pl.Series:
    if not (times.dt.truncate("1d") == times).all():
        raise refusal
    return times.dt.date()


def _known(found: pl.Series, codes: list[str], refusal: InvalidValueError) -> pl.Series:
    if not found.unique().is_in(codes).all():
        raise refusal
    return found


def _sample_keys(ids: pl.Series, name: str) -> pl.Series:
    """The id modulo the prime, from eight pieces of 16 bits: each times a power of two stays below 2⁴⁷."""
    if not (ids.str.contains(_UUID) | ids.is_null()).all():
        raise InvalidValueError(f"column '{name}'", "holds ids that are no UUIDs", "add a column 'sample_key'")
    digits = ids.str.replace_all("-", "", literal=True)
    pieces = [
        digits.str.slice(4 * place, 4).str.to_integer(base=16, dtype=pl.Int64) * pow(2, 16 * (7 - place), _PRIME)
        for place in range(8)
    ]
    key = pieces[0]
    for piece in pieces[1:]:
        key = key + piece
    return pl.Series(ids.name, key % _PRIME)
