"""Killing an import, and an undo, at every statement and commit on SQLite: after going on, nothing is lost and nothing doubled.

Each trial forks, counts what the database is asked to do, and leaves with `os._exit` before the n-th step; a fresh store
then plans and applies the same file. The result is compared with a run that was never killed. Dying after a step is dying
before the next one, so that each gap between two steps is tried once.
"""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime

import pytest
from tests.crash.steps import KILLED, Steps, ended, in_child, leaving_at

import mimcore as mim
from mimcore.capture import ConsentColumns, plan_import, split, undo_import
from mimcore.domain.versions.changes import flatten

MAPPING = {
    "mail": "contact.emails",
    "city": "contact.city",
    "likes": ("contact.interests", split()),
    "news": "consent.newsletter",
    "firm": "account.name",
}
ROWS = (
    "mail,city,likes,news,firm\n"
    "ana@acme.dk,Odense,chess,yes,Acme\n"
    "bo@acme.dk,Vejle,,no,\n"
    "bad,,,,\n"
    "new@acme.dk,Skagen,opera,,Acme\n"
    "ana@acme.dk,Ribe,skiing,,\n"
)


def connect(path):
    """Open the store with a fixed clock and key."""
    return mim.connect(
        f"sqlite:///{path}",
        actor="tester",
        clock=lambda: datetime(2026, 3, 1, tzinfo=UTC),
        secret=b"s" * 32,
        durability="normal",
    )


def planned(store, file):
    """Plan the import; what it returns applies it in batches of three rows."""
    plan = plan_import(store, file, source="fair", mapping=MAPPING, consent=ConsentColumns(notice="v1"))
    return lambda: plan.apply(batch_size=3)


@pytest.fixture
def seed(tmp_path):
    """A database with one person in it, and the file to import."""
    with connect(tmp_path / "seed.db") as store, store.begin(source="crm", observed_at="2025-01-01") as work:
        work.add(mim.Contact(emails=["ana@acme.dk"], city="Aarhus", interests=["reading"]))
    file = tmp_path / "rows.csv"
    file.write_text(ROWS, encoding="utf-8")
    return tmp_path / "seed.db", file


def copied(seed, path):
    """Return a fresh copy of the seed database."""
    for suffix in ("", "-wal", "-shm"):
        target = path.with_name(path.name + suffix)
        target.unlink(missing_ok=True)
        if seed.with_name(seed.name + suffix).exists():
            shutil.copy(seed.with_name(seed.name + suffix), target)
    return path


def plain(entity):
    """Flatten an entity without the ids that every run makes anew."""
    flat = {name: value for name, value in flatten(entity).items() if name != "contact.accounts"}
    for points in ("contact.emails", "contact.phones"):
        if points in flat:
            flat[points] = [{name: part for name, part in one.items() if name != "id"} for one in flat[points]]
    return flat


def content(path):
    """Everything that an import leaves behind, without ids: records, versions, history, ages, consent, outcomes, outbox."""
    with connect(path) as store, store.read() as work:
        people = list(work.transaction.contacts.all())
        names = {one.id: one.emails[0].value for one in people}
        imports = work.transaction.imports.all()
        return {
            "people": sorted(str((plain(one), one.version, len(one.accounts))) for one in people),
            "accounts": sorted(str((plain(one), one.version)) for one in work.transaction.accounts.all()),
            "history": sorted(
                (names[one.id], change.version, change.kind, change.source, sorted(change.after))
                for one in people
                for change in work.transaction.history.of(one.id)
            ),
            "ages": sorted(
                (names.get(one.contact_id, "account"), one.attribute, one.source, str(one.observed_at))
                for one in work.transaction.freshness.all()
            ),
            "consent": sorted(
                (names[one.id], act.action, act.purpose, act.import_row)
                for one in people
                for act in work.transaction.consents.of_identifier(work.gate.identifier(one.emails[0]))
            ),
            "imports": [(one.status, one.next_row, dict(one.counts)) for one in imports],
            "outcomes": [
                [
                    (row.row, row.outcome, row.code, names.get(row.entity_id))
                    for row in work.transaction.imports.outcomes(one.id)
                ]
                for one in imports
            ],
            "outbox": sorted((one.kind, one.version) for one in work.transaction.outbox.pending(10_000)),
        }


def killed_at(step, path, work):
    """Run `work` on a database in a child that dies at a step; return its exit code."""
    return ended(in_child(lambda: steps_of(path, work, last=step)))


def steps_of(path, work, last=0):
    """Prepare and run `work` on a database and return how many steps it took; opening and planning do not count."""
    with connect(path) as store:
        prepared = work(store)
        with Steps(leaving_at(last)) as steps:
            prepared()
        return steps.count


def undo(store):
    """Return what takes the only import of a database back."""
    with store.read() as reading:
        (record,) = reading.transaction.imports.all()
    return lambda: undo_import(store, record.id)


def is_sound(path):
    """Ask SQLite itself."""
    with sqlite3.connect(path) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_import_killed_at_every_step_ends_as_if_it_never_was(seed, tmp_path):
    """Before each statement and each commit: going on once gives exactly the unkilled database."""
    database, file = seed

    def work(store):
        return planned(store, file)

    whole = copied(database, tmp_path / "whole.db")
    steps = steps_of(whole, work)
    expected = content(whole)
    assert expected["imports"] == [("finished", 5, {"created": 2, "updated": 2, "rejected": 1})]
    assert steps >= 50
    for step in range(1, steps + 1):
        path = copied(database, tmp_path / "trial.db")
        assert killed_at(step, path, work) == KILLED
        assert is_sound(path)
        steps_of(path, work)
        assert content(path) == expected, f"step {step}"


def test_an_undo_killed_at_every_step_goes_on_to_the_beginning(seed, tmp_path):
    """After going on, records, accounts and ages are those of before the import; nothing is taken back twice."""
    database, file = seed
    before = content(database)
    imported = copied(database, tmp_path / "imported.db")
    steps_of(imported, lambda store: planned(store, file))
    whole = copied(imported, tmp_path / "whole.db")
    steps = steps_of(whole, undo)
    expected = content(whole)
    assert [age for age in expected["ages"] if age[0] == "ana@acme.dk"] == before["ages"]
    assert (len(expected["people"]), expected["accounts"]) == (1, [])
    for step in range(1, steps + 1):
        path = copied(imported, tmp_path / "trial.db")
        assert killed_at(step, path, undo) == KILLED
        assert is_sound(path)
        steps_of(path, undo)
        assert content(path) == expected, f"step {step}"
