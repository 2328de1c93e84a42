from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.display.numbers import MISSING, THIN, age_in_words, count, duration, number, percent, share
from mimcore.errors import InvalidValueError


def plain(text):
    """Put plain spaces for narrow ones."""
    return text.replace(THIN, " ")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1 000"),
        (12040, "12 040"),
        (1234567, "1 234 567"),
        (-2729, "−2 729"),
        (None, "–"),
    ],
)
def test_count_groups_by_threes(value, expected):
    """Counts are grouped with a narrow no-break space and signed with a minus sign."""
    assert plain(count(value)) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (1234.5, 2, "1 234.5"),
        (3.0, 2, "3"),
        (100.0, 0, "100"),
        (0.126, 2, "0.13"),
        (-0.001, 2, "0"),
        (-1.5, 2, "−1.5"),
        (Decimal("0.10"), 2, "0.1"),
        (10, 2, "10"),
        (None, 2, "–"),
    ],
)
def test_number_drops_trailing_zeros(value, digits, expected):
    """Decimals are shown where they say something, and a zero has no sign."""
    assert plain(number(value, digits)) == expected


@pytest.mark.parametrize(
    ("rate", "digits", "expected"),
    [
        (0.0512, 1, "5.1 %"),
        (0.05, 1, "5.0 %"),
        (0.05, 0, "5 %"),
        (0, 1, "0 %"),
        (1, 1, "100 %"),
        (0.0004, 1, "< 0.1 %"),
        (0.0005, 1, "0.1 %"),
        (0.0006, 1, "0.1 %"),
        (0.004, 0, "< 1 %"),
        (0.9994, 1, "99.9 %"),
        (0.9999, 1, "> 99.9 %"),
        (0.999, 0, "> 99 %"),
        (-0.012, 1, "−1.2 %"),
        (-0.00001, 1, "> −0.1 %"),
        (12.5, 1, "1 250.0 %"),
        (None, 1, "–"),
    ],
)
def test_percent_never_rounds_to_nothing_or_all(rate, digits, expected):
    """Something is not shown as 0 % and not quite everything is not shown as 100 %."""
    assert plain(percent(rate, digits)) == expected


def test_share_of_none_has_no_percentage():
    """A share shows its counts, and a percentage where there is one."""
    assert plain(share(616, 12040)) == "616 of 12 040 (5.1 %)"
    assert plain(share(0, 0)) == "0 of 0"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 ms"),
        (0.0123, "12 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (4.24, "4.2 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (75, "1 min 15 s"),
        (3599.6, "1 h 00 min"),
        (7800, "2 h 10 min"),
        (86399.7, "1 d 0 h"),
        (100_000, "1 d 3 h"),
        (-75, "−1 min 15 s"),
        (None, "–"),
    ],
)
def test_duration_uses_two_units(seconds, expected):
    """Spans are written in the two units that matter, and rounding carries over."""
    assert plain(duration(seconds)) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "less than a day"),
        (0.9, "less than a day"),
        (1, "1 day"),
        (13.9, "13 days"),
        (14, "2 weeks"),
        (59, "8 weeks"),
        (60.9, "2 months"),
        (365, "11 months"),
        (366, "12 months"),
        (730, "23 months"),
        (731, "2 years"),
        (4000, "10 years"),
        (-3, "in 3 days"),
        (None, "unknown"),
    ],
)
def test_age_in_words(days, expected):
    """Ages are whole units rounded down; 365 days are 11.99 months of 30.44 days."""
    assert age_in_words(days) == expected


def test_a_day_count_between_weeks_and_months_is_one_month():
    """The 60th day is in its second month of 30.44 days, so one is over."""
    assert age_in_words(60) == "1 month"


@pytest.mark.parametrize("show", [number, percent, duration, age_in_words])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(show, value):
    """NaN and infinities are no figures."""
    with pytest.raises(InvalidValueError, match="finite"):
        show(value)


@given(st.integers(-(10**18), 10**18))
def test_count_keeps_every_digit(value):
    """The count can be read back."""
    assert int(count(value).replace(THIN, "").replace("−", "-")) == value


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 4))
def test_percent_of_a_proper_part_is_neither_none_nor_all(rate, digits):
    """No rounding turns a part into nothing or into everything."""
    shown = percent(rate, digits).replace(THIN, "").rstrip("%")
    assert shown.startswith((">", "<")) or 0 < float(shown) < 100


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_an_older_thing_never_sounds_younger_within_a_unit(one, other):
    """Equal words mean ages less than a unit apart."""
    words = age_in_words(one)
    if words == age_in_words(other):
        assert abs(one - other) <= 365.25 * 1.01
    assert MISSING not in words
