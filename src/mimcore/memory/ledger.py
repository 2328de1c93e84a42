"""Transactions over plain dicts: an undo journal for rollback, and the same journals for what readers see.

Why it is correct. A writer changes the tables in place, and first notes in its journal what stood under the key before.
Each step of a writer, and each single read, happens under one short lock. There is one writer at a time, and every
writing transaction has a number, the next one. A reader remembers the number of the last one that had finished when it
began; for any key it asks the journals with greater numbers, the oldest first: the first note is what stood there when
the reader began, and where there is no note nobody has changed the key since. So a reader sees one committed state from
beginning to end, and waits for single steps only, never for a transaction. A rollback puts the notes back, and counts
as a transaction that changed nothing. Journals are forgotten when no reader is left that began before them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, TypeVar

__all__ = ["Journal", "Ledger"]

K = TypeVar("K")
V = TypeVar("V")


class _Nothing:
    """Marks in a journal that there was no such key."""


_NOTHING: Final = _Nothing()


class Journal:
    """What stood under every key that one writing transaction has changed."""

    def __init__(self, number: int) -> None:
        """Start empty.

        Args:
            number: Number of the transaction.
        """
        self.number = number
        self._notes: dict[int, tuple[dict[Any, Any], dict[Any, Any]]] = {}

    def note(self, table: dict[K, V], key: K) -> None:
        """Note what stands under a key, unless the transaction has changed it before."""
        _, before = self._notes.setdefault(id(table), (table, {}))
        if key not in before:
            before[key] = table.get(key, _NOTHING)

    def before(self, table: dict[K, V]) -> Mapping[K, V | _Nothing]:
        """Return what stood under the changed keys of a table."""
        _, before = self._notes.get(id(table), (table, {}))
        return before

    def undo(self) -> None:
        """Put everything back."""
        for table, before in self._notes.values():
            _restore(table, before)


def _restore(table: dict[Any, Any], before: Mapping[Any, Any]) -> None:
    for key, value in before.items():
        if value is _NOTHING:
            table.pop(key, None)
        else:
            table[key] = value


class Ledger:
    """The journals that somebody may still need, and who reads what. Every method is one step under the lock."""

    def __init__(self) -> None:
        """Start with no transaction."""
        self._lock = threading.Lock()
        self._finished = 0
        self._journals: list[Journal] = []
        self._readers: Counter[int] = Counter()

    def open_reader(self) -> int:
        """Return the number of the last finished transaction: the state that the reader will see."""
        with self._lock:
            self._readers[self._finished] += 1
            return self._finished

    def close_reader(self, seen: int) -> None:
        """Forget a reader."""
        with self._lock:
            self._readers[seen] -= 1
            self._readers += Counter()  # drops the zeros
            self._forget()

    def open_writer(self) -> Journal:
        """Return the journal of a new writing transaction; the caller makes sure that there is one at a time."""
        with self._lock:
            journal = Journal(self._finished + 1)
            self._journals.append(journal)
            return journal

    def close_writer(self, journal: Journal, *, undo: bool) -> None:
        """Finish a writing transaction, perhaps taking back what it did."""
        with self._lock:
            if undo:
                journal.undo()
            self._finished = journal.number
            self._forget()

    def _forget(self) -> None:
        oldest = min(self._readers, default=self._finished)
        self._journals = [journal for journal in self._journals if journal.number > oldest]

    def put(self, journal: Journal, table: dict[K, V], key: K, value: V) -> None:
        """Store a value."""
        with self._lock:
            journal.note(table, key)
            table[key] = value

    def drop(self, journal: Journal, table: dict[K, V], key: K) -> None:
        """Remove a key; one that is not there is let be."""
        with self._lock:
            journal.note(table, key)
            table.pop(key, None)

    def get(self, table: dict[K, V], key: K, *, seen: int) -> V | None:
        """Return the value under a key after transaction `seen`, or None."""
        with self._lock:
            for journal in self._journals:
                before = journal.before(table)
                if journal.number > seen and key in before:
                    value = before[key]
                    return None if isinstance(value, _Nothing) else value
            return table.get(key)

    def rows(self, table: dict[K, V], *, seen: int) -> dict[K, V]:
        """Return a copy of a table as it was after transaction `seen`."""
        with self._lock:
            copy = table.copy()
            for journal in reversed(self._journals):
                if journal.number > seen:
                    _restore(copy, journal.before(table))
            return copy
