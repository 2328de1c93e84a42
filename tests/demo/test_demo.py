"""The demo tells its story on a small cast: its figures are right, a wrong one is noticed, and any terminal will do."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from demo.__main__ import main
from demo.cast import make_cast
from demo.console import Console
from demo.data import DataError, read_rows, tayko_rows
from demo.files import write_files

from demo import figures, story

ROWS = Path(__file__).with_name("synthetic_tayko.csv")


class Told:
    """One run of the story."""

    def __init__(self, folder: Path) -> None:
        """Tell it, on a terminal that knows ASCII only."""
        self.folder = folder
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
        self.code = story.run(read_rows(ROWS), folder, Console(stream), origin="synthetic rows")
        self.terminal = raw.getvalue().decode("ascii")
        self.report = (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The story, told once for all tests."""
    return Told(tmp_path_factory.mktemp("demo"))


@pytest.mark.slow
def test_every_figure_agrees_with_its_recomputation(told):
    """The exit code is 0, and no figure is named as different."""
    assert told.code == 0, re.findall("DIFFERS: .*", told.terminal)
    agree, number = re.search(r"(\d+) of (\d+)  figures agree", told.terminal).groups()
    assert agree == number
    assert int(number) > 60


@pytest.mark.slow
def test_the_terminal_has_80_columns_and_needs_no_letters_beyond_ascii(told):
    """Every line fits; the marks have a plain spelling; code is shown as it was run."""
    assert [line for line in told.terminal.splitlines() if len(line) > 80 and not line.startswith("Report: ")] == []
    assert "* marks what a seeded recipe made up" in told.terminal
    assert "?" not in told.terminal.replace("May we?", "").replace("Why not in frequent-travellers?", "").replace(
        "right?", ""
    )


@pytest.mark.slow
def test_the_report_is_one_file_that_loads_nothing(told):
    """No script, no reference to anything outside, every chapter in the table of contents, and the mark explained."""
    assert "<script" not in told.report
    assert re.findall(r"""(?:src|href)=["'](?!#)[^"']*""", told.report) == []
    assert len(re.findall(r'<h2 id="part-\d+"', told.report)) == 9
    assert "◇ marks what a seeded recipe made up" in told.report


@pytest.mark.slow
def test_what_the_recipe_made_up_is_marked(told):
    """Every value of the source `generated` on the card is marked, and no real one is."""
    rows = re.findall(r"<tr>(.*?)</tr>", told.report)
    cells = [[re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]
    values = [row for row in cells if len(row) == 5 and row[2] in {"generated", "tayko"}]
    assert {row[2] for row in values} == {"generated", "tayko"}
    assert all(row[1].startswith("◇ ") == (row[2] == "generated") for row in values)


@pytest.mark.slow
def test_an_export_cell_never_starts_a_formula(told):
    """The exported file holds a town that was a formula, as text."""
    with (told.folder / "spring.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]


@pytest.mark.slow
def test_a_wrong_figure_ends_the_demo_with_an_error(tmp_path, monkeypatch):
    """If the recomputation says something else, the figure is named and the exit code is 1."""
    right = figures.expected
    monkeypatch.setattr(figures, "expected", lambda cast, files: {**right(cast, files), "gate.allowed_again": 1})
    stream = io.StringIO()
    assert story.run(read_rows(ROWS)[:60], tmp_path, Console(stream), origin="synthetic rows") == 1
    assert re.findall("DIFFERS: .*", stream.getvalue()) == ["DIFFERS: gate.allowed_again"]


def test_every_kind_of_difference_is_noticed():
    """A figure that is off by one, off by a hair, missing on one side or in another order differs; rounding does not."""
    wanted = {"a": 1, "b": 0.5, "c": [1, 2], "d": ("x", 0.25)}
    assert figures.differences(dict(wanted), wanted) == []
    assert figures.differences({**wanted, "a": 2, "b": 0.5000001, "c": [2, 1], "d": ("x", 0.26)}, wanted) == [
        "a",
        "b",
        "c",
        "d",
    ]
    assert figures.differences({**wanted, "e": 1}, wanted) == ["e"]
    assert figures.differences({"a": 1, "b": 0.5, "c": [1, 2]}, wanted) == ["d"]
    assert figures.differences({**wanted, "b": 0.5 * (1 + 1e-12)}, wanted) == []


def test_the_same_rows_give_the_same_cast_and_files(tmp_path):
    """The recipe is seeded and reads no clock."""
    rows = read_rows(ROWS)
    first, second = (write_files(make_cast(rows), tmp_path / name) for name in ("one", "two"))
    assert make_cast(rows) == make_cast(rows)
    for path in sorted(first.folder.iterdir()):
        assert path.read_bytes() == (second.folder / path.name).read_bytes()


def test_what_is_made_up_belongs_to_nobody():
    """Addresses end in reserved domains, and numbers are those that regulators keep free."""
    cast = make_cast(read_rows(ROWS))
    assert all(re.search(r"@([a-z-]+\.)?example\.(com|org|net)$", one.email) for one in cast.customers)
    free = re.compile(r"\+1\d{3}55501\d\d|\+44207946\d{4}|\+493023125\d{3}|\+468465004\d\d")
    assert all(free.fullmatch(one.phone) for one in cast.customers if one.phone)


def test_a_wheel_with_other_bytes_is_refused(tmp_path):
    """What stands in the cache is compared with the known fingerprint before anything is read from it."""
    (tmp_path / "dmba-0.2.4-py3-none-any.whl").write_bytes(b"something else")
    with pytest.raises(DataError, match="delete it and run the demo again"):
        tayko_rows(tmp_path)


def test_without_a_network_the_demo_says_what_to_do(tmp_path, monkeypatch, capsys):
    """No traceback: the package, the file to put where, and the other way out."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr("demo.__main__._HERE", tmp_path)
    assert main(["--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().out
    assert "dmba==0.2.4" in said
    assert "--rows FILE" in said
