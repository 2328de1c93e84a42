"""Every block of Python in the documentation runs, page by page, as a reader would run it.

A page is one namespace and one empty working folder. Blocks are fenced as `python` (run) or `pycon` (run and compared,
like a doctest). What a page needs but a reader need not see stands in a comment `<!--python … -->`, which runs in its place.
There is no way to exempt a block.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUNNABLE = {"python", "pycon"}
LOOKS_LIKE_PYTHON = re.compile(r"py", re.IGNORECASE)
OPENING = re.compile(r"^(?P<indent>[ >]*)(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
HIDDEN = re.compile(r"^\s*<!--\s*python\s*$")
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@dataclass(frozen=True)
class Block:
    """One fenced block: its language as written, its text, and the line of the page where the text begins (from 1)."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page, fenced and hidden, in their order."""
    lines = iter(enumerate(page.splitlines(), start=1))
    for number, line in lines:
        if HIDDEN.match(line):
            yield Block("python", _until(lines, lambda text: text.strip() == "-->", number), number + 1)
        elif match := OPENING.match(line):
            fence = match["fence"]
            yield Block(
                match["info"].strip(),
                _until(lines, lambda text, fence=fence: text.strip() == fence, number),
                number + 1,
            )


def _until(lines: Iterator[tuple[int, str]], is_end: Any, opened: int) -> str:
    taken = []
    for _, line in lines:
        if is_end(line):
            return textwrap.dedent("\n".join(taken)) + "\n"
        taken.append(line)
    pytest.fail(f"the block opened on line {opened} is never closed")


def language_of(block: Block) -> str | None:
    """Return `python` or `pycon`, or None for another language; refuse every half-way spelling."""
    word, _, attributes = block.language.partition(" ")
    if word in RUNNABLE and not attributes.strip().startswith("no"):
        return word
    if LOOKS_LIKE_PYTHON.match(word.strip("{.")):
        pytest.fail(f"line {block.line}: write ```python or ```pycon, which always run; not ```{block.language}")
    return None


def run_page(name: str, page: str) -> int:
    """Run the blocks of a page in one namespace and return how many there were."""
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": name}
    count = 0
    for block in blocks(page):
        match language_of(block):
            case "python":
                _run(block, name, namespace)
            case "pycon":
                _compare(block, name, namespace)
            case _:
                continue
        count += 1
    return count


def _run(block: Block, name: str, namespace: dict[str, Any]) -> None:
    source = "\n" * (block.line - 1) + block.text
    code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    result = eval(code, namespace)
    if inspect.iscoroutine(result):
        asyncio.run(result)


def _compare(block: Block, name: str, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, namespace, f"{name}:{block.line}", name, block.line - 1)
    if not test.examples:
        pytest.fail(f"line {block.line}: a pycon block without >>> shows nothing")
    runner = doctest.DebugRunner(optionflags=OPTIONS)
    try:
        runner.run(test, clear_globs=False)
    except doctest.DocTestFailure as failure:
        line = block.line + failure.example.lineno
        pytest.fail(f"{name}:{line}: {failure.example.source}expected:\n{failure.example.want}got:\n{failure.got}")
    except doctest.UnexpectedException as failure:
        raise failure.exc_info[1] from None
    namespace.update(test.globs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who types in the page gets what it shows."""
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    shown = len(re.findall(r"^[ >]*(?:`{3,}|~{3,})(?:python|pycon)\b|^\s*<!--\s*python\s*$", text, re.MULTILINE))
    assert run_page(str(page.relative_to(ROOT)), text) == shown


PAGE = """
<!--python
hidden = 20
-->

```python title="sum"
async def one():
    return 1

total = hidden + await one()
```

!!! note

    ```pycon
    >>> total * 2
    42
    >>> later = "kept"
    ```

```python
assert later == "kept"
```

```json
{"not": "run"}
```
"""


def test_blocks_share_one_namespace_in_their_order() -> None:
    """Hidden, shown, indented and compared blocks see one another; other languages are left alone."""
    assert run_page("example.md", PAGE) == 4
    assert [block.line for block in blocks(PAGE)] == [3, 7, 16, 22, 26]


def test_a_wrong_figure_on_a_page_is_found() -> None:
    """A page that shows another result than the code gives fails, and names the line."""
    with pytest.raises(pytest.fail.Exception, match=r"example\.md:16"):
        run_page("example.md", PAGE.replace("42", "43"))


def test_an_error_names_the_line_of_the_page() -> None:
    """The traceback points into the page."""
    with pytest.raises(ZeroDivisionError) as caught:
        run_page("example.md", "text\n\n```python\nx = 1\nx / 0\n```\n")
    assert caught.traceback[-1].lineno == 4


@pytest.mark.parametrize("language", ["python no-run", "py", "Python", "python3", "{.python no-run}", "pycon norun"])
def test_no_block_is_exempt(language: str) -> None:
    """There is no spelling of Python that is shown and not run."""
    with pytest.raises(pytest.fail.Exception, match="always run"):
        run_page("example.md", f"```{language}\nassert False\n```\n")


@pytest.mark.parametrize("page", ["```python\nx = 1\n", "<!--python\nx = 1\n", "```pycon\nx = 1\n```\n"])
def test_a_broken_block_is_found(page: str) -> None:
    """A fence that never closes, or a comparison without an example, is an error of the page."""
    with pytest.raises(pytest.fail.Exception, match=r"never closed|shows nothing"):
        run_page("example.md", page)
