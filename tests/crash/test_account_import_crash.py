"""Killing an import of accounts between its statements on SQLite, and its undo: nothing is lost or doubled."""

from __future__ import annotations

import pytest
from tests.crash.test_import_crash import KILLED, connect, copied, is_sound, killed_at, steps_of, undo

import mimcore as mim
from mimcore.capture import plan_import, split
from mimcore.domain.versions.changes import flatten

MAPPING = {
    "id": "account.external_id",
    "name": "account.name",
    "domain": "account.domain",
    "staff": "account.employees",
    "stack": ("account.stack", split()),
}
ROWS = (
    "id,name,domain,staff,stack\n"
    "1,Acme,acme.dk,240,SAP\n"
    "2,Beta,beta.se,,\n"
    "3,,,7,\n"
    "4,Gamma,gamma.de,9,Python\n"
    "1,,acme.dk,241,Python\n"
)


def work(file):
    """Return what plans the import, and what it gives, which applies it in batches of three rows."""

    def planned(store):
        plan = plan_import(store, file, source="register", mapping=MAPPING, key="domain")
        return lambda: plan.apply(batch_size=3)

    return planned


@pytest.fixture
def seed(tmp_path):
    """A database with one account in it, and the file to import."""
    with connect(tmp_path / "seed.db") as store, store.begin(source="crm", observed_at="2025-01-01") as unit:
        unit.add(mim.Account(domain="acme.dk", employees=7, external_ids={"erp": "x"}))
    file = tmp_path / "rows.csv"
    file.write_text(ROWS, encoding="utf-8")
    return tmp_path / "seed.db", file


def content(path):
    """Everything that an import leaves behind, without the ids that every run makes anew."""
    with connect(path) as store, store.read() as unit:
        inside = unit.transaction
        accounts = list(inside.accounts.all())
        names = {one.id: one.domain for one in accounts}
        found = inside.accounts.with_external_ids("register", map(str, range(9)))
        return {
            "accounts": sorted(str((flatten(one), one.version)) for one in accounts),
            "by id": {value: [names[one] for one in ids] for value, ids in found.items()},
            "history": sorted(
                (names[one.id], change.version, change.kind, change.source, sorted(change.after))
                for one in accounts
                for change in inside.history.of(one.id)
            ),
            "ages": sorted(
                (names[one.contact_id], one.attribute, one.source, str(one.observed_at))
                for one in inside.freshness.all()
            ),
            "imports": [(one.kind, one.status, one.next_row, dict(one.counts)) for one in inside.imports.all()],
            "outcomes": [
                (row.row, row.outcome, row.code, names.get(row.entity_id))
                for one in inside.imports.all()
                for row in inside.imports.outcomes(one.id)
            ],
            "outbox": sorted((one.kind, one.version) for one in inside.outbox.pending(10_000)),
        }


def test_an_import_that_was_killed_ends_as_if_it_never_was(seed, tmp_path):
    """Before every second statement or commit, for time: going on once gives exactly the unkilled database."""
    database, file = seed
    whole = copied(database, tmp_path / "whole.db")
    steps = steps_of(whole, work(file))
    expected = content(whole)
    assert expected["imports"] == [("accounts", "finished", 5, {"created": 2, "updated": 2, "rejected": 1})]
    assert expected["by id"] == {"1": ["acme.dk"], "2": ["beta.se"], "4": ["gamma.de"]}
    assert steps >= 40
    for step in range(1, steps + 1, 2):
        path = copied(database, tmp_path / "trial.db")
        assert killed_at(step, path, work(file)) == KILLED
        assert is_sound(path)
        steps_of(path, work(file))
        assert content(path) == expected, f"step {step}"


def test_an_undo_that_was_killed_goes_on_to_the_beginning(seed, tmp_path):
    """After going on, accounts, their ids and ages are those of before the import; every second step, for time."""
    database, file = seed
    before = content(database)
    imported = copied(database, tmp_path / "imported.db")
    steps_of(imported, work(file))
    whole = copied(imported, tmp_path / "whole.db")
    steps = steps_of(whole, undo)
    expected = content(whole)
    assert (expected["ages"], expected["by id"]) == (before["ages"], {})
    for step in range(1, steps + 1, 2):
        path = copied(imported, tmp_path / "trial.db")
        assert killed_at(step, path, undo) == KILLED
        assert is_sound(path)
        steps_of(path, undo)
        assert content(path) == expected, f"step {step}"
