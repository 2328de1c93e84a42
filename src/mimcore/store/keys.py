"""The key of the suppression list: found, checked against the database, never guessed.

The list holds keyed hashes of addresses. With another key nobody on it would be recognised, so a database remembers a
fingerprint of its key, and a store with the wrong key does not open.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from mimcore.domain.consent import key_fingerprint
from mimcore.errors import SecretKeyError

__all__ = ["KEY_VARIABLE", "Settings", "environment_key", "key_file", "known_key", "long_enough"]

KEY_VARIABLE = "MIMCORE_SECRET_KEY"
_FINGERPRINT = "suppression_key"
_REMEDY = f"give secret= or set {KEY_VARIABLE}, at least 16 bytes, and keep it outside the database"


class Settings(Protocol):
    """Where the fingerprint is kept: a back end, or a transaction of one."""

    def setting(self, name: str) -> str | None:
        """Return a stored setting."""
        ...

    def add_setting(self, name: str, value: str) -> str:
        """Store a setting unless there is one, and return the one that stands."""
        ...


def environment_key() -> bytes | None:
    """Return the key that the environment holds, if any.

    Raises:
        SecretKeyError: If it is shorter than 16 bytes.
    """
    value = os.environ.get(KEY_VARIABLE)
    return long_enough(value.encode()) if value else None


def long_enough(key: bytes) -> bytes:
    """Return a key that is long enough.

    Raises:
        SecretKeyError: If it is shorter than 16 bytes.
    """
    if not isinstance(key, bytes | bytearray):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise SecretKeyError('the key of the suppression list is no bytes; write secret=b"…", or text.encode()')
    if len(key) < 16:
        raise SecretKeyError("the key of the suppression list is too short; give at least 16 bytes")
    return key


def key_file(url: str) -> Path | None:
    """Return the file beside a SQLite file that keeps its key; None for a database in memory."""
    path = url.partition("://")[2].removeprefix("/").partition("?")[0]
    return Path(f"{path}.key") if path and path != ":memory:" else None


def known_key(settings: Settings, given: bytes | None, file: Path | None, *, may_make: bool = False) -> bytes:
    """Return the key that belongs to a database, or say what is wrong with the one at hand.

    Args:
        settings: Where the fingerprint is kept; it is stored if there is none.
        given: The key at hand, if any.
        file: File that keeps the key, if any.
        may_make: Whether a new database may get a new key, which is put into the file.

    Raises:
        SecretKeyError: If there is none, one that is too short, or another one than the database was made with.
    """
    stored = settings.setting(_FINGERPRINT)
    key = given or (_kept(file) if file is not None else None)
    if key is None:
        key = _new_key(file, is_new=stored is None, may_make=may_make)
    fingerprint = key_fingerprint(long_enough(key))
    if stored is None:
        stored = settings.add_setting(_FINGERPRINT, fingerprint)  # another process may have come first
    if stored != fingerprint:
        raise SecretKeyError(
            "the key of the suppression list is not the one this database was made with: nobody would be suppressed"
        )
    return key


def _kept(file: Path) -> bytes | None:
    """Return the key that a file keeps, None if there is none."""
    try:
        key = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(error) from None
    if len(key) < 16:
        raise SecretKeyError(
            "the key file beside the database is too short to be one: put the right one back, or remove it if the "
            "database is new"
        )
    return key


def _new_key(file: Path | None, *, is_new: bool, may_make: bool) -> bytes:
    if not is_new:
        beside = ", or put the key file back beside the database" if may_make else ""
        raise SecretKeyError(f"the key of the suppression list is missing: {_REMEDY}{beside}")
    if not may_make:
        raise SecretKeyError(f"this store needs a key of the suppression list: {_REMEDY}")
    return os.urandom(32) if file is None else _written(file, os.urandom(32))


def _written(file: Path, key: bytes) -> bytes:
    """Put a new key into its file, whole or not at all, and return the key in it: another process may be first."""
    draft = file.with_name(f"{file.name}.{os.urandom(6).hex()}")
    try:
        try:
            _write(draft, key)
            _place(draft, file, key)
        finally:
            draft.unlink(missing_ok=True)
        return file.read_bytes()
    except OSError as error:
        raise _unusable(error) from None


def _write(file: Path, key: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(key)
        handle.flush()
        os.fsync(handle.fileno())


def _place(draft: Path, file: Path, key: bytes) -> None:
    """Give a draft its name unless another file has it, which a rename would replace."""
    with suppress(FileExistsError):
        try:
            os.link(draft, file)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            _write(file, key)


def _unusable(error: OSError) -> SecretKeyError:
    reason = error.strerror or "it cannot be used"
    return SecretKeyError(
        f"the key file beside the database cannot be read or made ({reason}): put it back or mend the path; {_REMEDY}"
    )
