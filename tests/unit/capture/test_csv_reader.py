"""CSV files of bad manners: every one is read right or refused with a line, and no error holds a value."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import traceback
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.capture import read_csv
from mimcore.capture.files import csv_reader
from mimcore.capture.files.csv_reader import CsvSource
from mimcore.errors import CaptureError

CANARY = "canary-7f3a"


def source(text: str | bytes, **options: str) -> CsvSource:
    """Open text or bytes as a file."""
    return read_csv(io.BytesIO(text.encode() if isinstance(text, str) else text), **options)


def rows(text: str | bytes, **options: str) -> list[tuple[int, tuple[str, ...]]]:
    """Read lines and values of rows that have no problem."""
    found = list(source(text, **options))
    assert [row.problem for row in found] == [None] * len(found)
    return [(row.line, row.values) for row in found]


def assert_silent(error: BaseException) -> None:
    """Check that neither the message nor any linked error holds the canary."""
    assert CANARY not in "".join(traceback.format_exception(error))
    linked: BaseException | None = error
    while linked is not None:
        assert CANARY not in repr(linked)
        assert CANARY not in repr(linked.args)
        linked = linked.__cause__ or linked.__context__


def test_a_plain_file_from_disk(tmp_path: Path) -> None:
    """A path is read, may be read again, and tells its encoding, delimiter and fingerprint."""
    path = tmp_path / "people.csv"
    path.write_text("name,city\nAna,Århus\nBo,Odense\n", encoding="utf-8")
    for given_path in (path, str(path)):
        people = read_csv(given_path)
        assert people.headers == ("name", "city")
        for _ in range(2):
            assert [(row.line, row.values) for row in people] == [(2, ("Ana", "Århus")), (3, ("Bo", "Odense"))]
        assert (people.name, people.delimiter, people.encoding, people.notes) == ("people.csv", ",", "utf-8-sig", ())
    assert people.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
    ],
)
def test_byte_order_marks_decide(encoding: str, mark: bytes) -> None:
    """A marked file is read as what it says, and the mark is no part of the first name."""
    text = "navn;by\r\nBjørn;Ærø\r\n"
    found = source(mark + text.encode(encoding))
    assert found.headers == ("navn", "by")
    assert [row.values for row in found] == [("Bjørn", "Ærø")]
    assert found.notes == ()


def test_a_mark_beats_a_wrong_declaration_with_a_note() -> None:
    """A UTF-8 mark is never three letters of Windows-1252."""
    found = source(codecs.BOM_UTF8 + "navn\nÆ\n".encode(), encoding="cp1252")
    assert (found.headers, next(iter(found)).values) == (("navn",), ("Æ",))
    assert "byte-order mark of utf-8" in found.notes[0]
    assert source(codecs.BOM_UTF8 + b"navn\n", encoding="utf-8").notes == ()


def test_latin_1_is_read_with_a_note_that_names_the_line() -> None:
    """What is not UTF-8 is read as Windows-1252, and the file says so."""
    found = source("navn,by\nAna,X\nBjørn,Ærø\n".encode("latin-1"))
    assert [row.values for row in found][-1] == ("Bjørn", "Ærø")
    assert found.encoding == "cp1252"
    assert "line 3" in found.notes[0]


def test_a_late_bad_byte_is_found_before_the_first_row() -> None:
    """The fall-back holds for the whole file, not from the bad line on."""
    data = "navn\n" + "Bjorn\n" * 400_000
    found = source(data.encode() + "Bjørn\n".encode("latin-1"))
    assert found.encoding == "cp1252"
    assert "line 400002" in found.notes[0]


@pytest.mark.parametrize("ends", ["\n", "\r", "\r\n"])
def test_undecodable_bytes_are_refused_with_their_line(ends: str) -> None:
    """Byte 0x81 is neither UTF-8 nor Windows-1252; the line is right for every kind of line end."""
    data = ends.join(["navn", "ok", CANARY]).encode() + b"\x81" + ends.encode()
    with pytest.raises(CaptureError, match=r"^line 3: bytes that are not UTF-8 nor Windows-1252") as caught:
        source(data)
    assert_silent(caught.value)
    with pytest.raises(CaptureError, match=r"^line 3: bytes that are not utf-8-sig") as caught:
        source(data, encoding="utf-8")
    assert_silent(caught.value)


def test_half_a_utf_16_unit_and_utf_16_without_a_mark_are_refused() -> None:
    """Broken UTF-16 names the line; UTF-16 without a mark is recognised by its NULs."""
    with pytest.raises(CaptureError, match=r"^line 2"):
        source(codecs.BOM_UTF16_LE + "navn\nBo".encode("utf-16-le") + b"\x00")
    with pytest.raises(CaptureError, match="without a byte-order mark"):
        source("navn,by\nBo,X\n".encode("utf-16-le"))
    assert rows("navn,by\nBo,X\n".encode("utf-16-le"), encoding="utf-16-le") == [(2, ("Bo", "X"))]


@pytest.mark.parametrize("encoding", ["no-such", "hex", "", "utf-8\0"])
def test_unknown_encodings_are_refused(encoding: str) -> None:
    """Names that are no text encodings raise our own error."""
    with pytest.raises(CaptureError, match="encoding is not known"):
        source("a\n1\n", encoding=encoding)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends_and_quoted_newlines_keep_true_line_numbers(end: str) -> None:
    """A value over three lines moves the next row's number by three; blank lines count too."""
    text = end.join(["a,b", f'1,"x{end}y{end}z"', "", "2,y", '"3",""', ""])
    assert rows(text) == [(2, ("1", f"x{end}y{end}z")), (6, ("2", "y")), (7, ("3", ""))]


