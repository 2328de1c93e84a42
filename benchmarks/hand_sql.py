"""The same questions as somebody would write them in SQL, on the same tables; and a raw copy of a database."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.people import NOW
from benchmarks.the_rule import CUTOFF, WANTED_COUNTRIES, WANTED_INTERESTS
from mimcore.values.instants import to_microseconds

__all__ = ["MEMBERS", "OPPOSITE", "OR_MISSING", "PARAMETERS", "Copy"]

_COUNTRIES = ", ".join(f"'{one}'" for one in sorted(WANTED_COUNTRIES))
_WORDS = ", ".join(f"'{one}'" for one in sorted(WANTED_INTERESTS))
_OVERLAP = f"exists (select 1 from json_each(c.interests_folded) where value in ({_WORDS}))"
_BOUGHT = (
    "exists (select 1 from mim_interaction i where i.tenant = 'default' and i.contact_id = c.id and i.kind = 'purchase'"
    " and i.at >= :since and i.at <= :now)"
)
_ACTIVE = "c.tenant = 'default' and c.status = 'active'"

PARAMETERS = {"cutoff": CUTOFF, "since": to_microseconds(NOW - timedelta(days=90)), "now": to_microseconds(NOW)}
MEMBERS = (
    f"from mim_contact c where {_ACTIVE} and c.country in ({_COUNTRIES}) and {_OVERLAP}"
    f" and c.primary_email_pool = 'b2c.email' and c.primary_email_key >= :cutoff and {_BOUGHT}"
)
OPPOSITE = (
    f"from mim_contact c where {_ACTIVE} and (c.country not in ({_COUNTRIES}) or not {_OVERLAP}"
    f" or (c.primary_email_pool = 'b2c.email' and c.primary_email_key < :cutoff) or not {_BOUGHT})"
)
OR_MISSING = (
    f"from mim_contact c where {_ACTIVE} and (c.country is null or c.country not in ({_COUNTRIES}) or not {_OVERLAP}"
    f" or c.primary_email_key is null or c.primary_email_key < :cutoff or not {_BOUGHT})"
)


class Copy:
    """All rows of a database as ready tuples, to be written into an empty one of the same shape."""

    def __init__(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            shape = connection.execute("select type, name, sql from sqlite_master where sql is not null").fetchall()
            names = [name for kind, name, _ in shape if kind == "table" and name.startswith("mim_")]
            self.shape = [sql for _, name, sql in shape if not name.startswith("sqlite_")]
            self.rows = {name: connection.execute(f"select * from {name}").fetchall() for name in names}

    @property
    def written(self) -> str:
        """How many rows of which tables, the largest first."""
        sizes = sorted(((len(rows), name) for name, rows in self.rows.items() if len(rows) > 10), reverse=True)
        return ", ".join(f"{size} {name.removeprefix('mim_')}" for size, name in sizes)

    def write(self, path: Path, tables: tuple[str, ...] = (), batch: int = 1000) -> Path:
        """Write tables, all unless given, in transactions of `batch` rows with the store's own safety."""
        connection = sqlite3.connect(path)
        connection.executescript("pragma journal_mode = wal; pragma synchronous = full;" + ";".join(self.shape))
        for name in tables or self.rows:
            rows: list[Any] = self.rows[name]
            for start in range(0, len(rows), batch):
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"insert into {name} values ({marks})", rows[start : start + batch])
                connection.commit()
        connection.close()
        return path
