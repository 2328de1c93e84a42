"""Django with mimcore beside it: the example's own tests, run by Django, on SQLite and in a schema of PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, inspect

import mimcore as mim
from mimcore.sql.migrating import migrate

ROOT = Path(__file__).resolve().parents[2]


class Shop:
    """A copy of the example with a database of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        """Copy it."""
        self.folder = folder / "shop"
        shutil.copytree(
            ROOT / "examples" / "django_shop", self.folder, ignore=shutil.ignore_patterns("__pycache__", "*.db*")
        )
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONWARNINGS": "error",
        }

    def manage(self, *words: str) -> str:
        """Run a command of Django and return what it says."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


def _tests(shop: Shop) -> int:
    return (shop.folder / "shop" / "tests.py").read_text().count("    def test_")


def test_beside_django_on_sqlite(tmp_path: Path) -> None:
    """Two files; Django's tests pass, its autodetector sees no change, and mimcore's tables stand in the other file."""
    shop = Shop(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    shop.manage("migrate")
    assert f"Ran {_tests(shop)} tests" in shop.manage("test", "--keepdb")
    assert "No changes" in shop.manage("makemigrations", "--check")
    for name, has_ours in {"shop.db": False, "shop.db.marketing": True}.items():
        engine = create_engine(f"sqlite:///{tmp_path / name}", poolclass=NullPool)
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
        assert (set(migrate.metadata.tables) <= tables) is has_ours
        assert ("shop_order" in tables) is not has_ours


def test_beside_django_on_postgresql(tmp_path: Path, empty_postgres_url: str) -> None:
    """Two schemas of one database, on psycopg; the search path of mimcore's address keeps them apart."""
    shop = Shop(tmp_path, empty_postgres_url)
    shop.manage("migrate")
    assert f"Ran {_tests(shop)} tests" in shop.manage("test", "--keepdb")
    engine = create_engine(empty_postgres_url, poolclass=NullPool)
    with engine.connect() as connection:
        ours = set(inspect(connection).get_table_names(schema="mimcore"))
        theirs = set(inspect(connection).get_table_names(schema="public"))
    assert ours == {*migrate.metadata.tables, migrate.VERSION_TABLE}
    assert theirs == {"shop_order", "django_migrations"}
    with pytest.raises(mim.SchemaOutOfDateError, match="no tables of mimcore"):
        mim.connect(empty_postgres_url, schema="verify", secret=b"for development only")
