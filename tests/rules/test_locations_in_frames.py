"""How a frame may hold locations, and what is said of one that does not."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, UnknownFieldError, UnsupportedConditionError

NEAR = f.contact.location.within_km(mim.location(55.676, 12.568), 25)
KNOWN = f.contact.location.is_known()
ANSWERS = [True, False, None]
TEXT = pl.DataFrame({"location": ["55.6, 12.5", "56.2,10.2", " "]})
PAIRS = pl.DataFrame({"latitude": [55.6, 56.2, None], "longitude": [12.5, 10.2, 3.0]})
HALVES: dict[str, Any] = {"N": f.contact.location.latitude(), "E": f.contact.location.longitude()}


@pytest.mark.parametrize("frame", [TEXT, PAIRS, mim.prepare(TEXT), mim.prepare(PAIRS)], ids=range(4))
def test_text_pairs_and_whole_numbers_are_understood_by_name(frame: pl.DataFrame) -> None:
    """In Polars, pandas and PyArrow; pandas makes floats of whole numbers with gaps, and they are as exact."""
    assert mim.verdict(frame, NEAR).to_list() == ANSWERS
    assert mim.verdict(frame.to_arrow(), NEAR).to_pylist() == ANSWERS
    assert [
        None if one != one else bool(one)
        for one in mim.verdict(frame.to_pandas(), NEAR).astype("object").fillna(float("nan"))
    ] == ANSWERS
    assert mim.verdict(frame, KNOWN).to_list() == [True, True, False]


def test_pairs_are_named_as_they_are_called() -> None:
    """Both halves are said; one alone is refused, and shown by match_columns."""
    frame = PAIRS.rename({"latitude": "N", "longitude": "E"})
    assert mim.verdict(frame, NEAR, columns=HALVES).to_list() == ANSWERS
    found = mim.match_columns(frame, columns=HALVES)
    assert found.matched == dict.fromkeys(("N", "E"), "contact.demographic.location")
    with pytest.raises(UnknownFieldError, match=r"none its longitude; name it with .*longitude\(\)"):
        mim.verdict(frame, NEAR, columns={"N": HALVES["N"]})


def test_an_account_has_a_place_of_its_own() -> None:
    """Beside the contact's."""
    frame = PAIRS.rename({"latitude": "account_latitude", "longitude": "account_longitude"})
    rule = f.contact.account.location.within_km(mim.location(55.676, 12.568), 25)
    assert mim.verdict(frame, rule).to_list() == ANSWERS
    assert mim.verdict(mim.prepare(frame), rule).to_list() == ANSWERS


def test_duckdb_measures_what_was_prepared_and_refuses_the_rest_by_name() -> None:
    """Its sines are not Python's."""
    ready = mim.prepare(PAIRS)  # noqa: F841 - DuckDB finds it by name
    assert mim.count(duckdb.sql("select * from ready"), NEAR) == 1
    bare = duckdb.sql("select latitude, longitude from ready")
    assert mim.count(bare, KNOWN) == 2
    with pytest.raises(UnsupportedConditionError, match="location_x"):
        mim.count(bare, NEAR)


@pytest.mark.parametrize(
    "frame", [pl.DataFrame({"location": ["somewhere"]}), pl.DataFrame({"latitude": [91.0], "longitude": [1.0]})]
)
def test_what_is_no_location_is_refused_by_column(frame: pl.DataFrame) -> None:
    """Eager and lazy, without the value."""
    for one in (frame, frame.lazy()):
        with pytest.raises(InvalidValueError, match="holds a location that") as caught:
            mim.count(one, NEAR)
        assert "somewhere" not in str(caught.value)
        assert "91" not in str(caught.value)