def test_other_unicode_separators_do_not_end_lines() -> None:
    """U+2028, vertical tab and NEL are letters of a value, not line ends."""
    assert rows("a,b\n1\u2028,2\x0b\n3\x85,4\n") == [(2, ("1\u2028", "2\x0b")), (3, ("3\x85", "4"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_sniffed(delimiter: str) -> None:
    """Each of the four is found although the values hold the others."""
    lines = [["name", "note, long", "amount"], ["Ana", "a,b;c", "1,50"], ["Bo", "x|y\tz", "2,75"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    found = source(out.getvalue())
    assert found.delimiter == delimiter
    assert [list(row.values) for row in found] == lines[1:]


def test_other_delimiters_are_declared() -> None:
    """Anything else is not guessed: one column until the caller says so."""
    assert source("a^b\n1^2\n").headers == ("a^b",)
    assert rows("a^b\n1^2\n", delimiter="^") == [(2, ("1", "2"))]
    for wrong in ("", ",,", '"', "\n"):
        with pytest.raises(CaptureError, match="delimiter"):
            source("a\n", delimiter=wrong)


def test_the_separator_line_of_excel_is_followed() -> None:
    """`sep=;` declares the delimiter and is no header."""
    found = source("sep=;\r\na,x;b\r\n1;2\r\n")
    assert (found.headers, found.delimiter) == (("a,x", "b"), ";")
    assert [(row.line, row.values) for row in found] == [(3, ("1", "2"))]
    assert rows("sep=^\na^b\n1^2\n") == [(3, ("1", "2"))]


def test_header_names_are_cleaned_and_made_distinct() -> None:
    """Space, line breaks, marks and guards go; empty and repeated names are numbered with a note."""
    found = source(' E-mail ,"First\nname",,email,E-MAIL,\ufeffx,\'-1,column 3\n')
    assert found.headers == ("E-mail", "First name", "column 3", "email", "E-MAIL (2)", "x", "-1", "column 3 (2)")
    assert found.notes == (
        "column 3 has no name; it is called 'column 3'",
        "column 5 repeats the name 'E-MAIL'; it is called 'E-MAIL (2)'",
        "column 8 repeats the name 'column 3'; it is called 'column 3 (2)'",
    )


@given(st.lists(st.sampled_from(["a", "A", "a (2)", "", "column 2", "column 2 (2)", " a "]), min_size=2, max_size=12))
def test_names_are_always_distinct(names: list[str]) -> None:
    """No two columns share a name, whatever the header."""
    headers = source(",".join(f'"{name}"' for name in names) + "\n", delimiter=",").headers
    assert len({name.casefold() for name in headers}) == len(names)
    assert all(headers)


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff"])
def test_a_file_without_a_header_is_refused(data: str) -> None:
    """Empty files and blank lines have no columns."""
    with pytest.raises(CaptureError, match="no header"):
        source(data)


@pytest.mark.parametrize("first", [f"{CANARY}@acme.dk", "+45 32 12 34 56"])
def test_data_where_names_belong_are_refused_without_telling_them(first: str) -> None:
    """A file without a header line would turn a person into a column name."""
    with pytest.raises(CaptureError, match=r"^line 1, column 2: looks like data") as caught:
        source(f"Ana,{first}\nBo,b@acme.dk\n")
    assert first not in str(caught.value)


def test_only_a_header_gives_no_rows() -> None:
    """A header alone, with or without a line end, is a file with no rows."""
    assert rows("a,b") == []
    assert rows("a,b\n") == []


def test_ragged_rows_are_reported_and_reading_goes_on() -> None:
    """Too few and too many values are problems of their row; the values are kept."""
    found = list(source("a,b\n1\n1,2,3\n1,2\n"))
    assert [row.values for row in found] == [("1",), ("1", "2", "3"), ("1", "2")]
    assert [row.problem and row.problem.reason for row in found] == [
        "has 1 values where the header has 2",
        "has 3 values where the header has 2",
        None,
    ]


def test_text_after_a_closing_quote_is_a_problem_of_its_row() -> None:
    """The row is reported with what a lenient reader sees, and the next row is read in step."""
    found = list(source('a,b\n"x"y,"z\nw"\n1,2\n'))
    assert [(row.line, row.values) for row in found] == [(2, ("xy", "z\nw")), (4, ("1", "2"))]
    assert [row.problem and row.problem.reason for row in found] == ["has text after a closing quote", None]


@pytest.mark.parametrize("tail", ["", "\n1,2" * 10, "\n1,2" * 100_000])
def test_an_unclosed_quote_names_the_line_where_it_opened(tail: str) -> None:
    """Near the end or far from it, the error points at the row where the quote began."""
    with pytest.raises(CaptureError, match=r"^line 3: a quote is opened and never closed") as caught:
        list(source(f'a,b\n1,2\n"{CANARY},2{tail}'))
    assert_silent(caught.value)


def test_an_unclosed_quote_in_the_header_is_refused() -> None:
    """The header is a record like any other."""
    with pytest.raises(CaptureError, match=r"^line 1: a quote"):
        source(f'"a,b\n{CANARY},2\n')
    with pytest.raises(CaptureError, match=r"^line 1: the header has text after"):
        source('"a"x,b\n1,2\n')


def test_nul_is_refused_per_row() -> None:
    """The row and column are named, its values are not given out, the next row is read."""
    found = list(source(f"a,b\n1,{CANARY}\0\n3,4\n"))
    assert (found[0].line, found[0].values) == (2, ())
    assert str(found[0].problem) == "column 2 'b': holds a NUL character — export the file again, as UTF-8 text"
    assert found[1].values == ("3", "4")
    with pytest.raises(CaptureError, match="line 1: the header holds a NUL"):
        source("a\0,b,cccccccc\n")


def test_fields_up_to_32_kib_are_read_and_longer_ones_refused_per_row() -> None:
    """The limit counts UTF-8 octets: 32 KiB pass, one octet more does not, nor 17 Ki letters of two octets."""
    limit = 32 * 1024
    found = list(source(f"a,b\n1,{'x' * limit}\n2,{'x' * (limit + 1)}\n3,{'é' * 17 * 1024}\n4,y\n"))
    assert [row.line for row in found if row.problem] == [3, 4]
    assert [len(row.values) for row in found] == [2, 0, 0, 2]
    assert found[1].problem is not None
    assert (found[1].problem.field, found[1].problem.reason) == ("column 2 'b'", "is longer than 32 KiB")


def test_two_hundred_columns_and_no_more() -> None:
    """200 columns are read, 201 refused."""
    assert len(source(",".join(f"c{i}" for i in range(200))).headers) == 200
    with pytest.raises(CaptureError, match="201 columns, at most 200"):
        source(",".join(f"c{i}" for i in range(201)))


def test_the_process_wide_field_limit_is_left_alone() -> None:
    """The library works under the host's limit and does not change it, be it small or endless."""
    before = csv.field_size_limit()
    try:
        for limit in (before, 1_000, 2**31 - 1):
            csv.field_size_limit(limit)
            assert rows("a\nx\n") == [(2, ("x",))]
            with pytest.raises(CaptureError, match="line 2"):
                list(source('a\n"' + "x,y\n" * 2_000_000))
            assert csv.field_size_limit() == limit
    finally:
        csv.field_size_limit(before)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Sixty megabytes of rows, or of one endless line, take a few megabytes of memory."""
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + ("x" * 50 + "," + "y" * 50 + "\n") * 600_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_csv(path)) == 600_000
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
        path.write_text("a,b\n" + "x" * 60_000_000)
        tracemalloc.reset_peak()
        with pytest.raises(CaptureError, match="line 2"):
            list(read_csv(path))
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_streams_are_read_from_where_they_stand_and_stay_open() -> None:
    """Binary, text and unseekable streams all work, twice, and are not closed."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    binary = io.BytesIO(b"skip\na,b\n1,2\n")
    binary.readline()
    text = io.StringIO("skip\na,b\n1,å\n")
    text.readline()
    for stream, last in ((binary, "2"), (text, "å"), (Pipe(b"a,b\n1,2\n"), "2")):
        found = read_csv(stream)
        for _ in range(2):
            assert [row.values for row in found] == [("1", last)]
        assert not stream.closed


def test_files_that_cannot_be_opened_raise_our_error(tmp_path: Path) -> None:
    """A missing file and a folder are named, and no system error leaves."""
    with pytest.raises(CaptureError, match=r"nothing\.csv cannot be read: No such file"):
        read_csv(tmp_path / "nothing.csv")
    with pytest.raises(CaptureError, match="cannot be read"):
        read_csv(tmp_path)


def test_a_file_that_breaks_off_while_it_is_read_raises_our_error(tmp_path: Path) -> None:
    """Bytes that turned bad after the check are refused with the line, without the bytes."""
    path = tmp_path / "changing.csv"
    path.write_text("a\n1\n")
    found = read_csv(path)
    path.write_bytes(b"a\n1\n" + CANARY.encode() + b"\xff\n")
    with pytest.raises(CaptureError, match="changed or broke off") as caught:
        list(found)
    assert_silent(caught.value)


def test_nothing_shows_a_value() -> None:
    """The reprs of source and rows hold names and counts only."""
    found = source(f"a,b\n{CANARY},2\n{CANARY}\n")
    assert repr(found) == "CsvSource('stream', 2 columns, utf-8-sig, delimiter ',')"
    assert next(repr(row) for row in found) == "Row(line=2, 2 values)"
    assert CANARY not in repr(list(found))


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_what_the_standard_library_writes_is_read_back(cells: list[list[str]], delimiter: str, encoding: str) -> None:
    """Any text written by `csv` comes back the same, from any encoding that holds it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["a", "b", "c"], *cells])
    found = source(out.getvalue().encode(encoding), delimiter=delimiter, encoding=encoding)
    assert [list(row.values) for row in found] == cells


@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused_by_our_error(data: bytes) -> None:
    """No bytes make anything but a row, a row problem or a CaptureError."""
    try:
        found = list(source(data))
    except CaptureError:
        return
    assert all(row.line >= 1 for row in found)


@given(st.text(st.sampled_from("ab\",\n\r;\0 '="), max_size=60))
def test_hostile_punctuation_keeps_lines_in_order(text: str) -> None:
    """Whatever the punctuation, line numbers rise and each sound row has a value per column."""
    try:
        got = list(source("h1,h2\n" + text, delimiter=","))
    except CaptureError:
        return
    lines = [row.line for row in got]
    assert lines == sorted(set(lines))
    assert all(len(row.values) == 2 for row in got if row.problem is None)


@given(st.text(alphabet="ab,;\t'=\" \r\n\x00\u00e9", max_size=60), st.sampled_from([",", ";"]))
def test_lines_that_are_cut_are_those_that_would_be_parsed(text, delimiter):
    """A line without a quote is cut at its delimiters: same rows, same lines, same errors as by `csv.reader`."""

    def found():
        source = read_csv(io.BytesIO(b"x;y,z\n" + text.encode()), encoding="utf-8", delimiter=delimiter, unguards=True)
        try:
            return list(source)
        except CaptureError as error:
            return str(error)

    cut = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "_SURELY_SHORT", 0)
        assert found() == cut
