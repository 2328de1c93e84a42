"""Migrations: one head, up and down and up, the tables of the models and nothing else, data kept, alone or inside a host."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, create_engine

from mimcore.domain.contact import Contact
from mimcore.errors import SchemaOutOfDateError
from mimcore.sql import migrate
from mimcore.sql.backend import SqlBackend
from mimcore.sql.schema import metadata

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def engine(tmp_path: Path):
    """An engine on a new file, as a host application makes it."""
    made = create_engine(f"sqlite:///{tmp_path / 'app.db'}")
    yield made
    made.dispose()


def _tables(connection: Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: _normal(sql) for name, sql in rows}


def _normal(sql: str) -> str:
    """Columns and constraints of a statement without regard to the order of constraints."""
    head, _, body = " ".join(sql.replace('"', "").split()).partition("(")
    columns, *constraints = body.removesuffix(")").split(" CONSTRAINT ")
    return f"{head}({columns} {sorted(one.strip(' ,') for one in constraints)}"


def test_there_is_one_head() -> None:
    """And it is the one that the library asks for."""
    config = Config()
    config.set_main_option("script_location", str(migrate.migrations_path()))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrate.HEAD] == [migrate.head()]
    assert script.get_revision("mimcore@head").revision == migrate.HEAD


def test_revisions_import_only_alembic_and_sqlalchemy() -> None:
    """So that a host can put them into its own history."""
    for file in (migrate.migrations_path() / "versions").glob("*.py"):
        imports = [
            line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(("import ", "from "))
        ]
        assert {line.split()[1].split(".")[0] for line in imports} <= {"__future__", "typing", "alembic", "sqlalchemy"}


def test_up_down_up(engine: Engine) -> None:
    """Going down leaves no table of ours; going up again gives the same tables."""
    with engine.begin() as connection:
        migrate.upgrade(connection)
        first = _tables(connection)
        assert migrate.current(connection) == migrate.HEAD
    with engine.begin() as connection:
        migrate.downgrade(connection)
        assert set(_tables(connection)) == {migrate.VERSION_TABLE}
        assert migrate.current(connection) is None
    with engine.begin() as connection:
        migrate.upgrade(connection)
        assert _tables(connection) == first


def test_the_migrations_give_the_tables_of_the_models(engine: Engine) -> None:
    """Alembic finds no difference, types and indexes included."""
    with engine.begin() as connection:
        migrate.upgrade(connection)
        context = MigrationContext.configure(connection, opts={"version_table": migrate.VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_creating_at_once_gives_what_the_migrations_give(engine: Engine, tmp_path: Path) -> None:
    """A new store skips Alembic; what SQLite keeps of the statements is the same, letter for letter."""
    with engine.begin() as connection:
        migrate.upgrade(connection)
        migrated = _tables(connection)
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with other.begin() as connection:
        migrate.create(connection)
        assert _tables(connection) == migrated
        assert migrate.current(connection) == migrate.HEAD
    other.dispose()


def test_upgrading_keeps_data(tmp_path: Path) -> None:
    """A store that is up to date is left as it is."""
    address = f"sqlite:///{tmp_path / 'data.db'}"
    backend, contact = SqlBackend.connect(address, schema="upgrade"), Contact(emails=["a@example.com"], version=1)
    work = backend.begin()
    work.contacts.add([contact])
    work.commit()
    backend.close()
    for schema in ("upgrade", "auto", "verify"):
        backend = SqlBackend.connect(address, schema=schema)
        assert list(backend.begin(is_read_only=True).contacts.all()) == [contact]
        backend.close()


def test_an_old_database_is_refused_with_the_command(tmp_path: Path) -> None:
    """Never DDL by surprise: the error names what mends it."""
    address = f"sqlite:///{tmp_path / 'old.db'}"
    SqlBackend.connect(address).close()
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {migrate.VERSION_TABLE} SET version_num = 'mim_0000'")
    for schema in ("auto", "verify"):
        with pytest.raises(SchemaOutOfDateError, match=r"mim_0000.*mimcore db upgrade --url"):
            SqlBackend.connect(address, schema=schema)
    engine.dispose()


def test_an_empty_database_is_created_only_when_asked(tmp_path: Path) -> None:
    """`verify` makes nothing."""
    address = f"sqlite:///{tmp_path / 'empty.db'}"
    with pytest.raises(SchemaOutOfDateError, match="no tables of mimcore"):
        SqlBackend.connect(address, schema="verify")
    engine = create_engine(address)
    with engine.connect() as connection:
        assert _tables(connection) == {}
    engine.dispose()


def test_eight_threads_upgrade_one_database(engine: Engine) -> None:
    """Alembic's context is global: without a lock all of them fail."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
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


