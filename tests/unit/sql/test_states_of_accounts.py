"""Accounts have values with an age too: their states are stored under the account, and go with it."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore.store.connecting import connect


@pytest.fixture
def store(tmp_path):
    """A new SQLite store."""
    with connect(f"sqlite:///{tmp_path / 'm.db'}", secret=b"sixteen bytes or more") as opened:
        yield opened


def test_an_account_is_stored_with_the_age_of_its_values(store):
    """An account's values have states of their own, and no contact is needed for them."""
    with store.begin(observed_at="2025-01-01") as work:
        (acme,) = work.add(mim.Account(name="Acme A/S", employees=240))
    with store.read() as work:
        states = work.transaction.freshness.of([acme.id])[acme.id]
    assert {one.attribute for one in states} == {"account.name", "account.firmographic.employees"}


def test_the_report_counts_values_of_people_only(store):
    """The decayed share is about active contacts; states of accounts do not mix in."""
    with store.begin() as work:
        work.add(mim.Account(name="Acme A/S", employees=240), mim.Contact(name="Ana Berg"))
    with store.read() as work:
        assert {one.attribute.partition(".")[0] for one in work.transaction.freshness.all()} == {"contact"}


def test_states_go_with_an_account(store):
    """A removed account leaves no state behind."""
    with store.begin() as work:
        (acme,) = work.add(mim.Account(name="Acme A/S"))
    with store.begin() as work:
        work.transaction.accounts.remove([acme.id])
    with store.read() as work:
        assert work.transaction.freshness.of([acme.id]) == {acme.id: []}


def test_finding_whose_states_go_seeks_and_does_not_scan(store):
    """Dropping states asks for their owners by key; a scan made taking back an import of 2 000 rows take a minute."""
    from mimcore.sql.repositories.evidence import _OWNERS

    with store.read() as work:
        wire = work.transaction.freshness._wire
        sql, _, _ = _OWNERS.text(wire.connection.dialect)
        given = tuple("x" for _ in range(sql.count("?")))
        plan = " ".join(row[3] for row in wire.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given))
    assert "tenant=? AND attribute=? AND subject_id=?" in plan
