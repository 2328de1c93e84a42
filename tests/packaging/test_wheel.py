"""What is shipped: the wheel and the sdist, built here without network, twice, from two copies of the checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PREFIX = f"mimcore-{PROJECT['version']}"
SHIPPED = [
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "Makefile",
    "mkdocs.yml",
    "src",
    "migrations",
    "tools",
    "tests",
    "docs",
]
RUBBISH = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache", ".hypothesis")
PLUGIN = ROOT / "src" / "mimcore" / "testing" / "plugin.py"


def _copy(target: Path) -> Path:
    """Copy the checkout, with something in `tests/outside` and `migrations` even where there is nothing yet."""
    target.mkdir()
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=RUBBISH, copy_function=shutil.copyfile)
        elif source.exists():
            shutil.copyfile(source, target / name)
    (target / "tests" / "outside" / "probe").mkdir(parents=True)
    (target / "tests" / "outside" / "probe" / "foreign.csv").write_text("not ours\n", encoding="utf-8")
    (target / "migrations").mkdir(exist_ok=True)
    if not (target / "migrations" / "env.py").exists():
        (target / "migrations" / "env.py").write_text('"""Probe."""\n', encoding="utf-8")
    return target


def _build(checkout: Path, to: Path) -> tuple[Path, Path]:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(to)], cwd=checkout, check=True, capture_output=True
    )
    return next(to.glob("*.whl")), next(to.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Wheel and sdist of two copies, the second with other times on its files."""
    folder = tmp_path_factory.mktemp("built")
    first = _copy(folder / "one")
    second = shutil.copytree(first, folder / "two")
    for file in second.rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    return [_build(copy, folder / f"dist-{copy.name}") for copy in (first, second)]


@pytest.fixture(scope="module")
def wheel_names(built: list[tuple[Path, Path]]) -> set[str]:
    """Names of the files in the wheel."""
    return set(zipfile.ZipFile(built[0][0]).namelist())


@pytest.fixture(scope="module")
def sdist_names(built: list[tuple[Path, Path]]) -> set[str]:
    """Names of the files in the sdist, without its outer folder."""
    with tarfile.open(built[0][1]) as archive:
        return {name.removeprefix(f"{PREFIX}/") for name in archive.getnames()}


def _files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_has_the_library_its_types_and_its_migrations(
    built: list[tuple[Path, Path]], wheel_names: set[str]
) -> None:
    """Every file of the library, `py.typed` too, and the migrations as `mimcore/migrations`; nothing else."""
    checkout = built[0][0].parents[1] / "one"
    inside = {name for name in wheel_names if not name.startswith(f"{PREFIX}.dist-info/")}
    library = {f"mimcore/{name}" for name in _files_of(checkout / "src" / "mimcore")}
    migrations = {f"mimcore/migrations/{name}" for name in _files_of(checkout / "migrations")}
    assert inside == library | migrations
    assert {"mimcore/py.typed", "mimcore/errors.py", "mimcore/migrations/env.py"} <= inside


def test_the_wheel_carries_the_licence(wheel_names: set[str]) -> None:
    """The text of the licence travels with the code."""
    assert f"{PREFIX}.dist-info/licenses/LICENSE" in wheel_names


def test_other_peoples_files_are_in_neither(wheel_names: set[str], sdist_names: set[str]) -> None:
    """Test files of others, with licences of their own, are not redistributed; our own tests are in the sdist."""
    assert [name for name in wheel_names | sdist_names if "outside" in name.split("/")] == []
    assert "tests/packaging/test_wheel.py" in sdist_names


def test_the_sdist_can_be_built_from(sdist_names: set[str]) -> None:
    """The sdist holds what a packager needs, and no environment or cache."""
    assert {"pyproject.toml", "LICENSE", "README.md", "src/mimcore/py.typed", "migrations/env.py"} <= sdist_names
    assert [name for name in sdist_names if name.startswith((".venv", ".cache", ".git/", "dist", "site"))] == []


@pytest.mark.parametrize("kind", [0, 1], ids=["wheel", "sdist"])
def test_two_builds_are_the_same_bytes(built: list[tuple[Path, Path]], kind: int) -> None:
    """A build depends on the sources only, not on the folder or on the times of its files."""
    first, second = (hashlib.sha256(pair[kind].read_bytes()).hexdigest() for pair in built)
    assert first == second


def test_the_sdist_gives_the_same_wheel(built: list[tuple[Path, Path]], tmp_path: Path) -> None:
    """Whoever builds from the sdist gets the wheel that we publish."""
    with tarfile.open(built[0][1]) as archive:
        archive.extractall(tmp_path, filter="data")
    wheel, _ = _build(tmp_path / PREFIX, tmp_path / "dist")
    assert wheel.read_bytes() == built[0][0].read_bytes()


def test_the_installed_library_is_whole(built: list[tuple[Path, Path]], tmp_path: Path) -> None:
    """Unpacked somewhere else, the wheel imports, and its migrations stand where the library looks for them."""
    zipfile.ZipFile(built[0][0]).extractall(tmp_path)
    probe = "import mimcore, pathlib; home = pathlib.Path(mimcore.__file__).parent; print(home, (home / 'migrations' / 'env.py').is_file())"
    done = subprocess.run(
        [sys.executable, "-c", probe], env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"{tmp_path / 'mimcore'} True"


def test_the_metadata_promises_what_it_should(built: list[tuple[Path, Path]]) -> None:
    """Python 3.11 is the floor, the licence is named, and data frames and drivers are optional."""
    with zipfile.ZipFile(built[0][0]) as archive:
        metadata = message_from_bytes(archive.read(f"{PREFIX}.dist-info/METADATA"))
    needed = {line.split(";")[0].strip() for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert {name.split(">")[0] for name in needed} == {
        "alembic", "email-validator", "narwhals", "phonenumbers", "pydantic", "python-dateutil", "sqlalchemy", "tzdata",
    }  # fmt: skip


def test_every_extra_is_complete() -> None:
    """An extra that names another one names one that exists."""
    extras = PROJECT["optional-dependencies"]
    named = [
        line.removeprefix("mimcore[").rstrip("]").split(",")
        for lines in extras.values()
        for line in lines
        if line.startswith("mimcore[")
    ]
    assert {name for names in named for name in names} <= set(extras)
    assert {
        "postgres",
        "async",
        "frames",
        "excel",
        "notebook",
        "stats",
        "match",
        "splink",
        "spark",
        "cli",
        "testing",
        "testing-postgres",
        "demo",
        "docs",
        "dev",
        "mutation",
    } == set(extras)


def test_entry_points_lead_somewhere() -> None:
    """Every declared entry point names a module that exists; the pytest plugin, once written, is declared."""
    declared = {**PROJECT["scripts"], **PROJECT.get("entry-points", {}).get("pytest11", {})}
    modules = {target.partition(":")[0].replace(".", "/") for target in declared.values()}
    absent = [
        name
        for name in modules
        if not ((ROOT / "src" / f"{name}.py").exists() or (ROOT / "src" / name / "__init__.py").exists())
    ]
    assert absent == []
    assert ("mimcore/testing/plugin" in modules) == PLUGIN.exists()


def test_an_editable_install_has_no_stale_copy(tmp_path: Path) -> None:
    """The editable wheel is one path entry: edited code and migrations are seen at once."""
    checkout = _copy(tmp_path / "checkout")
    build = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=checkout, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert [name for name in names if ".dist-info/" not in name] == ["_mimcore.pth"]
