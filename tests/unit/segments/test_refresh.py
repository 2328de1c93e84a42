"""Refreshing segments: who moves, why, once, whatever comes in between."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.stores import SECRET, added

import mimcore as mim
from mimcore import fields as f
from mimcore.cli import main
from mimcore.errors import DuplicateKeyError, InvalidValueError, NotFoundError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.memory.session import Session
from mimcore.store.ticking import add_due_work, due_work
from mimcore.testing import FixedClock

c = f.contact


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request, tmp_path, clock):
    """An empty store of each kind."""
    url = {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path / 'store.db'}"}.get(request.param)
    url = url or request.getfixturevalue("postgres_url")
    with mim.connect(url, actor="tester", clock=clock, secret=SECRET) as store:
        store.url = url
        yield store


def told(store):
    """What the outbox tells of segments, in order."""
    events = (one.event for one in store.events.pending(limit=10_000))
    return [
        (one.kind, one.data["segment"], one.entity_id, one.data["cause"])
        for one in events
        if one.kind in {"segment_entered", "segment_left"}
    ]


def said(moves):
    """The moves in short."""
    return [(one.segment, one.has_entered, one.cause, one.because, one.origin) for one in moves]


def test_an_interaction_moves_with_the_next_tick_and_is_told_once(store, clock):
    """Entered by an event, left by time alone; ticks in between tell nothing."""
    ana, bo, _ = added(
        store,
        mim.Contact(country="DK"),
        mim.Contact(country="DK"),
        mim.Segment(key="buyers", rule=c.purchases.count(within_days=30) >= 1),
    )
    store.run_due()
    assert told(store) == []
    with store.begin() as work:
        work.record("purchase", contact=ana, at=clock())
    for _ in range(3):
        clock.advance(minutes=5)
        store.run_due()
    assert told(store) == [("segment_entered", "buyers", ana.id, "event")]
    assert list(store.segments.members("buyers")) == [ana.id]
    clock.advance(days=30)
    due_at = clock() - timedelta(minutes=15)
    assert store.segments.refresh(now=due_at).left == 0  # the thirtieth day is part of the window
    report = store.segments.refresh(now=due_at + timedelta(microseconds=1))
    assert (report["buyers"].left, report.asked) == (1, 1)
    store.run_due()
    assert told(store)[1:] == [("segment_left", "buyers", ana.id, "time")]
    assert store.segments.history(bo) == ()
    condition = "the number of purchase events within the last 30 days is at least 1"
    assert said(store.segments.history(ana)) == [
        ("buyers", True, "event", condition, "rule"),
        ("buyers", False, "time", condition, "rule"),
    ]


def test_only_those_are_asked_about_whom_something_was_recorded(store, clock):
    """One of fifty was edited; nobody can be moved by time."""
    people = added(store, *(mim.Contact(country="DK") for _ in range(50)))
    added(store, mim.Segment(key="danes", rule=c.country == "DK"), mim.Segment(key="others", rule=c.country != "DK"))
    assert store.segments.refresh().entered == 50
    clock.advance(hours=1)
    with store.begin() as work:
        work.change(people[7], country="SE")
    report = store.segments.refresh()
    assert (report.entered, report.left, report.asked) == (1, 1, 1)
    assert (report["danes"].way, report["danes"].reasons) == ("incremental", {"left: edit, country is DK": 1})
    assert store.segments.refresh().asked == 0


def test_a_new_rule_says_who_moves_because_of_which_condition(store, clock):
    """Each edit of the rule that alone moves somebody is named; what refers to the segment follows."""
    added(
        store,
        mim.Contact(country="DK", city="Ribe"),
        mim.Contact(country="SE", city="Ribe"),
        mim.Contact(country="DK", city="Odense"),
        mim.Segment(key="target", rule=(c.country == "DK") & (c.city == "Ribe")),
        mim.Segment(key="same", rule=c.in_segment("target")),
    )
    store.segments.refresh()
    with store.begin() as work:
        work.change(work.segments.get("target"), rule=(c.country == "SE") & (c.city == "Ribe"))
    clock.advance(hours=1)
    report = store.segments.refresh()
    assert report["target"].reasons == {
        "entered: rule, ~ country is DK → SE": 1,
        "left: rule, ~ country is DK → SE": 1,
    }
    assert (report["same"].entered, report["same"].left, report["same"].way) == (1, 1, "full")
    versions = [(one.segment_version, one.rule_hash) for one in store.segments.moves("target")]
    assert [version for version, _ in versions] == [1, 2, 2]
    assert versions[0][1] != versions[1][1] == versions[2][1]


def test_people_in_or_out_by_hand_stay_so(store, clock):
    """Through refreshes, edits of the rule, rules that refer to it, and merges; until they are released."""
    ana, bo, cid, _, _ = added(
        store,
        mim.Contact(country="DK"),
        mim.Contact(country="SE"),
        mim.Contact(country="SE"),
        mim.Segment(key="danes", rule=c.country == "DK"),
        mim.Segment(key="not-danes", rule=~c.in_segment("danes")),
    )
    store.segments.refresh()
    store.segments.include("danes", bo, reason="asked")
    store.segments.exclude("danes", ana, reason="asked too")
    assert list(store.segments.members("danes")) == [bo.id]
    clock.advance(hours=1)
    store.segments.refresh()
    assert list(store.segments.members("not-danes")) == [ana.id, cid.id]
    assert [one.id for one in store.members("danes")] == [bo.id]
    assert store.segments_of(bo).members == {"danes"}
    with store.begin() as work:
        work.change(work.segments.get("danes"), rule=c.country.is_in("DK", "NO"))
    assert store.segments.refresh(full=True).entered == 0
    merge = store.duplicates.plan(DuplicatePair(cid.id, bo.id, 0.9, ())).apply()
    clock.advance(hours=1)
    store.segments.refresh()
    assert list(store.segments.members("danes")) == [merge.contact.id]
    store.merges.undo(merge.id)
    clock.advance(hours=1)
    store.segments.refresh()
    assert list(store.segments.members("danes")) == [bo.id]
    store.segments.release("danes", ana, bo, reason="over")
    assert list(store.segments.members("danes")) == [ana.id]
    assert [(one.has_entered, one.cause, one.because, one.actor) for one in store.segments.history(ana)[-1:]] == [
        (True, "manual", "over", "tester")
    ]


def test_a_list_kept_by_hand_moves_at_once(store, clock):
    """With who did it; whoever is kept out by hand is not put on; archived people leave with the next tick."""
    ana, bo, _ = added(store, mim.Contact(country="DK"), mim.Contact(country="SE"), mim.Segment(key="vips"))
    with store.begin(actor="maria") as work:
        work.put_on("vips", ana, bo)
    assert said(store.segments.history(ana)) == [("vips", True, "manual", "", "list")]
    assert store.segments.history(ana)[0].actor == "maria"
    store.segments.exclude("vips", ana, reason="asked")
    assert list(store.segments.members("vips")) == [bo.id]
    with pytest.raises(InvalidValueError, match="by hand"), store.begin() as work:
        work.put_on("vips", ana)
    frozen = store.segments.freeze("vips-then", "vips")
    with pytest.raises(DuplicateKeyError, match="segment"):
        store.segments.freeze("vips-then", "vips")
    store.segments.refresh()
    clock.advance(hours=1)
    with store.begin() as work:
        work.remove(bo)
    store.segments.refresh()
    assert (len(store.segments.members("vips")), len(store.segments.members(frozen))) == (0, 0)
    assert list(store.segments.members(frozen, at=clock() - timedelta(hours=1))) == [bo.id]
    assert store.segments.history(bo)[-1].cause == "edit"


def test_consent_moves_people_too(store, clock):
    """Nobody tells whom an act concerns: the rule is asked of everybody."""
    ana, _ = added(
        store,
        mim.Contact(emails=["ana@acme.dk"]),
        mim.Segment(key="mailable", rule=c.may_receive(channel="email", purpose="newsletter")),
    )
    store.segments.refresh()
    with store.begin() as work:
        work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form", notice="v1")
    clock.advance(minutes=1)
    assert store.segments.refresh()["mailable"].entered == 1
    with store.begin() as work:
        work.suppress("ana@acme.dk")
    clock.advance(minutes=1)
    assert store.segments.refresh()["mailable"].left == 1
    assert [one.cause for one in store.segments.history(ana)] == ["consent", "consent"]


def test_a_rule_that_cannot_be_evaluated_stops_no_other(store, clock):
    """It is named with the reason; its members stay."""
    added(store, mim.Contact(country="DK"), mim.Segment(key="danes", rule=c.country == "DK"))
    added(store, mim.Segment(key="lost", rule=c.in_segment("gone")))
    report = store.segments.refresh()
    assert (report.entered, list(report.failed)) == (1, ["lost"])
    assert "gone" in report.failed["lost"]
    clock.advance(hours=1)
    added(store, mim.Contact(country="DK"))
    assert store.segments.refresh().entered == 1
    assert "lost" in str(store.run_due())


def test_memberships_only_go_forward(store, clock):
    """Neither before the newest refresh, nor into the future; unknown segments are named."""
    added(store, mim.Segment(key="danes", rule=c.country == "DK"))
    store.segments.refresh()
    for now in (clock() - timedelta(seconds=1), clock() + timedelta(seconds=1)):
        with pytest.raises(InvalidValueError, match="now"):
            store.segments.refresh(now=now)
    with pytest.raises(NotFoundError, match="nobody"):
        store.segments.refresh("nobody")


def test_two_refreshes_at_once_do_not_double(store, clock):
    """Every member has entered once, whichever of the two found it."""
    added(store, *(mim.Contact(country="DK") for _ in range(40)))
    added(store, *(mim.Segment(key=f"s{at}", rule=c.country == "DK") for at in range(5)))
    errors = []

    def run():
        try:
            store.segments.refresh()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    assert len(told(store)) == len(set(told(store))) == 200
    assert [store.segments.count(f"s{at}") for at in range(5)] == [40] * 5


def test_a_refresh_that_dies_leaves_what_it_had_done_and_goes_on(store, clock):
    """Dying at every seventh statement: log, set and outbox agree, and in the end everybody has moved once."""
    people = added(store, *(mim.Contact(country="DK") for _ in range(10)))
    added(store, *(mim.Segment(key=f"s{at}", rule=c.purchases.count(within_days=9) >= at) for at in range(3)))
    store.segments.refresh()
    with store.begin() as work:
        for one in people[:6]:
            work.record("purchase", contact=one, at=clock())
    clock.advance(hours=1)
    _die_and_go_on(store)
    assert [store.segments.count(f"s{at}") for at in range(3)] == [10, 6, 0]
    assert len(told(store)) == len(set(told(store))) == 16
    for at in range(3):
        moves = store.segments.moves(f"s{at}")
        assert sorted(one.contact_id for one in moves) == sorted(store.segments.members(f"s{at}"))


class _DiedError(Exception):
    """What a refresh dies of."""


def _die_and_go_on(store):
    """Refresh again and again, each time dying some statements later; in memory it dies as it writes moves."""
    died = 0
    for place in range(3, 400, 7):
        with _dying_at(store, place) as steps:
            try:
                store.segments.refresh()
            except _DiedError:
                died += 1
        if steps[0] < place:
            break
    assert died >= 1


@contextmanager
def _dying_at(store, place):
    steps = [0]

    def step(*_, **__):
        steps[0] += 1
        if steps[0] >= place:
            raise _DiedError

    if store.url == "memory:":
        with pytest.MonkeyPatch.context() as patched:
            wrapped = Session.put
            patched.setattr(Session, "put", lambda *given: step() or wrapped(*given))
            yield steps
        return
    event.listen(Engine, "before_cursor_execute", step)
    try:
        yield steps
    finally:
        event.remove(Engine, "before_cursor_execute", step)


def test_a_tick_says_what_ran_and_a_failure_stops_nothing(store, monkeypatch):
    """Later rooms add their work; a name stands once."""
    monkeypatch.setattr("mimcore.store.ticking._WORK", dict(due_work()))

    def fails(store, at):
        raise NotFoundError(f"nothing at {at:%Y}")

    add_due_work("broken", fails)
    with pytest.raises(DuplicateKeyError, match="broken"):
        add_due_work("broken", fails)
    report = store.run_due()
    assert [(one.name, one.has_failed) for one in report] == [("segments", False), ("broken", True)]
    assert "failed: nothing at 2026" in str(report)
    assert report.has_failed


def test_the_command_line_ticks(tmp_path, capsys, monkeypatch):
    """`mimcore run-due` prints what ran."""
    monkeypatch.setenv("MIMCORE_SECRET_KEY", "only-for-tests-0")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, clock=FixedClock("2026-05-01T10:00Z")) as store:
        added(store, mim.Contact(country="DK"), mim.Segment(key="danes", rule=c.country == "DK"))
    assert main(["run-due", "--url", url]) == 0
    assert "1 entered, 0 left" in capsys.readouterr().out


def test_what_a_slow_writer_commits_late_is_not_passed_over(postgres_url, clock):
    """A writer that took its number before a refresh, and commits after it, is seen by the next one."""
    with (
        mim.connect(postgres_url, actor="tester", clock=clock, secret=SECRET) as store,
        mim.connect(postgres_url, actor="slow", clock=clock, secret=SECRET) as slow,
    ):
        ana, bo = added(store, mim.Contact(city="Ribe"), mim.Contact(city="Ribe"))
        added(store, mim.Segment(key="odense", rule=c.city == "Odense"))
        store.segments.refresh()
        late = slow.begin()
        late.change(ana, city="Odense")
        with store.begin() as work:
            work.change(bo, city="Odense")
        for _ in range(3):
            clock.advance(minutes=1)
            store.segments.refresh()
        assert list(store.segments.members("odense")) == [bo.id]
        late.commit()
        clock.advance(minutes=1)
        assert store.segments.refresh().entered == 1
        clock.advance(minutes=1)
        store.segments.refresh()
        clock.advance(minutes=1)
        assert store.segments.refresh().asked == 0


def test_a_consent_that_ends_by_itself_is_seen(store, clock):
    """Nothing is recorded when it ends; `segments_of` says until when its answer holds."""
    ana, _ = added(
        store,
        mim.Contact(emails=["ana@example.com"]),
        mim.Segment(key="readers", rule=c.may_receive(channel="email", purpose="newsletter")),
    )
    store.segments.refresh()
    clock.advance(hours=1)
    ends = clock() + timedelta(days=5)
    with store.begin() as work:
        work.grant(
            ana.primary_email, channel="email", purpose="newsletter", method="form", notice="n1", expires_at=ends
        )
    report = store.segments.refresh()
    assert (report["readers"].entered, report["readers"].way, report.asked) == (1, "incremental", 1)
    assert store.segments_of(ana).valid_until == ends
    clock.move_to(ends - timedelta(microseconds=1))
    assert (store.segments.refresh().left, store.segments_of(ana).members) == (0, {"readers"})
    clock.move_to(ends)
    assert store.segments.refresh().left == 1
    assert said(store.segments.history(ana))[1][:3] == ("readers", False, "consent")
    assert store.segments_of(ana).members == frozenset()


def test_consents_and_suppressions_touch_whoever_has_the_address(store, clock):
    """Two people share an address; the list of suppressed ones names nobody."""
    ana, bo, _, _ = added(
        store,
        mim.Contact(emails=["desk@example.com"]),
        mim.Contact(emails=["desk@example.com"]),
        mim.Contact(emails=["other@example.com"]),
        mim.Segment(key="readers", rule=c.may_receive(channel="email", purpose="newsletter")),
    )
    store.segments.refresh()
    store.segments.refresh()
    clock.advance(hours=1)
    with store.begin() as work:
        work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form", notice="n1")
    report = store.segments.refresh()
    assert (report.entered, report.asked) == (2, 2)
    clock.advance(hours=1)
    with store.begin() as work:
        work.suppress("desk@example.com")
    report = store.segments.refresh()
    assert (report.left, report.asked) == (2, 2)
    assert {one.cause for one in store.segments.moves("readers")} == {"consent"}
    told = [one.event for one in store.events.pending(limit=1000)]
    assert {one.entity_id for one in told if one.kind == "address_suppressed"} == {ana.id, bo.id}


def test_new_rules_on_time_catch_up_in_portions(store, clock):
    """Until everybody has been asked when they can turn, everybody is asked about them; and then nobody is."""
    people = added(store, *(mim.Contact() for _ in range(6)))
    added(store, mim.Segment(key="old", rule=c.purchases.count(within_days=3) >= 1))
    store.segments.refresh()
    assert store.segments.refresh().asked == 6
    added(store, mim.Segment(key="new", rule=c.purchases.count(within_days=5) >= 1))
    with store.begin() as work:
        for days, one in enumerate(people[:5]):
            work.record("purchase", contact=one, at=clock() - timedelta(days=days, hours=1))
    ways = []
    for _ in range(6):
        clock.advance(hours=20)
        report = store.segments.refresh(catch_up=1)
        ways.append((report["new"].way, report["old"].way, report.asked))
        for key in ("new", "old"):
            assert list(store.segments.members(key)) == [one.id for one in store.members(key)], key
    assert ways[0] == ("full", "incremental", 6)  # five have bought, and one more is asked
    assert {way for way, *_ in ways[1:]} == {"incremental"}
    assert all(asked <= 2 for *_, asked in ways[1:])
    with store.begin() as work:
        work.change(work.segments.get("new"), rule=c.purchases.count(within_days=8) >= 1)
    for _ in range(7):
        clock.advance(hours=20)
        report = store.segments.refresh(catch_up=1)
        assert report["old"].way == "incremental"
        ways.append((report["new"].way, report.asked))
        assert list(store.segments.members("new")) == [one.id for one in store.members("new")]
    assert [way for way, _ in ways[6:11]] == ["full"] * 5
    with pytest.raises(InvalidValueError, match="catch_up: is negative"):
        store.segments.refresh(catch_up=-1)


def test_a_segment_that_comes_back_from_the_archive_is_asked_anew(store, clock):
    """Meanwhile nobody asked about it."""
    ana, _ = added(store, mim.Contact(country="DK"), mim.Segment(key="danes", rule=c.country == "DK"))
    store.segments.refresh()
    with store.begin() as work:
        work.change(work.segments.get("danes"), is_archived=True)
    clock.advance(hours=1)
    store.segments.refresh()
    with store.begin() as work:
        work.change(ana, country="SE")
    clock.advance(hours=1)
    store.segments.refresh()
    assert list(store.segments.members("danes")) == [ana.id]
    with store.begin() as work:
        work.change(work.segments.get("danes"), is_archived=False)
    clock.advance(hours=1)
    assert store.segments.refresh()["danes"].left == 1


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_another_zone_asks_everybody_again_where_no_clock_is_read(store, clock):
    """An hour and a weekday are local: 23:30 in UTC is half past midnight in Copenhagen, whatever time it is now."""
    entered = mim.attribute("entered_at", kind="instant")
    store.attributes.declare(entered)
    (ana, *_) = added(
        store,
        mim.Contact(custom={"entered_at": "2026-01-01T23:30Z"}),
        mim.Segment(key="night", rule=entered.hour().is_in(0)),
        mim.Segment(key="friday", rule=entered.weekday().is_in("friday")),
    )
    store.segments.refresh()
    assert [*store.segments.members("night"), *store.segments.members("friday")] == []
    with mim.connect(store.url, actor="tester", clock=clock, secret=SECRET, zone="Europe/Copenhagen") as moved:
        moved.segments.refresh()
        assert [*moved.segments.members("night"), *moved.segments.members("friday")] == [ana.id, ana.id]
