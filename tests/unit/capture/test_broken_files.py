"""Seventy kinds of broken files: each ends in a clear error or in a complete count, never in somebody else's traceback.

What is expected of each was written by hand: the words of the error, or how many rows are taken and which lines are
refused. Every file is planned, applied and audited.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import warnings
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mimcore as mim
from mimcore.errors import CaptureError, InvalidValueError

HEAD = "mail,city\n"
GOOD = "p{0}@acme.dk,Aarhus\n"
TEXT = HEAD + "".join(GOOD.format(number) for number in range(3))
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nEMAIL:p{0}@acme.dk\nEND:VCARD\n"


def xlsx(*rows):
    """Return a workbook."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append(cells)
    book.save(file)
    return file.getvalue()


def parquet():
    """Return a Parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.table({"mail": [f"p{number}@acme.dk" for number in range(3)]}), file)
    return file.getvalue()


def archive(**parts):
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as found:
        for name, content in parts.items():
            found.writestr(name, content)
    return file.getvalue()


def replaced(book, name, old, new):
    """Return a workbook with a part changed, or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            content = before.read(part)
            if part.filename != name or new is not None:
                after.writestr(part, content.replace(old, new) if part.filename == name else content)
    return file.getvalue()


def flipped(content, place):
    """Return bytes with one of them turned over."""
    changed = bytearray(content)
    changed[place] ^= 0xFF
    return bytes(changed)


BOOK = xlsx(["mail", "city"], *(GOOD.format(number).strip().split(",") for number in range(3)))
SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = "".join(f'<!ENTITY b{n} "{(f"&b{n - 1};" if n else "haha") * 60}">' for n in range(8))
LAUGHS = replaced(
    replaced(BOOK, SHEET, b"<worksheet", f"<!DOCTYPE x [{ENTITIES}]><worksheet".encode()), SHEET, b"Aarhus", b"&b7;"
)

