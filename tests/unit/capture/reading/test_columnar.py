"""Parquet files and Arrow tables: types, nested columns, batches, and what is no such file."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mimcore.capture.reading import columnar
from mimcore.capture.reading.columnar import as_arrow, read_parquet
from mimcore.capture.reading.tabular import as_text_rows
from mimcore.errors import CaptureError, MissingExtraError

TABLE = pa.table(
    {
        "mail": ["ana@acme.dk", None],
        "age": pa.array([31, None], pa.int64()),
        "score": [0.5, 2.0],
        "born": [date(1990, 5, 1), None],
        "at": pa.array([datetime(2026, 3, 1, 9, 30, tzinfo=UTC), None], pa.timestamp("ns", "UTC")),
        "name": [{"given": "Ana", "family": "Berg"}, None],
        "tags": [["vip", "fair"], []],
        "price": [Decimal("12.50"), None],
        "kind": pa.array(["a", "b"]).dictionary_encode(),
        "raw": [b"text", None],
        "ok": [True, None],
    }
)
EXPECTED = [
    ("ana@acme.dk", "31", "0.5", "1990-05-01", "2026-03-01T09:30:00+00:00", "Ana", "Berg", "vip;fair", "12.50", "a",
     "text", "true"),
    ("", "", "2", "", "", "", "", "", "", "b", "", ""),
]  # fmt: skip


def parquet(table, **options):
    """Return a Parquet file in memory."""
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    file.seek(0)
    return file


def test_parquet_and_arrow_give_the_same_text():
    """Struct fields become columns with dots; nulls are empty; numbers without needless decimals."""
    from_file, from_table = read_parquet(parquet(TABLE)), as_arrow(TABLE)
    assert from_file.headers == from_table.headers
    assert from_file.headers[5:7] == ("name.given", "name.family")
    assert [row.values for row in from_file] == EXPECTED
    assert [row.values for row in from_table] == EXPECTED
    assert [row.values for row in as_text_rows(TABLE)] == EXPECTED


def test_rows_are_numbered_over_row_groups_and_can_be_read_again():
    """Batches and row groups leave no trace; a change of content changes the hash."""
    table = pa.table({"n": list(range(5_000))})
    source = read_parquet(parquet(table, row_group_size=700))
    assert [(row.line, int(row.values[0])) for row in source] == [(number + 1, number) for number in range(5_000)]
    assert list(source) == list(source)
    assert as_arrow(table).sha256() != as_arrow(table.slice(1)).sha256()


def test_a_cell_that_has_no_text_is_a_problem_of_its_row():
    """Bytes that are not UTF-8 cannot be shown; the other rows go on."""
    rows = list(as_arrow(pa.table({"raw": [b"\xff\xfe", b"ok"]})))
    assert rows[0].problem.field == "column 1 'raw'"
    assert rows[1].values == ("ok",)


def test_readers_and_relations_are_taken_through_the_arrow_stream():
    """A record batch reader, or anything else that speaks the protocol."""
    reader = pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches())
    assert [row.values for row in as_text_rows(reader)] == EXPECTED


@pytest.mark.parametrize("cut", [8, 60, -9])
def test_a_file_that_is_cut_off_is_a_clear_error(cut):
    """At the beginning, in the middle, before its end."""
    content = parquet(TABLE).getvalue()
    with pytest.raises(CaptureError, match=r"cannot be read as a Parquet file .* cut off"):
        read_parquet(io.BytesIO(content[:cut]))


def test_without_pyarrow_the_error_is_the_pip_line(monkeypatch):
    """The extra is named."""
    monkeypatch.setattr(columnar, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mimcore\[frames\]'"):
        read_parquet(io.BytesIO())
