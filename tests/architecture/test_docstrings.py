"""Everything public says what it is, and nothing public is a shell."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import mimcore

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mimcore"
FORBIDDEN_CALLS = {
    "eval",
    "pickle.load",
    "pickle.loads",
    "yaml.load",
    "yaml.unsafe_load",
    "marshal.loads",
    "shelve.open",
}


def _is_ours(item: object) -> bool:
    return str(getattr(item, "__module__", "")).startswith("mimcore")


def _members(cls: type) -> Iterator[tuple[str, object]]:
    """Yield public methods and properties that a class of ours writes itself."""
    for name, raw in vars(cls).items():
        item = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if not name.startswith("_") and (inspect.isfunction(item) or isinstance(item, property)):
            yield name, item


def _sayable(name: str, item: object) -> Iterator[tuple[str, object]]:
    """Yield the object and, for a class, its public members with those of its ancestors here."""
    if not _is_ours(item):
        return
    if inspect.isclass(item):
        yield name, item
        for ancestor in filter(_is_ours, item.__mro__):
            yield from ((f"{name}.{member}", value) for member, value in _members(ancestor))
    elif inspect.isroutine(item):
        yield name, item


def _public() -> Iterator[tuple[str, object]]:
    for name in mimcore.__all__:
        yield from _sayable(name, getattr(mimcore, name))


def undocumented(things: Iterator[tuple[str, object]]) -> list[str]:
    """Return the names of things without a docstring of their own or of their ancestor."""
    return [name for name, item in things if not (inspect.getdoc(item) if not inspect.isclass(item) else item.__doc__)]


def test_everything_public_has_a_docstring() -> None:
    """Functions, classes, methods and properties that a user can reach from `mimcore` say what they do."""
    assert undocumented(_public()) == []


def test_every_module_says_what_is_in_it() -> None:
    """A file opens with a sentence; only an empty `__init__.py` may be silent."""
    texts = {file.relative_to(SOURCE): file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py")}
    silent = [str(name) for name, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))]
    assert silent == []


def shells_and_dangers(text: str) -> list[str]:
    """Return `raise NotImplementedError` and calls that run or load foreign code."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.unparse(node.exc):
            found.append((node.lineno, "NotImplementedError"))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in FORBIDDEN_CALLS:
            found.append((node.lineno, ast.unparse(node.func)))
        elif isinstance(node, ast.Import | ast.ImportFrom) and "pickle" in ast.unparse(node):
            found.append((node.lineno, "pickle"))
    return [f"{line}: {what}" for line, what in sorted(found)]


def test_nothing_is_a_shell_and_nothing_runs_foreign_code() -> None:
    """No method is left for later, and no data is ever run."""
    found = {
        str(file.relative_to(SOURCE)): shells_and_dangers(file.read_text(encoding="utf-8"))
        for file in SOURCE.rglob("*.py")
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_checks_see_what_they_should() -> None:
    """A silent class and method, a shell and an `eval` are found."""

    class Silent:
        def talk(self) -> None: ...

    Silent.__module__ = "mimcore.example"
    assert undocumented(_sayable("Silent", Silent)) == ["Silent", "Silent.talk"]
    text = "import pickle\ndef f():\n    raise NotImplementedError('x')\neval('1')\nyaml.load(x)\ncompile_rule(x)\n"
    assert [line.split(": ")[1] for line in shells_and_dangers(text)] == [
        "pickle",
        "NotImplementedError",
        "eval",
        "yaml.load",
    ]
