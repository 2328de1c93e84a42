"""`mimcore audit` and `mimcore import` take every kind of file, by its bytes and its name."""

from __future__ import annotations

import json

import openpyxl
import pytest

from mimcore.cli import main


@pytest.fixture
def files(tmp_path):
    """One file of each of two kinds."""
    book = openpyxl.Workbook()
    book.active.append(["e-mail", "city"])
    book.active.append(["ana@acme.dk", "Aarhus"])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.jsonl").write_text(json.dumps({"email": "bo@acme.dk"}) + "\n{broken\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "rows"), [("a.xlsx", "1 rows, 2 columns"), ("a.jsonl", "2 rows, 1 columns")])
def test_a_file_is_audited(files, capsys, name, rows):
    """The table of its columns is printed."""
    assert main(["audit", str(files / name)]) == 0
    assert f"{name}: {rows}" in capsys.readouterr().out.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_file_is_planned_imported_and_its_rejects_written(files, capsys):
    """With the mapping by name; a name that is none ends with a line on the error stream."""
    url = f"sqlite:///{files / 'store.db'}"
    words = ["import", str(files / "a.jsonl"), "--url", url, "--source", "fair"]
    assert main([*words, "--mapping", "auto", "--rejects", str(files / "r.csv")]) == 0
    printed = capsys.readouterr().out
    assert "is not valid JSON" in printed
    assert "contact.emails" in printed
    assert '"2"' in (files / "r.csv").read_text(encoding="utf-8-sig")
    assert main([*words, "--mapping", "hubspot-contact"]) == 1
    assert "did you mean 'hubspot-contacts'" in capsys.readouterr().err
