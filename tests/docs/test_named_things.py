"""What two pages say of the library is there: requirements with their calls, tests and pages, journeys with their functions.

Every word in code font on the page of requirements is looked up: there is no spelling that is shown and not checked. On the
other pages those that begin with `mim.`, `store.`, `work.`, `f.` or `mimcore.` are: blocks run, prose does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import mimcore as mim
from mimcore.cli import main

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GROUPS = {"D": 7, "A": 13, "Q": 8, "S": 6, "L": 5, "C": 12, "M": 10, "F": 3, "P": 4}
CODES = [f"{letter}{number + 1}" for letter, size in GROUPS.items() for number in range(size)]
STATES = {"**whole**": "whole", "part": "part", "*not begun*": "not begun"}
COUNTS = re.compile(r"Of\s+(\d+) requirements (\d+) are whole, (\d+) are there in part, and (\d+) are not begun")
CODE_FONT = re.compile(r"`([^`]+)`")
LEADING = re.compile(r"^(?:mim|store|work|f|mimcore)(?:\.[A-Za-z_]\w*)+")
FENCE = re.compile(r"^[ >]*(`{3,}|~{3,})")
LINK = re.compile(r"\]\(([^)]+)\)")


def cells_of(page: str) -> dict[str, list[str]]:
    """Return the cells of each requirement behind its code; a code that stands twice is an error."""
    found: dict[str, list[str]] = {}
    for line in page.splitlines():
        code, *cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
        if re.fullmatch(r"`[A-Z]\d+`", code):
            assert code.strip("`") not in found, f"{code} stands twice"
            found[code.strip("`")] = cells
    return found


class Named:
    """Looks up what a page names."""

    def __init__(self, store: mim.Store, work: mim.UnitOfWork) -> None:
        """Take an open store and a unit of work: they are what `store` and `work` mean on a page."""
        self.roots: dict[str, Any] = {"mim": mim, "store": store, "work": work, "f": mim.fields}

    def lacks(self, word: str) -> str | None:
        """Return what is wrong with a word in code font; None if it names something that is there."""
        root, _, rest = word.partition(".")
        if word in CODES or word in self.roots:
            return None
        if word.startswith("tests/"):
            return None if (ROOT / word).is_file() else "is no file"
        if word.startswith("mimcore "):
            return None if is_command(word.split()[1:]) else "is no command"
        if root == "mimcore":
            return self._lacks_below(*module_and_rest(word))
        if root in self.roots:
            return self._lacks_below(self.roots[root], rest)
        return "is no test, command, or name below mim, store, work, f or mimcore"

    def _lacks_below(self, found: Any, names: str) -> str | None:
        for name in filter(None, names.split(".")):
            if name in declared(found):
                return None
            if not hasattr(found, name):
                return f"has no '{name}'"
            found = getattr(found, name)
        return None


def declared(found: Any) -> set[str]:
    """Return the fields that a class declares, which its instances have and it has not."""
    if not isinstance(found, type):
        return set()
    return {*getattr(found, "model_fields", ()), *(one.name for one in (fields(found) if is_dataclass(found) else ()))}


def module_and_rest(word: str) -> tuple[Any, str]:
    """Return the deepest module of a dotted name, and what is looked up in it."""
    parts = word.split(".")
    depth = max(number for number in range(1, len(parts) + 1) if is_module(parts[:number]))
    return import_module(".".join(parts[:depth])), ".".join(parts[depth:])


def is_module(parts: list[str]) -> bool:
    """Tell whether there is such a file or folder."""
    place = ROOT.joinpath("src", *parts)
    return place.is_dir() or place.with_suffix(".py").is_file()


def is_command(words: list[str]) -> bool:
    """Tell whether the shell knows a command, and what it is told."""
    try:
        main([*words, "--help"])
    except SystemExit as end:
        return end.code == 0
    return False


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are linked by."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


def dead_links(page: str) -> Iterator[str]:
    """Yield the links of a page that lead to no page, or to no heading of it."""
    for link in LINK.findall(page):
        name, _, anchor = link.partition("#")
        if not (DOCS / name).is_file() or (anchor and anchor not in anchors(DOCS / name)):
            yield link


def prose(text: str) -> str:
    """Return a page without its blocks, shown and hidden."""
    kept, fence = list[str](), ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark is not None and mark[1].startswith(fence) else fence
        elif mark is not None:
            fence = mark[1]
        else:
            kept.append(line)
    return re.sub(r"<!--.*?-->", "", "\n".join(kept), flags=re.DOTALL)


def names_in(text: str) -> set[str]:
    """Return the dotted names of ours in the code font of a page's prose, up to their first bracket."""
    return {match[0] for word in CODE_FONT.findall(prose(text)) if (match := LEADING.match(word)) is not None}


