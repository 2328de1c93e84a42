"""Hostile documents: what it costs to read or to refuse one, beside `json.loads` of the same text."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

from tests.rules import hostile

import mimcore.domain.catalogue  # noqa: F401 - declares the fields
from benchmarks.timing import Line, line, race
from mimcore.errors import MimcoreError
from mimcore.rules.interchange.document import from_json

__all__ = ["measure"]
MANY = 2000


def measure(scale: float) -> list[Line]:
    """Many documents one after the other, and each of those that ask for much work."""
    many = list(hostile.documents(7, max(50, int(MANY * scale))))
    lines = [_line("a hostile document", many)]
    return [*lines, *(_line(f"much work: {name}", [text]) for name, text in hostile.heavy())]


def _line(case: str, texts: list[str | bytes]) -> Line:
    seconds = race({"ours": _all(_read, texts), "json": _all(_parse, texts)})
    return line(case, "json.loads", len(texts), seconds["ours"], seconds["json"])


def _all(read: Callable[[str | bytes], None], texts: list[str | bytes]) -> Callable[[], None]:
    def run() -> None:
        for text in texts:
            read(text)

    return run


def _read(text: str | bytes) -> None:
    with contextlib.suppress(MimcoreError):
        from_json(text)


def _parse(text: str | bytes) -> None:
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(text)
