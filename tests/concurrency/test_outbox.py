"""Many writers and many workers at the outbox: nothing is skipped, and the events of a record come in order."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict

import pytest

import mimcore as mim
from mimcore.repositories.records import OutboxEvent
from mimcore.testing import FixedClock

SECRET = b"only-for-tests-0"
WRITERS, WORKERS, PEOPLE, PORTION = 8, 4, 60, 25


def opened(kind, request, folder):
    """Open a store whose clock the test moves."""
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else f"sqlite:///{folder / 'store.db'}"
    return mim.connect(url, actor="tester", clock=FixedClock("2026-05-01T10:00Z"), secret=SECRET, durability="normal")


class Office:
    """Writers tell of people, workers deliver what they are told."""

    def __init__(self, store, units, limit=300):
        self.store, self.units, self.limit = store, units, limit
        with store.begin() as work:
            self.ids = [one.id for one in work.add(*(mim.Contact(city="Odense") for _ in range(PEOPLE)))]
        store.events.done(store.events.pending())
        self.told = defaultdict(int)  # how many events of each person; changed under the person's lock
        self.delivered = defaultdict(list)
        self.held, self.lock = {}, threading.Lock()
        self.dying, self.is_over = units // 6, threading.Event()
        self.errors = []

    def write(self, seed):
        """Tell of some people at a time, and commit some time later."""
        lot = random.Random(seed)
        for _ in range(self.units):
            with self.store.begin() as work:
                chosen = lot.sample(self.ids, PORTION)
                work.transaction.contacts.lock(chosen)
                events = []
                for one in chosen:
                    self.told[one] += 1
                    events.append(OutboxEvent("contact_told", "contact", one, self.told[one], work.origin.recorded_at))
                work.transaction.outbox.append(events)
                time.sleep(lot.random() * 0.004)

    def deliver(self, number):
        """Take events until there are none and none will come; die a few times with some in hand."""
        while True:
            was_over = self.is_over.is_set()
            taken = self.store.events.claim(limit=self.limit, seconds=60)
            if not taken:
                if was_over:
                    return
                time.sleep(0.002)
                continue
            people = {one.event.entity_id for one in taken}
            with self.lock:
                others = {one for one in people if self.held.get(one, number) != number}
                assert not others, "two workers hold events of one person"
                dies, self.dying = self.dying > 0 and len(taken) > 10, self.dying - (len(taken) > 10)
                self.held.update(dict.fromkeys(people, number))
            for one in taken[: len(taken) // 2] if dies else taken:
                self.delivered[one.event.entity_id].append((one.event.version, one.event.id))
            if dies:
                with self.lock:
                    self.held.update(dict.fromkeys(people, f"dead {number}"))
                continue
            with self.lock:
                for one in people:
                    del self.held[one]
            self.store.events.done(taken)

    def run(self):
        """Work until everything is told, and what nobody holds is delivered."""
        writers = [threading.Thread(target=self._safely, args=(self.write, seed)) for seed in range(WRITERS)]
        workers = [threading.Thread(target=self._safely, args=(self.deliver, number)) for number in range(WORKERS)]
        for one in (*writers, *workers):
            one.start()
        for one in writers:
            one.join(120)
        self.is_over.set()
        for one in workers:
            one.join(120)
        assert self.errors == []

    def _safely(self, call, argument):
        try:
            call(argument)
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.errors.append(error)


@pytest.mark.parametrize(("kind", "units"), [("postgresql", 50), ("sqlite", 6)])
def test_nothing_is_skipped_and_each_record_comes_in_order(kind, units, request, tmp_path):
    """10,000 events of 8 writers, 4 workers of whom some die: every event comes, in order, and twice only as itself."""
    with opened(kind, request, tmp_path) as store:
        office = Office(store, units, limit=6 * units)
        office.run()
        once = sum(map(len, office.delivered.values()))
        total = WRITERS * units * PORTION
        left = store.events.pending(limit=total)
        assert office.dying < units // 6
        assert left
        assert (
            len({one.event.id for one in left} | {one for told in office.delivered.values() for _, one in told})
            == total
        )
        assert store.events.claim() == ()
        store._clock.advance(seconds=61)  # the dead ones' claims end
        office.held.clear()
        office.dying = 0
        office.deliver("the last")
        assert store.events.pending() == ()
        assert sum(office.told.values()) == total
        assert sum(map(len, office.delivered.values())) >= max(total, once)
    for person, told in office.delivered.items():
        first = list(dict.fromkeys(told))
        assert [version for version, _ in first] == list(range(1, office.told[person] + 1))
        assert len({event for _, event in first}) == len(first)


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_the_events_of_a_dead_worker_come_again(kind, request, tmp_path):
    """While it holds them nobody gets them, nor later ones of the same record; then they come again, the same ones."""
    with opened(kind, request, tmp_path) as store:
        with store.begin() as work:
            ana, bo = work.add(mim.Contact(city="Odense"), mim.Contact(city="Ribe"))
        store.events.done(store.events.pending())
        with store.begin() as work:
            work.change(ana, city="Vejle")
        first = [one.event.id for one in store.events.claim(seconds=30)]
        with store.begin() as work:
            work.change(work.contacts.get(ana.id), city="Skive")
            work.change(bo, city="Skive")
        assert [one.event.entity_id for one in store.events.claim(seconds=30)] == [bo.id]
        store._clock.advance(seconds=29)
        assert store.events.claim() == ()
        store._clock.advance(seconds=2)
        again = store.events.claim(seconds=30)
        assert [(one.event.entity_id, one.event.version) for one in again] == [(ana.id, 2), (ana.id, 3), (bo.id, 2)]
        assert again[0].event.id == first[0]
