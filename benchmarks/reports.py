"""Reports and audiences: the decay report and half-lives against loops, an audience against SQL by hand."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import mimcore as mim
from benchmarks.learning import fitting
from benchmarks.people import NOW, contacts
from benchmarks.timing import Line, compare
from mimcore import fields as f
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState, observed
from mimcore.quality.decay import DecayReport, decay_report, weight_of

__all__ = ["measure"]
STATES = 100_000
PEOPLE = 10_000
ATTRIBUTES = {
    "contact.emails": "b2c.email",
    "contact.phones": "b2c.phone",
    "contact.demographic.city": "b2c.address",
    "contact.employment.title": "b2b.job_title",
    "contact.psychographic.interests": "survey",
}
DENMARK = f.contact.country.is_in("DK", "SE", "NO", "FI", "DE", "FR")


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    return [_decay(int(STATES * scale)), fitting(int(STATES * scale)), *_audiences(int(PEOPLE * scale))]


def _states(count: int) -> list[FreshnessState]:
    random, names = Random(3), list(ATTRIBUTES)
    return [_state(UUID(int=number), names[number % len(names)], random.randrange(1, 1500)) for number in range(count)]


def _state(owner: UUID, attribute: str, age: int) -> FreshnessState:
    pool = ATTRIBUTES[attribute]
    return observed(
        attribute,
        owner,
        owner,
        pool=pool,
        source=f"list{age % 4}",
        reliability=0.95,
        observed_at=None if age % 20 == 0 else NOW.replace(year=NOW.year - age % 5),
        half_life_days=DEFAULT_HALF_LIVES[pool],
    )


def _decay(count: int) -> Line:
    states = _states(count)
    expected = _by_hand(states)

    def ours() -> DecayReport:
        return decay_report(states, DEFAULT_HALF_LIVES, NOW)

    report = ours()
    for one in (report.whole, *report.by_attribute):
        share, _ = expected["all" if one is report.whole else "attribute", one.name]
        assert one.decayed_share is not None
        assert abs(one.decayed_share - share) < 1e-9
    return compare(
        "decay report, 3 groupings",
        "one loop over the same states",
        count,
        ours=ours,
        hand=lambda: _by_hand(states),
        note="both with the median age of every group",
    )


def _by_hand(states: list[FreshnessState]) -> dict[tuple[str, str], tuple[float, float]]:
    now, weights = NOW.timestamp(), {name: weight_of(name) for name in ATTRIBUTES}
    lives = {pool: days * 86_400 for pool, days in DEFAULT_HALF_LIVES.items()}
    wrong: defaultdict[tuple[str, str], float] = defaultdict(float)
    total: defaultdict[tuple[str, str], float] = defaultdict(float)
    ages: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for one in states:
        if one.key is None or one.ref_at is None:
            continue
        lost = 1 - min(1.0, 2.0 ** ((one.key / 1e6 - now) / lives[one.pool]))
        weight, age = weights[one.attribute], now - one.ref_at.timestamp()
        for group in (("all", "all"), ("attribute", one.attribute), ("source", one.source), ("pool", one.pool)):
            wrong[group] += weight * lost
            total[group] += weight
            ages[group].append(age)
    return {group: (wrong[group] / total[group], sorted(ages[group])[len(ages[group]) // 2]) for group in total}


def _audiences(count: int) -> list[Line]:
    people = contacts(count)
    with TemporaryDirectory() as name:
        path = Path(name) / "people.db"
        with (
            mim.connect(f"sqlite:///{path}", clock=lambda: NOW) as sql,
            mim.connect("memory:", clock=lambda: NOW) as memory,
        ):
            for store in (sql, memory):
                _fill(store, people)
            raw = sqlite3.connect(path)
            raw.execute("analyze")
            lines = [_audience("on SQLite", sql, raw), _audience("in memory", memory, raw)]
            raw.close()
    return lines


def _open(url: str) -> mim.Store:
    return mim.connect(url, clock=lambda: NOW)


def _fill(store: mim.Store, people: list[mim.Contact]) -> None:
    random = Random(9)
    with store.begin(source="list", observed_at="2025-06-01") as work:
        work.add(*people)
    with store.begin(source="form") as work:
        for one in people:
            if one.primary_email and random.random() < 0.6:
                work.grant(one.primary_email, channel="email", purpose="newsletter", method="form", notice="v1")
                if random.random() < 0.1:
                    work.withdraw(one.primary_email, channel="email", purpose="newsletter")


SQL = """
with last as (
  select contact_id, action, row_number() over (partition by identifier order by occurred_at desc, sequence desc) as n
  from mim_consent_event where tenant = 'default' and channel = 'email' and purpose = 'newsletter')
select c.id, p.value, c.given_name, c.family_name from mim_contact c
join mim_contact_point p on p.tenant = c.tenant and p.contact_id = c.id and p.kind = 'email' and not p.is_retired
join last on last.contact_id = c.id and last.n = 1 and last.action = 'given'
where c.tenant = 'default' and c.status = 'active' and c.country in ('DK', 'SE', 'NO', 'FI', 'DE', 'FR')
  and p.state in ('unverified', 'verified')
  and not exists (select 1 from mim_suppression)
"""


def _audience(where: str, store: mim.Store, raw: sqlite3.Connection) -> Line:
    members = store.contacts.count(DENMARK)

    def ours() -> mim.Audience:
        return store.audience(DENMARK, channel="email", purpose="newsletter")

    def hand() -> list[tuple[Any, ...]]:
        return raw.execute(SQL).fetchall()

    assert {one.contact.id for one in ours().recipients} == {UUID(bytes=row[0]) for row in hand()}
    note = f"{len(ours())} of {members} members may be contacted; ours also knows why the others may not"
    return compare(f"audience {where}", "one hand-written query to tuples", members, ours=ours, hand=hand, note=note)
