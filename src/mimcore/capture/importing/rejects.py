"""Rows that were refused: where, why, and what would be right. Only the file for mending has what stood there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from textwrap import fill
from typing import Any, overload

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.files.csv_writer import write_csv
from mimcore.display.numbers import count
from mimcore.display.style import fragment
from mimcore.display.tables import ROWS_SHOWN, Table

__all__ = ["Reject", "RejectList", "RowProblem"]

_SHOWN = 10
_LINES = 5
_NOTES = ("mimcore_line", "mimcore_column", "mimcore_reason", "mimcore_remedy")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with a row, without any value of it.

    Attributes:
        column: Name of the column in the file; empty if the whole row is meant.
        code: Short name of the reason, such as `invalid_value`, `missing_key` or `ambiguous_key`.
        reason: Why it was refused.
        remedy: What would be accepted.
    """

    column: str
    code: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        """One line, ready for a person to read."""
        return f"{self.column or 'row'}: {self.reason}" + (f" — {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row.

    Attributes:
        row: Number of the row; the first one is 0.
        line: Physical line of the file on which it begins.
        problems: Everything that is wrong with it, at least one.
    """

    row: int
    line: int
    problems: tuple[RowProblem, ...]


class RejectList(Sequence[Reject]):
    """The refused rows of an import, in order."""

    def __init__(self, rejects: Iterable[Reject], source: Iterable[Row], headers: Sequence[str]) -> None:
        """Hold the refusals, and where the rows themselves can be read again.

        Args:
            rejects: In order of rows.
            source: The rows of the file.
            headers: Its columns.
        """
        self._rejects: Sequence[Reject] = rejects if isinstance(rejects, Sequence) else tuple(rejects)
        self._source, self._headers = source, tuple(headers)

    @overload
    def __getitem__(self, index: int) -> Reject: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Reject]: ...

    def __getitem__(self, index: int | slice) -> Reject | Sequence[Reject]:
        """Return one or some of them."""
        return self._rejects[index]

    def __iter__(self) -> Iterator[Reject]:
        """Go through all of them."""
        return iter(self._rejects)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rejects)

    def __repr__(self) -> str:
        """How many there are."""
        return f"RejectList({len(self)} rows)"

    def __str__(self) -> str:
        """What is wrong, each reason once with the number of its rows and the first lines, and nothing cut off."""
        if not self:
            return "No row is rejected"
        lines: dict[str, list[int]] = {}
        for one in self:
            for problem in one.problems:
                lines.setdefault(str(problem), []).append(one.line)
        told = sorted(lines.items(), key=lambda one: -len(one[1]))
        more = (
            [f"{len(told) - _SHOWN} reasons more: rejects.to_rows(), rejects.to_csv(path)"]
            if len(told) > _SHOWN
            else []
        )
        return "\n".join(["Rejected rows", *(_told(*one) for one in told[:_SHOWN]), *more])

    def _repr_html_(self) -> str:
        return fragment(self.table().html(max_rows=ROWS_SHOWN))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a problem: row, line, column, code, reason, remedy. No value of the rows is in it."""
        return [
            {"row": one.row, "line": one.line, **{name: getattr(problem, name) for name in RowProblem.__slots__}}
            for one in self
            for problem in one.problems
        ]

    def to_csv(self, path: str | os.PathLike[str]) -> int:
        """Write the refused rows to a file for mending: the columns as they were, and what is wrong with them.

        This file holds the rows themselves, hence personal data: it is meant for whoever owns the source file, and is
        readable by its writer only. Correct it and import it; the added columns are passed over.

        Args:
            path: Where the file shall be.

        Returns:
            Number of rows written.

        Raises:
            CaptureError: If it cannot be written, or the source can no longer be read.
        """
        headers = [*self._headers, *_NOTES]
        return write_csv(path, headers, self._mendable())

    def table(self) -> Table:
        """Return the first problems as a table."""
        told = ((one.line, each.column, each.reason, each.remedy) for one in self for each in one.problems)
        rows = list(islice(told, _SHOWN))
        rest = sum(1 for _ in told)
        caption = f"{rest} more: rejects.to_rows(), rejects.to_csv(path)" if rest > 0 else ""
        return Table.of(
            ["line", "column", "reason", "remedy"],
            rows,
            title="Rejected rows (first problems)",
            caption=caption,
        )

    def _mendable(self) -> Iterator[list[str]]:
        wanted = iter(self)
        found = next(wanted, None)
        for number, row in enumerate(self._source):
            if found is not None and found.row == number:
                cells = [*row.values, *("" for _ in self._headers)][: len(self._headers)]
                yield [
                    *cells,
                    str(found.line),
                    *(_joined(found.problems, name) for name in ("column", "reason", "remedy")),
                ]
                found = next(wanted, None)


def _told(problem: str, lines: Sequence[int]) -> str:
    places = ", ".join(map(str, lines[:_LINES])) + (", …" if len(lines) > _LINES else "")
    text = f"{count(len(lines))} × {problem} (line{'' if len(lines) == 1 else 's'} {places})"
    return fill(text, 80, initial_indent="  ", subsequent_indent="      ")


def _joined(problems: Iterable[RowProblem], name: str) -> str:
    return "; ".join(getattr(one, name) or "–" for one in problems)
