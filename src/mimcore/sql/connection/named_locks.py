"""Locks that have a name and no row; a store with one writer at a time needs none of them."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, func, select

from mimcore.sql.connection.wire import Prepared, Wire

__all__ = ["lock_name", "share_name", "try_name"]


def lock_name(wire: Wire, name: str) -> None:
    """Wait until nobody else holds a lock of that name, and hold it until the transaction ends.

    Args:
        wire: A transaction that may write.
        name: Any text.
    """
    wire.require_writing()
    if wire.has_many_writers:
        wire.rows(_LOCK, lock_name=name)


def share_name(wire: Wire, name: str) -> None:
    """Keep others from holding a lock of that name alone until the transaction ends; any number may do so.

    Args:
        wire: A transaction that may write.
        name: Any text.
    """
    wire.require_writing()
    if wire.has_many_writers:
        wire.rows(_SHARE, lock_name=name)


def try_name(wire: Wire, name: str) -> bool:
    """Hold a lock of that name alone until the transaction ends, without waiting.

    Args:
        wire: A transaction that may write.
        name: Any text.

    Returns:
        False if somebody else holds it.
    """
    wire.require_writing()
    return not wire.has_many_writers or bool(wire.rows(_TRY, lock_name=name)[0][0])


_name = func.hashtextextended(bindparam("lock_name", type_=Text()), 0)
_LOCK = Prepared(select(func.pg_advisory_xact_lock(_name)))
_SHARE = Prepared(select(func.pg_advisory_xact_lock_shared(_name)))
_TRY = Prepared(select(func.pg_try_advisory_xact_lock(_name)))
