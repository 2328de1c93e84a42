"""Columns prepared in SQL, for DuckDB and Spark: nothing is read, and nothing leaves the engine.

Text is never folded here: no two engines agree on `lower()`. A folded column must exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from mimcore.errors import InvalidValueError, UnsupportedConditionError
from mimcore.frames.notation import SHIFT_US, WHITE_SPACE, Change, FieldOf, unknown_pools

__all__ = ["DuckDBNotation", "SparkNotation", "SqlNotation"]

_PRIME = 2_147_483_647
_UUID = "^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$"
_SIGNS = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class SqlNotation:
    """What DuckDB and Spark write alike."""

    backtracks = False
    long, double, string, longest = "BIGINT", "DOUBLE", "VARCHAR", "HUGEINT"

    def column(self, name: str) -> str:
        """A column of the frame."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: Any) -> str:
        """A constant."""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return f"CAST({value} AS {self.long})" if value < 0 else str(value)
        if isinstance(value, float):
            return f"CAST('{value!r}' AS {self.double})"
        if isinstance(value, str):
            return self.quoted(value)
        return f"DATE '{value.isoformat()}'"

    def quoted(self, value: str) -> str:
        """Text as a literal."""
        return "'" + value.replace("'", "''") + "'"

    def flag(self, value: bool | None) -> str:  # noqa: FBT001 - a constant, not an option
        """The same answer in every row."""
        return self.null("boolean") if value is None else self.literal(value)

    def constant(self, value: str) -> str:
        """The same text in every row."""
        return self.quoted(value)

    def number(self, value: int) -> str:
        """The same whole number in every row."""
        return self.literal(value)

    def one_day(self, value: date) -> str:
        """The same date in every row."""
        return self.literal(value)

    def null(self, kind: str) -> str:
        """A missing value of a kind."""
        named = {"text": self.string, "boolean": "BOOLEAN", "integer": self.long, "number": self.double}
        return f"CAST(NULL AS {named.get(kind, 'DATE')})"

    def text(self, value: str) -> str:
        """Categories as text."""
        return f"CAST({value} AS {self.string})"

    def stripped(self, value: str) -> str:
        """Text without white space at its edges."""
        return f"NULLIF({self.trimmed(value)}, '')"

    def trimmed(self, value: str) -> str:
        """Text without white space at its edges, perhaps empty."""
        return f"TRIM({value}, {self.quoted(WHITE_SPACE)})"

    def folded(self, value: str, column: str) -> str:  # noqa: ARG002 - the protocol's signature
        """Refuse."""
        raise unfolded(column)

    def units_of_text(self, value: str, column: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's signature
        """Refuse."""
        raise _unmeasured(column)

    def units_of_degrees(self, latitude: str, longitude: str, column: str) -> tuple[str, ...]:  # noqa: ARG002 - as above
        """Refuse."""
        raise _unmeasured(column)

    def unless_empty(self, value: str) -> str:
        """Text that was folded before."""
        return f"NULLIF({value}, '')"

    def finite(self, value: str) -> str:
        """A float; missing if it is no number."""
        return f"CASE WHEN NOT isnan({value}) THEN {value} END"

    def whole(self, value: str) -> str:
        """A number as a whole one of 64 bits."""
        return f"CAST({value} AS {self.long})"

    def real(self, value: str) -> str:
        """A number as a float."""
        return f"CAST({value} AS {self.double})"

    def wide(self, value: str) -> str:
        """A whole number of which very many may be added up."""
        return f"CAST({value} AS {self.longest})"

    def minor_units(self, value: str, factor: Any, *, is_decimal: bool) -> str:
        """Major units times a factor, rounded half to even."""
        exact = f"CAST({value} AS DECIMAL(30, 6))" if is_decimal else value
        return f"CAST({self.rounded(f'{exact} * {factor}', is_decimal=is_decimal)} AS {self.long})"

    def rounded(self, value: str, *, is_decimal: bool) -> str:
        """A number rounded half to even; of decimals `ROUND` takes halves away from zero, and `ROUND_EVEN` has none."""
        even = f"ROUND_EVEN({value}, 0)"
        if not is_decimal:
            return even
        halves, others = (f"CAST({one} AS {self.long})" for one in (even, f"ROUND({value}, 0)"))
        return f"CASE WHEN ABS({value}) % 1 = 0.5 THEN {halves} ELSE {others} END"

    def day(self, value: str) -> str:
        """The date of a naive datetime."""
        return f"CAST({value} AS DATE)"

    def checked_day(self, value: str, refusal: InvalidValueError) -> str:
        """The same, if it is a midnight."""
        day = self.day(value)
        return f"CASE WHEN {day} = {value} THEN {day} WHEN {value} IS NOT NULL THEN {self.complaint(str(refusal))} END"

    def one_of(self, value: str, known: Sequence[str], refusal: InvalidValueError) -> str:
        """A code that is known."""
        codes = ", ".join(map(self.quoted, known))
        complaint = self.complaint(str(refusal))
        return f"CASE WHEN {value} IN ({codes}) THEN {value} WHEN {value} IS NOT NULL THEN {complaint} END"

    def microseconds(self, value: str) -> str:
        """An instant as microseconds since 1970."""
        return f"EPOCH_US({value})"

    def where_equal(self, value: str, constant: str, then: str) -> str:
        """`then` where a value equals a constant, else missing."""
        return f"CASE WHEN {value} = {self.quoted(constant)} THEN {then} END"

    def choose(self, value: str, by: Mapping[str, int], default: int) -> str:
        """A number chosen by a code."""
        cases = " ".join(f"WHEN {self.quoted(code)} THEN {number}" for code, number in by.items())
        return f"(CASE {value} {cases} ELSE {default} END)"

    def divided(self, value: str, by: int) -> str:
        """A quotient of whole numbers that are not negative."""
        return f"({value} // {by})"

    def block(self, value: str, end: int, length: int) -> str:
        """How many whole lengths lie between an instant and the end."""
        return self.divided(f"({end} - {value})", length)

    def clock(self, value: str, part: str, offsets: Sequence[tuple[int, int]]) -> str:
        """The local weekday or hour of microseconds."""
        local = f"({value} + {self._ahead(value, offsets)} + {SHIFT_US})"
        if part == "hour":
            return f"{self.divided(local, 3_600_000_000)} % 24"
        return f"({self.divided(local, 86_400_000_000)} + 3) % 7 + 1"

    def _ahead(self, value: str, offsets: Sequence[tuple[int, int]]) -> str:
        """Find the offset by halves: a zone has some hundred of them."""
        if len(offsets) == 1:
            return self.literal(offsets[0][1] * 1_000_000)
        half = len(offsets) // 2
        early, late = self._ahead(value, offsets[:half]), self._ahead(value, offsets[half:])
        return f"(CASE WHEN {value} < {self.literal(offsets[half][0])} THEN {early} ELSE {late} END)"

    def sample_key(self, value: str, column: str) -> str:
        """The 31-bit key of an id written as text, from pieces of 16 bits."""
        digits = f"REPLACE({value}, '-', '')"
        pieces = [
            f"{self.from_hex(f'SUBSTR({digits}, {4 * place + 1}, 4)')} * {pow(2, 16 * (7 - place), _PRIME)}"
            for place in range(8)
        ]
        key = f"({' + '.join(pieces)}) % {_PRIME}"
        complaint = self.complaint(f"column '{column}' holds ids that are no UUIDs: add a column 'sample_key'")
        return f"CASE WHEN {value} IS NULL THEN NULL WHEN {self.matches(value, _UUID)} THEN {key} ELSE {complaint} END"

    def known_pool(self, pool: str, key: str, known: Sequence[str], column: str) -> str:
        """The half-life pool where there is a key."""
        pools = ", ".join(map(self.quoted, known))
        complaint = self.complaint(unknown_pools(column))
        return f"CASE WHEN {key} IS NULL THEN NULL WHEN {pool} IN ({pools}) THEN {pool} ELSE {complaint} END"

    def from_hex(self, value: str) -> str:
        """A number of hexadecimal digits."""
        return f"CAST('0x' || {value} AS {self.long})"

    def matches(self, value: str, pattern: str) -> str:
        """Whether text matches a pattern."""
        return f"REGEXP_MATCHES({value}, {self.quoted(pattern)})"

    def complaint(self, message: str) -> str:
        """Fail with a message."""
        return f"ERROR({self.quoted(message)})"

    def split(self, value: str, separator: str) -> str:
        """Text as a list of words."""
        return f"STRING_SPLIT({value}, {self.quoted(separator)})"

    def kept(self, lists: str, condition: Callable[[str], str]) -> str:
        """The elements of a list for which something is true."""
        return f"LIST_FILTER({lists}, LAMBDA one: {condition('one')})"

    def changed(self, lists: str, change: Callable[[str], str]) -> str:
        """A list with every element changed."""
        return f"LIST_TRANSFORM({lists}, LAMBDA one: {change('one')})"

    def size(self, lists: str) -> str:
        """The length of a list; of a missing one, 0."""
        return f"COALESCE(LEN({lists}), 0)"

    def different(self, lists: str) -> str:
        """The different elements of a list."""
        return f"LIST_DISTINCT({lists})"

    def listed(self, words: Sequence[str]) -> str:
        """A list of constants."""
        return f"[{', '.join(map(self.quoted, words))}]"

    def meets(self, lists: str, words: Sequence[str]) -> str:
        """Whether a list shares a word with constants."""
        return f"LIST_HAS_ANY({lists}, {self.listed(words)})"

    def text_lists(self, lists: str) -> str:
        """Lists of categories: their elements are read as text one by one."""
        return lists

    def has_words(self, lists: str) -> str:
        """Whether a list holds a word with content."""
        return f"{self.size(self.kept(lists, lambda one: f'{self.stripped(self.text(one))} IS NOT NULL'))} > 0"

    def normal_lists(self, lists: str, change: Change, column: str) -> str:
        """Lists of words in their comparable form; folding is refused."""
        if change == "fold":
            raise unfolded(column)
        return lists if change == "none" else self.changed(lists, lambda one: self.stripped(self.text(one)))

    def overlaps(self, lists: str, words: tuple[str, ...], change: Change, column: str) -> str:
        """Whether a list holds one of these words."""
        normal = self.normal_lists(lists, change, column)
        return f"COALESCE({self.meets(normal, words)}, FALSE)" if words else self.flag(value=False)

    def holds_others(self, lists: str, known: Sequence[str]) -> str:
        """Whether a list holds any but the known words."""
        codes = ", ".join(map(self.quoted, known))
        return f"{self.size(self.kept(lists, lambda one: f'{one} NOT IN ({codes})'))} > 0"

    def word_count(self, lists: str, change: Change, column: str) -> str:
        """How many different words a list holds."""
        normal = self.normal_lists(lists, change, column)
        return self.size(self.different(self.kept(normal, lambda one: f"{one} IS NOT NULL")))

    def record_count(self, lists: str, fits: Callable[[FieldOf], str] | None) -> str:
        """How many records of a list fit."""

        def condition(one: str) -> str:
            if fits is None:
                return f"{one} IS NOT NULL"
            return f"COALESCE({fits(lambda name: f'{one}.{self.column(name)}')}, FALSE)"

        return self.size(self.kept(lists, condition))

    def has_records(self, lists: str) -> str:
        """Whether a list holds a record at all."""
        return f"{self.record_count(lists, None)} > 0"

    def compared(self, value: str, op: str, constant: Any) -> str:
        """A comparison with a constant."""
        return f"{value} {_SIGNS[op]} {self.literal(constant)}"

    def all_of(self, conditions: Sequence[str]) -> str:
        """All conditions at once."""
        return " AND ".join(f"({one})" for one in conditions)


class DuckDBNotation(SqlNotation):
    """As DuckDB writes it."""


class SparkNotation(SqlNotation):
    """As Spark writes it."""

    backtracks = True
    string, longest = "STRING", "DECIMAL(20, 0)"

    def column(self, name: str) -> str:
        """A column of the frame."""
        return "`" + name.replace("`", "``") + "`"

    def quoted(self, value: str) -> str:
        """Text as a literal."""
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def trimmed(self, value: str) -> str:
        """Text without white space at its edges, perhaps empty."""
        return f"TRIM(BOTH {self.quoted(WHITE_SPACE)} FROM {value})"

    def rounded(self, value: str, *, is_decimal: bool) -> str:  # noqa: ARG002 - the same for both here
        """A number rounded half to even."""
        return f"BROUND({value}, 0)"

    def microseconds(self, value: str) -> str:
        """An instant as microseconds since 1970."""
        return f"UNIX_MICROS({value})"

    def divided(self, value: str, by: int) -> str:
        """A quotient of whole numbers that are not negative."""
        return f"({value} DIV {by})"

    def from_hex(self, value: str) -> str:
        """A number of hexadecimal digits."""
        return f"CAST(CONV({value}, 16, 10) AS {self.long})"

    def matches(self, value: str, pattern: str) -> str:
        """Whether text matches a pattern."""
        return f"{value} RLIKE {self.quoted(pattern)}"

    def complaint(self, message: str) -> str:
        """Fail with a message."""
        return f"RAISE_ERROR({self.quoted(message)})"

    def split(self, value: str, separator: str) -> str:
        """Text as a list of words; Spark splits by a pattern."""
        literal = "".join(f"[{one}]" if one not in "^\\" else f"\\{one}" for one in separator)
        return f"SPLIT({value}, {self.quoted(literal)}, -1)"

    def kept(self, lists: str, condition: Callable[[str], str]) -> str:
        """The elements of a list for which something is true."""
        return f"FILTER({lists}, one -> {condition('one')})"

    def changed(self, lists: str, change: Callable[[str], str]) -> str:
        """A list with every element changed."""
        return f"TRANSFORM({lists}, one -> {change('one')})"

    def size(self, lists: str) -> str:
        """The length of a list; of a missing one, 0."""
        return f"GREATEST(COALESCE(SIZE({lists}), 0), 0)"

    def different(self, lists: str) -> str:
        """The different elements of a list."""
        return f"ARRAY_DISTINCT({lists})"

    def listed(self, words: Sequence[str]) -> str:
        """A list of constants."""
        return f"ARRAY({', '.join(map(self.quoted, words))})"

    def meets(self, lists: str, words: Sequence[str]) -> str:
        """Whether a list shares a word with constants."""
        return f"ARRAYS_OVERLAP({lists}, {self.listed(words)})"


def unfolded(column: str) -> UnsupportedConditionError:
    """Describe folded text that a lazy engine would have to fold itself."""
    return UnsupportedConditionError(
        f"column '{column}' is not folded: DuckDB and Spark compare text and tags through a column "
        f"'{column}_folded', as mim.prepare(frame) and a snapshot write it"
    )


def _unmeasured(column: str) -> UnsupportedConditionError:
    return UnsupportedConditionError(
        f"column '{column}' holds a location, and no engine's sines are another's: DuckDB and Spark measure distances "
        "through columns of whole numbers, 'location_x', 'location_y' and 'location_z', as mim.prepare(frame) and a "
        "snapshot write them"
    )
