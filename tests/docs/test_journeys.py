"""The three journeys of the architecture page are made: every function they name is called, in the order they tell."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

import pandas as pd
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.evaluation.batches import MANY

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
SOURCE = Path(mim.__file__).parent
LINE = re.compile(r"^[A-Za-z ]{9}(?P<file>[a-z_/]+\.py) +(?P<function>[A-Za-z_.]+)(?: .*)?$")
DANES = f.contact.country == "DK"

Step = tuple[str, str]
"""A file below the library's folder, and a function in it."""


def journeys(page: str) -> dict[str, list[list[Step]]]:
    """Return the stretches of each journey by its heading; a line of a file that is not understood is an error."""
    _, _, rest = page.partition("\n## Three journeys\n")
    found: dict[str, list[list[Step]]] = {}
    for part in rest.partition("\n## ")[0].split("\n### ")[1:]:
        heading, _, text = part.partition("\n")
        found[heading] = [[*steps(block)] for block in re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
    return found


def steps(block: str) -> Iterator[Step]:
    """Yield the steps of a stretch."""
    for line in block.splitlines():
        if ".py" in line:
            match = LINE.match(line)
            assert match is not None, line
            yield match["file"], match["function"]


@cache
def place_of(file: str) -> str | None:
    """Return a file's name below the library's folder; None if it is another's."""
    place = Path(file)
    return place.relative_to(SOURCE).as_posix() if place.is_relative_to(SOURCE) else None


@contextmanager
def watched() -> Iterator[list[Step]]:
    """Note which functions of the library are called, in order."""
    called: list[Step] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (name := place_of(frame.f_code.co_filename)):
            called.append((name, frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


def first_not_called(told: Iterable[Step], called: Iterable[Step]) -> Step | None:
    """Return the first step that was not called after the ones before it; None if all were."""
    coming = iter(called)
    return next((step for step in told if step not in coming), None)


def on_sqlite(folder: Path) -> mim.Store:
    """Open an empty store in a folder."""
    return mim.connect(f"sqlite:///{folder / 'journey.db'}", actor="tester", secret=b"only-for-tests-0123456789")


def in_memory() -> mim.Store:
    """Open a store of some more people than are asked one by one."""
    store = mim.connect("memory:")
    with store.begin() as work:
        work.add_many(mim.Contact(country="DK") for _ in range(MANY + 1))
    return store


def a_row(folder: Path) -> list[list[Step]]:
    """Follow a row, and one that is refused, from file to audience."""
    place = folder / "people.csv"
    place.write_text("email,city,country\nana@acme.dk,Odense,DK\n,Odense,DK\nbo@acme.dk,Odense,DK\n", encoding="utf-8")
    with on_sqlite(folder) as store, watched() as called:
        store.plan_import(place, source="fair").apply()
        with store.begin() as work:
            ana = work.contacts.with_email("ana@acme.dk")
            work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form", notice="v1")
        audience = store.audience(DANES, channel="email", purpose="newsletter")
        audience.export(folder / "out.csv", fields=["city"])
    assert len(audience) == 1
    return [called]


def a_rule(folder: Path) -> list[list[Step]]:
    """Read a rule, and ask it of each engine."""
    text, ways = DANES.to_json(), list[list[Step]]()
    own = Table("people", MetaData(), Column("id", Integer, primary_key=True), Column("land", String))
    mapped = mim.columns(own, {f.contact.country: own.c.land})
    with in_memory() as memory, on_sqlite(folder) as sqlite:
        asked: list[Callable[[], object]] = [
            lambda: memory.contacts.count(mim.Rule.from_json(text)),
            lambda: memory.contacts.count(DANES),
            lambda: sqlite.contacts.count(DANES),
            lambda: mim.where(DANES, mapped),
            lambda: mim.filter(pd.DataFrame({"country": ["DK", "SE"]}), DANES),
        ]
        for ask in asked:
            with watched() as called:
                ask()
            ways.append(called)
    return ways


def a_change(folder: Path) -> list[list[Step]]:
    """Change a contact, and deliver what tells of it."""
    with on_sqlite(folder) as store:
        with store.begin() as work:
            (ana,) = work.add(mim.Contact(name="Ana Berg", city="Odense"))
        with watched() as called:
            with store.begin() as work:
                work.change(ana, city="Ribe")
            told = store.events.claim()
    assert "contact_changed" in [one.event.kind for one in told]
    return [called]


MADE = {
    "A row, from file to audience": a_row,
    "A rule, from JSON to each engine": a_rule,
    "A change, from `evolve` to the outbox": a_change,
}


@pytest.mark.parametrize("heading", MADE)
def test_a_journey_is_what_it_says(heading: str, tmp_path: Path) -> None:
    """Each file and function is there, and is called after the one before it."""
    told, called = journeys(PAGE.read_text(encoding="utf-8"))[heading], MADE[heading](tmp_path)
    assert min(map(len, told)) >= 3
    missed = [first_not_called(one, way) for one, way in zip(told, called, strict=True)]
    assert missed == [None] * len(told)


def test_every_journey_is_made() -> None:
    """None stands on the page that is not followed here."""
    assert list(journeys(PAGE.read_text(encoding="utf-8"))) == list(MADE)


def test_a_step_that_is_not_taken_is_noticed(tmp_path: Path) -> None:
    """A function that is not there, and two in the wrong order."""
    (told,), (called,) = (
        journeys(PAGE.read_text(encoding="utf-8"))["A change, from `evolve` to the outbox"],
        a_change(tmp_path),
    )
    unknown = ("domain/contact.py", "Contact.evolves")
    assert first_not_called([*told, unknown], called) == unknown
    assert first_not_called(reversed(told), called) is not None


def test_a_line_that_is_not_understood_is_noticed() -> None:
    """A file without a function is no step."""
    with pytest.raises(AssertionError, match="contact"):
        list(steps("change   domain/contact.py\n"))
