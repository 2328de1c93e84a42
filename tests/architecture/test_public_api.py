"""The public names, as a snapshot: a name appears or goes only on purpose.

Run this file as a script to write the snapshot anew.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("public_api.txt")
REWRITE = "python tests/architecture/test_public_api.py"


def _public_names() -> list[str]:
    import mimcore

    return sorted(mimcore.__all__)


def _names_for_type_checkers() -> set[str]:
    """Names that a type checker sees in `mimcore/__init__.py`: imports, definitions, annotated assignments."""
    tree = ast.parse((ROOT / "src" / "mimcore" / "__init__.py").read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.names[0].name == "*":
            names |= set(importlib.import_module(node.module).__all__)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def test_the_public_names_are_those_of_the_snapshot() -> None:
    """A changed public name needs a changed snapshot, and so a line in the changelog."""
    now, then = set(_public_names()), set(SNAPSHOT.read_text(encoding="utf-8").split())
    assert now == then, f"new: {sorted(now - then)}; gone: {sorted(then - now)}; if on purpose: {REWRITE}"


def test_the_list_of_public_names_is_sorted_and_has_no_doubles() -> None:
    """One sorted list is the whole surface."""
    import mimcore

    assert mimcore.__all__
    assert list(mimcore.__all__) == sorted(set(mimcore.__all__))


def test_every_public_name_is_there() -> None:
    """Names are loaded lazily; each one loads, and `dir` shows it."""
    import mimcore

    assert [name for name in mimcore.__all__ if getattr(mimcore, name, None) is None] == []
    assert set(mimcore.__all__) <= set(dir(mimcore))


def test_every_public_name_is_typed() -> None:
    """A lazy name that only `__getattr__` knows would be `Any` in the user's editor."""
    assert set(_public_names()) <= _names_for_type_checkers()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    SNAPSHOT.write_text("".join(f"{name}\n" for name in _public_names()), encoding="utf-8")
