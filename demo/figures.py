"""Every figure of the demo once more, in plain Python from the truth: no rule, no SQL and no class of mimcore is used.

Answers have three values here too: True, False, and None where a fact is missing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import Any

from demo.cast import NOW, Cast, Customer, caller
from demo.figures_age import decayed_share, plan_after, values_of
from demo.figures_quality import quality
from demo.figures_rates import comparison, holm_adjusted, rfm_codes
from demo.files import Files

__all__ = ["differences", "expected"]

Answer = bool | None
YEAR = timedelta(days=365)


def expected(cast: Cast, files: Files) -> dict[str, Any]:
    """Return what every figure of the demo must be."""
    figures: dict[str, Any] = {
        "audit.rows": len(cast.customers) + len(files.copies),
        "audit.old_rows": sum(one.last_update_days > 365 for one in cast.customers),
        "import.real": len(cast.customers),
        "import.updated": len(cast.customers) - len(files.mistyped),
        "import.created": len(files.copies),
        "import.rejected": len(files.mistyped),
        "import.contacts": len(cast.customers) + len(files.copies),
        "import.refused_rows": len(files.mistyped),
        "import.mended": len(files.mistyped),
        "import.names": sorted(_name(row["name"]) for row in (*_accepted(files), *files.mended)),
        "events.answers": sum(bought.is_answer for one in cast.customers for bought in one.purchases),
        "events.answers_cents": sum(
            bought.cents for one in cast.customers for bought in one.purchases if bought.is_answer
        ),
        "events.others": sum(
            1 + len(one.visits) + sum(not b.is_answer for b in one.purchases) for one in cast.customers
        ),
    }
    copied = {one.number: one for one in cast.customers}
    stand_ins = [_stand_in(copied[copy.of]) for copy in files.copies]
    people = [*cast.customers, *stand_ins]
    parts = (
        _imports(files),
        _segments(people),
        _person(cast, files),
        _duplicates(files),
        _decay(cast, files),
        _quality(cast, files),
        _gate(cast, people),
    )
    for part in (*parts, _worked(cast)):
        figures |= part
    return figures


def _imports(files: Files) -> dict[str, Any]:
    wrong = [
        row
        for row in files.contacts
        if not re.fullmatch(r"[^@]+@[^@,]+", row["e-mail"].strip()) or ".." in row["e-mail"]
    ]
    addresses = Counter(row["e-mail"].strip().lower() for row in files.contacts if row not in wrong)
    return {
        "audit.invalid_emails": len(wrong),
        "audit.surplus": sum(rows - 1 for rows in addresses.values()),
        "import.was_killed": True,
        "import.some_were_left": True,
        "import.all_rows": len(files.contacts),
        "import.second_run_rows": 0,
        "import.names_after_undo": 0,
        "import.undone": (len(files.copies), len(_accepted(files)) - len(files.copies), 0),
        "import.redone_is_the_same": True,
        "merge.counts": [-1, 0],
        "merge.restored": True,
    }


def _segments(people: Sequence[Customer]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, rule in RULES.items():
        today, later = ([rule(one, at) for one in people] for at in (NOW, NOW + YEAR))
        found[f"segment.{key}"] = _tally(today)
        found[f"segment.{key}.next_year"] = _tally(later)
        found[f"segment.{key}.engines"] = [_tally(today)[0]]
        pairs = Counter(zip((answer is True for answer in today), (answer is True for answer in later), strict=True))
        members = pairs[True, True] + pairs[True, False]
        entering, leaving = pairs[False, True], pairs[True, False]
        found[f"clock.{key}"] = [members, entering, leaving, members + entering - leaving]
    kept = list(people)
    found["preview.kept"] = [len(kept)]
    for condition in COMMUTERS:
        kept = [one for one in kept if condition(one, NOW)]
        found["preview.kept"].append(len(kept))
    return found


def _person(cast: Cast, files: Files) -> dict[str, Any]:
    who = caller(cast)
    alone = Cast((who,), cast.companies, frozenset(), frozenset(), frozenset())
    return {
        "person.interactions": 1 + len(who.purchases) + len(who.visits),
        "person.values": len(list(values_of(alone, replace(files, copies=())))),
        "person.email": [_email_freshness(who, NOW), _email_freshness(who, NOW + YEAR)],
        "person.why": ["travel" in who.interests, _between(_age(who, NOW), 30, 999), _spent(who, NOW, 1825) >= 15_000],
    }


def differences(measured: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return the names of figures that differ, or that only one side has."""
    names = sorted({*measured, *wanted})
    return [
        name for name in names if name not in measured or name not in wanted or not _equal(measured[name], wanted[name])
    ]


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(_equal(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def _accepted(files: Files) -> list[dict[str, str]]:
    return [row for row in files.contacts if row["customer"] not in files.mistyped]


def _name(text: str) -> str:
    """Return the name without its title, in capitals."""
    words = text.upper().replace(".", "").split()
    return " ".join(word for word in words if word not in {"MR", "MRS", "MS", "HERR", "FRU", "FRAU", "DR"})


def _all(*answers: Answer) -> Answer:
    return False if False in answers else None if None in answers else True


def _any(*answers: Answer) -> Answer:
    return True if True in answers else None if None in answers else False


def _age(one: Customer, at: datetime) -> int | None:
    if one.birth_date is None:
        return None
    before_birthday = (at.month, at.day) < (one.birth_date.month, one.birth_date.day)
    return at.year - one.birth_date.year - before_birthday


def _between(value: int | None, low: int, high: int) -> Answer:
    return None if value is None else low <= value <= high


def _spent(one: Customer, at: datetime, days: int) -> int:
    return sum(bought.cents for bought in one.purchases if at - timedelta(days=days) <= bought.at <= at)


COMMUTERS: tuple[Callable[[Customer, datetime], Answer], ...] = (
    lambda one, _: one.country in {"US", "GB"} if one.country else None,
    lambda one, at: _between(_age(one, at), 25, 50),
    lambda one, _: bool({"cycling", "running"} & set(one.interests)),
    lambda one, _: "feature_phone" not in one.devices,
)

RULES: Mapping[str, Callable[[Customer, datetime], Answer]] = {
    "list-buyers": lambda one, at: _all(
        bool(one.list_name), _any(sum(bought.at <= at for bought in one.purchases) >= 2, one.web_order)
    ),
    "active-commuters": lambda one, at: _all(*(condition(one, at) for condition in COMMUTERS)),
    "upsell-free-plan": lambda one, at: _all(
        one.free_plan, sum(at - timedelta(days=90) <= visit <= at for visit in one.visits) >= 5
    ),
    "frequent-travellers": lambda one, at: _all(
        "travel" in one.interests, _between(_age(one, at), 30, 999), _spent(one, at, 1825) >= 15_000
    ),
    "deciders": lambda one, _: _all(
        one.company.employees >= 200 if one.company else None,
        bool({"salesforce", "sap"} & set(one.company.stack)) if one.company else None,
        one.job[1] in {"director", "c_level", "manager"} if one.job else None,
    ),
}


def _stand_in(one: Customer) -> Customer:
    """Return a copied record as the store sees it: the ◇ profile, without what only the real record has."""
    return replace(
        one, number="", list_name="", web_order=False, free_plan=False, purchases=(), visits=(), newsletter=None
    )


def _tally(answers: Iterable[Answer]) -> tuple[int, int, int]:
    tally = Counter(answers)
    return tally[True], tally[False], tally[None]


def _duplicates(files: Files) -> dict[str, Any]:
    """Find pairs by address or number, sure where the names agree; hold them against what was injected."""
    rows = [*_accepted(files), *files.mended]
    blocks: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        for key in (row["e-mail"].strip().lower(), _digits(row["phone"])):
            if key:
                blocks.setdefault(key, []).append(row)
        blocks.setdefault(f"{_name(row['name'])}|{row['street']}|{row['postal code']}", []).append(row)
    found: dict[frozenset[str], str] = {}
    proposed: set[frozenset[str]] = set()
    for key, block in blocks.items():
        for one, other in combinations(block, 2):
            names = _agreement(_name(one["name"]), _name(other["name"]))
            pair = frozenset((one["customer"], other["customer"]))
            proposed.add(pair)
            if "|" in key:
                continue
            if names == "same" or (names == "initial" and "@" in key):
                found[pair] = names
    truth = {frozenset((copy.number, copy.of)) for copy in files.copies}
    hits = len(found.keys() & truth)
    return {
        "duplicates.sure": len(found),
        "duplicates.right": hits,
        "duplicates.known": len(truth),
        "duplicates.proposed": len(proposed & truth),
    }


def _digits(phone: str) -> str:
    digits = "".join(one for one in phone if one.isdigit())
    return f"1{digits}" if len(digits) == 10 and not phone.startswith("+") else digits


def _agreement(one: str, other: str) -> str:
    (given, family), (second, other_family) = one.split(), other.split()
    if family != other_family:
        return "different"
    if given == second:
        return "same"
    return "initial" if 1 in {len(given), len(second)} and given[0] == second[0] else "different"


def _decay(cast: Cast, files: Files) -> dict[str, Any]:
    values = list(values_of(cast, files))
    return {
        "decay.now": decayed_share(values, NOW),
        "decay.next_year": decayed_share(values, NOW + YEAR),
        "decay.after_checks": plan_after(values, NOW, checks=500),
    }


def _quality(cast: Cast, files: Files) -> dict[str, Any]:
    by_number = {one.number: one for one in cast.customers}
    copies = [replace(by_number[copy.of], number=copy.number) for copy in files.copies]
    rows = [*_accepted(files), *files.mended]
    return quality(rows, [*cast.customers, *copies], _name, _digits, NOW.year)


def _gate(cast: Cast, people: Sequence[Customer]) -> dict[str, Any]:
    members = [one for one in people if RULES["list-buyers"](one, NOW)]
    steps = [len(members)]
    for keeps in (
        lambda one: one.newsletter is not None,
        lambda one: one.newsletter and one.number not in cast.withdrawn,
        lambda one: one.number not in cast.suppressed,
        lambda one: one.number not in cast.bounced,
        lambda one: _email_freshness(one, NOW) >= 0.5,
    ):
        members = [one for one in members if keeps(one)]
        steps.append(len(members))
    return {
        "gate.steps": steps,
        "gate.steps_again": steps,
        "gate.recipients": sorted(one.email for one in members),
        "gate.imported_again": len(cast.withdrawn),
        "gate.allowed_again": 0,
        "gate.exported_rows": len(members),
        "gate.unsafe_cells": 0,
        "gate.guarded_cells": sum(one.city.startswith("=") for one in members),
    }


def _email_freshness(one: Customer, at: datetime) -> float:
    seen = datetime.combine(one.updated_on, time(23, 59, 59, 999_999), UTC)
    return float(0.98 * 2 ** (-((at - seen) / timedelta(days=1)) / (969 if one.company else 1276)))


def _worked(cast: Cast) -> dict[str, Any]:
    web = [one for one in cast.customers if one.web_order]
    others = [one for one in cast.customers if not one.web_order]
    lists = sorted({one.list_name for one in cast.customers if one.list_name})
    by_list = {name: [one for one in cast.customers if one.list_name == name] for name in lists}
    rest = {name: [one for one in cast.customers if one.list_name != name] for name in lists}
    compared = {
        name: comparison(_answers(rest[name]), _answers(by_list[name])) for name in lists if len(by_list[name]) >= 30
    }
    return {
        "worked.web": comparison(_answers(others), _answers(web)),
        "worked.lists": [(name, *result[:3]) for name, result in compared.items()],
        "worked.holm": holm_adjusted([result[3] for result in compared.values()]),
        "worked.rfm": rfm_codes(cast),
    }


def _answers(people: Sequence[Customer]) -> tuple[int, int]:
    return sum(one.answered for one in people), len(people)