def test_processes_may_create_one_database_at_once(tmp_path: Path) -> None:
    """Whoever comes second finds the tables."""
    script = "import sys; from mimcore.sql.backend import SqlBackend; SqlBackend.connect(sys.argv[1]).close()"
    address = f"sqlite:///{tmp_path / 'race.db'}"
    runs = [
        subprocess.Popen([sys.executable, "-c", script, address], env={"PYTHONPATH": str(ROOT / "src")})
        for _ in range(4)
    ]
    assert [run.wait() for run in runs] == [0, 0, 0, 0]


def test_a_caller_may_roll_back_the_upgrade(engine: Engine) -> None:
    """It runs in the caller's transaction."""
    with engine.connect() as connection:
        migrate.upgrade(connection)
        connection.rollback()
    with engine.connect() as connection:
        assert _tables(connection) == {}


HOST_ENV = """
from alembic import context
config = context.config
connection = config.attributes["connection"]
context.configure(connection=connection, target_metadata=config.attributes["target"], include_object=config.attributes.get("include"), render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
"""


def _host(folder: Path, connection: Connection, target: MetaData | list[MetaData], **attributes: object) -> Config:
    (folder / "host" / "versions").mkdir(parents=True)
    (folder / "host" / "env.py").write_text(HOST_ENV)
    (folder / "host" / "script.py.mako").write_text((migrate.migrations_path() / "script.py.mako").read_text())
    config = Config()
    config.set_main_option("script_location", str(folder / "host"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder / "host" / "versions"))
    config.attributes.update({"connection": connection, "target": target, **attributes})
    return config


def _host_tables() -> MetaData:
    own = MetaData()
    Table("orders", own, Column("id", Integer, primary_key=True), Column("note", Text))
    return own


def test_a_host_with_its_own_history_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    """Way A: with `exclude_mimcore` the host's autogenerate neither sees nor drops our tables."""
    with engine.begin() as connection:
        migrate.upgrade(connection)
        own = _host_tables()
        own.create_all(connection)
        config = _host(tmp_path, connection, own, include=migrate.exclude_mimcore)
        command.stamp(config, "head")
        command.check(config)
        migrate.verify(connection)


def test_a_host_may_take_our_revisions_into_its_history(engine: Engine, tmp_path: Path) -> None:
    """Way B: branch label `mimcore` in the host's version locations."""
    with engine.begin() as connection:
        config = _host(tmp_path, connection, [_host_tables(), metadata])
        own, ours = tmp_path / "host" / "versions", migrate.migrations_path() / "versions"
        config.set_main_option("version_locations", f"{own}\n{ours}")
        command.upgrade(config, "mimcore@head")
        migrate.verify(connection)
        assert migrate.current(connection) is None


def test_a_host_may_make_the_tables_itself(engine: Engine) -> None:
    """Way C: our metadata in the host's own revisions; tables that differ in nothing are accepted, others are not."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        migrate.verify(connection)
        connection.exec_driver_sql("ALTER TABLE mim_contact DROP COLUMN notes")
        with pytest.raises(SchemaOutOfDateError, match="tables of an unknown revision"):
            migrate.verify(connection)
