"""What columns are prepared with: a handful of operations, written once for Polars and once for SQL.

Conditions are narwhals expressions over prepared columns; only bringing a column to the form that conditions compare is
written in an engine's own notation, since that is where narwhals has no common word: text without blanks, lists,
records, minor units, microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, Protocol

from mimcore.errors import InvalidValueError

__all__ = ["SHIFT_US", "WHITE_SPACE", "Change", "FieldOf", "Native", "Notation", "unknown_pools"]

Native = Any
"""An expression of the engine: of Polars, or a piece of SQL."""

Change = Literal["fold", "strip", "none"]
"""How a word is brought to its comparable form; `none`: it is already."""

FieldOf = Callable[[str], Native]
"""Gives a field of the record at hand."""

WHITE_SPACE = "".join(
    map(chr, [*range(9, 14), *range(28, 33), 133, 160, 5760, *range(8192, 8203), 8232, 8233, 8239, 8287, 12288])
)
"""What `str.strip` and `str.split` take for white space; engines have other ideas unless told."""

_WEEK_US = 7 * 86_400_000_000
SHIFT_US = 120_000 * _WEEK_US
"""Added before instants are divided: engines round negative quotients differently. Whole weeks keep the weekday."""


def unknown_pools(column: str) -> str:
    """Say that a column of pools names some whose half-life nobody knows; none is quoted.

    Args:
        column: Its name.
    """
    return f"column '{column}' names pools whose half-life is not known: give half_lives=store.quality.half_lives()"


class Notation(Protocol):
    """The operations."""

    backtracks: bool
    """Whether the engine's regular expressions backtrack."""

    def column(self, name: str) -> Native:
        """A column of the frame."""
        ...

    def flag(self, value: bool | None) -> Native:  # noqa: FBT001 - a constant, not an option
        """The same answer in every row."""
        ...

    def constant(self, value: str) -> Native:
        """The same text in every row."""
        ...

    def number(self, value: int) -> Native:
        """The same whole number in every row."""
        ...

    def one_day(self, value: date) -> Native:
        """The same date in every row."""
        ...

    def null(self, kind: str) -> Native:
        """A missing value of a kind: text, boolean, integer, number or date."""
        ...

    def text(self, value: Native) -> Native:
        """Categories as text."""
        ...

    def stripped(self, value: Native) -> Native:
        """Text without white space at its edges; missing if nothing is left."""
        ...

    def folded(self, value: Native, column: str) -> Native:
        """Folded text; missing if nothing is left."""
        ...

    def unless_empty(self, value: Native) -> Native:
        """Text that was folded before; missing if it is empty."""
        ...

    def finite(self, value: Native) -> Native:
        """A float; missing if it is no number."""
        ...

    def whole(self, value: Native) -> Native:
        """A number as a whole one of 64 bits."""
        ...

    def real(self, value: Native) -> Native:
        """A number as a float."""
        ...

    def wide(self, value: Native) -> Native:
        """A whole number of which very many may be added up."""
        ...

    def minor_units(self, value: Native, factor: Native, *, is_decimal: bool) -> Native:
        """Major units times a factor, rounded half to even, as a whole number."""
        ...

    def day(self, value: Native) -> Native:
        """The date of a naive datetime."""
        ...

    def checked_day(self, value: Native, refusal: InvalidValueError) -> Native:
        """The same where nobody has looked whether all are midnights; any other time fails when it is read."""
        ...

    def one_of(self, value: Native, known: Sequence[str], refusal: InvalidValueError) -> Native:
        """A code; any other than the known ones fails when it is read."""
        ...

    def microseconds(self, value: Native) -> Native:
        """An instant as microseconds since 1970."""
        ...

    def where_equal(self, value: Native, constant: str, then: Native) -> Native:
        """`then` where a value equals a constant, else missing."""
        ...

    def choose(self, value: Native, by: Mapping[str, int], default: int) -> Native:
        """A number chosen by a code."""
        ...

    def block(self, value: Native, end: int, length: int) -> Native:
        """How many whole lengths lie between an instant and the end."""
        ...

    def clock(self, value: Native, part: str, offsets: Sequence[tuple[int, int]]) -> Native:
        """The local weekday (1 to 7) or hour of microseconds."""
        ...

    def sample_key(self, value: Native, column: str) -> Native:
        """The 31-bit key of an id written as text."""
        ...

    def known_pool(self, pool: Native, key: Native, known: Sequence[str], column: str) -> Native:
        """The half-life pool where there is a key; any other than the known ones fails when it is read."""
        ...

    def units_of_text(self, value: Native, column: str) -> tuple[Native, ...]:
        """The three whole numbers of a location written as text."""
        ...

    def units_of_degrees(self, latitude: Native, longitude: Native, column: str) -> tuple[Native, ...]:
        """The same of two numbers of degrees; missing where one is."""
        ...

    def split(self, value: Native, separator: str) -> Native:
        """Text as a list of words."""
        ...

    def text_lists(self, lists: Native) -> Native:
        """Lists of categories as lists of text."""
        ...

    def has_words(self, lists: Native) -> Native:
        """Whether a list holds a word with content."""
        ...

    def overlaps(self, lists: Native, words: tuple[str, ...], change: Change, column: str) -> Native:
        """Whether a list holds one of these words."""
        ...

    def normal_lists(self, lists: Native, change: Change, column: str) -> Native:
        """Lists of the words in their comparable form."""
        ...

    def holds_others(self, lists: Native, known: Sequence[str]) -> Native:
        """Whether a list of words in their comparable form holds any but the known ones."""
        ...

    def word_count(self, lists: Native, change: Change, column: str) -> Native:
        """How many different words a list holds."""
        ...

    def record_count(self, lists: Native, fits: Callable[[FieldOf], Native] | None) -> Native:
        """How many records of a list fit; without a condition, how many there are."""
        ...

    def has_records(self, lists: Native) -> Native:
        """Whether a list holds a record at all."""
        ...

    def compared(self, value: Native, op: str, constant: Any) -> Native:
        """A comparison with a constant, for fields of records."""
        ...

    def all_of(self, conditions: Sequence[Native]) -> Native:
        """All conditions at once."""
        ...
