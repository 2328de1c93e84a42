"""Locations out of files: one cell of text, or two columns of degrees."""

from __future__ import annotations

from pathlib import Path

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.exporting.reading import read_export

NEAR = f.contact.location.within_km(mim.location(55.676, 12.568), 25)


def test_two_columns_of_degrees_are_one_location() -> None:
    """Both or neither; a half, and what is outside the globe, refuses the row."""
    store = mim.connect("memory:")
    rows = [
        {"email": "ana@example.com", "lat": "55.6", "lon": "12.5"},
        {"email": "bo@example.com", "lat": "", "lon": ""},
        {"email": "cy@example.com", "lat": "1", "lon": ""},
        {"email": "di@example.com", "lat": "95", "lon": "1"},
    ]
    mapping = {"email": "contact.email", "lat": "contact.location.latitude", "lon": "contact.location.longitude"}
    plan = store.plan_import(rows, source="file", mapping=mapping)
    assert plan.counts["rejected"] == 2
    assert [problem.column for reject in plan.rejects for problem in reject.problems] == ["lon", "lat"]
    plan.apply()
    assert [len(store.contacts.find(rule).items) for rule in (NEAR, ~NEAR, f.contact.location.is_missing())] == [
        1,
        0,
        1,
    ]


def test_one_cell_of_text_is_a_location_and_a_later_file_moves_it() -> None:
    """The change is told in the history, and undone with its import."""
    store = mim.connect("memory:")
    for place, members in (("56.2, 10.2", 0), ("55.6 12.5", 1)):
        rows = [{"email": "ana@example.com", "place": place}]
        result = store.plan_import(
            rows, source="file", mapping={"email": "contact.email", "place": "contact.location"}
        ).apply()
        assert store.contacts.count(NEAR) == members
    store.imports.undo(result.id)
    assert store.contacts.count(NEAR) == 0
    assert store.contacts.count(~NEAR) == 1


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_location_goes_out_and_comes_back(tmp_path: Path, suffix: str) -> None:
    """As text in every format, and in frames."""
    store = mim.connect("memory:")
    with store.begin() as work:
        work.add(mim.Contact(emails=["ana@example.com"], location=(55.676, -12.5)))
    assert store.contacts.to_frame(columns=["location"])["location"].to_list() == ["55.676,-12.5"]
    path = tmp_path / f"people.{suffix}"
    store.contacts.export(path, fields=["primary_email", "location"])
    other = mim.connect("memory:")
    back = read_export(path)
    other.plan_import(back.rows, source="back", mapping=back.mapping).apply()
    assert other.contacts.with_email("ana@example.com").demographic.location == mim.location(55.676, -12.5)


def test_a_changed_location_is_written_with_its_numbers() -> None:
    """Measured by SQL after the change, and unknown once it is cleared."""
    with mim.connect("sqlite:///:memory:", actor="test", source="test") as store:
        one = mim.Contact(emails=["ana@example.com"], location=(0, 0))
        with store.begin() as work:
            work.add(one)
        with store.begin() as work:
            work.change(one.id, location="55.6, 12.5")
        assert store.contacts.count(NEAR) == 1
        with store.begin() as work:
            work.change(one.id, location=mim.CLEAR)
        assert [store.contacts.count(rule) for rule in (NEAR, ~NEAR)] == [0, 0]
