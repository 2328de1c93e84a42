"""No file of the project names a place on the machine where it happened to be written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OTHER_PEOPLES = ("tests/outside/",)
FOLDERS = ("work", "farm", "root", "workspace", "mnt", "opt", "srv", r"home/\w+", r"Users/\w+")
MACHINE_PATH = re.compile(
    r"(?:(?<![\w.\-/~}*)\]])|(?<=file://))/(?:" + "|".join(FOLDERS) + r")(?:/|\b(?=[\s'\"`:;,)]|$))"
)
HOST_NAMES = ("pythonhosted" + ".org", "extra-" + "index-url", "--find-" + "links", "artifact" + "ory")


def machine_places(text: str) -> list[str]:
    """Return the absolute paths of a machine, and the addresses of package hosts, that a text names."""
    return [match.group() for match in MACHINE_PATH.finditer(text)] + [host for host in HOST_NAMES if host in text]


def tracked_files() -> list[Path]:
    """Files under version control, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    names = [name for name in listed.split("\0") if name and not name.startswith(OTHER_PEOPLES)]
    return [ROOT / name for name in sorted(names) if (ROOT / name).is_file()]


def _text(file: Path) -> str:
    data = file.read_bytes()
    return "" if b"\0" in data else data.decode("utf-8")


def test_no_file_names_a_machine() -> None:
    """A fresh clone on any machine finds nothing that points to another one."""
    files = [file for file in tracked_files() if file != Path(__file__).resolve()]
    assert len(files) > 20
    found = {str(file.relative_to(ROOT)): places for file in files if (places := machine_places(_text(file)))}
    assert found == {}


@pytest.mark.parametrize(
    "text", ["see /work/main", "'/root/x'", "at /farm", "/home/ana/x.csv", "(/opt/wheels)", "a file:///opt/x"]
)
def test_the_check_sees_a_path(text: str) -> None:
    """Absolute paths at the root of the file system are found, whatever stands round them."""
    assert len(machine_places(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "src/work/unit.py",
        "https://example.org/work/x",
        "net/opt/ional",
        "open/closed/root",
        "a / work",
        "/workshop",
        "~/work/x",
    ],
)
def test_the_check_leaves_other_text_alone(text: str) -> None:
    """Relative paths, addresses and words are no machine paths."""
    assert machine_places(text) == []
