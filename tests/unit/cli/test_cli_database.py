"""`mimcore db` and `mimcore doctor` as an operator meets them, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine

import mimcore as mim
from mimcore import connect
from mimcore.cli import main
from mimcore.cli.doctor import _EXTRAS
from mimcore.sql.backend import SqlBackend
from mimcore.sql.migrating import migrate

NO_TABLES = "no tables of mimcore, this version needs mim_0001: run `mimcore db upgrade --url"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Address of an empty database, in the short form that people write."""
    if request.param == "sqlite":
        (tmp_path / "shop.db").touch()
        return f"sqlite:///{tmp_path / 'shop.db'}"
    return request.getfixturevalue("empty_postgres_url").replace("+psycopg", "")


def run(capsys, *words):
    """Run a command; return its code, what it printed, and what it complained about."""
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def statement(address, text):
    """Run a statement on the database, past mimcore."""
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(text)
    engine.dispose()


def test_upgrade_makes_the_tables_and_says_which(address, capsys):
    """Twice is as good as once."""
    for _ in range(2):
        assert run(capsys, "db", "upgrade", "--url", address) == (0, "the schema is up to date: mim_0001\n", "")
    SqlBackend.connect(address, schema="verify").close()


def test_verify_changes_nothing_and_names_the_command(address, capsys):
    """Of an empty database it says what to run; then it agrees."""
    for _ in range(2):
        code, out, complaint = run(capsys, "db", "verify", "--url", address)
        assert (code, out) == (1, "")
        assert NO_TABLES in complaint
    main(["db", "upgrade", "--url", address])
    capsys.readouterr()
    assert run(capsys, "db", "verify", "--url", address) == (0, "the schema is up to date: mim_0001\n", "")


def test_history_tells_what_upgrade_would_do(address, capsys):
    """Before: it would apply the revision; after: the database has it."""
    code, out, complaint = run(capsys, "db", "history", "--url", address)
    assert code == 1
    assert "upgrade would apply it" in out
    assert NO_TABLES in complaint
    main(["db", "upgrade", "--url", address])
    capsys.readouterr()
    code, out, complaint = run(capsys, "db", "history", "--url", address)
    assert (code, complaint) == (0, "")
    assert ("mim_0001" in out, "has it" in out, "would" in out) == (True, True, False)


def test_history_knows_what_was_applied_before(address, capsys, monkeypatch):
    """Of three revisions, with a database at the second one."""
    main(["db", "upgrade", "--url", address])
    statement(address, f"UPDATE {migrate.VERSION_TABLE} SET version_num = 'mim_0002'")
    steps = [migrate.Revision(f"mim_000{number}", f"Step {number}") for number in (1, 2, 3)]
    monkeypatch.setattr(migrate, "history", lambda: tuple(steps))
    monkeypatch.setattr(migrate, "HEAD", "mim_0003")
    capsys.readouterr()
    code, out, complaint = run(capsys, "db", "history", "--url", address)
    assert code == 1
    assert "has mim_0002, this version needs mim_0003: run `mimcore db upgrade --url" in complaint
    states = [line.split("Step", 1)[1][2:].strip() for line in out.splitlines() if "Step" in line]
    assert states == ["applied earlier", "has it", "upgrade would apply it"]


def test_tables_of_a_host_are_called_so(address, capsys):
    """Made by the host's own migrations from our metadata: in order, and not ours to upgrade."""
    engine = create_engine(address)
    with engine.begin() as connection:
        migrate.metadata.create_all(connection)
    engine.dispose()
    code, out, complaint = run(capsys, "db", "history", "--url", address)
    assert (code, complaint) == (0, "")
    assert "made by the host itself" in out
    assert "made by a host" in run(capsys, "doctor", "--url", address)[1]


def test_sql_is_printed_and_not_run(address, capsys):
    """For an administrator: everything for an empty database, nothing for one that is up to date."""
    code, out, _ = run(capsys, "db", "upgrade", "--sql", "--url", address)
    assert code == 0
    assert "CREATE TABLE mim_contact " in out
    assert run(capsys, "db", "verify", "--url", address)[0] == 1
    main(["db", "upgrade", "--url", address])
    capsys.readouterr()
    code, out, _ = run(capsys, "db", "upgrade", "--sql", "--url", address)
    assert (code, "CREATE" in out) == (0, False)


@pytest.mark.parametrize("words", [("db", "verify"), ("db", "history"), ("doctor",)])
def test_looking_makes_no_file(words, tmp_path, capsys):
    """A mistyped path is an error, not a new database."""
    code, out, complaint = run(capsys, *words, "--url", f"sqlite:///{tmp_path / 'typo.db'}")
    assert code == 1
    assert "there is no such file" in out + complaint
    assert list(tmp_path.iterdir()) == []
    assert run(capsys, "db", "upgrade", "--sql", "--url", f"sqlite:///{tmp_path / 'typo.db'}")[0] == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("db", "verify"), ("db", "upgrade"), ("db", "upgrade", "--sql"), ("doctor",)])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:Geheim1@/nowhere?host=/nowhere",
        "oracle://ana:Geheim1@host/db",
        "postgresql://ana:Geheim1@host:port/db",
    ],
)
def test_no_password_is_ever_printed(words, url, capsys):
    """Servers that are not there, databases that are not supported, addresses that are none."""
    code, out, complaint = run(capsys, *words, "--url", url)
    assert code == 1
    assert "Geheim1" not in out + complaint
    assert "Traceback" not in complaint


