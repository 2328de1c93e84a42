"""One tree of errors: drawn at the top of `mimcore.errors`, complete, and true."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import mimcore
from mimcore import errors

SOURCE = Path(__file__).resolve().parents[2] / "src" / "mimcore"
LINE = re.compile(r"^    (?P<rails>[│├└─ ]*)(?P<name>[A-Z]\w+)(?:\s+\(also (?P<also>\w+)\))?")
RAIL_WIDTH = 4


def drawn(docstring: str) -> dict[str, tuple[str | None, str | None]]:
    """Read the drawing: name → (parent, built-in error it also is)."""
    tree: dict[str, tuple[str | None, str | None]] = {}
    ancestors: list[str] = []
    for line in docstring.splitlines():
        if match := LINE.match(line):
            depth = len(match["rails"]) // RAIL_WIDTH
            del ancestors[depth:]
            tree[match["name"]] = (ancestors[-1] if ancestors else None, match["also"])
            ancestors.append(match["name"])
    return tree


def _classes() -> dict[str, type[BaseException]]:
    members = {name: getattr(errors, name) for name in errors.__all__}
    return {name: item for name, item in members.items() if inspect.isclass(item) and issubclass(item, BaseException)}


def _truth(cls: type[BaseException]) -> tuple[str | None, str | None]:
    ours = [parent.__name__ for parent in cls.__bases__ if parent.__module__ == errors.__name__]
    builtin = [parent.__name__ for parent in cls.__bases__ if parent.__module__ == "builtins"]
    return (ours[0] if ours else None), (builtin[0] if ours and builtin else None)


def test_the_drawing_is_the_truth() -> None:
    """Every error stands in the drawing under its parent, with the built-in error that it also is."""
    assert drawn((inspect.getdoc(errors) and errors.__doc__) or "") == {
        name: _truth(cls) for name, cls in _classes().items()
    }


def test_every_error_is_under_one_root() -> None:
    """`except mim.MimcoreError` catches everything raised on purpose."""
    assert [name for name, cls in _classes().items() if not issubclass(cls, errors.MimcoreError)] == []


def test_every_error_has_the_suffix_and_a_sentence() -> None:
    """Errors end in `Error` and say when they are raised."""
    assert [name for name, cls in _classes().items() if not (name.endswith("Error") and inspect.getdoc(cls))] == []


def test_the_public_list_is_complete() -> None:
    """No error class of the module is missing from its `__all__`."""
    defined = {name for name, item in vars(errors).items() if inspect.isclass(item) and issubclass(item, BaseException)}
    assert defined == set(_classes())


def _looks_like_an_error(node: ast.ClassDef, builtin_errors: set[str]) -> bool:
    bases = {
        base.id if isinstance(base, ast.Name) else base.attr
        for base in node.bases
        if isinstance(base, ast.Name | ast.Attribute)
    }
    return node.name.endswith(("Error", "Exception")) or bool(bases & (builtin_errors | set(_classes())))


def test_no_other_file_writes_an_error_class() -> None:
    """An error class outside the tree, even inside a function, is one that nobody finds."""
    builtin_errors = {
        name for name, item in vars(builtins).items() if inspect.isclass(item) and issubclass(item, BaseException)
    }
    found = [
        f"{file.relative_to(SOURCE)}:{node.name}"
        for file in SOURCE.rglob("*.py")
        if file.name != "errors.py" or file.parent != SOURCE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and _looks_like_an_error(node, builtin_errors)
    ]
    assert found == []


def test_no_module_holds_an_error_made_in_another_way() -> None:
    """Errors made by a call (`type(...)`, a factory) are found on the loaded modules."""
    strangers = []
    for info in pkgutil.walk_packages(mimcore.__path__, "mimcore."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        strangers += [
            f"{info.name}.{name}"
            for name, item in vars(module).items()
            if inspect.isclass(item) and issubclass(item, BaseException) and item.__module__.startswith("mimcore")
            and item.__module__ != errors.__name__
        ]  # fmt: skip
    assert strangers == []


def test_the_reader_of_the_drawing_reads_depth() -> None:
    """A child of a child is not mistaken for a child."""
    picture = "::\n    RootError\n    ├── OneError   (also ValueError)  text\n    │   └── TwoError\n    └── ThreeError"
    assert drawn(picture) == {
        "RootError": (None, None),
        "OneError": ("RootError", "ValueError"),
        "TwoError": ("OneError", None),
        "ThreeError": ("RootError", None),
    }
