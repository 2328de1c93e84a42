"""The ends of the calendar: what lies within it is read, what lies beyond is refused by name, nothing overflows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from mimcore.capture.mapping.cells import moment_of
from mimcore.domain.source import Source
from mimcore.errors import InvalidValueError
from mimcore.values.instants import EARLIEST, LATEST, as_instant, day_of, end_of_day, start_of_day

COPENHAGEN, NEW_YORK = ZoneInfo("Europe/Copenhagen"), ZoneInfo("America/New_York")
LONG = "2026-03-02T09:00:00.000000+01:00:00.000000"


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("UTC", "9999-12-31T23:59:59.999999+00:00"),
        ("Europe/Copenhagen", "9999-12-31T22:59:59.999999+00:00"),
        ("America/New_York", "9999-12-31T23:59:59.999999+00:00"),  # five hours later there is no calendar
    ],
)
def test_the_last_day_ends(zone: str, end: str) -> None:
    """9999-12-31 is a usual way to say never."""
    assert as_instant("9999-12-31", zone=ZoneInfo(zone)).isoformat() == end
    assert end_of_day(date.max, ZoneInfo(zone)).isoformat() == end


def test_the_first_day_begins() -> None:
    """East of UTC it began before the calendar does: at its first instant, then."""
    assert start_of_day(date.min, COPENHAGEN) == EARLIEST
    assert start_of_day(date.min, ZoneInfo("UTC")) == EARLIEST
    assert start_of_day(date.min, NEW_YORK) == datetime(1, 1, 1, 4, 56, 2, tzinfo=UTC)
    assert end_of_day(date.min, COPENHAGEN) == datetime(1, 1, 1, 23, 9, 39, 999999, tzinfo=UTC)
    assert start_of_day(date.max, NEW_YORK) == datetime(9999, 12, 31, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "9999-12-31T23:59-05:00",
        "0001-01-01T00:00+05:00",
        datetime.max.replace(tzinfo=NEW_YORK),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_what_lies_beyond_is_refused(value: object) -> None:
    """With field, reason and remedy."""
    with pytest.raises(InvalidValueError, match="due: lies beyond the calendar in UTC — give an instant of the years"):
        as_instant(value, "due")


def test_a_local_day_beyond_the_calendar_is_refused() -> None:
    """The last hour in UTC is the year 10000 in Copenhagen."""
    assert day_of(LATEST, NEW_YORK, "now") == date.max
    for instant, zone in ((LATEST, COPENHAGEN), (EARLIEST, NEW_YORK)):
        with pytest.raises(InvalidValueError, match="now: lies beyond the calendar of its zone"):
            day_of(instant, zone, "now")


def test_long_text_is_read_or_refused_but_never_cut() -> None:
    """The longest form of Python's own has 42 characters; whatever follows it was once cut off unseen."""
    assert as_instant(LONG) == datetime(2026, 3, 2, 8, tzinfo=UTC)
    for text in (f"{LONG} junk and more", "2026-03-02T09:00:00.000000+01:00 and junk", "2026-03-02T09:00Z" + "0" * 90):
        with pytest.raises(InvalidValueError, match="is not an instant"):
            as_instant(text)
        with pytest.raises(InvalidValueError, match="is not a date or time"):
            moment_of(text, COPENHAGEN)


def test_a_delivery_is_due_on_the_last_day_at_most() -> None:
    """A rhythm of a thousand years does not overflow."""
    source = Source(key="crm", refresh_days=7)
    assert source.next_due(date(9999, 12, 24)) == date.max
    assert source.next_due(date(9999, 12, 30)) == date.max
    assert source.is_overdue(date(9999, 12, 30), date(2026, 1, 1)) is False
