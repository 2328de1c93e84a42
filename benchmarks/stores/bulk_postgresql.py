"""The same on PostgreSQL: against COPY of ready tuples and INSERT … ON CONFLICT.

Most of the work is the server's, so its processor time counts as well as the client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from benchmarks.stores import raw_postgres
from benchmarks.stores.bulk import portions_of, raced
from benchmarks.stores.by_hand import COLUMNS, ByHand
from benchmarks.stores.server_clock import both_clock
from benchmarks.stores.tables import Change, Unread, conninfo, of_postgresql
from benchmarks.timing import Line
from mimcore.testing import PostgresServer

__all__ = ["measure"]


class Postgresql:
    """Databases of a server with fsync off."""

    name, baseline, clock_name = "PostgreSQL", "COPY and INSERT … ON CONFLICT", "processor time of client and server"

    def __init__(self, server: PostgresServer) -> None:
        self._server, self.clock = server, both_clock(server.url)

    def copied(self, base: str) -> str:
        return self._server.new_database(base or None)

    def rows(self, url: str) -> Unread:
        return of_postgresql(url)

    def ready(self, given: Sequence[Change]) -> None:
        """They are: COPY takes whole rows."""

    def apply(self, url: str, given: Sequence[Change]) -> None:
        raw_postgres.apply(url, given)

    def lean(self, given: Sequence[Change]) -> None:
        """Nobody has written that."""

    def write_by_hand(self, url: str, given: Iterable[dict[str, Any]]) -> None:
        hand = ByHand(lambda one: one, lambda at: at, lambda day: day)
        with psycopg.connect(conninfo(url)) as raw, raw.cursor() as cursor:
            for portion in portions_of(given):
                numbers = "select nextval('mim_sequence') from generate_series(1, %s)"
                first = cursor.execute(numbers, (2 * len(portion),)).fetchall()[0][0]
                for table, rows in hand.rows(portion, first).items():
                    names = ", ".join(f'"{name}"' for name in COLUMNS[table])
                    with cursor.copy(f"copy {table} ({names}) from stdin") as copy:
                        for row in rows:
                            copy.write_row(row)

    def drop(self, url: str) -> None:
        self._server.drop_database(url)


def measure(scale: float) -> list[Line]:
    """Measure on PostgreSQL."""
    with PostgresServer() as server:
        return raced(Postgresql(server), scale)
