"""JSON Lines: nested objects become columns, a broken line is refused and reading goes on."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.capture.reading.json_lines import read_json_lines
from mimcore.errors import CaptureError


def source(*lines, end="\n"):
    """Open lines of text."""
    return read_json_lines(io.BytesIO(end.join(lines).encode()))


def test_objects_are_flattened_lists_joined_and_missing_names_empty():
    """Names in the order in which they are first seen, over all lines."""
    found = source(
        '{"email": "ana@acme.dk", "name": {"given": "Ana"}, "tags": ["vip", "fair"]}',
        '{"age": 31.0, "phones": [{"no": "1"}, {"no": "2"}], "ok": true, "none": null, "half": 0.5}',
    )
    assert found.headers == ("email", "name.given", "tags", "age", "phones.1.no", "phones.2.no", "ok", "none", "half")
    assert [row.values for row in found] == [
        ("ana@acme.dk", "Ana", "vip;fair", "", "", "", "", "", ""),
        ("", "", "", "31", "1", "2", "true", "", "0.5"),
    ]
    assert list(found) == list(found)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"a": ', "is not valid JSON"),
        ("plain text", "is not valid JSON"),
        ("[1, 2]", "is no JSON object"),
        ("42", "is no JSON object"),
        ('{"a": 1, "a": 2}', "has two values of one name"),
        ('{"b.c": 1, "b": {"c": 2}}', "has two values of one name"),
        ('{"a": NaN}', "holds NaN or Infinity, which JSON does not know"),
        ('{"a": ["x;y"]}', "is a list whose items hold a semicolon"),
        ('{"a": "\\u0000"}', "holds a NUL character"),
        ('{"a": "\\ud800"}', "holds half of a letter (a lone surrogate)"),
        ('{"a": ' * 12 + "1" + "}" * 12, "is nested more than 8 deep"),
        ("[" * 100_000, "is nested too deep"),
        (json.dumps({"a": "x" * 32_769}), "is longer than 32 KiB"),
        ('{"a": ' + "9" * 5_000 + "}", "is not valid JSON"),
    ],
)
def test_a_broken_line_is_refused_with_its_number_and_reading_goes_on(line, reason):
    """The lines before and after are given out; no value stands in the problem."""
    rows = list(source('{"a": "canary-1"}', "", line, '{"a": "canary-2"}'))
    assert [row.line for row in rows] == [1, 3, 4]
    assert [row.problem is None for row in rows] == [True, False, True]
    assert rows[1].problem.reason == reason
    assert "canary" not in str(rows[1].problem)


def test_no_object_and_too_many_names_end_it():
    """There is nothing to read, or more than anyone could map."""
    with pytest.raises(CaptureError, match="no line that is a JSON object"):
        source("", "nothing")
    with pytest.raises(CaptureError, match="line 1: over 200 different names"):
        source(json.dumps({f"n{number}": 1 for number in range(201)}))


def test_windows_line_ends_utf16_and_a_mark_are_read():
    """As other files of text are."""
    assert [row.values for row in source('{"a": "1"}', '{"a": "2"}', end="\r\n")] == [("1",), ("2",)]
    for codec in ("utf-8-sig", "utf-16"):
        found = read_json_lines(io.BytesIO('{"a": "Ærø"}\n'.encode(codec)))
        assert [row.values for row in found] == [("Ærø",)]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text("xyzæ ", max_size=5), min_size=1), min_size=1))
def test_every_line_is_one_row_with_its_values(records):
    """Whatever the objects, no line is lost and no value changed."""
    found = source(*map(json.dumps, records))
    rows = [dict(zip(found.headers, row.values, strict=True)) for row in found]
    assert rows == [{name: record.get(name, "") for name in found.headers} for record in records]
