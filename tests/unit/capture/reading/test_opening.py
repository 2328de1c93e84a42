"""Which reader a file gets: its bytes decide before its name; and queries, which are no files."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from datetime import date

import openpyxl
import polars as pl
import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, create_engine, insert, select, text
from sqlalchemy.orm import Session

from mimcore.capture.files.csv_reader import CsvSource
from mimcore.capture.reading.opening import open_file
from mimcore.capture.reading.query import read_query
from mimcore.capture.reading.tabular import as_text_rows
from mimcore.errors import CaptureError


def workbook():
    """Return the bytes of a small workbook."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["mail"])
    book.active.append(["ana@acme.dk"])
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "headers"),
    [
        ("a.xlsx", workbook(), ("mail",)),
        ("wrong-name.csv", workbook(), ("mail",)),
        ("a.csv", b"x,y\n1,2\n", ("x", "y")),
        ("a.jsonl", b'{"x": 1}\n', ("x",)),
        ("a.txt", b'{"x": 1}\n', ("x",)),
        ("a.json", b'\n{"x": 1}\n', ("x",)),
        ("a.unknown", b"\xef\xbb\xbfbegin:vcard\nFN:Ana\nend:vcard\n", None),
        ("empty.vcf", b"BEGIN:VCARD\nEND:VCARD\n", None),
    ],
)
def test_bytes_decide_then_the_name(tmp_path, name, content, headers):
    """From a path and, where the bytes tell, from a stream, which is left where it stood."""
    path = tmp_path / name
    path.write_bytes(content)
    found = open_file(path)
    assert found.headers == (headers or found.headers)
    assert isinstance(found, CsvSource) == (name == "a.csv")
    stream = io.BytesIO(content)
    if headers != ("x",) or b'{"' in content[:3]:
        assert open_file(stream).headers == found.headers


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", gzip.compress(b"x", mtime=0), "compressed with gzip — unpack it"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls workbook, or one with a password"),
        ("a.xls", b"<html><table>", "HTML or XML"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.xlsx", b"x,y\n1,2\n", "named .xlsx, but is no such file"),
        ("a.parquet", b"", "named .parquet, but is no such file"),
        ("a.json", b'[{"x": 1}]', "one JSON array"),
        ("a.csv", b"PK\x03\x04 and nothing", "cannot be read as an Excel workbook"),
    ],
)
def test_what_holds_no_table_is_refused_with_the_way_out(tmp_path, name, content, reason):
    """The error says what the file is."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=reason):
        as_text_rows(path)


def test_a_stream_that_cannot_seek_is_read_as_csv():
    """Its bytes cannot be looked at twice."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    assert open_file(Pipe(b"x,y\n1,2\n")).headers == ("x", "y")


def test_objects_that_hold_no_rows_yet_say_what_is_missing():
    """A lazy frame, a query without a database."""
    with pytest.raises(CaptureError, match="collect it first"):
        as_text_rows(pl.DataFrame({"a": [1]}).lazy())
    with pytest.raises(CaptureError, match="read_query"):
        as_text_rows(select(Column("a", Integer)))


@pytest.fixture
def customers(tmp_path):
    """A table of a host, in its own database."""
    table = Table("customer", MetaData(), Column("id", Integer), Column("mail", String), Column("since", Date))
    engine = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(table),
            [{"id": 2, "mail": "b@c.dk", "since": None}, {"id": 1, "mail": None, "since": date(2026, 3, 1)}],
        )
    yield engine, table
    engine.dispose()


def test_a_query_is_asked_of_engine_connection_or_session(customers):
    """Rows in its order, numbered from 1, again and again."""
    engine, table = customers
    statement = select(table).order_by(table.c.id)
    with engine.connect() as connection, Session(engine) as session:
        for bind in (engine, connection, session):
            source = as_text_rows(read_query(statement, bind))
            assert source.headers == ("id", "mail", "since")
            assert [row.values for row in source] == [("1", "", "2026-03-01"), ("2", "b@c.dk", "")]
            assert list(source) == list(source)
            assert len(source.sha256()) == 64


def test_a_query_needs_an_order_and_a_database(customers):
    """Without an order a second reading could differ; a refusal of the database is ours to tell."""
    engine, table = customers
    with pytest.raises(CaptureError, match=r"no order.*add \.order_by"):
        read_query(select(table), engine)
    with pytest.raises(CaptureError, match="nothing to ask"):
        read_query(select(table).order_by(table.c.id), "sqlite://")
    with pytest.raises(CaptureError, match="not a query"):
        read_query(text("select 1"), engine)
    missing = Table("nowhere", MetaData(), Column("id", Integer))
    with pytest.raises(CaptureError, match=r"refused the query \(OperationalError\)"):
        list(read_query(select(missing).order_by(missing.c.id), engine))


def _many(path, rows):
    """Write a file with many rows."""
    if path.suffix == ".jsonl":
        text = "".join(f'{{"mail": "p{number}@acme.dk", "tags": ["a", "b"]}}\n' for number in range(rows))
    else:
        text = "".join(f"BEGIN:VCARD\nFN:Ana\nEMAIL:p{number}@acme.dk\nEND:VCARD\n" for number in range(rows))
    path.write_text(text, encoding="utf-8")
    return path


def _peak(path):
    """Return the most memory that reading a file took, in bytes."""
    tracemalloc.start()
    try:
        for _ in as_text_rows(path):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".jsonl", ".vcf"])
def test_memory_does_not_grow_with_the_file(tmp_path, suffix):
    """12,000 rows held at once take 3.4 MB (JSON Lines) and 5.4 MB (vCards); one chunk and one row take less."""
    assert _peak(_many(tmp_path / f"a{suffix}", 12_000)) < 2_500_000
