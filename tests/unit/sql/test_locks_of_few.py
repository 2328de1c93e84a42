"""On PostgreSQL a few contacts are locked by their ids, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import or_, select

from mimcore import Store, connect
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.wire import Prepared
from mimcore.sql.expressions.elements import in_ids
from mimcore.sql.repositories import contacts as repositories_contacts
from mimcore.sql.repositories import golden
from mimcore.sql.tables.schema import contact

STATEMENTS = {
    "attached to": golden._STEADY,
    "locked with those merged into them": repositories_contacts._LOCK_WITH_MERGED,
    "locked": repositories_contacts._LOCK,
    "locked if active": repositories_contacts._LOCK_ACTIVE,
}


@pytest.fixture
def store(empty_postgres_url: str) -> Iterator[Store]:
    """A store on PostgreSQL."""
    with connect(empty_postgres_url, secret=b"s" * 32, actor="test") as one:
        yield one


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_more_is_read_than_is_locked(store: Store, name: str) -> None:
    """Recording an event of one person read a million contacts: an OR of two lists is a filter, which has no index."""
    with store.begin() as work:
        assert "SubPlan" not in _plan(work, STATEMENTS[name])


def test_the_plan_would_show_a_filter(store: Store) -> None:
    """An OR of two lists, as it was."""
    lists = or_(in_ids(contact.c.id, "ids"), in_ids(contact.c.golden_id, "ids"))
    with store.begin() as work:
        assert "SubPlan" in _plan(work, Prepared(select(contact.c.id).where(owned(contact, lists))))


def _plan(work: object, statement: Prepared) -> str:
    wire = work.transaction.contacts._wire  # type: ignore[attr-defined]
    sql, given = wire._bound(statement, {"ids": wire.codec.put_ids([uuid4(), uuid4()])})
    return str(wire.connection.exec_driver_sql(f"EXPLAIN {sql}", given).fetchall())
