"""The stewards' queue on every store: what waits, since when, for whom; assigned, snoozed, closed, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.task import TaskStatus
from mimcore.errors import InvalidValueError, NotFoundError, StoreError, TransitionError

c = f.contact
ROWS = [
    *({"email": f"p{number}@example.com", "city": "Lund", "country": "SE"} for number in range(9)),
    {"email": "ana@", "city": "Lund", "country": "SE"},
    {"email": "bo@", "city": "Lund", "country": "SE"},
    {"email": "cy@example.com", "city": "Lund", "country": "Atlantis"},
]


@pytest.fixture
def waiting(everywhere, clock):
    """One of each: a critical check, refused rows, a pair, a value that was handed out, and values that are stale."""
    store = everywhere
    added(store, mim.Source(key="fair", owner="jonas"))
    added(store, mim.Contact(name="Ana Berg", emails=["a@example.com"], title="Baker"), source="fair")
    clock.advance(days=1)
    store.plan_import(ROWS, source="fair").apply()
    clock.advance(days=1)
    added(store, mim.Contact(name="Ana Berg", emails=["a@example.com"]))
    clock.advance(days=1)
    store.quality.declare(mim.QualityRule.complete("city-known", c.city, owner="maria", severity="critical"))
    store.quality.check()
    clock.advance(days=800)
    plan = store.quality.refresh_plan(checks=1, for_segments={"bakers": c.title == "baker"})
    assert len(plan.hand_out(assignee="nils")) == 1
    return store


def _told(queue):
    return [(one.kind, one.severity.value, one.owner, one.age_days(queue.at)) for one in queue]


def test_what_waits_comes_worst_and_oldest_first(waiting):
    """Each is derived from where it lives; a value that is a task already is not counted among the stale ones."""
    queue = waiting.quality.queue()
    assert _told(queue) == [
        ("check", "critical", "maria", 800),
        ("reject", "warning", "jonas", 802),
        ("reject", "warning", "jonas", 802),
        ("pair", "warning", None, 801),
        ("value", "notice", "nils", 0),
    ]
    assert queue.counts == {"check": 1, "pair": 1, "reject": 2, "value": 1}
    words = [one.what.replace("\u202f", " ") for one in queue]
    assert words[0] == "Data quality: city-known fails"
    assert words[1].startswith("1 row was refused: country ")
    assert words[2].startswith("2 rows were refused: email ")
    assert words[3] == "99 % one person: the same e-mail address, names same"
    assert words[4] == "Check employment.title"
    assert [tuple(what for what, _ in one.refers_to) for one in queue] == [
        ("task",),
        ("import",),
        ("import",),
        ("contact", "contact"),
        ("task", "contact"),
    ]
    text = str(queue)
    assert "2 rejects" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "@" not in text


def test_stale_values_wait_since_they_are_wrong_rather_than_right(everywhere, clock):
    """A value of reliability 0.98 and half-life h is right with probability ½ after h·log2(1.96) days: 689 of 710."""
    added(everywhere, mim.Contact(title="Baker"), mim.Contact(title="Cook"), source="fair")
    clock.advance(days=689)
    assert everywhere.quality.queue(kind="value").items == ()
    clock.advance(days=1)
    (item,) = everywhere.quality.queue(kind="value")
    assert (item.key, item.what) == (
        "stale:contact.employment.title",
        "2 values are wrong rather than right: employment.title",
    )
    assert 0 < (everywhere.now() - item.since) / timedelta(days=1) < 1
    clock.advance(days=10)
    assert everywhere.quality.queue_item(item.key).age_days(everywhere.now()) == 10
    plan = everywhere.quality.refresh_plan(checks=1)
    (task,) = plan.hand_out()
    kinds = {one.key.partition(":")[0]: one.what for one in everywhere.quality.queue()}
    assert kinds["stale"].startswith("1 value is")
    assert kinds["task"] == "Check employment.title"
    everywhere.quality.take_back(task, is_right=True)
    assert [one.key for one in everywhere.quality.queue()] == [item.key]
    everywhere.quality.refresh_plan(checks=1)


def test_owners(waiting):
    """A task's owner is its assignee; of the rest only who was named is stored."""
    queue = waiting.quality.queue()
    assert [one.kind for one in waiting.quality.queue(owner="jonas")] == ["reject", "reject"]
    assert [one.kind for one in waiting.quality.queue(owner="")] == ["pair"]
    check, reject, _, pair, value = queue
    for one in (check, pair, reject):
        assert one.assign(" olga ").owner == "olga"
    assert [one.kind for one in waiting.quality.queue(owner="olga")] == ["check", "reject", "pair"]
    assert {one.assignee for one in waiting.tasks.all()} == {"olga", "nils"}
    with waiting.read() as work:
        assert {one.item for one in work.transaction.quality.marks()} == {pair.key, reject.key}
    with pytest.raises(InvalidValueError, match="owner: is missing"):
        value.assign(" ")


