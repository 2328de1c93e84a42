"""The moves of a refresh written by hand in SQL: the rows that the library writes, in its own tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg

from benchmarks.segments.fifty import PARAMETERS, WHERE
from benchmarks.stores.tables import conninfo
from mimcore.values.instants import to_microseconds

__all__ = ["ByHand", "HandPostgresql", "HandSqlite"]

Known = Mapping[str, tuple[Any, str, str]]
"""Of each segment its id, the hash of its rule, and what its events say."""


class ByHand(Protocol):
    """Somebody who knows the tables, and writes SQL."""

    def refresh(self, known: Known, at: datetime) -> None:
        """Let everybody enter and leave every segment."""
        ...

    def rows(self, sql: str) -> list[Any]:
        """Return rows."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


_ACTIVE = "c.tenant = 'default' AND c.status = 'active'"
_MEMBER = "m.tenant = 'default' AND m.segment_id = :id"
_COLUMNS = (
    "tenant, sequence, segment_id, segment, contact_id, has_entered, at, cause, because, actor, origin,"
    " segment_version, rule_hash"
)
_SAID = ":at, 'rule', '', 'refresh', 'rule', 1, :hash"
_REMOVE = 3
"""The statement that is left out where nobody leaves: without statistics PostgreSQL plans it badly."""
_JUST_NOW = "l.tenant = 'default' AND l.segment_id = :id AND l.at = :at AND l.sequence > :place"


def _statements(where: str, number: str, new_id: str, *, true: str, false: str) -> list[str]:
    """Two differences into the log, the set of members after it, and an event for each move."""
    enters = (
        f"SELECT c.id FROM mim_contact c WHERE {_ACTIVE} AND {where}"
        f" AND NOT EXISTS (SELECT 1 FROM mim_membership m WHERE {_MEMBER} AND m.contact_id = c.id) ORDER BY c.id"
    )
    leaves = (
        f"SELECT m.contact_id AS id FROM mim_membership m WHERE {_MEMBER} AND NOT EXISTS"
        f" (SELECT 1 FROM mim_contact c WHERE c.id = m.contact_id AND {_ACTIVE} AND {where}) ORDER BY m.contact_id"
    )
    moved = f"SELECT l.sequence, l.contact_id, l.has_entered FROM mim_membership_log l WHERE {_JUST_NOW} ORDER BY 1"
    events = "tenant, id, sequence, kind, entity, entity_id, version, at, data"
    return [
        (
            f"INSERT INTO mim_membership_log ({_COLUMNS}) SELECT 'default', {number.format('x.id')}, :id, :key, x.id,"
            f" {true}, {_SAID} FROM ({enters}) x"
        ),
        (
            f"INSERT INTO mim_membership_log ({_COLUMNS}) SELECT 'default', {number.format('x.id')}, :id, :key, x.id,"
            f" {false}, {_SAID} FROM ({leaves}) x"
        ),
        (
            "INSERT INTO mim_membership (tenant, segment_id, contact_id) SELECT 'default', :id, l.contact_id"
            f" FROM mim_membership_log l WHERE {_JUST_NOW} AND l.has_entered = {true}"
        ),
        (
            "DELETE FROM mim_membership WHERE tenant = 'default' AND segment_id = :id AND contact_id IN"
            f" (SELECT l.contact_id FROM mim_membership_log l WHERE {_JUST_NOW} AND l.has_entered = {false})"
        ),
        (
            f"INSERT INTO mim_outbox ({events}) SELECT 'default', {new_id}, {number.format('x.sequence')}, CASE"
            f" x.has_entered WHEN {true} THEN 'segment_entered' ELSE 'segment_left' END, 'contact',"
            " x.contact_id, 1, :at,"
            f" {':data' if true == '1' else 'CAST(:data AS jsonb)'} FROM ({moved}) x"
        ),
    ]


class HandSqlite:
    """In a file."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        self._base = sqlite3.connect(path, isolation_level=None)

    def refresh(self, known: Known, at: datetime) -> None:
        """Let everybody enter and leave every segment."""
        days = {name: to_microseconds(at - timedelta(days=days)) for name, days in PARAMETERS.items()}
        number = ":place + row_number() OVER (ORDER BY {})"
        sequence = int(self.rows("SELECT value FROM mim_setting WHERE name = 'mimcore.sequence'")[0][0])
        for key, (segment_id, rule_hash, data) in known.items():
            given = {"id": segment_id.bytes, "key": key, "hash": rule_hash, "data": data, "at": to_microseconds(at)}
            first, left = sequence, 0
            self._base.execute("BEGIN IMMEDIATE")
            for at_step, statement in enumerate(_statements(WHERE[key], number, "randomblob(16)", true="1", false="0")):
                begun = sequence if at_step in {0, 1, 4} else first
                bound = given | days | {"place": begun, "log": first}
                text = statement if at_step in {0, 1} else statement.replace("l.sequence > :place", "l.sequence > :log")
                if at_step == _REMOVE and not left:
                    continue
                written = self._base.execute(text, bound).rowcount
                left = written if at_step == 1 else left
                sequence += written if at_step in {0, 1, 4} else 0
                if at_step == 1 and sequence == first:
                    break
            self._base.execute("UPDATE mim_setting SET value = ? WHERE name = 'mimcore.sequence'", (str(sequence),))
            self._base.execute("COMMIT")

    def rows(self, sql: str) -> list[Any]:
        """Return rows."""
        return self._base.execute(sql).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._base.close()


class HandPostgresql:
    """On a server."""

    def __init__(self, url: str) -> None:
        """Connect."""
        self._base = psycopg.connect(conninfo(url))

    def refresh(self, known: Known, at: datetime) -> None:
        """Let everybody enter and leave every segment."""
        days = {name: at - timedelta(days=days) for name, days in PARAMETERS.items()}
        number = "nextval('mim_sequence')"
        for key, (segment_id, rule_hash, data) in known.items():
            place = self.rows("SELECT nextval('mim_sequence')")[0][0]
            given = {"id": segment_id, "key": key, "hash": rule_hash, "data": data, "at": at, "place": place} | days
            written = left = 0
            for step, statement in enumerate(
                _statements(WHERE[key], number, "gen_random_uuid()", true="TRUE", false="FALSE")
            ):
                if step == _REMOVE and not left:
                    continue
                moved = self._base.execute(_named(statement), given).rowcount
                left = moved if step == 1 else left
                written += moved
                if step == 1 and not written:
                    break
            self._base.commit()

    def rows(self, sql: str) -> list[Any]:
        """Return rows."""
        return self._base.execute(sql).fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._base.close()


def _named(statement: str) -> str:
    """Write parameters as psycopg reads them."""
    text = statement.replace("%", "%%")
    for name in ("id", "key", "hash", "data", "at", "place", *PARAMETERS):
        text = text.replace(f":{name} ", f"%({name})s ").replace(f":{name},", f"%({name})s,")
        text = text.replace(f":{name})", f"%({name})s)")
    return text
