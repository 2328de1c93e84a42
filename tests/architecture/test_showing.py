"""Whatever shows itself in a notebook brings its style along: it may be the first thing that is shown there."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mimcore"
WITH_ITS_OWN_STYLE = {"capture/forms/form.py"}


def _shows(text: str) -> list[bool]:
    """Tell of each `_repr_html_` whether it ends in a call of `fragment`."""
    return [
        isinstance(last := method.body[-1], ast.Return)
        and isinstance(last.value, ast.Call)
        and ast.unparse(last.value.func) == "fragment"
        for method in ast.walk(ast.parse(text))
        if isinstance(method, ast.FunctionDef) and method.name == "_repr_html_"
    ]


def test_all_that_is_shown_has_its_style() -> None:
    """Thirty results came without; a notebook had it only if another cell had shown one that did."""
    found = {str(file.relative_to(SOURCE)): _shows(file.read_text(encoding="utf-8")) for file in SOURCE.rglob("*.py")}
    assert sum(map(len, found.values())) > 25
    assert {name for name, styled in found.items() if not all(styled)} == WITH_ITS_OWN_STYLE


def test_the_look_sees_what_is_bare() -> None:
    """A table's HTML alone has no style."""
    text = "class A:\n    def _repr_html_(self):\n        return {}self.table().html(){}\n"
    assert _shows(text.format("", "")) == [False]
    assert _shows(text.format("fragment(", ")")) == [True]
