"""What a message to somebody who made a mistake must be: ours, concrete, one paragraph, and silent about people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import mimcore as mim

CANARY = "zqx"
"""Part of every personal value in a case; no message may contain it."""
NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
FOREIGN = (
    "object has no attribute",
    "NoneType",
    "pydantic",
    "sqlalchemy",
    "Errno",
    "Traceback",
    "<class",
    " object at 0x",
)
LONGEST = 420


@dataclass
class Desk:
    """Where a mistake is made: a folder, and a store that knows Ana.

    Attributes:
        folder: For files.
        store: In memory.
        ana: Stored, with an address and no number.
    """

    folder: Path
    store: mim.Store
    ana: mim.Contact

    def work(self, act: Callable[[mim.UnitOfWork], object]) -> object:
        """Do something in a transaction."""
        with self.store.begin(source="shop") as work:
            return act(work)

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@dataclass(frozen=True)
class Mistake:
    """One mistake, and what must be said about it.

    Attributes:
        do: Makes it.
        error: Kind of the error, exactly.
        thing: What the message names: the field, the argument, the file.
        reason: Words of the reason.
        remedy: Words of the way out.
    """

    do: Callable[[Desk], object]
    error: type[mim.MimcoreError]
    thing: str
    reason: str
    remedy: str

    def judge(self, desk: Desk) -> None:
        """Make the mistake, and read what comes."""
        with pytest.raises(mim.MimcoreError) as caught:
            self.do(desk)
        said = str(caught.value)
        assert type(caught.value) is self.error, said
        for words in (self.thing, self.reason, self.remedy):
            assert words in said
        assert said == " ".join(said.split()), "one paragraph, without double spaces"
        assert 20 < len(said) <= LONGEST
        assert not [words for words in FOREIGN if words in said]
        told = [caught.value, caught.value.__cause__, caught.value.__context__]
        assert not [one for one in told if CANARY in f"{one!s}{one!r}".casefold()]
