"""What an application may give instead of an address: its engine, or a back end of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypeIs

from mimcore.errors import StoreUrlError
from mimcore.repositories.ports import Backend
from mimcore.repositories.turn import Turn
from mimcore.store.keys import environment_key, known_key, long_enough

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["backend_and_key", "engine_and_key"]


def backend_and_key(
    given: Backend | Engine, secret: bytes | None, *, schema: Literal["auto", "upgrade", "verify"], tenant: str
) -> tuple[Backend, bytes]:
    """Return a back end and the key of its suppression list.

    Args:
        given: An engine, or an open back end.
        secret: The key; for a back end it is taken as it is, for an engine it is checked against the database.
        schema: What may be done to an engine's tables.
        tenant: Whose data an engine is asked for.

    Raises:
        StoreUrlError: If it is neither, or an asynchronous engine.
        SecretKeyError: If the key is missing, or not the one the database was made with.
    """
    key = None if secret is None else long_enough(secret)
    if _is_backend(given):
        if key is None and given.name == "memory":
            return given, os.urandom(32)
        return given, key or known_key(given, environment_key(), None)
    if not hasattr(given, "connect") or hasattr(given, "sync_engine"):
        raise StoreUrlError("a store stands on SQLAlchemy's Engine; for an AsyncEngine use mim.AsyncStore")
    return engine_and_key(given, key, schema=schema, tenant=tenant)


def engine_and_key(
    engine: Engine,
    key: bytes | None,
    *,
    schema: Literal["auto", "upgrade", "verify"],
    tenant: str,
    turn: Turn | None = None,
) -> tuple[Backend, bytes]:
    """Return a back end over an engine, and the key of its suppression list.

    Args:
        engine: The application's engine, or the synchronous face of its asynchronous one.
        key: The key, long enough; the environment's unless given.
        schema: What may be done to the tables.
        tenant: Whose data.
        turn: The queue of an asynchronous store's writers.

    Raises:
        SecretKeyError: If the key is missing, or not the one the database was made with.
    """
    from mimcore.sql.backend import SqlBackend
    from mimcore.sql.connection.engines import is_in_memory

    backend = SqlBackend(engine, schema=schema, tenant=tenant, turn=turn)
    return backend, known_key(backend, key or environment_key(), None, may_make=is_in_memory(engine.url))


def _is_backend(given: Backend | Engine) -> TypeIs[Backend]:
    return hasattr(given, "begin") and hasattr(given, "set_setting")
