"""What is in a file before anything is done with it: how complete, valid, doubled, old and sensitive it is.

No store and no model is needed, nothing is changed, and no cell is ever shown: the result holds names and counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from mimcore.capture.auditing.audit_tally import ColumnTally, KeyTally, RowReader
from mimcore.capture.files.csv_reader import Row
from mimcore.capture.mapping.column_kinds import ColumnKind, DateOrder
from mimcore.capture.mapping.header_names import SENSITIVE, SPECIAL_CATEGORY
from mimcore.capture.mapping.sniff import ColumnGuess, guess_column, header_key
from mimcore.capture.presets.known import recognised
from mimcore.capture.presets.preset import Preset
from mimcore.capture.reading.row_source import RowSource
from mimcore.capture.reading.tabular import as_text_rows
from mimcore.display.numbers import count, percent, plural, share
from mimcore.display.style import fragment
from mimcore.display.tables import Column, Table
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.errors import InvalidValueError
from mimcore.values.codes import country
from mimcore.values.instants import as_date, as_instant

__all__ = ["Audit", "ColumnAudit", "Duplicates", "Sensitivity", "audit"]

_LOOKED_AT = 1_000
_YEAR = timedelta(days=365)
_SHOWN_LINES = 5
_PERSONAL_KINDS = frozenset(
    {
        ColumnKind.EMAIL,
        ColumnKind.PHONE,
        ColumnKind.PERSON_NAME,
        ColumnKind.GIVEN_NAME,
        ColumnKind.FAMILY_NAME,
        ColumnKind.EXTERNAL_ID,
    }
)
_CHOICES = frozenset({ColumnKind.CODE, ColumnKind.COUNTRY, ColumnKind.LANGUAGE})
_TELLS_AGE = frozenset({ColumnKind.DATE, ColumnKind.INSTANT, ColumnKind.DAYS_AGO})


class Sensitivity(StrEnum):
    """How much protection the cells of a column need."""

    NONE = "none"
    PERSONAL = "personal"
    SPECIAL_CATEGORY = "special category"


@dataclass(frozen=True, slots=True)
class ColumnAudit:
    """One column in counts.

    Attributes:
        name: Its name in the file.
        guess: What it probably is.
        filled: Cells that say something.
        missing: Empty cells.
        placeholders: Cells filled with 'n/a', 'NULL', '-' and the like.
        distinct: Different filled values, surrounding space ignored.
        valid: Filled cells that are what the column is; None if the kind cannot be checked.
        invalid: Filled cells that are not; None as above.
        unchecked: Filled cells that could not be judged (national phone numbers without a country).
        sensitivity: How much protection the column needs.
        over_a_year: Dates more than 365 days before `now`, or numbers of days over 365 in a column such as "days since
            update"; None without dates or `now`.
        future: Dates after `now`; None as above.
    """

    name: str
    guess: ColumnGuess
    filled: int
    missing: int
    placeholders: int
    distinct: int
    valid: int | None
    invalid: int | None
    unchecked: int
    sensitivity: Sensitivity
    over_a_year: int | None
    future: int | None

    @property
    def completeness(self) -> float | None:
        """Share of cells that say something, 0-1; None without rows."""
        cells = self.filled + self.missing + self.placeholders
        return self.filled / cells if cells else None

    @property
    def valid_rate(self) -> float | None:
        """Share of judged cells that are valid, 0-1; None if none was judged."""
        if self.valid is None or self.invalid is None or not self.valid + self.invalid:
            return None
        return self.valid / (self.valid + self.invalid)

    @property
    def use(self) -> str:
        """How people could be segmented by it, or an empty text."""
        if (self.completeness or 0) < 0.5 or self.distinct < 2 or self.sensitivity is Sensitivity.SPECIAL_CATEGORY:
            return ""
        if self.guess.field == "contact.demographic.birth_date":
            return "age"
        if self.guess.kind in _TELLS_AGE:
            return "how long ago"
        if self.guess.kind in {ColumnKind.NUMBER, ColumnKind.MONEY}:
            return "more or less than"
        if self.guess.kind is ColumnKind.POSTAL_CODE:
            return "area"
        return (
            f"one of {count(self.distinct)}" if self.guess.kind in _CHOICES and self.distinct <= self.filled / 2 else ""
        )


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rows that share a key.

    Attributes:
        by: What they share: "e-mail", "phone" or "name". The same name alone is a hint, no proof.
        groups: Number of keys that more than one row has.
        rows: Number of rows with such a key.
    """

    by: str
    groups: int
    rows: int

    @property
    def surplus(self) -> int:
        """Rows that would go if each group became one."""
        return self.rows - self.groups


