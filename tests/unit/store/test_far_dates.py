"""Dates at the end of the calendar, through a store: never ends, lies in the future, or a rejected row; never a crash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.capture import plan_import
from mimcore.errors import InvalidValueError

NEVER = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
ENDS = mim.attribute("ends_at", kind="instant")


@pytest.fixture(params=["memory", "sqlite"])
def far(request, tmp_path):
    """A store of each kind, in Copenhagen, that knows one instant of its own and one person."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'far.db'}"
    with mim.connect(url, zone="Europe/Copenhagen") as store:
        store.attributes.declare(ENDS)
        with store.begin() as work:
            work.add(mim.Contact(emails=["ana@example.dk"]))
        yield store


def test_a_consent_that_never_ends(far):
    """`expires_at="9999-12-31"` says so, and the consent holds in 9000 still."""
    ana = far.contacts.with_email("ana@example.dk")
    with far.begin() as work:
        act = work.grant(
            ana.primary_email,
            channel="email",
            purpose="newsletter",
            method="form",
            notice="v1",
            expires_at="9999-12-31",
        )
    assert act.expires_at == NEVER.replace(hour=22)
    rule = f.contact.may_receive(channel="email", purpose="newsletter")
    assert far.contacts.count(rule, now=datetime(9000, 1, 1, tzinfo=UTC)) == 1


def test_what_must_not_lie_in_the_future_says_so(far):
    """Recording and the past."""
    ana = far.contacts.with_email("ana@example.dk")
    with far.begin() as work, pytest.raises(InvalidValueError, match="at: lies in the future"):
        work.record("visit", contact=ana, at="9999-12-31")
    with pytest.raises(InvalidValueError, match="as_of: lies in the future"):
        far.as_of("9999-12-31")


@pytest.mark.parametrize("now", ["9999-12-31T23:59-05:00", "9999-12-31T23:59Z", "0001-01-01T00:00+05:00"])
def test_a_question_beyond_the_calendar_is_refused(far, now):
    """Beyond it in UTC, or in the store's zone."""
    with pytest.raises(InvalidValueError, match="now: lies beyond the calendar"):
        far.contacts.find(ENDS.in_this("week"), now=now)


def test_a_custom_instant_is_refused_by_name(far):
    """The last instant itself is one, and has an hour in every zone."""
    with far.begin() as work:
        work.add(mim.Contact(custom={"ends_at": NEVER}))
        with pytest.raises(InvalidValueError, match="beyond the calendar"):
            work.add(mim.Contact(custom={"ends_at": "9999-12-31T23:59-05:00"}))
    assert far.contacts.count(ENDS.hour().is_in(0)) == far.contacts.count(ENDS.hour(zone="UTC").is_in(23)) == 1


def test_a_cell_beyond_the_calendar_rejects_its_row_only(far):
    """A date is the end of its day; an instant after the last one is none."""
    cells = ["9999-12-31", "9999-12-31T23:59-05:00", "2026-03-01T10:00Z"]
    rows = [{"mail": f"p{number}@example.dk", "ends_at": cell} for number, cell in enumerate(cells)]
    result = plan_import(far, rows, source="crm").apply()
    assert len(result.rejects) == 1
    assert far.contacts.with_email("p0@example.dk").custom["ends_at"] == NEVER.replace(hour=22)
    assert far.contacts.count(ENDS.is_known()) == 2


def test_an_event_in_the_far_future_rejects_its_row_only(far):
    """It has not happened."""
    cells = ["9999-12-31", "9999-12-31T23:59-05:00", "2026-03-01T10:00Z"]
    rows = [{"mail": "ana@example.dk", "kind": "visit", "at": cell} for cell in cells]
    mapping = {"mail": "contact.emails", "kind": "event.kind", "at": "event.at"}
    assert len(plan_import(far, rows, source="crm", mapping=mapping).apply().rejects) == 2
