"""Ask: five segments, each answered by five engines, one of them shown in words and as a waterfall."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import mimcore as mim
from demo.cast import NOW
from demo.engines import Engines
from demo.segments import SEGMENTS
from demo.teller import GENERATED, Teller
from mimcore.display import Table, count, waterfall
from mimcore.store.store import Store

__all__ = ["tell"]

_SHOWN = "active-commuters"
_CODE = """commuters = (
    c.country.is_in("US", "GB")
    & c.age.is_between(25, 50)
    & c.interests.overlaps("cycling", "running")
    & ~c.devices.any(kind="feature_phone")
)
store.preview(commuters)"""


def tell(teller: Teller, store: Store) -> None:
    """Put the five questions to every engine."""
    pain = "Every tool has its own query language, and the same question gives another number in each of them."
    teller.chapter("Ask", pain)
    with store.begin() as work:
        work.add(*(mim.Segment(key=key, name=name, rule=rule) for key, (name, rule) in SEGMENTS.items()))
    engines = Engines(store)
    rows: list[tuple[Any, ...]] = []
    progress = teller.progress(len(SEGMENTS), "Five questions, five engines")
    for key in progress(list(SEGMENTS)):
        _, rule = SEGMENTS[key]
        found = store.contacts.verdicts(rule)
        answers = engines.counts(rule)
        teller.measure(f"segment.{key}", (found.members, found.non_members, found.unknown))
        later = store.contacts.verdicts(rule, now=NOW + timedelta(days=365))
        teller.measure(f"segment.{key}.next_year", (later.members, later.non_members, later.unknown))
        teller.measure(f"segment.{key}.engines", sorted(set(answers.values())))
        rows.append((key, *answers.values(), found.unknown))
    headings = ("segment", *engines.names, "unknown")
    caption = f"{GENERATED} members per engine; unknown: a fact is missing, so nobody is guessed in or out"
    teller.table(Table.of(headings, rows, title="The same members everywhere", caption=caption))
    same = sum(len(set(row[1:-1])) == 1 for row in rows)
    teller.figure(f"{same} of {len(rows)}", "segments have the same members on every engine")
    _show(teller, store)


def _show(teller: Teller, store: Store) -> None:
    name, rule = SEGMENTS[_SHOWN]
    found = store.preview(rule)
    teller.section(f"One of them: {_SHOWN}")
    teller.say(f"{name}. In the words that the rule itself says: {found.table().title}.")
    teller.code(_CODE)
    teller.figure(f"{GENERATED} {count(found.members)}", "are in")
    teller.figure(f"{GENERATED} {count(found.non_members)}", "are out")
    teller.figure(f"{GENERATED} {count(found.unknown)}", "cannot be decided", "their birth date is missing")
    rows = [(step.text, step.kept, step.lost or "", step.undecided or "") for step in found.steps]
    table = Table.of(("condition", "kept", "lost", "undecided"), [("everyone", found.everyone, "", ""), *rows])
    teller.console.block(table.text(78))
    steps = [("everyone", found.everyone), *((step.text, step.kept) for step in found.steps)]
    teller.chart(
        waterfall(f"{GENERATED} What each condition keeps", steps),
        "Who cannot be decided is not kept either, and drawn with those who are lost.",
    )
    teller.measure("preview.kept", [found.everyone, *(step.kept for step in found.steps)])
