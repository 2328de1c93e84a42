"""Written files: no formula in a spreadsheet, nothing lost on the way back, never half a file."""

from __future__ import annotations

import csv
import io
import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.capture import read_csv, write_csv
from mimcore.capture.files.csv_writer import guard, unguard
from mimcore.errors import CaptureError

FORMULA = tuple("=+-@\t\r\n\0＝＋－＠﹦﹢﹣﹫")
HOSTILE = st.text(
    st.sampled_from([*FORMULA, "'", '"', ",", ";", "|", " ", "\u200b", "\ufeff", "a", "1", "å", "!"]), max_size=8
)
CELLS = HOSTILE | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize("first", FORMULA)
def test_each_formula_sign_is_guarded(first: str) -> None:
    """One quote is put before the sign, also behind quotes and white space, and taken off again."""
    for cell in (f"{first}1", f"'{first}1", f"''{first}", f" {first}1", f"\u00a0{first}1"):
        assert guard(cell) == "'" + cell
        assert unguard(guard(cell)) == cell


@pytest.mark.parametrize("cell", ["", "'", "Ana", "'t Hooft", "a=1", "1-2", "''", "' ", "−5", "5"])
def test_harmless_text_is_left_alone(cell: str) -> None:
    """Text that is no formula is neither guarded nor changed on the way back."""
    assert guard(cell) == cell
    assert unguard(cell) == cell


@given(CELLS)
def test_guarding_is_reversible_and_leaves_no_formula(cell: str) -> None:
    """For any text: one way is safe, both ways is identity."""
    assert unguard(guard(cell)) == cell
    assert not guard(cell).startswith(FORMULA)
    assert not guard(cell).lstrip().startswith(FORMULA)


def test_ten_thousand_cells_survive_the_spreadsheet(tmp_path: Path) -> None:
    """10 000 generated cells written for spreadsheets: none starts like a formula, and all come back."""
    draw = random.Random(20260301)
    alphabet = [sign for sign in FORMULA if sign != "\0"] + list("'\",;|ab1å \u200b\ufeff")
    cells = [["".join(draw.choices(alphabet, k=draw.randrange(9))) for _ in range(10)] for _ in range(1_000)]
    path = tmp_path / "cells.csv"
    assert write_csv(path, [f"c{i}" for i in range(10)], cells) == 1_000
    with path.open(encoding="utf-8-sig", newline="") as file:
        shown = [cell for row in csv.reader(file) for cell in row]
    assert len(shown) == 10_010
    assert not [cell for cell in shown if cell.lstrip().startswith(FORMULA)]
    back = list(read_csv(path, unguards=True))
    assert [row.problem for row in back] == [None] * 1_000
    assert [list(row.values) for row in back] == cells


def test_machine_mode_is_exact(tmp_path: Path) -> None:
    """For machines nothing is added: no quote, no byte-order mark."""
    path = tmp_path / "cells.csv"
    rows = [["+4532123456", "=1+1", "'=x", "a,b"], ["", "å", 'say "hi"', "x\r\ny"]]
    write_csv(path, ["phone", "b", "c", "d"], rows, for_="machine")
    assert path.read_bytes().startswith(b"phone,b,c,d\r\n+4532123456,=1+1,'=x,")
    assert [list(row.values) for row in read_csv(path)] == rows


def test_a_phone_survives_the_round_trip(tmp_path: Path) -> None:
    """+45… is text in the spreadsheet and the same number at home again."""
    path = tmp_path / "phones.csv"
    write_csv(path, ["phone"], [["+4532123456"]])
    assert "'+4532123456" in path.read_text("utf-8-sig")
    assert next(iter(read_csv(path))).values == ("'+4532123456",)
    assert next(iter(read_csv(path, unguards=True))).values == ("+4532123456",)


def test_typed_cells_are_written_plainly(tmp_path: Path) -> None:
    """Missing is empty, booleans are words, numbers stay numbers (a negative one is no formula)."""
    path = tmp_path / "typed.csv"
    write_csv(path, ["a"] * 5, [[None, True, -5, Decimal("-1.50"), 2.5]], for_="spreadsheet", delimiter=";")
    assert path.read_text("utf-8-sig").splitlines()[1] == '"";"true";"-5";"-1.50";"2.5"'


def test_headers_are_guarded_too(tmp_path: Path) -> None:
    """A column name can be a formula as well."""
    path = tmp_path / "a.csv"
    write_csv(path, ["=cmd()"], [])
    assert path.read_text("utf-8-sig") == '"\'=cmd()"\n'
    assert read_csv(path).headers == ("=cmd()",)


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    """When the rows break off, the old file stands untouched and the half one is gone."""
    path = tmp_path / "a.csv"
    path.write_text("old")

    def broken() -> object:
        yield ["1"]
        raise KeyError

    with pytest.raises(KeyError):
        write_csv(path, ["a"], broken())  # type: ignore[arg-type]
    for row in (["1", "2"], [float("nan")], [Decimal("Infinity")], ["\ud800"]):
        with pytest.raises(CaptureError, match="row 2"):
            write_csv(path, ["a"], [["1"], row])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_impossible_targets_and_modes_are_refused(tmp_path: Path) -> None:
    """A folder that is not there, an unknown mode and a delimiter of two characters raise our error."""
    with pytest.raises(
        CaptureError, match=r"a\.csv cannot be written: No such file.*its folder does not exist — make the folder first"
    ):
        write_csv(tmp_path / "no" / "a.csv", ["a"], [])
    with pytest.raises(CaptureError, match="for_"):
        write_csv(tmp_path / "a.csv", ["a"], [], for_="excel")  # type: ignore[arg-type]
    with pytest.raises(CaptureError, match="delimiter"):
        write_csv(tmp_path / "a.csv", ["a"], [], delimiter=", ")


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else may read what is likely to hold personal data."""
    path = tmp_path / "a.csv"
    write_csv(path, ["a"], [["1"]])
    assert path.stat().st_mode & 0o077 == 0


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9),
            min_size=2,
            max_size=2,
        ),
        max_size=6,
    )
)
def test_reader_and_standard_library_agree_on_written_files(rows: list[list[str]]) -> None:
    """What was written for machines is read alike by `csv` and by us."""
    out = io.BytesIO()
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    csv.writer(text).writerows([["a", "b"], *rows])
    ours = [list(row.values) for row in read_csv(io.BytesIO(out.getvalue()), delimiter=",")]
    theirs = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))[1:]
    assert ours == theirs == rows
