"""What the repositories of one transaction read and write through, whichever kind of transaction it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from mimcore.errors import ClosedError, StoreError
from mimcore.memory.ledger import Journal, Ledger

__all__ = ["Chain", "Session"]

_PLACE = "place"
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Chain = tuple["Chain[V] | None", tuple[V, ...]]
"""An append-only list as a chain of portions, the newest first: appending copies nothing and is undone by one key."""


class Session:
    """One transaction's access to the tables.

    Attributes:
        questioned_contacts: Contacts that were removed or referred to: whether they are there counts at the commit.
        questioned_accounts: The same for accounts.
    """

    def __init__(self, ledger: Ledger, *, is_read_only: bool) -> None:
        """Begin; a writing one must be the only one.

        Args:
            ledger: Shared by all transactions of a back end.
            is_read_only: Whether writing is refused.
        """
        self._ledger = ledger
        self._journal: Journal | None = None if is_read_only else ledger.open_writer()
        self._seen = ledger.open_reader() if self._journal is None else self._journal.number
        self.is_open = True
        self.questioned_contacts: set[UUID] = set()
        self.questioned_accounts: set[UUID] = set()

    def end(self, *, undo: bool) -> None:
        """End the transaction.

        Raises:
            ClosedError: If it has ended before.
        """
        self._require_open()
        self.is_open = False
        if self._journal is None:
            self._ledger.close_reader(self._seen)
        else:
            self._ledger.close_writer(self._journal, undo=undo)

    def get(self, table: dict[K, V], key: K) -> V | None:
        """Return the value under a key, or None."""
        self._require_open()
        return self._ledger.get(table, key, seen=self._seen)

    def has(self, table: dict[K, Any], key: K) -> bool:
        """Tell whether something that is not empty stands under a key."""
        return bool(self.get(table, key))

    def rows(self, table: dict[K, V]) -> dict[K, V]:
        """Return a copy of a table."""
        self._require_open()
        return self._ledger.rows(table, seen=self._seen)

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Store a value."""
        self._ledger.put(self.writing(), table, key, value)

    def drop(self, table: dict[K, Any], key: K) -> None:
        """Remove a key."""
        self._ledger.drop(self.writing(), table, key)

    def append(self, table: dict[K, Chain[V]], key: K, items: Iterable[V]) -> None:
        """Append to a chain."""
        portion = tuple(items)
        if portion:
            self.put(table, key, (self.get(table, key), portion))

    def append_by(self, table: dict[K, Chain[V]], key_of: Callable[[V], K], items: Iterable[V]) -> None:
        """Append each item to the chain of its key."""
        for key, portion in grouped((key_of(item), item) for item in items).items():
            self.append(table, key, portion)

    def numbered(self, numbers: dict[str, int], items: Iterable[V]) -> list[tuple[int, V]]:
        """Give items their places in the one order of recording.

        Args:
            numbers: Where the last number given is kept.
            items: What is about to be appended.
        """
        last = self.get(numbers, _PLACE) or 0
        placed = list(enumerate(items, last + 1))
        self.put(numbers, _PLACE, last + len(placed))
        return placed

    def chains(self, table: dict[Any, Chain[V]]) -> list[V]:
        """Return the items of all chains, chain by chain."""
        return [item for key in self.rows(table) for item in self.chain(table, key)]

    def chain(self, table: dict[K, Chain[V]], key: K) -> list[V]:
        """Return a chain's items in the order in which they came."""
        portions: list[tuple[V, ...]] = []
        link = self.get(table, key)
        while link is not None:
            link, portion = link
            portions.append(portion)
        return [item for portion in reversed(portions) for item in portion]

    def _require_open(self) -> None:
        if not self.is_open:
            raise ClosedError("the transaction has ended: begin another")

    def writing(self) -> Journal:
        """Return the journal of what is written.

        Raises:
            ClosedError: If the transaction has ended.
            StoreError: If it only reads.
        """
        self._require_open()
        if self._journal is None:
            raise StoreError("the transaction only reads: begin one that writes")
        return self._journal


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Collect values by key, in order."""
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
