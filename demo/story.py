"""The story from the first file to the report, and whether every figure in it is right."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from demo import figures
from demo.cast import TODAY, make_cast
from demo.chapters import ask, have, may, person, twice, unify, worked, wrong
from demo.console import Console
from demo.data import LICENCE
from demo.files import write_files
from demo.teller import GENERATED, Teller
from mimcore.display import Page, duration

__all__ = ["run"]

_LEGEND = (
    f"{GENERATED} marks what a seeded recipe made up: names, addresses, numbers, devices, interests, jobs, companies, "
    "consent, visits, dates of purchases, typing errors and duplicates. Everything else comes from the shop's list: "
    "acquisition lists, dates of first and last update, web orders, gender, and amounts of the answers to a mailing."
)


def run(rows: Sequence[dict[str, str]], out: Path, console: Console, *, origin: str = LICENCE) -> int:
    """Tell the story on rows with Tayko's columns; return 0 if every figure agrees with its recomputation."""
    began = time.monotonic()
    cast = make_cast(rows)
    _emptied(out)
    page = Page(
        "One cast, one story: mimcore on real data",
        f"{len(rows):,} customers of a mail-order shop · {TODAY} · {origin}".replace(",", "\u202f"),
    )
    teller = Teller(console, page, real="Tayko, real" if origin == LICENCE else origin)
    console.wrapped(f"mimcore demo: {len(rows)} customers of a mail-order shop ({origin}); today is {TODAY}.")
    console.wrapped(_LEGEND)
    page.note(_LEGEND)
    files = write_files(cast, out / "files")
    have.tell(teller, files)
    with unify.tell(teller, cast, files, out / "marketing.db") as store:
        ask.tell(teller, store)
        person.tell(teller, store, cast)
        twice.tell(teller, store, files)
        wrong.tell(teller, store)
        may.tell(teller, store, cast, files, out)
        worked.tell(teller, store, cast)
    wanted = figures.expected(cast, files)
    wrong_figures = figures.differences(teller.measured, wanted)
    _judged(teller, wrong_figures, len(wanted))
    path = out / "report.html"
    path.write_text(page.html(), encoding="utf-8")
    console.line()
    console.line(f"Report: {path}  ({duration(time.monotonic() - began)})")
    return 1 if wrong_figures else 0


def _emptied(out: Path) -> None:
    """Remove what an earlier run left, and nothing else."""
    out.mkdir(parents=True, exist_ok=True)
    for name in (
        "marketing.db",
        "marketing.db-wal",
        "marketing.db-shm",
        "marketing.db.key",
        "report.html",
        "spring.csv",
    ):
        (out / name).unlink(missing_ok=True)


def _judged(teller: Teller, wrong_figures: Sequence[str], number: int) -> None:
    """Say whether the figures can be trusted, and what to do next."""
    teller.chapter("Is all this right?", "A demo that computes its own figures proves nothing.")
    agree = number - len(wrong_figures)
    what = "figures agree with plain Python that uses neither rules nor SQL"
    teller.figure(f"{agree} of {number}", what, "demo/figures.py")
    for name in wrong_figures:
        teller.note(f"DIFFERS: {name}")
    teller.section("Try yours")
    teller.code("mimcore audit your.csv")
