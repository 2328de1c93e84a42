"""The three ways in which a host application and mimcore share a database, each with Alembic's own commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text
from tests.migrations.catalogue import catalogue

from mimcore.errors import SchemaOutOfDateError
from mimcore.sql.migrating import migrate
from mimcore.sql.tables.schema import metadata

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
        assert (migrate.current(connection), migrate.applied(connection)) == (None, migrate.HEAD)
        before = catalogue(connection)
        migrate.upgrade(connection)
        assert catalogue(connection) == before


def test_a_host_may_make_the_tables_itself(engine: Engine) -> None:
    """Way C: our metadata in the host's own revisions; tables that differ in nothing are accepted, others are not."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        before = catalogue(connection)
        migrate.verify(connection)
        migrate.upgrade(connection)
        assert catalogue(connection) == before
        connection.exec_driver_sql("ALTER TABLE mim_contact DROP COLUMN notes")
        with pytest.raises(SchemaOutOfDateError, match=r"tables of an unknown revision.*the host's own migrations"):
            migrate.verify(connection)
        with pytest.raises(SchemaOutOfDateError, match="tables of an unknown revision"):
            migrate.upgrade(connection)


def test_a_history_that_lags_behind_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Way B with an older revision: the host's own command mends it, ours leaves its tables alone."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrate.HEAD}')")
        connection.exec_driver_sql("ALTER TABLE mim_contact DROP COLUMN notes")
        monkeypatch.setattr(migrate, "HEAD", "mim_0002")
        for act in (migrate.verify, migrate.upgrade):
            with pytest.raises(SchemaOutOfDateError, match=r"has mim_0001, .* needs mim_0002.*`mimcore@head`"):
                act(connection)
