"""The language reference: docs/language.md. Every mark in its tables is the outcome of a trial."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.language_engines import ANSWERED, ENGINES, FOLDED, outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES: dict[str, tuple[str, Any]] = {
    "text": ("contact.demographic.city", "Aarhus"),
    "key": ("contact.acquisition.campaign", "spring"),
    "code": ("contact.demographic.country", "DK"),
    "yes/no": ("contact.employment.is_decision_maker", True),
    "integer": ("contact.demographic.household_size", 3),
    "number": ("account.key_account.fit", 0.5),
    "money": ("contact.demographic.annual_income", None),
    "date": ("contact.employment.started_on", "2026-01-01"),
    "instant": ("contact.acquisition.at", "2026-01-01T00:00Z"),
    "age": ("contact.demographic.age", 18),
    "location": ("contact.demographic.location", None),
    "words": ("contact.psychographic.interests", "golf"),
    "codes": ("contact.preferences.channels", "email"),
    "records": ("contact.technology.devices", None),
}
"""A field of each kind, and a literal for it."""


@dataclass(frozen=True)
class Spelling:
    """A condition as it is written on a field."""

    text: str
    write: Callable[[Any, Any], Any]
    method: str
    """Method of the handles whose docstring says what it means."""


def _spellings() -> tuple[Spelling, ...]:
    return (
        Spelling("`== x`, `!= x`", lambda h, x: h == x, "__eq__"),
        Spelling("`is_in(x, …)`", lambda h, x: h.is_in(x), "is_in"),
        Spelling("`<`, `<=`, `>`, `>=`", lambda h, x: h >= x, "__ge__"),
        Spelling("`is_between(a, b)`", lambda h, x: h.is_between(x, x), "is_between"),
        Spelling("`==`, `!=` another field", lambda h, _: h == h, "__eq__"),  # noqa: PLR0124 - compared with itself
        Spelling("`<`, `<=`, `>`, `>=` another field", lambda h, _: h >= h, "__ge__"),  # noqa: PLR0124 - as above
        Spelling("`contains(s)`", lambda h, x: h.contains(x), "contains"),
        Spelling("`starts_with(s)`", lambda h, x: h.starts_with(x), "starts_with"),
        Spelling("`ends_with(s)`", lambda h, x: h.ends_with(x), "ends_with"),
        Spelling("`matches(pattern)`", lambda h, x: h.matches(f"{x}?*x"), "matches"),
        Spelling("`is_true()`, `is_false()`", lambda h, _: h.is_true(), "is_true"),
        Spelling("`before(x)`, `after(x)`", lambda h, x: h.before(x), "before"),
        Spelling("`within_days(n)`", lambda h, _: h.within_days(7), "within_days"),
        Spelling("`older_than_days(n)`", lambda h, _: h.older_than_days(7), "older_than_days"),
        Spelling("`within_next_days(n)`", lambda h, _: h.within_next_days(7), "within_next_days"),
        Spelling("`elapsed_days() >= n`", lambda h, _: h.elapsed_days() >= 7, "elapsed_days"),
        Spelling("`in_this(unit)`", lambda h, _: h.in_this("month"), "in_this"),
        Spelling("`in_last(unit)`", lambda h, _: h.in_last("week"), "in_last"),
        Spelling("`in_next(unit)`", lambda h, _: h.in_next("year"), "in_next"),
        Spelling("`anniversary(within_days=n)`", lambda h, _: h.anniversary(within_days=7), "anniversary"),
        Spelling("`weekday().is_in(day, …)`", lambda h, _: h.weekday().is_in("sunday"), "weekday"),
        Spelling("`hour().is_between(a, b)`", lambda h, _: h.hour().is_between(9, 17), "hour"),
        Spelling("`overlaps(x, …)`", lambda h, x: h.overlaps(x), "overlaps"),
        Spelling("`contains_all(x, …)`", lambda h, x: h.contains_all(x), "contains_all"),
        Spelling("`contains_none(x, …)`", lambda h, x: h.contains_none(x), "contains_none"),
        Spelling("`count() >= n`", lambda h, _: h.count() >= 1, "count"),
        Spelling("`any(part=x, …)`", lambda h, _: h.any(kind="laptop"), "any"),
        Spelling("`none(part=x, …)`", lambda h, _: h.none(kind="laptop"), "none"),
        Spelling("`any(part_within_days=n)`", lambda h, _: h.any(seen_within_days=90), "any"),
        Spelling("`count(part=x, …) >= n`", lambda h, _: h.count(kind="laptop") >= 1, "count"),
        Spelling("`within_km(location, km)`", lambda h, _: h.within_km(_copenhagen(), 25), "within_km"),
        Spelling("`is_known()`, `is_missing()`", lambda h, _: h.is_known(), "is_known"),
        Spelling("`changed(within_days=n)`", lambda h, _: h.changed(within_days=30), "changed"),
        Spelling("`has_ever_been(x)`", lambda h, x: h.has_ever_been(x), "has_ever_been"),
        Spelling("`freshness() >= p`", lambda h, _: h.freshness() >= 0.7, "freshness"),
        Spelling("`is_undated()`", lambda h, _: h.is_undated(), "is_undated"),
    )


def _facts() -> tuple[tuple[str, Callable[[Any], Any], str], ...]:
    """Conditions that do not stand on one field: as written, and what they mean."""
    return (
        ("`purchases.count() >= n`", lambda f: f.contact.purchases.count(within_days=30) >= 3, "number of visible events; 0 for none"),
        ("`purchases.where(…).count() >= n`", lambda f: f.contact.purchases.where(f.event.product == "hat").count() >= 1, "only events of which the condition is true"),
        ("`purchases.total() >= money`", lambda f: f.contact.purchases.total() >= _money(), "sum in the currency of the literal; 0 for none"),
        ("`purchases.total(f.event.quantity) >= n`", lambda f: f.contact.purchases.total(f.event.quantity) >= 3, "sum of a whole number; 0 for none"),
        ("`purchases.minimum() >= money`", lambda f: f.contact.purchases.minimum() >= _money(), "unknown where there is none"),
        ("`purchases.maximum() >= money`", lambda f: f.contact.purchases.maximum() >= _money(), "unknown where there is none"),
        ("`purchases.average() >= money`", lambda f: f.contact.purchases.average() >= _money(), "compared without dividing; unknown where there is none"),
        ("`purchases.first_at() >= instant`", lambda f: f.contact.purchases.first_at() >= "2026-01-01T00:00Z", "unknown where there is none"),
        ("`purchases.last_at().within_days(n)`", lambda f: f.contact.purchases.last_at().within_days(30), "unknown where there is none"),
        ("`events(a).then(b, within_days=n)`", lambda f: f.contact.events("download").then("demo_request", within_days=14), "0 < b − a ≤ n days; a tie does not count"),
        ("`purchases.regularly(at_least=k, of_periods=n, period_days=p)`", lambda f: f.contact.purchases.regularly(at_least=3, of_periods=4, period_days=7), "k of the n rolling blocks `(now − (i+1)·p, now − i·p]` hold one"),
        ("`purchases.lapsed(days=n)`", lambda f: f.contact.purchases.lapsed(days=180), "at least one, the last before now − n"),
        ("`purchases.started(within_days=n)`", lambda f: f.contact.purchases.started(within_days=30), "the first ever lies in [now − n, now]"),
        ("`purchases.restarted(gap_days=g, within_days=n)`", lambda f: f.contact.purchases.restarted(gap_days=180, within_days=30), "one in the window comes more than g days after the one before"),
        ("`account.employees >= n`", lambda f: f.contact.account.employees >= 200, "primary account; unknown without one"),
        ("`any_account.employees >= n`", lambda f: f.contact.any_account.employees >= 200, "Kleene's or over all linked accounts; false without one"),
        ("`accounts.any(rule)`", lambda f: f.contact.accounts.any(f.account.employees >= 200), "all of the rule holds for the same account"),
        ("`accounts.all(rule)`", lambda f: f.contact.accounts.all(f.account.employees >= 200), "there is one, and it holds for every one"),
        ("`accounts.count(rule) >= n`", lambda f: f.contact.accounts.count(f.account.employees >= 200) >= 2, "counts those of which it is true"),
        ("`in_segment(key)`, a rule", lambda f: f.contact.in_segment("dynamic"), "three answers, those of its rule"),
        ("`in_segment(key)`, kept by hand", lambda f: f.contact.in_segment("static"), "two answers: listed or not"),
        ("`may_receive(channel=…, purpose=…)`", lambda f: f.contact.may_receive(channel="email", purpose="newsletter"), "the one consent decision; never unknown"),
        ("`emails.any.freshness() >= p`", lambda f: f.contact.emails.any.freshness() >= 0.7, "the best of the addresses in use; unknown where none is dated; `phones` likewise"),
        ("`sample(percent=p, salt=s)`", lambda f: f.contact.sample(percent=10, salt="spring"), "the same people for the same salt; never unknown"),
        ("`score(key) >= x`", lambda f: f.contact.score("engagement") >= 50, "refused when bound until scores are kept"),
        ("`mim.everyone()`", lambda _: _everyone(), "every active contact"),
    )  # fmt: skip


def _money() -> Any:
    from mimcore.values.money import money

    return money(100, "DKK")


def _copenhagen() -> Any:
    from mimcore.values.location import location

    return location(55.676, 12.568)


def _everyone() -> Any:
    from mimcore.rules.writing.builder import everyone

    return everyone()


def _handle(name: str) -> Any:
    from mimcore.domain import fields as f

    found: Any = f
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _written(kind: str, spelling: Spelling) -> Any:
    """Return the rule, or None where the handle or the binding refuses it."""
    from mimcore.errors import MimcoreError

    name, literal = SAMPLES[kind]
    try:
        rule = spelling.write(_handle(name), _money() if kind == "money" else literal)
        return rule if outcome("Python", rule) == "✓" else None
    except (AttributeError, TypeError, MimcoreError):
        return None


def _meaning(spelling: Spelling) -> str:
    for kind in SAMPLES:
        if _written(kind, spelling) is not None:
            said = inspect.getdoc(getattr(type(_handle(SAMPLES[kind][0])), spelling.method)) or ""
            return " ".join(said.partition("\n\n")[0].split())
    raise SystemExit(f"{spelling.text} fits no kind of field")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [list(head)]
    lines = ["| " + " | ".join(cells[0]) + " |", "|---" * len(cells[0]) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _by_kind() -> Iterator[list[str]]:
    for spelling in _spellings():
        yield [spelling.text, *("✓" if _written(kind, spelling) is not None else "" for kind in SAMPLES)]


def _by_engine() -> Iterator[list[str]]:
    from mimcore.domain import fields as f

    for spelling in _spellings():
        rules = [rule for kind in SAMPLES if (rule := _written(kind, spelling)) is not None]
        marks = [{outcome(engine, rule) for rule in rules} for engine in ENGINES]
        yield [spelling.text, *(_joined(one) for one in marks)]
    for text, write, _ in _facts():
        yield [text, *(outcome(engine, write(f)) for engine in ENGINES)]


def _joined(marks: set[str]) -> str:
    """Return the mark for all kinds of field; where text needs a folded column, that."""
    return marks.pop() if len(marks) == 1 else FOLDED if marks == {ANSWERED, FOLDED} else "in part"


def page() -> str:
    """Return the page."""
    return f"""---
