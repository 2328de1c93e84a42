"""Small files and short functions, so that each can be read at one sitting."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mimcore"
FILES = sorted(SOURCE.rglob("*.py"))
MAX_FILE_LINES = 400
MEDIAN_BODY_LINES = 8
NINETIETH_PERCENTILE_BODY_LINES = 25
MAX_BODY_LINES = 60


def _is_generated(text: str) -> bool:
    """Files written by `make fields` are as long as the declarations make them."""
    return any("make fields" in line and "enerated" in line for line in text.splitlines()[:5])


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, source: list[str]) -> int:
    """Count the lines of a body that hold code: no docstring, no blank line, no line of comment only."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body or (len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)):
        return 0
    lines = source[body[0].lineno - 1 : body[-1].end_lineno]
    return sum(1 for line in lines if line.strip() and not line.lstrip().startswith("#"))


def measured(text: str) -> Iterator[tuple[str, int]]:
    """Yield name and length of every function with a body; a protocol's `...` has none."""
    source = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := _body_lines(node, source)):
            yield f"{node.name}:{node.lineno}", length


def _all_bodies() -> dict[str, int]:
    return {
        f"{file.relative_to(SOURCE)}:{name}": length
        for file in FILES
        for name, length in measured(file.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_files_are_at_most_400_lines(file: Path) -> None:
    """A file that grows past 400 lines has a seam to split along."""
    text = file.read_text(encoding="utf-8")
    assert _is_generated(text) or len(text.splitlines()) <= MAX_FILE_LINES


def test_no_function_is_longer_than_60_lines() -> None:
    """No function needs scrolling."""
    assert {name: length for name, length in _all_bodies().items() if length > MAX_BODY_LINES} == {}


def test_functions_are_short_as_a_rule() -> None:
    """Half of all bodies have at most 8 lines of code, nine in ten at most 25."""
    lengths = list(_all_bodies().values())
    longest = sorted(_all_bodies().items(), key=lambda item: -item[1])[:15]
    assert median(lengths) <= MEDIAN_BODY_LINES, longest
    assert quantiles(lengths, n=10, method="inclusive")[-1] <= NINETIETH_PERCENTILE_BODY_LINES, longest


def test_the_ruler_measures_code_only() -> None:
    """Docstrings, comments and blank lines do not count; a decorated, nested or async function does."""
    text = '''
def outer(a,
          b):
    """Say.

    More.
    """
    # why
    async def inner():
        return (
            1
        )

    return inner


class Port:
    def absent(self): ...
    def documented(self):
        """Only said."""
'''
    assert dict(measured(text)) == {"outer:2": 5, "inner:9": 3}