FILES = {
    # text that cannot be read, or only by guessing
    "empty.csv": (b"", "no header line"),
    "only-mark.csv": (b"\xef\xbb\xbf", "no header line"),
    "only-blank-lines.csv": (b"\n\n\r\n", "no header line"),
    "only-header.csv": (HEAD.encode(), (0, [])),
    "no-header.csv": (b"ana@acme.dk,Aarhus\nbo@acme.dk,Odense\n", "looks like data"),
    "header-nobody-knows.csv": (b"zz,yy\n1,2\n", "no column is understood"),
    "binary.csv": (bytes(range(256)) * 40, "looks like|bytes that are not|NUL|header"),
    "utf16-without-mark.csv": (TEXT.encode("utf-16-le"), "looks like UTF-16"),
    "utf16-odd-length.csv": (TEXT.encode("utf-16") + b"\x41", "bytes that are not utf-16"),
    "utf32.csv": (TEXT.encode("utf-32"), (3, [])),
    "mark-in-the-middle.csv": ((HEAD + "\ufeffp0@acme.dk,A\np1@acme.dk,B\n").encode(), (2, [])),
    "cp1252.csv": ((HEAD + "p0@acme.dk,Århus\n").encode("cp1252"), (1, [])),
    "two-encodings.csv": (HEAD.encode() + "p0@acme.dk,Å\n".encode() + "p1@acme.dk,Å\n".encode("cp1252"), (2, [])),
    "half-letter-at-end.csv": ((HEAD + "p0@acme.dk,Å").encode()[:-1], (1, [])),
    "undefined-in-cp1252.csv": (HEAD.encode() + b"p0@acme.dk,\x81\xff\n", "not UTF-8 nor Windows-1252"),
    # lines and quotes
    "mixed-line-ends.csv": (b"mail,city\r\np0@acme.dk,A\np1@acme.dk,B\rp2@acme.dk,C\r\n", (3, [])),
    "lone-cr.csv": (TEXT.replace("\n", "\r").encode(), (3, [])),
    "no-line-end.csv": (TEXT.rstrip().encode(), (3, [])),
    "quote-never-closed.csv": (b'mail,city\np0@acme.dk,"A\np1@acme.dk,B\n', "line 2: a quote is opened and never closed"),
    "quote-never-closed-at-header.csv": (b'mail,"city\np0@acme.dk,A\n', "line 1"),
    "text-after-quote.csv": (b'mail,city\n"p0@acme.dk"x,A\np1@acme.dk,B\n', (1, [2])),
    "quote-inside.csv": (b'mail,city\np0@acme.dk,A "b" c\n', (1, [])),
    "newline-in-quotes.csv": (b'mail,city\np0@acme.dk,"A\nB"\np1@acme.dk\n', (1, [4])),
    "nul.csv": (b"mail,city\np0@acme.dk,A\0B\np1@acme.dk,C\n", (1, [2])),
    "huge-field.csv": ((HEAD + f"p0@acme.dk,{'x' * 40_000}\np1@acme.dk,B\n").encode(), (1, [2])),
    "huge-line.csv": ((HEAD + "p0@acme.dk," + "x" * 7_000_000).encode(), "characters long"),
    "ragged.csv": (b"mail,city\np0@acme.dk\np1@acme.dk,A,B\np2@acme.dk,C\n", (1, [2, 3])),
    "trailing-delimiter.csv": (b"mail,city\np0@acme.dk,A,\n", (0, [2])),
    "wrong-delimiter.csv": (b"mail^city\np0@acme.dk^A\n", "no column is understood"),
    "two-delimiters.csv": (b"mail;city\np0@acme.dk;A\np1@acme.dk,B\n", (1, [3])),
    "excel-sep-line.csv": (b"sep=;\nmail;city\np0@acme.dk;A\n", (1, [])),
    "doubled-headers.csv": (b"mail,city,city\np0@acme.dk,A,B\n", (1, [])),
    "empty-headers.csv": (b"mail,,\np0@acme.dk,A,B\n", (1, [])),
    "too-many-columns.csv": ((",".join(f"c{n}" for n in range(300)) + "\n").encode(), "300 columns, at most 200"),
    "gzip.csv": (gzip.compress(TEXT.encode()), "compressed with gzip"),
    "gzip-cut-off.csv.gz": (gzip.compress(TEXT.encode())[:20], "compressed with gzip"),
    "zip.csv": (archive(**{"a.csv": TEXT}), "cannot be read as an Excel workbook|no visible sheet"),
    "html.xls": (b"<html><table><tr><td>mail</td></tr></table>", "HTML or XML"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old .xls"),
    # workbooks
    "empty.xlsx": (b"", "no such file"),
    "text.xlsx": (TEXT.encode(), "no such file"),
    "cut-off.xlsx": (BOOK[: len(BOOK) // 2], "cut off"),
    "no-cells.xlsx": (xlsx(), "no visible sheet with cells"),
    "only-header.xlsx": (xlsx(["mail", "city"]), (0, [])),
    "sheet-missing.xlsx": (replaced(BOOK, SHEET, b"", None), "no visible sheet with cells"),
    "sheet-no-xml.xlsx": (replaced(BOOK, SHEET, b"<", b"("), "broken or cut off"),
    "sheet-cut-off.xlsx": (replaced(BOOK, SHEET, b"</sheetData>", b"<"), "broken or cut off"),
    "wrong-string.xlsx": (replaced(BOOK, SHEET, b't="inlineStr"><is><t>mail</t></is>', b't="s"><v>999</v>'), "broken or cut off"),
    "wrong-style.xlsx": (replaced(BOOK, SHEET, b'r="B2"', b'r="B2" s="77"'), (3, [])),
    "row-far-away.xlsx": (replaced(BOOK, SHEET, b'<row r="4"', b'<row r="99999999"'), "beyond number"),
    "word-document.xlsx": (archive(**{"word/document.xml": "<w/>"}), "cannot be read as an Excel workbook"),
    "zip-bomb.xlsx": (archive(**{SHEET: b" " * (40 << 20)}), "unpacks to far more"),
    "laughs.xlsx": (LAUGHS, "broken or cut off"),
    "error-cells.xlsx": (xlsx(["mail", "city"], ["p0@acme.dk", "#REF!"], ["p1@acme.dk", "A"]), (1, [2])),
    # JSON Lines
    "empty.jsonl": (b"", "no line that is a JSON object"),
    "array.json": (b'[{"mail": "p0@acme.dk"}]', "one JSON array"),
    "broken-lines.jsonl": (b'{"mail": "p0@acme.dk"}\n{"mail": \n\nnull\n{"mail": "p1@acme.dk"}', (2, [2, 4])),
    "cut-off.jsonl": (b'{"mail": "p0@acme.dk"}\n{"mail": "p1@ac', (1, [2])),
    "nested-too-deep.jsonl": (b'{"mail": "p0@acme.dk"}\n' + b'{"mail":' * 99_999 + b"\n", (1, [2])),
    "doubled-name.jsonl": (b'{"mail": "p0@acme.dk"}\n{"mail": "a@b.dk", "mail": "c@d.dk"}\n', (1, [2])),
    "surrogate.jsonl": (b'{"mail": "p0@acme.dk"}\n{"mail": "\\ud83d"}\n', (1, [2])),
    "not-utf8.jsonl": (b'{"mail": "p0@acme.dk", "city": "\xc5rhus"}\n', (1, [])),
    "numbers.jsonl": (b'{"mail": 12}\n{"mail": {"a": 1}}\n{"mail": "p0@acme.dk"}\n' + b'{"mail": "p1@acme.dk"}\n' * 3, (4, [1, 2])),
    # Parquet and vCards
    "empty.parquet": (b"", "no such file"),
    "cut-off.parquet": (parquet()[:-20], "broken or cut off"),
    "wrong-length.parquet": (parquet()[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1", "broken or cut off"),
    "empty.vcf": (b"", "holds no vCard"),
    "without-end.vcf": ((CARD.format(0) + "BEGIN:VCARD\nFN:Bo\nEMAIL:b@c.dk\n").encode(), (1, [6])),
    "begin-in-begin.vcf": (("BEGIN:VCARD\nFN:Lost\n" + CARD.format(0)).encode(), (1, [1])),
    "junk-between.vcf": ((CARD.format(0) + "junk\n" + CARD.format(1)).encode(), (2, [6])),
    "no-property.vcf": (CARD.format(0).replace("FN:Ana", "FN Ana").encode() + CARD.format(1).encode(), (1, [1])),
    "bad-quoted-printable.vcf": (
        (CARD.format(0) + CARD.format(1).replace("FN:", "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=nonsense:=ZZ=")).encode(),
        (2, []),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_ends_in_a_clear_error_or_a_complete_count(tmp_path, name):
    """Planned, applied and audited; warnings of parsers count as tracebacks."""
    content, expected = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with mim.connect("memory:", actor="tester") as store, warnings.catch_warnings():
        warnings.simplefilter("error")
        if isinstance(expected, str):
            with pytest.raises((CaptureError, InvalidValueError), match=expected) as caught:
                store.plan_import(path, source="broken", mapping="auto")
            assert "@" not in str(caught.value)
            assert caught.value.__cause__ is None
        else:
            taken, refused = expected
            plan = store.plan_import(path, source="broken", mapping="auto" if taken else {"mail": "contact.emails"})
            assert (plan.counts.get("rejected", 0), [one.line for one in plan.rejects]) == (len(refused), refused)
            assert plan.total == taken + len(refused)
            assert sum(plan.apply().counts.values()) == plan.total
        try:
            found = mim.audit(path)
        except CaptureError:
            assert isinstance(expected, str)
        else:
            assert isinstance(expected, str) or found.rows == sum([expected[0], len(expected[1])])


def test_there_are_at_least_forty_kinds():
    """The corpus cannot shrink unseen."""
    assert len(FILES) >= 70


@pytest.mark.parametrize("kind", ["a.csv", "a.xlsx", "a.parquet", "a.jsonl", "a.vcf"])
def test_bytes_turned_over_anywhere_are_survived(tmp_path, kind):
    """Each of 150 copies with one byte changed and one cut: ours is the only error that comes out."""
    records = [{"mail": f"p{number}@acme.dk"} for number in range(3)]
    whole = {
        "a.csv": TEXT.encode(),
        "a.xlsx": BOOK,
        "a.parquet": parquet(),
        "a.jsonl": "\n".join(map(json.dumps, records)).encode(),
        "a.vcf": "".join(CARD.format(number) for number in range(3)).encode(),
    }[kind]
    path = tmp_path / kind
    step = max(1, len(whole) // 75)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for place in range(0, len(whole), step):
            for content in (flipped(whole, place), whole[:place]):
                path.write_bytes(content)
                try:
                    mim.audit(path)
                except CaptureError:
                    continue


def test_the_archive_that_lies_about_its_size_is_refused():
    """A part that unpacks to more than its header says breaks off at what was said."""
    file = bytearray(archive(**{SHEET: b"x" * 1000}))
    place = file.find(struct.pack("<I", 1000), file.find(b"PK\x01\x02"))
    file[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(CaptureError):
        mim.read_excel(io.BytesIO(bytes(file)))