@pytest.fixture(scope="module")
def page() -> str:
    """The page of requirements."""
    return (DOCS / "requirements.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def named() -> Iterator[Named]:
    """What looks names up, in a store of nobody."""
    with mim.connect("memory:") as store, store.begin() as work:
        yield Named(store, work)


def test_every_requirement_has_a_line(page: str) -> None:
    """None is left out, none is invented, and they stand in their order."""
    assert list(cells_of(page)) == CODES


def test_the_counts_are_those_of_the_lines(page: str) -> None:
    """The figures at the top are counted again."""
    states = Counter(STATES[state] for _, state, *_ in cells_of(page).values())
    told = COUNTS.search(page)
    assert told is not None
    assert [int(figure) for figure in told.groups()] == [
        len(CODES),
        states["whole"],
        states["part"],
        states["not begun"],
    ]


def test_every_state_has_what_it_means(page: str) -> None:
    """What is whole has call, test and page and lacks nothing; what is not has something missing; what is there is tested."""
    for code, (_, state, there_is, missing, shown_by) in cells_of(page).items():
        is_begun, is_whole = state != "*not begun*", state == "**whole**"
        assert bool(missing) is not is_whole, code
        assert (bool(there_is), "`tests/" in shown_by) == (is_begun, is_begun), code
        assert not is_whole or ".md" in shown_by, code


def test_everything_that_is_named_is_there(page: str, named: Named, capsys: pytest.CaptureFixture[str]) -> None:
    """Calls, fields, commands and tests."""
    wrong = {word: why for word in set(CODE_FONT.findall(page)) if (why := named.lacks(word)) is not None}
    capsys.readouterr()
    assert not wrong


@pytest.mark.parametrize(
    "file", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_what_prose_names_is_there(file: Path, named: Named) -> None:
    """What is called in a sentence exists as much as what is called in a block."""
    names = names_in(file.read_text(encoding="utf-8"))
    assert {name: why for name in names if (why := named.lacks(name)) is not None} == {}


def test_names_in_prose_are_seen() -> None:
    """Up to their brackets; what stands in a block, or is of somebody else, is not."""
    text = "`store.queue()` and `f.contact.age > 3`\n```python\nstore.nothing\n```\n<!--python\n`mim.no`\n-->`pl.col`"
    assert names_in(text) == {"store.queue", "f.contact.age"}
    every = set[str]().union(*(names_in(one.read_text(encoding="utf-8")) for one in DOCS.rglob("*.md")))
    assert len(every) > 150


def test_every_link_leads_somewhere(page: str) -> None:
    """To a page, and to a heading if it names one."""
    assert list(dead_links(page)) == []


@pytest.mark.parametrize(
    "word",
    ["mim.Contacts", "mim.Lead.stages", "store.segments.freezes", "work.grants", "f.contact.shoe_size", "mimcore fly",
     "mimcore db fly", "mimcore.rules.nothing", "tests/unit/test_nothing.py", "whatever", "mimcore.sql.where_not"],
)  # fmt: skip
def test_what_is_not_there_is_noticed(word: str, named: Named, capsys: pytest.CaptureFixture[str]) -> None:
    """The check can fail: each kind of name, misspelt."""
    assert named.lacks(word) is not None
    capsys.readouterr()


def test_a_dead_link_is_noticed() -> None:
    """Page and heading."""
    text = "[a](rules.md) [b](rule.md) [c](forms.md#one-schema-for-all) [d](forms.md#two-schemas)"
    assert list(dead_links(text)) == ["rule.md", "forms.md#two-schemas"]


def test_a_line_that_stands_twice_is_noticed() -> None:
    """Of one requirement there is one line."""
    with pytest.raises(AssertionError, match="A1"):
        cells_of("| `A1` | x |\n| `A1` | y |\n")
