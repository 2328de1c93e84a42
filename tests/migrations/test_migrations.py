"""Migrations: one head, up and down and up, the tables of the models and nothing else, data kept; both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from tests.migrations.catalogue import catalogue, table_names

from mimcore.domain.contact import Contact
from mimcore.errors import InvalidValueError, SchemaOutOfDateError
from mimcore.sql.backend import SqlBackend
from mimcore.sql.migrating import migrate
from mimcore.sql.tables.schema import metadata


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
        first = catalogue(connection)
        assert migrate.current(connection) == migrate.HEAD
    with engine.begin() as connection:
        migrate.downgrade(connection)
        assert table_names(connection) == {migrate.VERSION_TABLE}
        assert migrate.current(connection) is None
    with engine.begin() as connection:
        migrate.upgrade(connection)
        assert catalogue(connection) == first


def test_the_migrations_give_the_tables_of_the_models(engine: Engine) -> None:
    """Alembic finds no difference, types and indexes included; it does not know that SQLite has no GIN indexes."""
    with engine.begin() as connection:
        migrate.upgrade(connection)
        context = MigrationContext.configure(connection, opts={"version_table": migrate.VERSION_TABLE})
        found = compare_metadata(context, metadata)
        absent = [one for one in found if one[0] == "add_index" and one[1].dialect_kwargs.get("postgresql_using")]
        assert [one for one in found if one not in absent] == []
        assert bool(absent) == (engine.dialect.name == "sqlite")


def test_creating_at_once_gives_what_the_migrations_give(engine: Engine) -> None:
    """A new store skips Alembic; what the database keeps of the statements is the same, letter for letter."""
    with engine.connect() as connection:
        migrate.upgrade(connection)
        migrated = catalogue(connection)
        connection.rollback()
        assert catalogue(connection) == {}
        migrate.create(connection)
        assert catalogue(connection) == migrated
        assert migrate.current(connection) == migrate.HEAD


def test_upgrading_keeps_data(address: str) -> None:
    """A store that is up to date is left as it is."""
    backend, contact = SqlBackend.connect(address, schema="upgrade"), Contact(emails=["a@example.com"], version=1)
    work = backend.begin()
    work.contacts.add([contact])
    work.commit()
    backend.close()
    for schema in ("upgrade", "auto", "verify"):
        backend = SqlBackend.connect(address, schema=schema)
        reading = backend.begin(is_read_only=True)
        assert list(reading.contacts.all()) == [contact]
        reading.rollback()
        backend.close()


def _stamp(address: str, revision: str) -> None:
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {migrate.VERSION_TABLE} SET version_num = '{revision}'")
    engine.dispose()


def test_an_old_database_is_refused_with_the_command(address: str) -> None:
    """Never DDL by surprise: the error names what mends it."""
    SqlBackend.connect(address).close()
    _stamp(address, "mim_0000")
    for schema in ("auto", "verify"):
        with pytest.raises(SchemaOutOfDateError, match=r"mim_0000.*mimcore db upgrade --url"):
            SqlBackend.connect(address, schema=schema)


def test_a_newer_database_is_left_to_a_newer_version(address: str) -> None:
    """An upgrade would be a step back: nothing is run, and the error says which side is old."""
    SqlBackend.connect(address).close()
    _stamp(address, "mim_0999")
    for schema in ("auto", "verify", "upgrade"):
        with pytest.raises(SchemaOutOfDateError, match=r"has mim_0999, .*newer version of mimcore; install that one"):
            SqlBackend.connect(address, schema=schema)
    engine = create_engine(address)
    with engine.begin() as connection, pytest.raises(SchemaOutOfDateError, match="newer version"):
        migrate.downgrade(connection)
    engine.dispose()


def test_an_empty_database_is_created_only_when_asked(address: str, engine: Engine) -> None:
    """`verify` makes nothing."""
    with pytest.raises(SchemaOutOfDateError, match="no tables of mimcore"):
        SqlBackend.connect(address, schema="verify")
    with engine.connect() as connection:
        assert catalogue(connection) == {}


def test_the_history_is_told_in_sentences() -> None:
    """The oldest first; the last one is what this version needs."""
    assert [one.name for one in migrate.history()][-1] == migrate.HEAD
    assert migrate.history()[0] == (
        "mim_0001",
        "The tables of mimcore, squashed to one revision until the first release",
    )


def test_an_unknown_revision_is_refused(engine: Engine) -> None:
    """Before anything is locked or written."""
    with engine.begin() as connection:
        for act in (migrate.upgrade, migrate.downgrade):
            with pytest.raises(InvalidValueError, match="revision: is not one of mimcore's"):
                act(connection, "+1")
        assert catalogue(connection) == {}


def test_the_sql_for_by_hand_makes_the_same_tables(engine: Engine) -> None:
    """What an administrator runs by hand is what `upgrade` does; from the newest revision nothing is left to run."""
    kind = engine.dialect.name
    with engine.connect() as connection:
        migrate.upgrade(connection)
        wanted = catalogue(connection)
        connection.rollback()
    with engine.connect() as connection:
        for statement in migrate.script(kind).split(";\n"):
            if statement.strip() not in {"", "BEGIN", "COMMIT"}:
                connection.exec_driver_sql(statement)
        assert catalogue(connection) == wanted
        migrate.verify(connection)
        connection.rollback()
    assert "TABLE" not in migrate.script(kind, start=migrate.HEAD)
    with pytest.raises(InvalidValueError, match="revision"):
        migrate.script(kind, start="mim_0777")


def test_the_sql_for_postgresql_is_one_transaction() -> None:
    """It needs no driver and no server, and has PostgreSQL's own types."""
    written = migrate.script("postgresql")
    assert written.startswith("BEGIN;")
    assert written.rstrip().endswith("COMMIT;")
    wanted = ["JSONB", "TIMESTAMP WITH TIME ZONE", "UUID", 'COLLATE "C"', "CREATE SEQUENCE mim_sequence", "USING gin"]
    assert [word for word in wanted if word not in written] == []


def test_a_caller_may_roll_back_the_upgrade(engine: Engine) -> None:
    """It runs in the caller's transaction."""
    with engine.connect() as connection:
        migrate.upgrade(connection)
        connection.rollback()
    with engine.connect() as connection:
        assert catalogue(connection) == {}