hide: [toc]
---

# The language

Every condition that a rule may hold. This page is written by `make fields` from the language itself: each mark is the outcome
of a trial on the day it was written, and a test repeats them all. How rules are combined, and what unknown means, is on
[Rules](rules.md) and [Three answers](three-answers.md).

## What can be asked of which kind of field

What is not marked cannot be written: the handle of the field does not have it, or binding refuses it by name.

{_table(["condition", *SAMPLES], _by_kind())}
*key* is text that is compared letter by letter, such as a campaign's key; *text* and *words* are compared folded: without regard
to case, width and repeated spaces.

## What each of them means

{_table(["condition", "meaning"], ([one.text, _meaning(one)] for one in _spellings()))}
## Conditions beyond one field

All of them start with `f.contact.`. Visible are the events at or before `now`.

{_table(["condition", "meaning"], ([text, meaning] for text, _, meaning in _facts()))}
## Which engine can do what

✓: the same members, non-members and unknowns as everywhere. *Folded*: text and words through a folded column beside them, which
`mim.prepare` and snapshots write. A dash: refused by name when the rule is compiled, before a single row is read. A store in memory
answers as Python does. On frames, events and accounts stand in frames of their own beside the people (`events=`, `accounts=`), and
[freshness](frames.md#freshness) in columns that a store gives along; on [your own tables](own-tables.md), whatever you map.

{_table(["condition", *ENGINES], _by_engine())}
"""
