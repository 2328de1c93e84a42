"""Freshness filters over several half-life pools: the index of keys against computing the probability of every row.

Both sides ask the same SQLite file and give the same people. By hand the half-lives stand in a table of their own, and
2^((key − now)/half-life) is worked out for every row: what anybody would write who has not thought of keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

import mimcore as mim
from benchmarks.people import NOW
from benchmarks.timing import Line, line, race, report
from mimcore import fields as f
from mimcore.repositories.rekeying import keep_half_lives

__all__ = ["measure"]
PEOPLE, BATCH, SOURCES = 300_000, 300, 8
RATES = (0.001, 0.01, 0.1, 0.5, 0.9)
HAND = "2^(Δ/half-life) worked out for every row"
LEARNT = {
    **{f"b2c.email/contact.emails@list-{number}": 500.0 + 150 * number for number in range(SOURCES - 2)},
    **{f"b2c.person_name/contact.name.given@list-{number}": 3000.0 + 500 * number for number in range(3)},
}
_WHOLE = "FROM mim_contact c JOIN half_life h ON h.pool = c.primary_email_pool WHERE "
_KEYED = (
    f"{_WHOLE}c.tenant = 'default' AND c.status = 'active' AND pow(2.0, (c.primary_email_key - :now) / h.microseconds)"
)
_OF_STATES = (
    "FROM mim_attribute_state s JOIN half_life h ON h.pool = s.pool JOIN mim_contact c ON c.tenant = s.tenant"
    " AND c.id = s.subject_id WHERE s.tenant = 'default' AND s.attribute = 'contact.name.given'"
    " AND c.status = 'active' AND pow(2.0, (s.key - :now) / h.microseconds)"
)


def measure(scale: float) -> list[Line]:
    """Measure; the answers are compared first."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.db"
        store = mim.connect(f"sqlite:///{path}", clock=lambda: NOW)
        _fill(store, int(PEOPLE * scale))
        lines = [_rekeyed(store)]
        store.close()  # SQLite chooses indexes by statistics, which are taken here
        store = mim.connect(f"sqlite:///{path}", clock=lambda: NOW)
        raw = _beside(store, path)
        for field, short, where in (
            (f.contact.primary_email, "e-mail", _KEYED),
            (f.contact.given_name, "given name", _OF_STATES),
        ):
            probabilities = sorted(row[0] for row in raw.execute(_probabilities(where), {"now": _NOW_US}))
            for rate in RATES:
                least = probabilities[int(len(probabilities) * rate)]
                lines += _compared(store, raw, f"{short} below, {rate:.1%}", field.freshness() < least, where, least)
        store.close()
        raw.close()
        return lines


_NOW_US = round(NOW.timestamp() * 1e6)


def _fill(store: mim.Store, people: int) -> None:
    """Each batch was seen at another time, so that no two batches are equally fresh."""
    random = Random(5)
    for start in range(0, people, BATCH):
        seen = NOW - timedelta(minutes=random.randrange(60 * 24 * 1500))
        numbers = range(start, min(people, start + BATCH))
        with store.begin(source=f"list-{start // BATCH % SOURCES}", observed_at=seen) as work:
            work.add(*(mim.Contact(name=f"Ana Berg{n}", emails=[f"p{n}@mail{n % 400}.example.com"]) for n in numbers))


def _rekeyed(store: mim.Store) -> Line:
    """Let the parts have half-lives of their own, and take them back; the last ones stay."""
    moved = [0]

    def rekey(days: dict[str, float | None]) -> None:
        with store.begin() as work:
            moved[0] = keep_half_lives(work.transaction, days)

    def both() -> None:
        rekey(dict.fromkeys(LEARNT))
        rekey({**LEARNT})

    rekey({**LEARNT})
    return report("keys after other half-lives", 2 * moved[0], both, rounds=1, note="per value, in one transaction")


def _beside(store: mim.Store, path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path)
    with store.read() as work:
        half_lives = dict(work.transaction.freshness.half_lives())
    raw.execute("CREATE TEMP TABLE half_life (pool TEXT PRIMARY KEY, microseconds REAL)")
    raw.executemany(
        "INSERT INTO half_life VALUES (?, ?)", [(pool, days * 86_400e6) for pool, days in half_lives.items()]
    )
    return raw


def _probabilities(where: str) -> str:
    condition, _, formula = where.rpartition(" AND pow(")
    return f"SELECT pow({formula} {condition}"


def _compared(  # noqa: PLR0917 - one row of the table
    store: mim.Store, raw: sqlite3.Connection, case: str, rule: mim.Rule, where: str, least: float
) -> list[Line]:
    given = {"now": _NOW_US, "least": least}

    def counted() -> int:
        return int(raw.execute(f"SELECT count(*) {where} < :least", given).fetchone()[0])

    def listed() -> list[UUID]:
        return [UUID(bytes=row[0]) for row in raw.execute(f"SELECT c.id {where} < :least ORDER BY c.id", given)]

    ours: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "counted": (lambda: store.contacts.count(rule), counted),
        "ids": (lambda: store.contacts.ids(rule), listed),
    }
    everyone = store.contacts.count()
    assert list(store.contacts.ids(rule)) == listed()
    assert store.contacts.count(rule) == counted()
    lines: list[Line] = []
    for what, (one, other) in ours.items():
        seconds = race({"ours": one, "hand": other}, 5)
        lines.append(line(f"{case}: {what}", HAND, everyone, seconds["ours"], seconds["hand"], f"{counted()} fit"))
    return lines
