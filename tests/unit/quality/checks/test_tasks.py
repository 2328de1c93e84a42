"""Tasks follow from results: one for each rule that fails, whoever checks and how often; closed when it passes again."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.task import TaskStatus
from mimcore.quality.checks import running

Rule = mim.QualityRule
RULE = Rule.complete("city-known", f.contact.city, owner="maria", severity="critical")


def _tasks(store):
    return [(one.status.value, one.assignee) for one in store.tasks.all()]


def test_one_task_as_long_as_the_rule_fails(everywhere, clock):
    """A second check writes only what is new; the task tells rule, owner and severity, and no value."""
    person, other = added(everywhere, mim.Contact(country="DK"), mim.Contact(country="SE"))
    everywhere.quality.declare(RULE)
    assert everywhere.quality.check(record=False).opened == 0
    assert everywhere.tasks.all() == ()
    report = everywhere.quality.check()
    assert (report.opened, report.closed) == (1, 0)
    (task,) = everywhere.tasks.all()
    assert (task.title, task.assignee) == ("Data quality: city-known fails", "maria")
    assert set(task.tags) == {"quality:city-known", "severity:critical"}
    assert task.notes.replace("\u202f", " ") == "2026-05-01: 2 of 2 do not pass, at least 100 % should"
    clock.advance(days=1)
    assert everywhere.quality.check().opened == 0
    assert everywhere.tasks.all() == (task,)
    with everywhere.begin() as work:
        work.change(person, city="Odense")
    assert everywhere.quality.check(now=clock() + timedelta(seconds=1)).opened == 0
    (task,) = everywhere.tasks.all()
    assert [line.partition(":")[0] for line in task.notes.splitlines()] == ["2026-05-01", "2026-05-02"]
    clock.advance(days=1)
    with everywhere.begin() as work:
        work.change(other, city="Lund")
    assert everywhere.quality.check().closed == 1
    (task,) = everywhere.tasks.all()
    assert task.status is TaskStatus.DONE
    assert task.notes.splitlines()[-1] == "2026-05-03: the rule passes again"
    assert everywhere.quality.check(now=clock() + timedelta(seconds=1)).closed == 0
    clock.advance(days=1)
    added(everywhere, mim.Contact())
    assert everywhere.quality.check().opened == 1
    assert sorted(_tasks(everywhere)) == [("done", "maria"), ("open", "maria")]


def test_a_task_that_must_be_approved_is_not_closed(store, clock):
    """It gets its remark, and waits; one in progress is closed."""
    person = added(store, mim.Contact())
    store.quality.declare(RULE)
    store.quality.check()
    with store.begin() as work:
        (task,) = work.tasks.all()
        task = work.update(task.move("in_progress").evolve(approvers=["boss"]))
        work.change(person, city="Lund")
    clock.advance(days=1)
    assert store.quality.check().closed == 0
    (task,) = store.tasks.all()
    assert task.status is TaskStatus.IN_PROGRESS
    assert task.notes.endswith("passes again")
    with store.begin() as work:
        work.update(task.move("in_review"))
    clock.advance(days=1)
    assert store.quality.check().closed == 1
    (task,) = store.tasks.all()
    assert task.notes.count("passes again") == 1


def test_a_withdrawn_rule_cancels_its_task(store):
    """Nobody works on a rule that is gone; what came out of it stays."""
    added(store, mim.Contact())
    store.quality.declare(RULE, Rule.complete("country-known", f.contact.country))
    store.quality.check()
    store.quality.withdraw("city-known")
    assert sorted(_tasks(store), key=str) == [("cancelled", "maria"), ("open", None)]
    assert store.quality.last_check()["city-known"].bad == 1


def test_a_rule_withdrawn_during_a_check_opens_no_task(store, monkeypatch):
    """The result is kept; the task would be nobody's."""
    added(store, mim.Contact())
    store.quality.declare(RULE)
    record = running._record

    def withdrawn(*arguments):
        store.quality.withdraw("city-known")
        return record(*arguments)

    monkeypatch.setattr(running, "_record", withdrawn)
    assert store.quality.check().opened == 0
    assert store.tasks.all() == ()


def test_a_check_that_was_overtaken_moves_no_task(store, clock, monkeypatch):
    """What it saw is kept, but a later check has already closed, or opened, what there was."""
    person = added(store, mim.Contact())
    store.quality.declare(RULE)
    record = running._record

    def overtaken(*arguments):
        monkeypatch.setattr(running, "_record", record)
        clock.advance(minutes=1)
        with store.begin() as work:
            work.change(person, city="Lund")
        assert store.quality.check().has_passed
        return record(*arguments)

    monkeypatch.setattr(running, "_record", overtaken)
    report = store.quality.check()
    assert (report.has_passed, report.opened) == (False, 0)
    assert store.tasks.all() == ()
    assert [one.passed for one in store.quality.check_trend("city-known").results] == [False, True]


@pytest.mark.parametrize("apart", [0, 1])
def test_two_checks_at_once_open_one_task(everywhere, clock, monkeypatch, apart):
    """Both reach the writing of tasks if nothing holds one of them back; at one instant, and at two."""
    added(everywhere, mim.Contact())
    everywhere.quality.declare(RULE)
    together, tell, errors = threading.Barrier(2), running.tell_tasks, []

    def meeting(work, results):
        with suppress(threading.BrokenBarrierError):  # the other one waits for the lock
            together.wait(timeout=1)
        return tell(work, results)

    monkeypatch.setattr(running, "tell_tasks", meeting)

    def check(at):
        try:
            everywhere.quality.check(now=at)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=check, args=(clock() + timedelta(seconds=number * apart),)) for number in (0, 1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    assert _tasks(everywhere) == [("open", "maria")]
    assert len(everywhere.quality.check_trend("city-known").results) == 1 + apart
