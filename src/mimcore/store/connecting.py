"""From an address, or from an application's engine, to a store."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args
from zoneinfo import ZoneInfo

from mimcore.errors import InvalidValueError, StoreUrlError, nearest
from mimcore.memory.backend import InMemoryBackend
from mimcore.repositories.ports import Backend
from mimcore.repositories.turn import Turn
from mimcore.store.clock import system_clock
from mimcore.store.keys import environment_key, key_file, known_key, long_enough
from mimcore.store.store import Store
from mimcore.values.identifiers import check_key
from mimcore.values.instants import as_zone

if TYPE_CHECKING:
    from mimcore.sql.backend import SqlBackend

__all__ = ["connect", "open_store", "system_clock"]

Schema = Literal["auto", "upgrade", "verify"]
Durability = Literal["full", "normal"]


def connect(
    url: str = "memory:",
    *,
    actor: str | None = None,
    source: str = "manual",
    zone: str | ZoneInfo = "UTC",
    clock: Callable[[], datetime] = system_clock,
    secret: bytes | None = None,
    schema: Schema = "auto",
    durability: Durability = "full",
    tenant: str = "default",
) -> Store:
    """Open a store.

    Args:
        url: `memory:`, `sqlite:///path/to/file.db`, or `postgresql://user@host/database`. A new database gets its
            tables; no other is changed unasked.
        actor: Who writes, unless `begin` says otherwise; `local` in memory and on SQLite, no default on PostgreSQL.
        source: Source that values come from, unless `begin` says otherwise.
        zone: Time zone of the store, an IANA name; dates given where an instant is needed are read in it.
        clock: Returns the present instant, aware; the machine's clock unless given.
        secret: Key of the suppression list, at least 16 bytes. Without it, the environment's `MIMCORE_SECRET_KEY`,
            else, for SQLite, a key file beside the database, made when that is new. Keep it: without it no suppression
            is found.
        schema: `auto` creates in an empty database only; `upgrade` also brings an older one up to date; `verify` never
            changes anything.
        durability: For SQLite: `full` survives a power cut; `normal` may then lose the last commits, never consistency.
        tenant: Whose data; part of every key.

    Returns:
        An open store; close it, or use it as a context manager.

    Raises:
        StoreUrlError: If the address is not understood.
        MissingExtraError: If the database's driver is not installed; the message names the command.
        SchemaOutOfDateError: If the database was made by another version; the message names the command.
        SecretKeyError: If the key is missing, or not the one this database was made with.

    Examples:
        >>> with connect("memory:") as store:
        ...     store.contacts.count()
        0
    """
    return open_store(
        url,
        turn=None,
        actor=actor,
        source=source,
        zone=zone,
        clock=clock,
        secret=secret,
        schema=schema,
        durability=durability,
        tenant=tenant,
    )


def open_store(
    url: str,
    *,
    turn: Turn | None,
    actor: str | None,
    source: str,
    zone: str | ZoneInfo,
    clock: Callable[[], datetime],
    secret: bytes | None,
    schema: Schema,
    durability: Durability,
    tenant: str,
) -> Store:
    """Open a store; see `connect`.

    Args:
        url: See `connect`.
        turn: The queue of an asynchronous store's writers; its database is reached by an asynchronous driver then.
        actor: See `connect`, and so for all that follow.
        source: Source of values.
        zone: Time zone.
        clock: Returns the present instant.
        secret: Key of the suppression list.
        schema: What may be done to the tables.
        durability: What SQLite survives.
        tenant: Whose data.
    """
    local, default = as_zone(zone), check_key(source, "source")  # refused before anything is made or opened
    given = None if secret is None else long_enough(secret)
    if not callable(clock):
        raise InvalidValueError("clock", "is not a function", "give one that returns an instant, or leave it out")
    _known_word("schema", schema, get_args(Schema))
    _known_word("durability", durability, get_args(Durability))
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise StoreUrlError("url: is not text; write a path as 'sqlite:///path/to/file.db'")
    if url in {"memory:", "memory://"}:
        backend: Backend = InMemoryBackend(turn=turn)
        key = given or os.urandom(32)
    elif url.startswith(("sqlite:", "sqlite+", "postgres")):
        backend, key = _sql(url, given, tenant, turn, schema=schema, durability=durability)
    else:
        raise StoreUrlError(
            "url: this address of a store is not understood; use 'memory:', 'sqlite:///path/to/file.db' or "
            "'postgresql://…'"
        )
    return Store(backend, actor=actor, source=default, zone=local, clock=clock, secret=key)


def _known_word(field: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise InvalidValueError(field, f"is not known{nearest(str(word), known)}", f"use one of {', '.join(known)}")


def _sql(
    url: str, given: bytes | None, tenant: str, turn: Turn | None, *, schema: Schema, durability: Durability
) -> tuple[SqlBackend, bytes]:
    from mimcore.sql.backend import SqlBackend

    backend = SqlBackend.connect(
        url, tenant=tenant, durability=durability, schema=schema, turn=turn, is_async=turn is not None
    )
    is_embedded = backend.name == "sqlite"
    try:
        file = key_file(url) if is_embedded else None
        return backend, known_key(backend, given or environment_key(), file, may_make=is_embedded)
    except BaseException:
        backend.close()
        raise
