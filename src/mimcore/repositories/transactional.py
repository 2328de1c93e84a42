"""The life of a unit of work: it commits once, or rolls back, and says so afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import ClassVar, Self, TypeVar

from mimcore.errors import ClosedError, ConflictError
from mimcore.repositories.ports import Transaction
from mimcore.values.unknown_names import SaysWhatItHas

__all__ = ["Transactional"]

T = TypeVar("T")


class Transactional(SaysWhatItHas):
    """Owns one open transaction and ends it."""

    _instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("insert", "create", "save", "store", "put"), "work.add(...), or work.change for what is stored"
        ),
        **dict.fromkeys(("delete", "archive"), "work.remove(...)"),
        "edit": "work.change(record, city=…)",
        "consent": "work.grant(...) or work.withdraw(...)",
        "find": "work.contacts.find(rule)",
        "query": "work.contacts.find(rule)",
    }

    def __init__(self, transaction: Transaction) -> None:
        """Take over a transaction.

        Args:
            transaction: Open transaction.
        """
        self.transaction = transaction
        self._ended = ""
        self._is_dead = False

    def __repr__(self) -> str:
        """Whether it is open, or how it ended."""
        return f"{type(self).__name__}({self._ended or 'open'})"

    def __enter__(self) -> Self:
        """Start working."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or roll back if an error passes.

        Raises:
            ClosedError: If a conflict killed the unit of work and the block went on as if nothing had happened.
        """
        if kind is not None:
            self.rollback("it was rolled back after an error")
        elif not self._ended:
            self.commit()
        elif self._is_dead:
            self.alive()

    def commit(self) -> None:
        """Make everything durable; the unit of work is over.

        Raises:
            ConflictError: If something refers to a record that is not there; everything is rolled back then.
        """
        self.alive()
        self._ended, self._is_dead = "its commit failed and nothing was stored", True
        self.transaction.commit()
        self._ended, self._is_dead = "it was committed", False

    def rollback(self, why: str = "it was rolled back") -> None:
        """Undo everything; the unit of work is over.

        Args:
            why: What a later call is told.
        """
        if not self._ended:
            self._ended = why
            self.transaction.rollback()

    def alive(self) -> None:
        """Refuse to work after the end.

        Raises:
            ClosedError: Saying how it ended.
        """
        if self._ended:
            raise ClosedError(f"this unit of work is over: {self._ended}; open another one with store.begin()")

    def _guarded(self, write: Callable[[], T]) -> T:
        """After a conflict the transaction's state differs between engines: the unit of work ends."""
        try:
            return write()
        except ConflictError:
            self._is_dead = True
            self.rollback("it ended with a conflict and nothing was stored; read again and repeat")
            raise

    def _all_or_nothing(self, write: Callable[[], T]) -> T:
        """After any error half of many records may be written: the unit of work ends."""
        try:
            return write()
        except BaseException:
            self._is_dead = True
            self.rollback("it ended with an error among many records and nothing was stored")
            raise
