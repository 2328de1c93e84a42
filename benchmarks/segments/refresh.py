"""Refreshing fifty segments of a million people with events, against the same moves written by hand in SQL."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import mimcore as mim
from benchmarks.segments.by_hand import ByHand, HandPostgresql, HandSqlite
from benchmarks.segments.fifty import RULES
from benchmarks.segments.filling import filled, to_postgresql
from benchmarks.stores.customers import LATER, SECRET
from benchmarks.stores.server_clock import both_clock
from benchmarks.timing import Line, line
from mimcore.segments.fingerprints import content_hash
from mimcore.testing import FixedClock, PostgresServer

__all__ = ["measure", "measure_postgresql"]
PEOPLE, DELTA, ROUNDS = 1_000_000, 1_000, 3
HAND = "SQL by hand: two differences a segment"


def measure(scale: float) -> list[Line]:
    """Measure on SQLite; the members and the log are compared each time."""
    people = int(PEOPLE * scale)
    with TemporaryDirectory() as folder:
        base = filled(Path(folder) / "base.db", people)
        hand_path = Path(folder) / "hand.db"
        hand_path.write_bytes(base.read_bytes())
        race = _Race("SQLite", f"sqlite:///{base}", HandSqlite(hand_path), f"sqlite:///{hand_path}", process_time)
        return race.run(people)


def measure_postgresql(scale: float) -> list[Line]:
    """Measure on PostgreSQL, client and server together."""
    people = int(PEOPLE * scale)
    with TemporaryDirectory() as folder, PostgresServer() as server:
        base = filled(Path(folder) / "base.db", people)
        url = to_postgresql(server, base, people)
        base.unlink()
        hand_url = server.new_database(url)
        race = _Race("PostgreSQL", url, HandPostgresql(hand_url), hand_url, both_clock(server.url))
        return race.run(people)


class _Race:
    """Ours in one database, the SQL by hand in a copy of it."""

    def __init__(self, name: str, url: str, hand: ByHand, hand_url: str, clock: Callable[[], float]) -> None:
        self._name, self._url, self._hand, self._hand_url, self._clock = name, url, hand, hand_url, clock
        self._now = FixedClock(LATER)

    def run(self, people: int) -> list[Line]:
        """Everybody enters; then nobody moves; then a thousand have changed."""
        with self._open(self._url) as store:
            known = {
                one.key: (one.id, content_hash(one.rule), json.dumps(_said(one), separators=(",", ":")))
                for one in store.segments.all()
            }
            by_hand = lambda: self._hand.refresh(known, self._now())  # noqa: E731
            lines = [self._told("first refresh: members enter", people, [(store.segments.refresh, by_hand)])]
            self._compare()
            self._now.advance(minutes=1)
            rounds = [(lambda: store.segments.refresh(full=True), by_hand)] * ROUNDS
            lines.append(self._told("full refresh, nobody moves", people, rounds))
            self._cover(store, people)
            lines.append(self._delta(store, people, by_hand))
            self._compare()
        self._hand.close()
        return lines

    def _open(self, url: str) -> mim.Store:
        return mim.connect(url, actor="bench", clock=self._now, secret=SECRET)

    def _told(self, case: str, people: int, rounds: list[tuple[Any, Any]]) -> Line:
        ours, hand = [], []
        for number, (mine, theirs) in enumerate(rounds):
            for run, taken in ((mine, ours), (theirs, hand))[:: 1 if number % 2 == 0 else -1]:
                taken.append(self._timed(run))
            self._now.advance(minutes=1)
        found = line(f"{self._name}: {case}", HAND, people, ours, hand, f"{len(RULES)} segments")
        _say(found)
        return found

    def _timed(self, run: Callable[[], object]) -> float:
        start = self._clock()
        run()
        return self._clock() - start

    def _cover(self, store: mim.Store, people: int) -> None:
        """Ask everybody once when time may move them: it happens in portions otherwise."""
        seconds = self._timed(lambda: store.segments.refresh(catch_up=people))
        self._covering = f"asking everybody once when time may move them took {seconds / people * 1e6:.0f} µs each"
        print(f"{self._name}: {self._covering}", file=sys.stderr, flush=True)

    def _delta(self, store: mim.Store, people: int, by_hand: Callable[[], None]) -> Line:
        """A thousand people change town and buy; the library asks about them, the SQL about everybody."""
        delta, full, ids = [], [], store.contacts.ids()
        for number in range(ROUNDS):
            self._now.advance(minutes=1)
            chosen = ids[number :: people // DELTA][:DELTA] if people >= DELTA else ids
            for url in (self._url, self._hand_url):
                self._change(url, chosen, number)
            self._now.advance(minutes=1)
            delta.append(self._timed(store.segments.refresh))
            self._now.advance(minutes=1)
            full.append(self._timed(lambda: store.segments.refresh(full=True)))
            by_hand()
        case = f"{self._name}: {DELTA:,} of {people:,} changed, refresh"
        found = line(case, "full refresh", DELTA, delta, full, self._covering)
        _say(found)
        return found

    def _change(self, url: str, ids: Any, number: int) -> None:
        with self._open(url) as store, store.begin() as work:
            work.upsert_many(one.evolve(city=f"Town {number * 7}") for one in work.contacts.get_many(ids).values())
            for one in ids:
                work.record("purchase", contact=one, at=self._now(), source="shop", external_id=f"{number}-{one}")

    def _compare(self) -> None:
        """Members, and the log without the order in which segments were asked."""
        with self._open(self._url) as store:
            for one in store.segments.all():
                mine = store.segments.members(one.key).ids
                own = f"segment_id = {_literal(one.id, self._name)}"
                theirs = self._hand.rows(f"SELECT contact_id FROM mim_membership WHERE {own} ORDER BY 1")
                assert [who.bytes for who in mine] == [getattr(row[0], "bytes", row[0]) for row in theirs], one.key
                assert mine, f"nobody is in {one.key}: it would compare nothing"
        tables = ("mim_membership", "mim_membership_log", "mim_outbox")
        print(
            f"{self._name}: by hand {[self._hand.rows(f'SELECT count(*) FROM {one}')[0][0] for one in tables]}",
            file=sys.stderr,
        )


def _literal(value: Any, name: str) -> str:
    return f"x'{value.hex}'" if name == "SQLite" else f"'{value}'"


def _said(segment: mim.Segment) -> dict[str, str]:
    rule_hash = content_hash(segment.rule)
    said = {"segment": segment.key, "segment_id": str(segment.id), "cause": "rule", "because": "", "origin": "rule"}
    return said | {"rule_hash": rule_hash}


def _say(found: Line) -> None:
    print(
        f"{found.case}: {found.ratio:.4f} ({found.low:.4f}-{found.high:.4f}), {found.ours_us:.2f} µs",
        file=sys.stderr,
        flush=True,
    )
