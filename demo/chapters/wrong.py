"""How wrong is it, and what to check first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from demo.cast import NOW
from demo.teller import GENERATED, Teller
from mimcore.display import Table, bars, line, percent
from mimcore.quality.checks.defaults import default_quality_rules
from mimcore.store.store import Store

__all__ = ["tell"]

_CHECKS = 500


def tell(teller: Teller, store: Store) -> None:
    """Report the decayed share, and what checks do to it."""
    pain = "Data rots in silence: nobody knows which part of the database is wrong, or where to begin."
    teller.chapter("How wrong is it, and what to check first", pain)
    report, plan = store.quality.report(), store.quality.refresh_plan(checks=_CHECKS)
    teller.code(f"store.quality.report()\nstore.quality.refresh_plan(checks={_CHECKS})")
    people = [one for one in report.by_attribute if one.name.startswith("contact.")]
    teller.measure("decay.now", report.decayed_share)
    teller.figure(
        f"{GENERATED} {percent(report.decayed_share)}", "of all values are presumed wrong", "target: at most 5 %"
    )
    next_year = store.quality.report(now=NOW + timedelta(days=365)).decayed_share
    teller.measure("decay.next_year", next_year)
    teller.figure(f"{GENERATED} {percent(next_year)}", "in a year, if nothing is checked")
    teller.measure("decay.after_checks", plan.after)
    teller.figure(f"{GENERATED} {percent(plan.after)}", f"after the {_CHECKS} most useful checks")
    shown = [(one.name.removeprefix("contact."), one.decayed_share or 0.0) for one in people]
    title = f"{GENERATED} Presumed wrong, by attribute"
    teller.chart(
        bars(title, shown, shown=percent, target=0.05),
        "Ages are those of the shop's list (days since the last update); half-lives are published rates.",
    )
    rows = [(name, percent(wrong)) for name, wrong in shown[:6]]
    teller.console.block(Table.of(("attribute", "presumed wrong"), rows, title="The worst six").text(78))
    known = {0: report.decayed_share, 12: next_year}
    months = [(f"month {one}" if one else "today", known.get(one) or _share(store, one)) for one in (0, 6, 12, 18, 24)]
    teller.chart(line(f"{GENERATED} Presumed wrong if nothing is checked", months, shown=percent, target=0.05))
    teller.table(replace(plan.table(), title=f"{GENERATED} What to check first"))
    curve = replace(plan.curve.chart(0.05), title=f"{GENERATED} What if so much is checked")
    teller.chart(curve, "The most useful checks first; every check finds the right value.")
    teller.table(replace(store.quality.rhythm().table(), title=f"{GENERATED} How often to refresh each source"))
    _quality(teller, store)


def _quality(teller: Teller, store: Store) -> None:
    """Tell what is wrong beside decay, which data nobody reads, and what waits for a person."""
    teller.section("Data quality")
    teller.say("What is missing, double or contradicts itself does not decay: rules say what share must pass.")
    teller.code("store.quality.declare(*mim.default_quality_rules(owner='data team'))\nstore.quality.check()")
    store.quality.declare(*default_quality_rules(owner="data team"))
    report, use = store.quality.check(), store.quality.use()
    for one in report.results:
        teller.measure(f"quality.{one.rule}", [one.checked, one.good])
    teller.measure("quality.tasks", report.opened)
    teller.table(replace(report.table(), title=f"{GENERATED} Rules of quality"))
    if report.failing:
        teller.table(replace(report.failing_table(), title=f"{GENERATED} What fails, and why"))
    unread = f"{GENERATED} Fields that nobody reads"
    teller.code("store.quality.use()\nstore.quality.queue()")
    teller.say(use.looked_at)
    teller.table(replace(use.table(), title=unread), max_rows=8)
    teller.table(replace(store.quality.queue().table(), title=f"{GENERATED} Waiting for a person"), max_rows=8)


def _share(store: Store, months: int) -> float | None:
    return store.quality.report(now=NOW + timedelta(days=365 * months / 12)).decayed_share
