"""Names that say nothing are refused: a `helpers.py` is a drawer, not a room."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "mimcore"
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc", "stuff", "tools"}
EMPTY_CLASS_WORDS = {"Util", "Utils", "Helper", "Helpers", "Manager", "Misc"}


def empty_words_in_path(path: Path) -> set[str]:
    """Return the words of folder and file names that say nothing."""
    words = {word for part in path.with_suffix("").parts for word in part.lower().split("_")}
    return words & EMPTY_WORDS


def empty_words_in_class(name: str) -> set[str]:
    """Return the words of a CamelCase name that say nothing."""
    return set(re.findall(r"[A-Z][a-z]+", name)) & EMPTY_CLASS_WORDS


@pytest.mark.parametrize("folder", ["src/mimcore", "migrations", "demo", "benchmarks"])
def test_files_and_folders_have_telling_names(folder: str) -> None:
    """No module or package is called after nothing in particular."""
    paths = [path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.py")]
    assert {str(path): words for path in paths if (words := empty_words_in_path(path))} == {}


def test_classes_have_telling_names() -> None:
    """No class manages, helps or utilises."""
    found = {
        f"{file.relative_to(SOURCE)}:{node.name}"
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and empty_words_in_class(node.name)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("values/helpers.py", {"helpers"}),
        ("sql/_base.py", {"base"}),
        ("rule_utils/nodes.py", {"utils"}),
        ("values/database.py", set()),
        ("domain/common_names.py", {"common"}),
    ],
)
def test_the_check_sees_what_it_should(path: str, words: set[str]) -> None:
    """Whole words count, in any part of a path, with or without underscores."""
    assert empty_words_in_path(Path(path)) == words


def test_the_check_of_classes_sees_what_it_should() -> None:
    """`SegmentManager` is refused, `ManagementLevel` is a word of the field."""
    assert empty_words_in_class("SegmentManager") == {"Manager"}
    assert empty_words_in_class("ManagementLevel") == set()