@dataclass(frozen=True, slots=True)
class Audit:
    """What is in a source; prints itself, as text and in notebooks. Holds no cell.

    Attributes:
        name: Name of the source.
        rows: Rows that were looked at, refused ones included.
        refused: Rows with a problem of their own (wrong number of values, NUL, too long); not counted by columns.
        refused_lines: Line numbers of the first of them.
        is_sample: Whether there are more rows than were looked at.
        columns: The columns, in order.
        duplicates: Rows that share an e-mail address, phone number or name.
        notes: What was assumed and what should be looked at.
        now: The day that ages refer to, or None if none were asked for.
    """

    name: str
    rows: int
    refused: int
    refused_lines: tuple[int, ...]
    is_sample: bool
    columns: tuple[ColumnAudit, ...]
    duplicates: tuple[Duplicates, ...]
    notes: tuple[str, ...]
    now: date | None

    @property
    def segmentable(self) -> tuple[tuple[str, str], ...]:
        """Columns by which people could be segmented, with how."""
        return tuple((column.name, column.use) for column in self.columns if column.use)

    def table(self) -> Table:
        """Return the columns as a table."""
        right: tuple[Column, ...] = tuple(Column(name, "right") for name in ("filled", "distinct", "valid", "> 1 year"))
        headings = [Column("column"), Column("is"), *right, Column("sensitive"), Column("field")]
        rows = [
            (
                column.name,
                column.guess.kind.value.replace("_", " "),
                percent(column.completeness),
                column.distinct,
                percent(column.valid_rate),
                None if column.over_a_year is None else percent(_part(column.over_a_year, column.valid)),
                "" if column.sensitivity is Sensitivity.NONE else column.sensitivity.value,
                column.guess.field or "",
            )
            for column in self.columns
        ]
        return Table.of(
            headings, rows, title=f"{self.name}: {count(self.rows)} rows, {count(len(self.columns))} columns"
        )

    def findings(self) -> Table:
        """Return what stands beside the columns: refused and doubled rows, sensitivity, use, notes."""
        return Table.of(["finding", "figure"], list(self._findings()))

    def _findings(self) -> Iterator[tuple[str, str]]:
        where = f" (lines {', '.join(map(str, self.refused_lines))}{' …' if self.refused > _SHOWN_LINES else ''})"
        shape = "rows that do not fit the header"
        yield shape, share(self.refused, self.rows) + (where if self.refused else "")
        wrong = {one.name: one.invalid for one in self.columns if one.invalid}
        if wrong:
            listed = ", ".join(f"{name} {count(cells)}" for name, cells in wrong.items())
            yield "cells that do not fit their column", f"{count(sum(wrong.values()))}: {listed}"
        for one in self.duplicates:
            groups = plural(one.groups, "group")
            yield f"same {one.by}", f"{count(one.rows)} rows in {groups}, {count(one.surplus)} too many"
        for kind in (Sensitivity.PERSONAL, Sensitivity.SPECIAL_CATEGORY):
            yield f"{kind.value} columns", count(sum(column.sensitivity is kind for column in self.columns))
        uses: dict[str, list[str]] = {}
        for name, how in self.segmentable:
            uses.setdefault(how, []).append(name)
        for how, names in uses.items():
            yield f"segments by {how}", f"{count(len(names))}: {', '.join(names)}"
        for note in self.notes:
            yield "note", note

    def text(self, width: int = 118) -> str:
        """Return both tables as text.

        Args:
            width: Terminal columns, at least 20.
        """
        return f"{self.table().text(width)}\n\n{self.findings().text(width)}"

    def __str__(self) -> str:
        """Both tables as text."""
        return self.text()

    def _repr_html_(self) -> str:
        """Both tables for a notebook."""
        return fragment(self.table().html() + self.findings().html())


def _part(part: int, whole: int | None) -> float | None:
    return part / whole if whole else None


