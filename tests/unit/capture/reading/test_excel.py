"""Workbooks: what a sheet shows is what is read, and what a sheet does that a table does not is said."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from mimcore.capture.reading.excel import read_excel
from mimcore.errors import CaptureError, MissingExtraError


def workbook(*rows, title="Leads", more=()):
    """Return the bytes of a workbook with one sheet, and perhaps further ones."""
    book = openpyxl.Workbook()
    book.active.title = title
    for cells in rows:
        book.active.append(cells)
    for name, cells in more:
        book.create_sheet(name).append(cells)
    return saved(book)


def saved(book):
    """Return the bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def edited(file, name, old, new):
    """Return a workbook with some text of one part replaced."""
    result = io.BytesIO()
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            content = before.read(part)
            after.writestr(part, content.replace(old, new) if part.filename == name else content)
    result.seek(0)
    return result


def test_cells_are_what_the_sheet_shows():
    """No decimals on whole numbers, 15 digits of others, days as ISO dates, booleans as words."""
    file = workbook(
        ["text", "whole", "sum", "day", "instant", "clock", "flag", "long"],
        ["Ana", 45.0, 0.1 + 0.2, datetime(2026, 3, 1), datetime(2026, 3, 1, 9, 30), time(9, 30), True, 4532123456],
        ["", None, None, date(2026, 3, 2)],
    )
    rows = list(read_excel(file))
    assert rows[0].values == (
        "Ana", "45", "0.3", "2026-03-01", "2026-03-01T09:30:00", "09:30:00", "true", "4532123456"
    )  # fmt: skip
    assert rows[1].values == ("", "", "", "2026-03-02", "", "", "", "")
    assert [row.line for row in rows] == [2, 3]


def test_titles_and_empty_rows_are_passed_over_and_numbers_stay_those_of_the_sheet():
    """The header is the first row about as wide as the table; a note says where it stood."""
    source = read_excel(workbook(["Our customers"], [], ["name", "mail", "city"], ["Ana", "a@b.dk"], [], ["Bo"]))
    assert source.headers == ("name", "mail", "city")
    assert [(row.line, row.values[0]) for row in source] == [(4, "Ana"), (6, "Bo")]
    assert source.notes == ("the column names stand in row 3; the rows above are left out",)
    assert list(source) == list(source)


def test_a_declared_header_row_and_sheet_are_followed_and_are_part_of_the_content():
    """Another sheet or header of the same file is another import."""
    file = workbook(["a", "b"], ["c", "d"], ["e", "f"], more=[("Bo", ["x", "y"]), ("Cy", ["z"])])
    assert read_excel(file, header_row=2).headers == ("c", "d")
    assert [row.line for row in read_excel(file, header_row=2)] == [3]
    assert read_excel(file, sheet="Bo").headers == ("x", "y")
    assert "sheet 'Leads' is read; others have cells too: 'Bo', 'Cy' (read_excel(…, sheet=…))" in read_excel(file).notes
    hashes = {read_excel(file, **given).sha256() for given in ({}, {"header_row": 2}, {"sheet": "Bo"})}
    assert len(hashes) == 3
    with pytest.raises(CaptureError, match=r"no sheet of that name .did you mean 'Leads'"):
        read_excel(file, sheet="Laeds")
    with pytest.raises(CaptureError, match="header_row"):
        read_excel(file, header_row=0)


def test_hidden_sheets_are_not_read_unless_asked_for():
    """What nobody sees in Excel is not imported by accident."""
    book = openpyxl.Workbook()
    book.active.append(["old"])
    book.active.sheet_state = "hidden"
    book.create_sheet("Shown").append(["new"])
    file = saved(book)
    assert read_excel(file).headers == ("new",)
    assert read_excel(file, sheet="Sheet").headers == ("old",)


def test_stored_results_of_formulas_are_read_and_missing_ones_are_told_of():
    """Openpyxl writes formulas without results, as some exports do; Excel writes them with."""
    file = workbook(["mail", "sum"], ["a@b.dk", "=1+1"], ["c@d.dk", "=2+2"])
    source = read_excel(file)
    assert any(note.startswith("2 formulas have no stored result") for note in source.notes)
    assert [row.values[1] for row in source] == ["", ""]
    computed = edited(file, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>2</v>")
    computed = edited(computed, "xl/worksheets/sheet1.xml", b"<v />", b"<v>2</v>")
    assert [row.values[1] for row in read_excel(computed)] == ["2", "2"]
    assert read_excel(computed).notes == ()


def test_merged_cells_and_errors_of_formulas_are_said():
    """A merged group has one value; an error is refused, except the one that says 'not available'."""
    book = openpyxl.Workbook()
    for cells in (["firm", "mail"], ["Acme", "#REF!"], [None, "#N/A"]):
        book.active.append(cells)
    book.active.merge_cells("A2:A3")
    source = read_excel(saved(book))
    assert "has merged cells: only the first cell of each group has the value" in source.notes
    refused, fine = source
    assert refused.problem.field == "column 2 'mail'"
    assert refused.problem.reason == "holds the error of a formula"
    assert fine.values == ("", "#N/A")


def test_a_row_wider_than_the_header_is_refused_with_its_values():
    """A cell under no name cannot be taken, and is not dropped."""
    row = next(iter(read_excel(workbook(["a", "b", "c"], ["1", "2", "3", "4"]))))
    assert row.problem.reason == "has 4 values where the header has 3"
    assert row.values == ("1", "2", "3", "4")


def test_a_wrong_statement_of_size_loses_no_row():
    """Some programs write the range of the sheet wrongly; it is not believed."""
    file = workbook(["a"], ["1"], ["2"], ["3"])
    small = edited(file, "xl/worksheets/sheet1.xml", b'ref="A1:A4"', b'ref="A1:A1"')
    assert [row.values for row in read_excel(small)] == [("1",), ("2",), ("3",)]


def test_an_archive_made_to_fill_a_memory_is_refused():
    """64 MiB of one letter shrink a thousandfold; no sheet does."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (64 << 20))
    with pytest.raises(CaptureError, match="unpacks to far more"):
        read_excel(bomb)


def test_without_openpyxl_the_error_is_the_pip_line(monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setattr("mimcore.capture.reading.excel.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mimcore\[excel\]'"):
        read_excel(io.BytesIO())
