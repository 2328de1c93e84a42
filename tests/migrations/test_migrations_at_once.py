"""Upgrades at the same time, from threads and from processes: one does the work, nobody fails."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from tests.migrations.catalogue import table_names

from mimcore.errors import StoreError
from mimcore.sql.migrating import migrate

ROOT = Path(__file__).resolve().parents[2]
CONNECT = "import sys; from mimcore.sql.backend import SqlBackend; SqlBackend.connect(sys.argv[1]).close()"
UPGRADE = """
import sys
from sqlalchemy import create_engine
from mimcore.sql.migrating import migrate
engine = create_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with engine.begin() as connection:
    migrate.upgrade(connection)
engine.dispose()
"""


def test_eight_threads_upgrade_one_database(engine: Engine) -> None:
    """Alembic's context is global: without a lock all of them fail."""
    errors: list[BaseException] = []
    start = threading.Barrier(8)

    def run() -> None:
        try:
            start.wait()
            with engine.begin() as connection:
                migrate.upgrade(connection)
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with engine.connect() as connection:
        migrate.verify(connection)
        rows = connection.exec_driver_sql(f"SELECT version_num FROM {migrate.VERSION_TABLE}").fetchall()
        assert [tuple(row) for row in rows] == [(migrate.HEAD,)]


def _processes(script: str, address: str) -> list[subprocess.Popen[str]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return [
        subprocess.Popen([sys.executable, "-W", "error", "-c", script, address], env=env, text=True, **pipes)
        for _ in range(4)
    ]


def test_four_processes_upgrade_one_database(engine: Engine, address: str) -> None:
    """They start at the same word; whoever comes second finds nothing left to do."""
    runs = _processes(UPGRADE, address)
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    said = [run.communicate(timeout=120)[1] for run in runs]
    assert ([run.returncode for run in runs], said) == ([0] * 4, [""] * 4)
    with engine.connect() as connection:
        migrate.verify(connection)


def test_processes_may_create_one_database_at_once(address: str) -> None:
    """Connecting to an empty database makes its tables; whoever comes second finds them."""
    runs = _processes(CONNECT, address)
    said = [run.communicate(timeout=120)[1] for run in runs]
    assert ([run.returncode for run in runs], said) == ([0] * 4, [""] * 4)


def test_an_upgrade_waits_for_another_one(engine: Engine) -> None:
    """The lock is kept until the transaction that took it ends."""
    done = threading.Event()

    def second() -> None:
        with engine.begin() as connection:
            migrate.upgrade(connection)
            done.set()

    with engine.begin() as connection:
        migrate.upgrade(connection)
        waiting = threading.Thread(target=second)
        waiting.start()
        assert not done.wait(timeout=0.5)
    assert done.wait(timeout=30)
    waiting.join()


def test_a_connection_that_commits_each_statement_is_refused(empty_postgres_url: str) -> None:
    """Half an upgrade could not be taken back, and the lock would be gone at once."""
    engine = create_engine(empty_postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for act in (migrate.upgrade, migrate.downgrade, migrate.create_once):
            with pytest.raises(StoreError, match="all or nothing"):
                act(connection)
        assert table_names(connection) == set()
    engine.dispose()
