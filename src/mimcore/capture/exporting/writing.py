"""Writing an export: the name of the file tells its form; rows stream through, and the file is there whole or not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mimcore.capture.exporting.arrow_tables import arrow_batches, write_arrow, write_parquet
from mimcore.capture.exporting.columns import ExportColumn
from mimcore.capture.files.csv_writer import write_csv
from mimcore.capture.files.whole_files import replacing
from mimcore.capture.mapping.exact_cells import cell_of, json_of
from mimcore.display import plural
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.errors import InvalidValueError, nearest
from mimcore.repositories.portions import portions

__all__ = ["SUFFIXES", "Exported", "For", "check_form", "write_rows", "write_text_rows"]

For = Literal["spreadsheet", "machine"]
SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".arrow": "arrow"}
PORTION = 5_000
"""Rows that are held at once where a file is written in groups of rows."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written. It stands for its path wherever a path is asked for, and prints itself.

    Attributes:
        path: Where it is.
        rows: Number of rows.
        columns: Its columns.
        for_: `spreadsheet` or `machine`.
        noun: What a row is.
    """

    path: Path
    rows: int
    columns: tuple[ExportColumn, ...]
    for_: str
    noun: str = "record"

    def __fspath__(self) -> str:
        """The path, for `open` and its like."""
        return str(self.path)

    @property
    def personal(self) -> tuple[str, ...]:
        """Names of the columns that tell who somebody is."""
        return tuple(one.name for one in self.columns if one.is_personal)

    @property
    def special_category(self) -> tuple[str, ...]:
        """Names of the columns with special-category data."""
        return tuple(one.name for one in self.columns if one.is_special_category)

    def table(self) -> Table:
        """The columns as a table, with what is personal."""
        rows = [(one.name, one.kind, "yes" if one.is_personal else "", _special(one)) for one in self.columns]
        return Table.of(("column", "kind", "personal", "special category"), rows, title=self._title())

    def __str__(self) -> str:
        """The file, its size, and which columns are personal."""
        marks = (("personal", self.personal), ("special category", self.special_category))
        return "\n".join([self._title(), *(f"{what}: {', '.join(names)}" for what, names in marks if names)])

    def _title(self) -> str:
        rows = plural(self.rows, self.noun)
        return f"{self.path.name}: {rows}, {len(self.columns)} columns, for {self.for_}s"

    def _repr_html_(self) -> str:
        return fragment(self.table().html())


def _special(column: ExportColumn) -> str:
    return "yes" if column.is_special_category else ""


def write_rows(
    path: str | os.PathLike[str],
    columns: Sequence[ExportColumn],
    groups: Iterable[Sequence[Sequence[Any]]],
    *,
    for_: str | None = None,
    delimiter: str = ",",
    noun: str = "record",
) -> Exported:
    """Write rows of plain values to a file.

    Args:
        path: Where; `.csv`, `.jsonl`, `.parquet` or `.arrow`. An existing file is replaced at the end, in one step.
        columns: The columns.
        groups: The rows, some thousands at a time, each with a value for every column.
        for_: `spreadsheet` or `machine`; for spreadsheets unless given if it is a CSV file, else for machines.
        delimiter: Of a CSV file.
        noun: What a row is.

    Raises:
        InvalidValueError: If the name tells no form, or one that no spreadsheet opens.
        MissingExtraError: If pyarrow is needed and not installed.
        CaptureError: If the system refuses.
    """
    place = Path(path)
    form = check_form(place, for_)
    used: For = "spreadsheet" if for_ == "spreadsheet" or (for_ is None and form == "csv") else "machine"
    listed = tuple(columns)
    if form == "csv":
        rows = _csv_rows(groups, is_for_people=used == "spreadsheet")
        written = write_csv(place, [one.name for one in listed], rows, for_=used, delimiter=delimiter)
    else:
        with replacing(place) as temporary:
            written = _written(form, temporary, listed, groups)
    return Exported(place, written, listed, used, noun)


def write_text_rows(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], for_: str | None) -> None:
    """Write rows of text, such as an audience: for spreadsheets unless the file's name or `for_` says otherwise.

    Args:
        path: `.csv`, `.jsonl`, `.parquet` or `.arrow`.
        headers: Names of the columns.
        rows: Cells by row.
        for_: `spreadsheet` or `machine`.

    Raises:
        InvalidValueError: If the name tells no form, or one that does not go with `for_`.
    """
    columns = [ExportColumn(name, "text", _nothing, None, True) for name in headers]
    write_rows(path, columns, portions(rows, PORTION), for_=for_)


def _nothing(_record: Any, _beside: Any) -> None:
    return None


def check_form(path: Path, for_: str | None) -> str:
    """Return the form that a file's name tells.

    Raises:
        InvalidValueError: If it tells none, or one that does not go with `for_`.

    Examples:
        >>> check_form(Path("danes.jsonl"), None)
        'jsonl'
    """
    form = SUFFIXES.get(path.suffix.casefold())
    if form is None:
        hint = nearest(path.suffix.casefold(), SUFFIXES)
        raise InvalidValueError("path", f"has a suffix that tells no form{hint}", f"use one of {', '.join(SUFFIXES)}")
    if for_ not in {None, "spreadsheet", "machine"}:
        raise InvalidValueError("for_", "is not a form of file", "use 'spreadsheet' or 'machine'")
    if for_ == "spreadsheet" and form != "csv":
        raise InvalidValueError("for_", "asks for a spreadsheet, but the name for another form", "name it .csv")
    return form


def _csv_rows(groups: Iterable[Sequence[Sequence[Any]]], *, is_for_people: bool) -> Iterator[list[Any]]:
    for rows in groups:
        for row in rows:
            yield [cell_of(value, is_for_people=is_for_people) for value in row]


def _written(form: str, place: Path, columns: Sequence[ExportColumn], groups: Iterable[Sequence[Sequence[Any]]]) -> int:
    if form == "jsonl":
        return _write_json_lines(place, [one.name for one in columns], groups)
    write = write_parquet if form == "parquet" else write_arrow
    return write(place, columns, arrow_batches(columns, groups))


def _write_json_lines(place: Path, names: Sequence[str], groups: Iterable[Sequence[Sequence[Any]]]) -> int:
    written = 0
    with place.open("w", encoding="utf-8", newline="\n") as file:
        for rows in groups:
            for row in rows:
                told = dict(zip(names, map(json_of, row), strict=True))
                file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
            written += len(rows)
    return written
