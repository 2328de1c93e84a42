"""From an address to a store: chooses the back end, finds the key of the suppression list, reads the clock."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mimcore.domain.consent import key_fingerprint
from mimcore.errors import SecretKeyError, StoreUrlError
from mimcore.memory.backend import InMemoryBackend
from mimcore.repositories.ports import Backend
from mimcore.store.store import Store
from mimcore.values.identifiers import check_key
from mimcore.values.instants import as_zone

if TYPE_CHECKING:
    from typing import Literal

__all__ = ["connect", "system_clock"]

KEY_VARIABLE = "MIMCORE_SECRET_KEY"
_FINGERPRINT = "suppression_key"


def system_clock() -> datetime:
    """Return the present instant in UTC: the only place in the library that reads the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251 - the store owns the clock


def connect(
    url: str = "memory:",
    *,
    actor: str = "local",
    source: str = "manual",
    zone: str | ZoneInfo = "UTC",
    clock: Callable[[], datetime] = system_clock,
    secret: bytes | None = None,
    schema: Literal["auto", "upgrade", "verify"] = "auto",
    durability: Literal["full", "normal"] = "full",
    tenant: str = "default",
) -> Store:
    """Open a store.

    Args:
        url: `memory:`, or `sqlite:///path/to/file.db`. A new database is created; no other is changed unasked.
        actor: Who writes, unless `begin` says otherwise.
        source: Source that values come from, unless `begin` says otherwise.
        zone: Time zone of the store, an IANA name; dates given where an instant is needed are read in it.
        clock: Returns the present instant, aware; the machine's clock unless given.
        secret: Key of the suppression list, at least 16 bytes. Without it, the environment's `MIMCORE_SECRET_KEY`,
            else a key file beside the SQLite file, made when the database is new. Keep it: without it no suppression is
            found.
        schema: `auto` creates in an empty database only; `upgrade` also brings an older one up to date; `verify` never
            changes anything.
        durability: `full` survives a power cut; `normal` may then lose the last commits, never consistency.
        tenant: Whose data; part of every key.

    Returns:
        An open store; close it, or use it as a context manager.

    Raises:
        StoreUrlError: If the address is not understood.
        SchemaOutOfDateError: If the database was made by another version; the message names the command.
        SecretKeyError: If the key is not the one this database was made with.

    Examples:
        >>> with connect("memory:") as store:
        ...     store.contacts.count()
        0
    """
    local, default = as_zone(zone), check_key(source, "source")  # refused before anything is made or opened
    given = secret if secret is None else _long_enough(secret)
    if url in {"memory:", "memory://"}:
        backend: Backend = InMemoryBackend()
        key = given or os.urandom(32)
    elif url.startswith("sqlite:"):
        from mimcore.sql.backend import SqlBackend

        backend = SqlBackend.connect(url, tenant=tenant, durability=durability, schema=schema)
        try:
            key = _known_key(backend, given or _environment_key(), _key_file(url))
        except BaseException:
            backend.close()
            raise
    else:
        raise StoreUrlError("this address of a store is not understood; use 'memory:' or 'sqlite:///path/to/file.db'")
    return Store(backend, actor=actor, source=default, zone=local, clock=clock, secret=key)


def _environment_key() -> bytes | None:
    value = os.environ.get(KEY_VARIABLE)
    return _long_enough(value.encode()) if value else None


def _long_enough(key: bytes) -> bytes:
    if len(key) < 16:
        raise SecretKeyError("the key of the suppression list is too short; give at least 16 bytes")
    return key


def _key_file(url: str) -> Path | None:
    path = url.removeprefix("sqlite://").removeprefix("/").partition("?")[0]
    return Path(f"{path}.key") if path and path != ":memory:" else None


def _known_key(backend: Backend, given: bytes | None, file: Path | None) -> bytes:
    """Return the key that belongs to the database, or say what is wrong with the one at hand."""
    stored = backend.setting(_FINGERPRINT)
    key = given or (file.read_bytes() if file is not None and file.exists() else None)
    if key is None:
        if stored is not None:
            remedy = f"give secret=, set {KEY_VARIABLE}, or put the key file back beside the database"
            raise SecretKeyError(f"the key of the suppression list is missing: {remedy}")
        key = os.urandom(32)
        _keep(key, file)
    if stored is not None and stored != key_fingerprint(key):
        raise SecretKeyError(
            "the key of the suppression list is not the one this database was made with: nobody would be suppressed"
        )
    if stored is None:
        backend.set_setting(_FINGERPRINT, key_fingerprint(key))
    return key


def _keep(key: bytes, file: Path | None) -> None:
    if file is not None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(key)
