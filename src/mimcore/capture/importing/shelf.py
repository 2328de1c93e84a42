"""What later rows of a file may have to see, set aside on disk: planning a file of any size takes little memory.

The shelf is a private temporary database of SQLite: it has no name, nobody else can open it, and it is gone with the
plan or with the process.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from mimcore.errors import CaptureError
from mimcore.repositories.portions import portions

__all__ = ["KEPT", "Shelf"]

KEPT = 10_000
"""So many records stay in memory; more are set aside."""
_CACHE_KIB = 32 * 1024
_AT_ONCE = 400


class Shelf:
    """Records by name, and names by the keys under which they are looked for.

    Examples:
        >>> shelf = Shelf()
        >>> shelf.put([("ana@acme.dk", b"1")], [(b"1", b"Ana")])
        >>> shelf.records(shelf.names(["ana@acme.dk", "bo@acme.dk"]))
        {b'1': b'Ana'}
    """

    def __init__(self) -> None:
        """Make an empty one; nothing is on disk before it is needed."""
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        with _translated():
            self._database.executescript(
                f"""
                pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -{_CACHE_KIB};
                create table record (name blob primary key, data blob) without rowid;
                create table key (hash integer, name blob, primary key (hash, name)) without rowid;
                """
            )

    def put(self, keys: Iterable[tuple[str, bytes]], records: Iterable[tuple[bytes, bytes]]) -> None:
        """Set records aside; one of the same name is replaced, its further keys stay.

        Args:
            keys: Keys with the names of the records to be found under them.
            records: Names with what they stand for.

        Raises:
            CaptureError: If there is no room on disk.
        """
        with _translated():
            self._database.execute("begin")
            rows = ((hash(key), name) for key, name in keys)
            self._database.executemany("insert or ignore into key values (?, ?)", rows)
            self._database.executemany("insert or replace into record values (?, ?)", records)
            self._database.execute("commit")

    def names(self, keys: Iterable[str]) -> set[bytes]:
        """Return the names that stand under some keys; a few others may be among them, since only hashes are kept."""
        found: set[bytes] = set()
        with _translated():
            for some in portions(keys, _AT_ONCE):
                query = "select name from key where hash in (select value from json_each(?))"
                found.update(row[0] for row in self._database.execute(query, [json.dumps(list(map(hash, some)))]))
        return found

    def records(self, names: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return what some names stand for; those of none are left out."""
        found: dict[bytes, bytes] = {}
        with _translated():
            for some in portions(names, _AT_ONCE):
                query = f"select name, data from record where name in ({', '.join('?' * len(some))})"  # noqa: S608
                found.update(self._database.execute(query, some).fetchall())
        return found


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except sqlite3.Error:
        pass
    else:
        return
    raise CaptureError("rows cannot be set aside on disk: make room where temporary files are kept (TMPDIR)")
