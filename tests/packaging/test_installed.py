"""The wheel in an empty environment, far from any checkout: its command brings databases of both kinds up to date."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from tests.packaging.test_wheel import _build, _copy

PROBE = """
import sys
from pathlib import Path
import mimcore
from mimcore.sql.migrating import migrate
inside = Path(sys.prefix)
assert inside in Path(mimcore.__file__).parents, mimcore.__file__
assert inside in migrate.migrations_path().parents, migrate.migrations_path()
print(migrate.head())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment that holds our wheel; the libraries it needs are lent by the one that runs."""
    folder = tmp_path_factory.mktemp("installed")
    wheel, _ = _build(_copy(folder / "checkout"), folder / "dist")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    programs = folder / "env" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet"]
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check", "--root-user-action=ignore"]
    subprocess.run([*pip, *offline, str(wheel)], check=True, capture_output=True, env=_environment())
    # A line with a folder adds that folder alone: an editable install of ours in there stays unseen.
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    return programs


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MIMCORE_"))}


def _run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database without tables; the file does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


def test_the_migrations_come_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """Library and migrations lie in the environment, not in the checkout that this test runs from."""
    done = _run([installed / "python", "-c", PROBE], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "mim_0001\n", "")


def test_the_command_upgrades_from_another_folder(installed: Path, address: str, tmp_path: Path) -> None:
    """Refused, upgraded, accepted, told: with the program that the wheel installs."""
    (tmp_path / "elsewhere").mkdir()
    ran = [
        _run([installed / "mimcore", "db", action, "--url", address], tmp_path / "elsewhere")
        for action in ("verify", "upgrade", "verify", "history")
    ]
    assert [done.returncode for done in ran] == [1, 0, 0, 0], [done.stderr for done in ran]
    assert "`mimcore db upgrade --url" in ran[0].stderr
    assert ran[1].stdout == ran[2].stdout == "the schema is up to date: mim_0001\n"
    assert "has it" in ran[3].stdout
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_command_prints_sql_from_another_folder(installed: Path, address: str, tmp_path: Path) -> None:
    """Without touching the database."""
    done = _run([installed / "mimcore", "db", "upgrade", "--sql", "--url", address], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "CREATE TABLE mim_contact " in done.stdout
