"""Refreshing segments: everybody asked, against the same differences written by hand in SQL; a delta against that."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import mimcore as mim
from benchmarks.timing import Line, line, race
from mimcore import fields as f
from mimcore.testing import FixedClock
from mimcore.values.instants import to_microseconds

__all__ = ["measure"]
PEOPLE, DELTA = 20_000, 1_000
START = "2026-05-01T10:00Z"
HAND = "hand-written SQL: two differences for each segment"
c = f.contact


def measure(scale: float) -> list[Line]:
    """Measure on SQLite; who is a member is compared first, after the first refresh and after every round."""
    people = int(PEOPLE * scale)
    with tempfile.TemporaryDirectory() as folder:
        path, clock = Path(folder) / "store.db", FixedClock(START)
        with mim.connect(f"sqlite:///{path}", clock=clock, secret=b"only-for-benchmarks") as store:
            _fill(store, people)
            hand = _Hand(path, clock)
            first = race({"ours": store.segments.refresh, "hand": hand.refresh}, 1, is_warmed_up=False)
            _compare(store, hand)
            lines = [line("first refresh: all members enter", HAND, people, first["ours"], first["hand"])]
            lines += _steady(store, hand, clock, people)
            hand.close()
    return lines


def _fill(store: mim.Store, people: int) -> None:
    towns, countries = [f"Town {number}" for number in range(50)], ["DK", "SE", "NO", "DE"]
    with store.begin() as work:
        work.add_many(
            mim.Contact(city=towns[at % 50], country=countries[at % 4], household_size=at % 7) for at in range(people)
        )
        ids = work.contacts.ids()
        bought = (
            mim.Interaction(
                kind="purchase",
                contact_id=ids[at * 7 % people],
                at=f"2026-0{1 + at % 4}-1{at % 10}T10:00Z",
                source="shop",
                external_id=str(at),
            )
            for at in range(people)
        )
        work.transaction.interactions.add(list(bought))
    with store.begin() as work:
        work.add(*(mim.Segment(key=key, rule=rule) for key, rule in RULES.items()))


RULES: dict[str, mim.Rule] = {
    "danes": c.country == "DK",
    "abroad": c.country != "DK",
    "town-3": c.city == "Town 3",
    "not-town-3": c.city != "Town 3",
    "large": c.household_size >= 5,
    "small-danes": (c.household_size <= 2) & (c.country == "DK"),
    "buyers": c.purchases.count(within_days=90) >= 1,
    "danish-buyers": (c.country == "DK") & (c.purchases.count(within_days=90) >= 1),
    "never": c.purchases.count() == 0,
    "either": (c.city == "Town 7") | (c.household_size == 6),
}


class _Hand:
    """The same difference by hand: who is in and not stored enters, who is stored and not in leaves."""

    def __init__(self, path: Path, clock: Callable[[], Any]) -> None:
        self._clock = clock
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("CREATE TABLE hand_member (segment TEXT, id BLOB, PRIMARY KEY (segment, id)) WITHOUT ROWID")
        self._base.execute("CREATE TABLE hand_log (segment TEXT, id BLOB, has_entered INT, at INT)")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def refresh(self) -> None:
        """Bring all segments up to date."""
        at = to_microseconds(self._clock())
        given = {"at": at, "since": at - 90 * 86_400_000_000}
        for key, where in _where().items():
            active = f"c.status = 'active' AND {where}"
            known = "SELECT 1 FROM hand_member m WHERE m.segment = :key AND m.id = c.id"
            still = f"SELECT 1 FROM mim_contact c WHERE c.tenant = 'default' AND c.id = m.id AND {active}"
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute(
                "INSERT INTO hand_log SELECT :key, c.id, 1, :at FROM mim_contact c"
                f" WHERE c.tenant = 'default' AND {active} AND NOT EXISTS ({known})",
                given | {"key": key},
            )
            self._base.execute(
                "INSERT INTO hand_log SELECT :key, m.id, 0, :at FROM hand_member m"
                f" WHERE m.segment = :key AND NOT EXISTS ({still})",
                given | {"key": key},
            )
            moved = "FROM hand_log WHERE segment = :key AND at = :at AND has_entered"
            self._base.execute(f"INSERT OR IGNORE INTO hand_member SELECT :key, id {moved} = 1", {"key": key, "at": at})
            self._base.execute(
                f"DELETE FROM hand_member WHERE segment = :key AND id IN (SELECT id {moved} = 0)",
                {"key": key, "at": at},
            )
            self._base.execute("COMMIT")

    def members(self, key: str) -> Sequence[bytes]:
        """Who is stored as a member."""
        rows = self._base.execute("SELECT id FROM hand_member WHERE segment = ? ORDER BY id", (key,))
        return [row[0] for row in rows]


def _where() -> dict[str, str]:
    events = "SELECT count(*) FROM mim_interaction i WHERE i.tenant = 'default' AND i.contact_id = c.id"
    bought = f"({events} AND i.kind = 'purchase' AND i.at <= :at"
    return {
        "danes": "c.country = 'DK'",
        "abroad": "c.country <> 'DK'",
        "town-3": "c.city_folded = 'town 3'",
        "not-town-3": "c.city_folded <> 'town 3'",
        "large": "c.household_size >= 5",
        "small-danes": "c.household_size <= 2 AND c.country = 'DK'",
        "buyers": f"{bought} AND i.at >= :since) >= 1",
        "danish-buyers": f"c.country = 'DK' AND {bought} AND i.at >= :since) >= 1",
        "never": f"{bought}) = 0",
        "either": "(c.city_folded = 'town 7' OR c.household_size = 6)",
    }


def _compare(store: mim.Store, hand: _Hand) -> None:
    for key in RULES:
        ours = [one.bytes for one in store.segments.members(key)]
        assert ours == list(hand.members(key)), key


def _steady(store: mim.Store, hand: _Hand, clock: FixedClock, people: int) -> list[Line]:
    """A thousand people change; then the delta, everybody, and everybody by hand. Nobody moves in the last two."""
    ids = store.contacts.ids()
    store.segments.refresh()  # the first one after everybody was asked learns everybody's next instant
    seconds: dict[str, list[float]] = {"delta": [], "full": [], "hand": []}
    for number in range(5):
        clock.advance(minutes=1)
        with store.begin() as work:
            changed = work.contacts.get_many(ids[number * DELTA % people : number * DELTA % people + DELTA])
            for one in changed.values():
                work.change(one, household_size=(one.demographic.household_size or 0) + 1)
        for name, run in (
            ("delta", store.segments.refresh),
            ("hand", hand.refresh),
            ("full", lambda: [store.segments.refresh(key) for key in RULES]),
            ("hand", hand.refresh),
        ):
            start = process_time()
            run()
            if name != "hand" or len(seconds["hand"]) < len(seconds["full"]):
                seconds[name].append(process_time() - start)
        _compare(store, hand)
        clock.advance(seconds=1)
    note = f"of {people:,} contacts, 10 segments"
    return [
        line("everybody asked, nobody moves", HAND, people, seconds["full"], seconds["hand"]),
        line(f"{DELTA:,} contacts changed", "everybody asked", people, seconds["delta"], seconds["full"], note),
    ]
