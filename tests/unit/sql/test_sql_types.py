"""Column types and the codec of the bulk paths say the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from mimcore.errors import InvalidValueError
from mimcore.sql.rows.codec import SQLITE
from mimcore.sql.types import Guid, Json, UtcMicroseconds, json_text

LITE, POSTGRES = sqlite.dialect(), postgresql.dialect()


def test_an_instant_is_whole_microseconds_whatever_its_zone() -> None:
    """01:00+02:00 on 1 January 1970 is an hour before the epoch; SQLAlchemy's own type would keep 01:00."""
    given_instant = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert UtcMicroseconds().process_bind_param(given_instant, LITE) == -3_600_000_000
    assert UtcMicroseconds().process_result_value(-3_600_000_000, LITE) == given_instant
    assert UtcMicroseconds().process_bind_param(given_instant, POSTGRES) == datetime(1969, 12, 31, 23, tzinfo=UTC)


def test_a_naive_instant_is_refused() -> None:
    """Without a zone nobody knows the instant."""
    with pytest.raises(InvalidValueError, match="has no time zone"):
        UtcMicroseconds().process_bind_param(datetime(2026, 1, 1), LITE)


@pytest.mark.parametrize(
    ("kind", "lite", "postgres"),
    [(UtcMicroseconds(), "BIGINT", "TIMESTAMP WITH TIME ZONE"), (Guid(), "BLOB", "UUID"), (Json(), "TEXT", "JSONB")],
)
def test_each_engine_has_its_own_column_type(kind, lite, postgres) -> None:
    """What the tables say in DDL."""
    assert (kind.compile(LITE), kind.compile(POSTGRES)) == (lite, postgres)


@given(st.lists(st.uuids(), min_size=2))
def test_ids_are_ordered_by_their_bytes(ids: list[UUID]) -> None:
    """The order of the column is the order of the ids, on SQLite as in Python."""
    stored = [Guid().process_bind_param(one, LITE) for one in ids]
    assert [Guid().process_result_value(one, LITE) for one in sorted(stored)] == sorted(ids)
    assert stored == [SQLITE.put_id(one) for one in ids]


def test_json_is_the_same_for_equal_values() -> None:
    """Keys are sorted, nothing is escaped that need not be."""
    assert json_text({"b": 1, "a": "Ø\n"}) == json_text({"a": "Ø\n", "b": 1}) == '{"a":"Ø\\n","b":1}'
    assert Json().process_result_value(Json().process_bind_param([1, {"x": None}], LITE), LITE) == [1, {"x": None}]


ENDLESS: list[object] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {"a": {1, 2}}, ENDLESS])
def test_what_json_has_no_form_for_is_refused(value) -> None:
    """NaN would be stored by SQLite and refused by PostgreSQL."""
    with pytest.raises(InvalidValueError, match="cannot be written as JSON") as caught:
        json_text(value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_codec_and_the_column_type_agree_on_instants(instant: datetime) -> None:
    """A row written in bulk is found by a rule bound through SQLAlchemy."""
    assert SQLITE.put_instant(instant) == UtcMicroseconds().process_bind_param(instant, LITE)
    assert SQLITE.get_instant(SQLITE.put_instant(instant)) == instant


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_DOCUMENTS = st.recursive(
    _LEAVES, lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(), part, max_size=4), max_leaves=12
)


@given(_DOCUMENTS)
def test_both_writers_of_json_give_the_text_of_the_standard_library(document: object) -> None:
    """Which of them writes depends on the document: the order of its names, and whether a number has a point."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    assert json_text(document) == text
