"""A PostgreSQL server that lives as long as a test session, on a machine that need not have one.

It listens on a socket file in a folder of its own and on no network port, keeps its data there without waiting for the
disk, and is stopped and removed at the end, also when the tests are interrupted or killed. As root it runs as the user
`postgres` or `nobody`, because PostgreSQL refuses root. Finding the server programs is in `postgres_programs`.

Not for production: anything that can reach the socket is let in without a password, and a power cut loses all.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Self, TypedDict

from sqlalchemy import URL, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from mimcore.errors import MissingExtraError, StoreError
from mimcore.testing.postgres_programs import copied_programs, find_programs, runs_for, unprivileged_user

__all__ = ["PostgresServer"]

_DRIVER = "postgresql+psycopg"
_OWNER = "mim"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
"""Bytes. The system allows 103 on macOS and 107 on Linux; what is longer is cut off or refused."""
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}
# Ends the server when its standard input says so or closes, which it does when the tests die, however they die.
_WATCH = 'read -r _; "$1" -D "$2/data" -m fast -t 60 stop >/dev/null 2>&1; rm -rf -- "$2"'


class PostgresServer:
    """A server for tests, and as many databases in it as they ask for.

    With `MIMCORE_PG_URL` in the environment the server there is used instead: its user must be allowed to create
    databases, and only those made here are dropped again. Otherwise one is started. Safe from several threads; with
    pytest-xdist every worker starts one of its own.

    Examples:
        >>> def shelf(url: str) -> None:
        ...     engine = create_engine(url)
        ...     with engine.begin() as connection:
        ...         _ = connection.exec_driver_sql("CREATE TABLE book (title text)")
        ...     engine.dispose()
        >>> with PostgresServer() as server:
        ...     first, second = server.new_database(shelf), server.new_database(shelf)
        ...     engine = create_engine(second)
        ...     with engine.connect() as connection:
        ...         print(connection.exec_driver_sql("SELECT count(*) FROM book").scalar())
        ...     engine.dispose()
        0
    """

    def __init__(self, programs: str | Path | None = None, *, settings: Mapping[str, str] | None = None) -> None:
        """Describe a server; nothing happens before `start`.

        Args:
            programs: Folder with `initdb` and `postgres`; searched for unless given. Giving one also means that a
                server is started whatever `MIMCORE_PG_URL` says.
            settings: Settings of PostgreSQL beside ours, such as `{"fsync": "on"}`.
        """
        self._wanted = Path(programs) if programs is not None else None
        self._settings = {**_SETTINGS, **(settings or {})}
        self._address: URL | None = None
        self._folder: Path | None = None
        self._processes: list[subprocess.Popen[bytes]] = []
        self._made: list[str] = []
        self._templates: dict[Callable[[str], object], str] = {}
        self._turn = threading.RLock()

    @property
    def url(self) -> str:
        """Address of the database `postgres`, or of the one that `MIMCORE_PG_URL` names.

        Raises:
            StoreError: If the server does not run.
        """
        return self._url(None)

    @property
    def folder(self) -> Path | None:
        """Where the data and the socket are; None if no server of ours runs."""
        return self._folder

    def start(self) -> Self:
        """Start the server and wait until it answers; nothing happens if it runs already.

        Raises:
            StoreError: If there is no server to start, or it does not start; the message says what to do.
            MissingExtraError: If psycopg is not installed.
        """
        if find_spec("psycopg") is None:
            raise MissingExtraError("a PostgreSQL server for tests", "testing-postgres")
        with self._turn:
            if self._address is None:
                given = os.environ.get("MIMCORE_PG_URL") if self._wanted is None else None
                try:
                    self._address = _given(given) if given else self._launched()
                    self._run("SELECT 1")
                except BaseException:
                    self.stop()
                    raise
        return self

    def stop(self) -> None:
        """Stop the server and remove its folder; of a server that was there before, drop the databases made here."""
        with self._turn:
            if self._folder is None:
                self._drop_all()
            for process in reversed(self._processes):
                _end(process)
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._address, self._folder = None, None
            self._processes, self._made, self._templates = [], [], {}

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def new_database(self, template: str | Callable[[str], object] | None = None) -> str:
        """Create a database: empty, or a copy of another one.

        Args:
            template: What is copied: the address of a database of this server to which nobody is connected, or a
                function that is called once with the address of an empty one and puts tables into it.

        Returns:
            Its address, `postgresql+psycopg://…`.

        Raises:
            StoreError: If the server does not run, or somebody is still connected to the template.
        """
        with self._turn:
            original = self._template(template) if callable(template) else template
            name = f"mim_{len(self._made)}_{secrets.token_hex(4)}"
            copied = f'"{make_url(original).database}"' if original else "template0"
            self._run(f'CREATE DATABASE "{name}" TEMPLATE {copied}')
            self._made.append(name)
            return self._url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database that was made here; whoever is still connected to it is thrown out.

        Args:
            url: Its address, as `new_database` returned it.
        """
        name = make_url(url).database
        with self._turn:
            if name not in self._made:
                raise StoreError("this database was not made by this server object: it is left alone")
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            # The place stays taken, so that no later name repeats this one.
            self._made[self._made.index(name)] = ""

    @contextmanager
    def database(self, template: str | Callable[[str], object] | None = None) -> Generator[str]:
        """Create a database, and drop it at the end of the block.

        Args:
            template: As in `new_database`.

        Yields:
            Its address.
        """
        url = self.new_database(template)
        try:
            yield url
        finally:
            self.drop_database(url)

    def _template(self, fill: Callable[[str], object]) -> str:
        if fill not in self._templates:
            url = self.new_database()
            fill(url)
            self._templates[fill] = url
        return self._templates[fill]

    def _drop_all(self) -> None:
        for name in filter(None, self._made):
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _url(self, database: str | None) -> str:
        if self._address is None:
            raise StoreError("the PostgreSQL server does not run: call start() first, or use it in a `with` block")
        address = self._address.set(database=database) if database else self._address
        return address.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        """Run a statement outside of any transaction, on a connection of its own."""
        engine = create_engine(self._url(None), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            failure = StoreError(_reason(getattr(error.orig, "sqlstate", None)))
        else:
            return
        raise failure

    def _launched(self) -> URL:
        user = unprivileged_user()
        programs = self._wanted if self._wanted is not None else find_programs()
        folder = self._folder = _new_folder(user)
        if not runs_for(user, programs):
            programs = copied_programs(programs, folder, user)
        _initialise(programs, folder, user)
        self._processes = _started(programs, folder, user, self._settings)
        _await_answer(self._processes[0], folder)
        return URL.create(_DRIVER, username=_OWNER, database="postgres", query={"host": str(folder)})


def _given(url: str) -> URL:
    with suppress(ArgumentError):
        return make_url(url).set(drivername=_DRIVER)
    raise StoreError("MIMCORE_PG_URL is not the address of a database: use postgresql://user:password@host/database")


def _new_folder(user: str | None) -> Path:
    """Make a folder whose socket path is short enough and which the server's user can reach."""
    for place in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes a private folder in it
        longest = len(os.fsencode(place)) + len("/mim-pg-12345678/") + len(_SOCKET)
        if longest < _LONGEST_SOCKET_PATH and (user is None or _is_open_to_all(Path(place))):
            folder = Path(tempfile.mkdtemp(prefix="mim-pg-", dir=place))
            if user is not None:
                shutil.chown(folder, user)
            return folder
    raise StoreError("no temporary folder has a short path that every user may enter: set TMPDIR to one that has")


def _is_open_to_all(place: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (place.resolve(), *place.resolve().parents))


class _Way(TypedDict):
    """How a program is run; None leaves what we are."""

    env: dict[str, str]
    start_new_session: bool
    user: str | None
    group: int | None
    extra_groups: list[int] | None


def _as(user: str | None) -> _Way:
    """Run as somebody else if need be, deaf to Ctrl-C, and without what the environment says of other servers."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    if user is None:
        return _Way(env=env, start_new_session=True, user=None, group=None, extra_groups=None)
    import pwd  # not on Windows

    return _Way(env=env, start_new_session=True, user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[])


def _initialise(programs: Path, folder: Path, user: str | None) -> None:
    words = ["--username", _OWNER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    command = [str(programs / "initdb"), "--pgdata", str(folder / "data"), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, **_as(user))  # noqa: S603 - our words
    if done.returncode:
        raise StoreError(f"initdb of PostgreSQL failed: {done.stderr.decode(errors='replace').strip()[-500:]}")


def _started(
    programs: Path, folder: Path, user: str | None, settings: Mapping[str, str]
) -> list[subprocess.Popen[bytes]]:
    """Start the server, and beside it the process that ends it when ours ends."""
    options = {**settings, "listen_addresses": "", "unix_socket_directories": str(folder), "port": "5432"}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - our words
            [str(programs / "postgres"), "-D", str(folder / "data"), *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_as(user),
        )
    watch = ["/bin/sh", "-c", _WATCH, "watch", str(programs / "pg_ctl"), str(folder)]
    quiet = subprocess.DEVNULL
    watcher = subprocess.Popen(  # noqa: S603 - our words
        watch, cwd="/", stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, **_as(user)
    )
    return [server, watcher]


def _await_answer(server: subprocess.Popen[bytes], folder: Path, seconds: float = 60.0) -> None:
    """Wait until the server lets somebody in: it then writes `ready` into the last line of its process file."""
    file, end = folder / "data" / "postmaster.pid", time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        if file.exists() and file.read_text().splitlines()[7:8] == ["ready   "]:
            return
        time.sleep(0.01)
    raise StoreError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace').strip()[-500:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the watcher to stop the server; whoever has not ended by then is killed."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):  # it has ended already, and the server with it
            process.stdin.write(b"\n")
            process.stdin.close()
    try:
        process.wait(timeout=70)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _reason(code: str | None) -> str:
    reasons = {
        "42501": "the user of MIMCORE_PG_URL may not create databases: give it the right CREATEDB",
        "55006": "somebody is still connected to the template: dispose of the engine that made it",
        "3D000": "there is no such database to copy",
    }
    unknown = f"the PostgreSQL server refused ({code})" if code else "the PostgreSQL server cannot be reached"
    return reasons.get(code or "", f"{unknown}: check MIMCORE_PG_URL, or unset it to have a server started")
