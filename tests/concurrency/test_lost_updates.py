"""Many writers on one record: no change is lost, and no public way of writing goes past the version."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.concurrency import incrementing
from tests.concurrency.incrementing import increment

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.freshness import evidence_by
from mimcore.identity.duplicates import DuplicatePair
from mimcore.testing import FixedClock

SECRET = b"only-for-tests-0"
NEWS = {"channel": "email", "purpose": "newsletter"}


def url_of(kind, request, folder):
    """Return the address of an empty store."""
    if kind == "postgresql":
        return request.getfixturevalue("postgres_url")
    return "memory:" if kind == "memory" else f"sqlite:///{folder / 'store.db'}"


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request, tmp_path):
    """An empty store of each kind."""
    url = url_of(request.param, request, tmp_path)
    with mim.connect(
        url, actor="tester", clock=FixedClock("2026-05-01T10:00Z"), secret=SECRET, durability="normal"
    ) as store:
        store.url = url
        yield store


def ana(store):
    """Store somebody."""
    with store.begin() as work:
        return work.add(mim.Contact(emails=["ana@acme.dk"], household_size=0, city="Odense"))[0]


def at_once(*calls):
    """Run calls in threads of their own, and tell what failed."""
    errors, barrier = [], threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(30)
            call()
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert errors == []


def test_four_threads_lose_nothing(store):
    """4 writers × 50 read-modify-writes through `transact`: 200 of 200 are kept, each as a version of its own."""
    person = ana(store)
    at_once(*[lambda: increment(store, person.id, 50)] * 4)
    kept = store.contacts.get(person.id)
    assert (kept.demographic.household_size, kept.version) == (200, 201)
    with store.read() as work:
        assert [one.version for one in work.history(person.id)] == list(range(1, 202))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_four_processes_lose_nothing(kind, request, tmp_path):
    """4 processes × 25: 100 of 100 are kept."""
    url = url_of(kind, request, tmp_path)
    with mim.connect(url, actor="tester", secret=SECRET, durability="normal") as store:
        person = ana(store)
        command = [sys.executable, str(Path(incrementing.__file__)), url, str(person.id), "25"]
        path = {**os.environ, "PYTHONPATH": str(Path(mim.__file__).parents[1])}
        writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=path) for _ in range(4)]
        assert [(one.communicate(timeout=120)[1], one.returncode) for one in writers] == [("", 0)] * 4
        kept = store.contacts.get(person.id)
    assert (kept.demographic.household_size, kept.version) == (100, 101)


def test_eight_threads_confirm_one_address(store):
    """Every check counts: the state is that of the same checks one after the other."""
    person = ana(store)
    point = person.primary_email
    checks = [f"2026-04-{day:02}T09:00Z" for day in range(1, 9)]

    def confirm(at):
        store.transact(lambda work: work.confirm(point, by="delivered", at=at), attempts=20)

    at_once(*[lambda at=at: confirm(at) for at in checks])
    with store.read() as work:
        told = work.transaction.freshness.verifications_of(person.id)
        (state,) = [one for one in work.transaction.freshness.of([person.id])[person.id] if one.subject_id == point.id]
    with mim.connect("memory:", actor="tester", clock=FixedClock("2026-05-01T10:00Z")) as other:
        alone = ana(other)
        for at in checks:
            with other.begin() as work:
                wanted = work.confirm(alone.primary_email, by="delivered", at=at)
    assert len(told) == 8
    assert (state.p_ref, state.key, state.ref_at) == (pytest.approx(wanted.p_ref), wanted.key, wanted.ref_at)
    assert not evidence_by("delivered").only_refutes


# Aggregates: what people write to. Each statement that changes one of their rows without a look at the version is
# listed here with the reason why it may.
AGGREGATES = ("contact", "account", "lead", "segment", "source", "campaign", "task")
WITHOUT_VERSION = {
    r"UPDATE mim_contact SET golden_id=": "for whom a record counts is no value of it; both records are locked by the merge",
    r"UPDATE mim_(lead|task) SET contact_id=": "for whom it counts is no value of it; the contact is locked by the merge",
    r"UPDATE mim_contact SET \w+_pool=": "copies of the states' keys, computed by the database from its own rows",
    r"DELETE FROM mim_(contact|account) WHERE": "taking back a creation; the rows are locked, and read after that",
}


def everything(store):
    """Every verb that writes."""
    clock = store._clock
    with store.begin(source="crm") as work:
        bo, cid, firm = work.add(
            mim.Contact(emails=["bo@acme.dk"], phones=["+4520304050"], city="Ribe"),
            mim.Contact(emails=["cid@acme.dk"], city="Vejle"),
            mim.Account(name="Acme", domain="acme.dk"),
        )
        work.add(mim.Segment(key="vips"), mim.Campaign(key="may", name="May"), mim.Source(key="fair", reliability=0.5))
        lead, task = work.add(
            mim.Lead(contact_id=bo.id, captured_at="2026-04-01T10:00Z"), mim.Task(title="call", contact_id=bo.id)
        )
        work.add_many([mim.Contact(emails=["dan@acme.dk"])])
        work.upsert_many([mim.Contact(emails=["dan@acme.dk"], city="Skive")], key="email")
    with store.begin() as work:
        bo = work.change(bo, city="Skagen")
        cid = work.update(cid.evolve(country="DK"))
        for one, changes in ((firm, {"name": "Acme A/S"}), (lead, {"owner": "maria"}), (task, {"assignee": "maria"})):
            work.change(one, **changes)
        for records in (work.segments, work.campaigns, work.sources):
            work.update(records.all()[0].evolve(tags=["a"]) if hasattr(records.all()[0], "tags") else records.all()[0])
        work.change(work.segments.get("vips"), name="Very important")
        work.change(work.sources.get("fair"), reliability=0.6)
        work.change(work.campaigns.get("may"), name="Maj")
        work.record("purchase", contact=bo, at="2026-04-02", external_id="e")
        work.confirm(bo.primary_email, by="owner")
        bo = work.contacts.get(bo.id)
        work.refute(bo.primary_phone, by="unreachable")
        work.confirm(cid, f.contact.city, by="owner")
        work.grant(bo.primary_email, **NEWS, method="form", notice="v1")
        work.withdraw(bo.primary_email, **NEWS)
        work.suppress("no@acme.dk")
        work.put_on("vips", bo, cid)
        work.take_off("vips", cid)
    store.attributes.declare(mim.attribute("size", kind="number"))
    merge = store.duplicates.plan(DuplicatePair(bo.id, cid.id, 0.9, ())).apply()
    store.merges.undo(merge.id)
    rows = [{"mail": "bo@acme.dk", "town": "Ans", "firm": "New"}, {"mail": "new@acme.dk", "town": "Ans", "firm": "New"}]
    plan = store.plan_import(
        rows, source="fair", mapping={"mail": "contact.emails", "town": "contact.city", "firm": "account.name"}
    )
    store.imports.undo(plan.apply().id)
    for one in store.events.claim():
        one.done()
    with store.begin() as work:
        work.remove(work.contacts.get(cid.id))
    assert clock is store._clock


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_write_looks_at_the_version(kind, request, tmp_path):
    """In a run of all verbs every UPDATE and DELETE of an aggregate compares the version, or is on the list above."""
    statements = set()
    url = url_of(kind, request, tmp_path)
    clock = FixedClock("2026-05-01T10:00Z")
    with mim.connect(url, actor="tester", clock=clock, secret=SECRET, durability="normal") as store:
        event.listen(
            store._backend.engine, "before_cursor_execute", lambda *given: statements.add(" ".join(given[2].split()))
        )
        everything(store)
    tables = "|".join(AGGREGATES)
    changing = {one for one in statements if re.match(rf"(UPDATE|DELETE FROM) mim_({tables}) ", one)}
    checked = {one for one in changing if re.search(r"\bWHERE\b.*\bversion = ", one)}
    assert {re.match(rf"UPDATE mim_({tables})", one)[1] for one in checked} == set(AGGREGATES)
    unlisted = [one for one in changing - checked if not any(re.match(known, one) for known in WITHOUT_VERSION)]
    assert unlisted == []
    unused = [known for known in WITHOUT_VERSION if not any(re.match(known, one) for one in changing - checked)]
    assert unused == []
    replacing = [one for one in statements if re.match(rf"INSERT INTO mim_({tables}) .*DO UPDATE", one)]
    assert replacing == []