def audit(
    source: object,
    *,
    now: date | datetime | None = None,
    sample: int | None = None,
    region: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Audit:
    """Look at what is in a file, stream, data frame or list of dicts, without any store.

    Columns are guessed from their names and first 1,000 rows; then every row is counted. E-mail addresses, phone
    numbers and countries are really validated. Memory grows with the number of different values (about 100 bytes each).

    Args:
        source: A path, a binary or text stream, a pandas or Polars frame, a list of dicts, or a source of `read_csv`.
        now: The day, or aware instant, that ages refer to; needed only if ages are wanted.
        sample: Look at so many first rows only, at least 1; by default at all.
        region: Country of national phone numbers in rows without a country of their own.
        encoding: As for `read_csv`.
        delimiter: As for `read_csv`.

    Returns:
        The audit, which prints itself.

    Raises:
        CaptureError: If the source cannot be read.
        InvalidValueError: If `now` has no time zone, `sample` is below 1, or `region` is no country.

    Examples:
        >>> found = audit(
        ...     [{"email": "ana@acme.dk", "land": "DK"}, {"email": "ANA@acme.dk", "land": ""}, {"email": "x"}]
        ... )
        >>> [(one.name, one.filled, one.valid) for one in found.columns], found.duplicates[0].surplus
        ([('email', 3, 2), ('land', 1, 1)], 1)
    """
    if sample is not None and sample < 1:
        raise InvalidValueError("sample", "must be at least 1", "leave it out to look at every row")
    region = None if region is None else country(region, "region")
    today = _day(now)
    rows = as_text_rows(source, encoding=encoding, delimiter=delimiter)
    preset = recognised(rows.headers)
    guesses = _guesses(rows, preset)
    reader = RowReader(guesses, today, region)
    seen, refused = _count(rows, reader, sample)
    columns = tuple(map(_column, rows.headers, reader.columns))
    is_sample = seen == sample and next(islice(rows, seen, None), None) is not None
    told = [] if preset is None else [f"an export of {preset.title}: it is imported as {preset.rows} ('{preset.name}')"]
    notes = (*rows.notes, *told, *_notes(columns, today, seen if is_sample else None))
    lines = tuple(refused[:_SHOWN_LINES])
    duplicates = tuple(_duplicates(reader.keys))
    return Audit(rows.name, seen, len(refused), lines, is_sample, columns, duplicates, notes, today)


def _count(rows: RowSource, reader: RowReader, sample: int | None) -> tuple[int, list[int]]:
    """Pass the rows to the tallies; return how many there were, and the lines of those that do not fit."""
    seen, refused = 0, list[int]()
    for row in islice(rows, sample):
        seen += 1
        if row.problem is None:
            reader.add(row.values)
        else:
            refused.append(row.line)
    return seen, refused


def _day(now: date | datetime | None) -> date | None:
    if isinstance(now, datetime):
        return as_instant(now, "now").date()
    return None if now is None else as_date(now, "now")


def _guesses(rows: RowSource, preset: Preset | None) -> list[ColumnGuess]:
    sound = (row for row in rows if row.problem is None)
    first: list[Row] = list(islice(sound, _LOOKED_AT))
    found = [guess_column(name, [row.values[place] for row in first]) for place, name in enumerate(rows.headers)]
    return found if preset is None else [_of_export(*pair, preset) for pair in zip(rows.headers, found, strict=True)]


def _of_export(name: str, guess: ColumnGuess, preset: Preset) -> ColumnGuess:
    """Return what a column of a well-known export becomes; its kind is what its cells say."""
    target = preset.target(name)
    if target is not None:
        return guess if target.is_consent else replace(guess, field=target.fields[0])
    return replace(guess, field=None) if preset.reason(name) else guess


def _column(name: str, tally: ColumnTally) -> ColumnAudit:
    return ColumnAudit(
        name=name,
        guess=tally.guess,
        filled=tally.filled,
        missing=tally.missing,
        placeholders=tally.placeholders,
        distinct=len(tally.values),
        valid=tally.valid if tally.is_checked else None,
        invalid=tally.invalid if tally.is_checked else None,
        unchecked=tally.unchecked,
        sensitivity=_sensitivity(name, tally.guess),
        over_a_year=tally.over_a_year if tally.has_ages else None,
        future=tally.future if tally.has_ages else None,
    )


def _sensitivity(name: str, guess: ColumnGuess) -> Sensitivity:
    words = {header_key(word) for word in re.findall(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+|\d+", name)} | {header_key(name)}
    if words & SPECIAL_CATEGORY or guess.field == "contact.psychographic.beliefs":
        return Sensitivity.SPECIAL_CATEGORY
    declared = _personal_fields()
    if guess.kind in _PERSONAL_KINDS or guess.field in declared or words & SENSITIVE:
        return Sensitivity.PERSONAL
    return Sensitivity.NONE


def _personal_fields() -> frozenset[str]:
    return frozenset(spec.name for spec in CONTACT_FIELDS if spec.is_personal)


def _duplicates(keys: Sequence[KeyTally]) -> Iterator[Duplicates]:
    for tally in keys:
        doubled = [rows for rows in tally.counts.values() if rows > 1]
        if tally.is_used:
            yield Duplicates(tally.by, len(doubled), sum(doubled))


def _notes(columns: Sequence[ColumnAudit], today: date | None, sampled: int | None) -> Iterator[str]:
    if sampled is not None:
        yield f"only the first {count(sampled)} rows were looked at"
    for column in columns:
        if column.guess.date_order is DateOrder.DMY_OR_MDY:
            yield f"'{column.name}': day and month could stand either way round; read as day first"
        if column.unchecked:
            yield f"'{column.name}': {count(column.unchecked)} national numbers of an unknown country; pass region=..."
        if column.future:  # a sign of swapped day and month, or of plans
            yield f"'{column.name}': {count(column.future)} dates lie in the future"
    dated = {column.guess.kind for column in columns} & _TELLS_AGE
    if dated - {ColumnKind.DAYS_AGO} and today is None:
        yield "pass now=... to see how old the dates are"
    if not dated:
        yield "no date tells how old the rows are"
    counts = Counter(column.guess.field for column in columns if column.guess.field)
    for field in sorted(field for field, columns_of in counts.items() if columns_of > 1):
        yield f"{counts[field]} columns fit {field}"