def test_sleeping(waiting, clock):
    """An item is left out until its day begins in the store's zone; assigning it does not wake it."""
    _, reject, *_ = waiting.quality.queue()
    day = (waiting.now() + timedelta(days=3)).date()
    assert reject.snooze(day).snoozed_until.hour == 22  # the day before in UTC: summer in Copenhagen
    reject.assign("olga")
    assert reject.key not in [one.key for one in waiting.quality.queue()]
    (asleep,) = waiting.quality.queue(is_snoozed=True)
    assert (asleep.key, asleep.owner) == (reject.key, "olga")
    clock.advance(days=3)
    assert reject.key in [one.key for one in waiting.quality.queue()]
    assert waiting.quality.queue(is_snoozed=True).items == ()
    asleep.snooze(waiting.now() + timedelta(hours=1))
    asleep.snooze((waiting.now() + timedelta(hours=2)).isoformat())
    with pytest.raises(InvalidValueError, match="until: is past"):
        reject.snooze(waiting.now())


def test_closing(waiting, clock):
    """A task is done, refused rows are let go; pairs and values are decided where they live, and say so."""
    check, reject, other, pair, value = waiting.quality.queue()
    reject.done()
    check.done()
    assert [one.key for one in waiting.quality.queue()] == [other.key, pair.key, value.key]
    assert [one.status for one in waiting.tasks.all() if one.kind == "data quality"] == [TaskStatus.DONE]
    with pytest.raises(InvalidValueError, match=r"store\.duplicates\.plan"):
        pair.done()
    with pytest.raises(InvalidValueError, match=r"store\.quality\.take_back"):
        value.done()
    with pytest.raises(TransitionError):
        check.done()
    with pytest.raises(NotFoundError, match="nothing of that key waits"):
        waiting.quality.queue_item(reject.key)
    waiting.quality.check(now=clock() + timedelta(seconds=1))
    assert [one.kind for one in waiting.quality.queue(kind="check")] == ["check"]


def test_what_is_decided_elsewhere_is_gone(waiting):
    """Nothing is a copy: a merge, an undone import, and a rule that passes take their items with them."""
    (pair,) = waiting.duplicates.find()
    merge = waiting.duplicates.plan(pair)
    merge.apply()
    waiting.imports.undo(waiting.imports.all()[0].id)
    assert {one.kind for one in waiting.quality.queue()} <= {"check", "value"}


def test_pages(waiting):
    """All items once, in order, whatever happens to those that were shown."""
    whole = [one.key for one in waiting.quality.queue()]
    first = waiting.quality.queue(limit=2)
    assert (len(first), first.total) == (2, 5)
    assert "2 of 5 shown" in str(first)
    first.items[1].done()
    second = waiting.quality.queue(limit=2, after=first.next)
    third = waiting.quality.queue(limit=2, after=second.next)
    assert [one.key for one in (*first, *second, *third)] == whole
    assert third.next is None
    for bad in ("", "x", "1.x.y", "1.2."):
        with pytest.raises(InvalidValueError, match="after: is no cursor"):
            waiting.quality.queue(after=bad)
    for bad in (0, 10_001):
        with pytest.raises(InvalidValueError, match="limit"):
            waiting.quality.queue(limit=bad)
    with pytest.raises(InvalidValueError, match=r"kind: is no kind of item \(did you mean 'pair'\?\)"):
        waiting.quality.queue(kind="pairs")


def test_frames_and_items_without_a_store(waiting):
    """A row an item; what was made without a store cannot be told anything."""
    queue = waiting.quality.queue()
    assert queue.to_frame("polars").height == 5
    assert queue.to_rows()[3]["refers_to"].count("contact:") == 2
    assert "<table" in queue._repr_html_()
    alone = mim.QueueItem("a", "check", "x", queue.items[0].severity, queue.at)
    with pytest.raises(StoreError, match="made without a store"):
        alone.done()


def test_an_empty_queue_says_so(store):
    """Nothing waits."""
    assert "nothing waits" in str(store.quality.queue())