def test_doctor_finds_everything_in_order(address, capsys, monkeypatch):
    """Python, libraries, extras, and the store with its tables and settings; it ends with 0 and names no trouble."""
    monkeypatch.setattr("mimcore.cli.doctor._version", lambda _: "1.0")
    monkeypatch.setattr("mimcore.cli.doctor.find_spec", lambda _: True)
    SqlBackend.connect(address, schema="upgrade").close()
    found = {line.split("  ")[0]: line for line in run(capsys, "doctor", "--url", address)[1].splitlines()}
    assert {"Python", "pydantic", "sqlalchemy", *(f"extra {name}" for name in _EXTRAS)} <= set(found)
    own = ("journal mode", "foreign keys", "exp()", "file")
    own = own if address.startswith("sqlite") else ("encoding", "may create tables", "may write")
    for name in ("store", "schema", "contacts", "key", *own):
        assert found[name].rstrip().endswith("ok")
    assert "mim_0001" in found["schema"]
    assert "none yet" in found["key"]
    troubled = {name for name, line in found.items() if line.rstrip().endswith("see below")}
    assert troubled == (set() if address.startswith("sqlite") else {"fsync"})  # the test server keeps nothing safe


def test_doctor_tries_the_key(address, capsys, monkeypatch):
    """The key of the suppression list: the right one, another one, none; the words never hold it."""
    monkeypatch.setenv("MIMCORE_SECRET_KEY", "right-key-0123456")
    connect(address).close()
    assert "key: " not in run(capsys, "doctor", "--url", address)[1]
    for key in ("wrong-key-0123456", "tiny-key"):
        monkeypatch.setenv("MIMCORE_SECRET_KEY", key)
        code, out, _ = run(capsys, "doctor", "--url", address)
        assert (code, "key: the key of the suppression list is" in out, key in out) == (1, True, False)
    monkeypatch.delenv("MIMCORE_SECRET_KEY")
    assert "key: the key of the suppression list is missing" in run(capsys, "doctor", "--url", address)[1]


def test_doctor_says_what_is_missing(address, capsys):
    """A database without tables: what was found in the table, what to do below it, in full."""
    code, out, _ = run(capsys, "doctor", "--url", address)
    assert code == 1
    assert f"schema: the database has {NO_TABLES} …`" in out


def test_doctor_changes_nothing(tmp_path, capsys):
    """The journal mode of a host's file is told, not set."""
    file = tmp_path / "host.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        migrate.upgrade(connection)
    engine.dispose()
    before = file.read_bytes()
    code, out, _ = run(capsys, "doctor", "--url", f"sqlite:///{file}")
    assert code == 1
    assert "journal mode: readers and the writer wait for each other" in out
    assert file.read_bytes() == before


def test_doctor_changes_nothing_where_it_tries_the_key(tmp_path, capsys, monkeypatch):
    """A store whose file is not in WAL mode, with its key beside it: both stay, and no key is made."""
    monkeypatch.delenv("MIMCORE_SECRET_KEY", raising=False)
    file, key = tmp_path / "a.db", tmp_path / "a.db.key"
    mim.connect(f"sqlite:///{file}").close()
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode=delete").scalar() == "delete"
    engine.dispose()
    before = file.read_bytes()
    out = run(capsys, "doctor", "--url", f"sqlite:///{file}")[1]
    assert "beside the file" in out
    key.unlink()
    out = run(capsys, "doctor", "--url", f"sqlite:///{file}")[1]
    assert "key: the key of the suppression list is missing" in out
    assert file.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.db"]


def test_doctor_names_the_extras_that_are_not_there(capsys, monkeypatch):
    """One command brings them all; that they are absent is no fault. Half of one is told by name."""
    monkeypatch.setattr("mimcore.cli.doctor._version", lambda _: "1.0")
    monkeypatch.setattr("mimcore.cli.doctor.find_spec", lambda name: None if name in {"asyncpg", "rapidfuzz"} else True)
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert "pip install 'mimcore[async,match]'" in out
    assert "without asyncpg" in out


def test_doctor_says_what_is_too_old_or_absent(capsys, monkeypatch):
    """Each with what is needed."""
    monkeypatch.setattr("mimcore.cli.doctor._version", lambda name: None if name == "alembic" else "1.0")
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 31, 0))
    code, out, _ = run(capsys, "doctor")
    assert code == 1
    assert "SQLite: too old: 3.38 or newer is needed" in out
    assert "alembic: install it" in out


def test_a_file_that_is_no_database(tmp_path, capsys):
    """One line, no traceback."""
    file = tmp_path / "people.csv"
    file.write_text("name,email\n" * 200)
    for words in (("db", "verify"), ("db", "upgrade"), ("db", "history")):
        code, _, complaint = run(capsys, *words, "--url", f"sqlite:///{file}")
        assert (code, complaint) == (
            1,
            "mimcore: the file is not a SQLite database: check the path in the address of the store\n",
        )
    code, out, _ = run(capsys, "doctor", "--url", f"sqlite:///{file}")
    assert (code, "store: the file is not a SQLite database" in out) == (1, True)
