"""May we: the consent gate as a waterfall, a withdrawal that survives a re-import, an export that is safe to open."""

from __future__ import annotations

import csv
from pathlib import Path

from demo.cast import Cast
from demo.files import Files
from demo.imports import AGAIN
from demo.teller import GENERATED, Teller
from mimcore.display import Table, count, percent, waterfall
from mimcore.segments.audience import Audience
from mimcore.store.store import Store

__all__ = ["tell"]

_SEGMENT = "list-buyers"
_CODE = """audience = store.audience(
    "list-buyers", channel="email", purpose="newsletter",
    least_freshness=0.5,
)"""


def tell(teller: Teller, store: Store, cast: Cast, files: Files, out: Path) -> None:
    """Lead a segment through the gate."""
    pain = "One mail to somebody who said no costs more than the whole campaign brings."
    teller.chapter("May we?", pain)
    _people_say_no(store, cast)
    audience = _audience(store)
    teller.code(_CODE)
    teller.measure("gate.steps", _steps(audience))
    teller.measure("gate.recipients", sorted(one.point.value.lower() for one in audience.recipients))
    teller.figure(
        f"{GENERATED} {count(len(audience))}", f"of {count(audience.waterfall[0].left)} members may be written to"
    )
    rows = [(step.label, step.left, step.lost or "") for step in audience.waterfall]
    teller.console.block(Table.of(("step", "left", "lost"), rows).text(78))
    steps = [(step.label, step.left) for step in audience.waterfall]
    teller.chart(
        waterfall(f"{GENERATED} From members to recipients", steps), "Each person leaves at the first reason against."
    )
    _imported_again(teller, store, cast, files)
    _exported(teller, store, out)


def _people_say_no(store: Store, cast: Cast) -> None:
    """Withdraw, suppress and bounce, as the recipe says."""
    by_number = {one.number: one for one in cast.customers}
    with store.begin(source="generated") as work:
        for number in sorted(cast.withdrawn):
            person = work.contacts.with_external_id("tayko", number)
            work.withdraw(person.primary_email, channel="email", purpose="newsletter")
        for number in sorted(cast.suppressed):
            work.suppress(by_number[number].email, reason="requested")
        for number in sorted(cast.bounced):
            person = work.contacts.with_external_id("tayko", number)
            if person.primary_email is not None:
                work.refute(person.primary_email, by="hard_bounce")


def _audience(store: Store) -> Audience:
    return store.audience(
        _SEGMENT,
        channel="email",
        purpose="newsletter",
        least_freshness=0.5,
        fallbacks={"salutation": "dear customer", "city": "your town"},
    )


def _steps(audience: Audience) -> list[int]:
    return [step.left for step in audience.waterfall if step.label != "have an address"]


def _imported_again(teller: Teller, store: Store, cast: Cast, files: Files) -> None:
    """Import those who withdrew once more, in capitals and with a yes."""
    result = store.plan_import(files.path("again.csv"), **AGAIN).apply()
    teller.section("Who said no is imported again, with a yes")
    teller.code("store.plan_import('again.csv', …).apply()    # now with a yes")
    with store.read() as work:
        people = [work.contacts.with_external_id("tayko", number) for number in sorted(cast.withdrawn)]
        allowed = sum(
            bool(work.can_contact(one.primary_email, channel="email", purpose="newsletter")) for one in people
        )
    teller.measure("gate.allowed_again", allowed)
    teller.measure("gate.imported_again", sum(result.counts.values()))
    teller.figure(f"{GENERATED} {count(allowed)} of {count(len(people))}", "withdrawals were lifted by the import")
    teller.measure("gate.steps_again", _steps(_audience(store)))


def _exported(teller: Teller, store: Store, out: Path) -> None:
    path = out / "spring.csv"
    audience = _audience(store)
    audience.export(path, fields=["salutation", "given_name", "city"])
    teller.code('audience.export("spring.csv", fields=["salutation", "given_name", "city"])')
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    unsafe = sum(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for cell in cells)
    teller.measure("gate.unsafe_cells", unsafe)
    guarded = teller.measure("gate.guarded_cells", sum(cell.startswith("'=") for cell in cells))
    teller.measure("gate.exported_rows", len(cells) // 5 - 1)
    teller.figure(
        f"{GENERATED} {count(unsafe)} of {count(len(cells))}", "cells that a spreadsheet would run as a formula"
    )
    teller.figure(f"{GENERATED} {count(guarded)}", "towns that were a formula, and are plain text now", "injected")
    fallback = audience.fallback_share(["salutation", "city"])
    names, towns = (percent(fallback[field]) for field in ("salutation", "city"))
    teller.say(
        f"A stale name or town gives way to its declared fallback: {names} of the salutations, {towns} of the towns."
    )
