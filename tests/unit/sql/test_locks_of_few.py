"""On PostgreSQL a few contacts are locked by their ids, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import or_, select

from mimcore import Contact, Store, connect
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


@pytest.mark.parametrize("name", STATEMENTS)
def test_many_are_locked_before_there_are_statistics(store: Store, name: str) -> None:
    """Seven thousand purchases of people just added took four minutes: the list was made anew for each row."""
    with store.begin() as work:
        people = [Contact(title="CEO") for _ in range(400)]
        work.add_many(people)
        ids = [one.id for one in people[:300]]
        node = json.loads(_explained(work, STATEMENTS[name], ids, "(ANALYZE, TIMING OFF, FORMAT JSON)"))[0]["Plan"]
    assert node["Actual Rows"] == 300
    assert max(map(_seen, _nodes(node))) <= len(people) * len(ids)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _seen(node: dict[str, Any]) -> float:
    """Return how many rows a step of a plan looked at, in all its turns."""
    rows = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    return float(node["Actual Loops"]) * sum(node.get(one, 0) for one in rows)


def _plan(work: object, statement: Prepared) -> str:
    return _explained(work, statement, [uuid4(), uuid4()], "")


def _explained(work: object, statement: Prepared, ids: list[UUID], how: str) -> str:
    wire = work.transaction.contacts._wire  # type: ignore[attr-defined]
    sql, given = wire._bound(statement, {"ids": wire.codec.put_ids(ids)})
    found = wire.connection.exec_driver_sql(f"EXPLAIN {how} {sql}", given).fetchall()
    return json.dumps(found[0][0]) if how else str(found)
