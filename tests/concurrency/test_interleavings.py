"""Sessions that come in each other's way, in every order of their stops: what remains is what some order of one after
the other would have left, and whoever could not be served was told so and has left nothing.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import event
from tests.concurrency.scenarios import SCENARIOS
from tests.concurrency.scheduling import Session, Stage, explore, one_switch, run
from tests.concurrency.worlds import World

from mimcore.errors import MimcoreError, SerializationError
from mimcore.sql.backend import SqlBackend
from mimcore.sql.connection.engines import new_engine, parsed_url
from mimcore.sql.repositories import events, golden
from mimcore.sql.repositories.contacts import SqlContactRepository
from mimcore.sql.repositories.imports import SqlImportRepository


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request, tmp_path):
    """An engine whose statements stop the sessions."""
    on_postgres = request.param == "postgresql"
    url = request.getfixturevalue("postgres_url") if on_postgres else f"sqlite:///{tmp_path / 'store.db'}"
    with _Staged(url) as stage:
        yield stage


class _Staged:
    """A stage over a database."""

    def __init__(self, url):
        self.url = url

    def __enter__(self):
        self.engine = new_engine(parsed_url(self.url), 20, "normal")
        if self.engine.dialect.name == "postgresql":
            event.listen(self.engine, "connect", _soon)
        SqlBackend(self.engine, schema="auto")
        self.stage = Stage(self.engine)
        return self.stage

    def __exit__(self, *_):
        self.stage.close()
        self.engine.dispose()


def _soon(connection, _):
    """Let the database end a deadlock at once."""
    connection.execute("SET deadlock_timeout = '20ms'")
    connection.commit()


class Anomalies:
    """Compares what sessions have left with what they would have left one after the other."""

    def __init__(self, stage, make):
        self.stage, self.make, self.first = stage, make, World(stage)
        self.played, self.found, self.refused = 0, [], 0
        self._serial = {}

    def play(self, choose, *, is_fine=False):
        """Play once; remember what should not be."""
        world = self.first.copied()
        bodies = self.make(world)
        sessions = [Session(str(number), body, is_fine=is_fine) for number, body in enumerate(bodies)]
        order = "".join(run(self.stage, sessions, choose))
        self.played += 1
        problems = list(world.unsound())
        problems += [
            f"session {one.name} failed: {one.error!r}"
            for one in sessions
            if isinstance(one.error, SerializationError) or not isinstance(one.error, MimcoreError | None)
        ]
        done = tuple(number for number, one in enumerate(sessions) if one.error is None)
        self.refused += len(sessions) - len(done)
        if not problems and (world.picture(), _results(sessions)) not in self.serial(done):
            problems.append("no order of one after the other leaves this")
            problems += _differences(world.picture(), self.serial(done)[0][0])
        if problems:
            self.found.append((order, done, problems))
        return sessions

    def serial(self, done):
        """Return what the sessions that were served leave one after the other, in any order in which all are served."""
        if done not in self._serial:
            begun = [number for number, body in enumerate(self.make(self.first.copied())) if hasattr(body, "begun")]
            refused = [number for number in begun if number not in done]
            orders = [*permutations(done), *(permutations([*done, *refused]) if refused else ())]
            self._serial[done] = [one for order in orders if (one := self._one_by_one(order, done)) is not None]
        return self._serial[done]

    def _one_by_one(self, order, done):
        """Play one after the other; what consists of several transactions and was refused has perhaps begun."""
        world = self.first.copied()
        bodies = self.make(world)
        sessions = {number: Session(str(number), bodies[number]) for number in order if number in done}
        try:
            for number in order:
                if number in done:
                    sessions[number].result = bodies[number]()
                else:
                    bodies[number].begun()
        except MimcoreError:
            return None
        return world.picture(), _results(sessions.values())


def _results(sessions):
    """Results that say something whatever the ids: how many, and of what kind."""
    return sorted(
        (
            one.name,
            one.result if isinstance(one.result, int) else len(one.result) if isinstance(one.result, list) else 0,
        )
        for one in sessions
        if one.error is None
    )


def _differences(picture, other):
    for name, value in picture.items():
        if value != other[name]:
            yield f"{name}: {[x for x in value if x not in other[name]]} instead of {[x for x in other[name] if x not in value]}"


@pytest.mark.heavy
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_order_of_stops(stage, name):
    """Stops at the beginning, before each lock and each commit: every order of them, 0 anomalies."""
    _explored(stage, name)


CORE = (
    "merge_and_merge_the_other_way_round",
    "merge_and_record",
    "merge_and_withdraw",
    "import_and_import_of_the_same_file",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", CORE)
def test_every_order_of_stops_where_most_is_at_stake(postgres_url, name):
    """Four of the scenarios in every run of the suite; all of them, on both databases, by `make heavy`."""
    with _Staged(postgres_url) as stage:
        _explored(stage, name)


def _explored(stage, name):
    anomalies = Anomalies(stage, SCENARIOS[name])
    for _ in explore(anomalies.play):
        continue
    assert anomalies.played >= 2
    assert anomalies.found == []


FINE = {
    "merge_and_record_of_a_member": 3,
    "merge_and_confirm": 3,
    "upsert_and_upsert_by_address": 1,
    "record_the_same_event": 1,
}
"""Every third statement of the long ones."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "stride"), FINE.items())
def test_one_switch_at_every_statement(postgres_url, name, stride):
    """One session is stopped before its n-th statement, the other one runs to its end: all n of both, 0 anomalies."""
    with _Staged(postgres_url) as stage:
        anomalies = Anomalies(stage, SCENARIOS[name])
        for first in ("0", "1"):
            stops = 0
            while True:
                sessions = anomalies.play(one_switch(first, stops), is_fine=True)
                stops += stride
                if stops > sessions[int(first)].stops:
                    break
        assert anomalies.played >= 10
        assert anomalies.found == []


def _nothing(*_, **__):
    """There is no lock."""


def _unsteady(wire, record_ids):
    """Where records count, without a lock."""
    get = wire.codec.get_id
    return {get(one): get(to) for one, to in wire.rows_of_ids(golden._MERGED, record_ids)}


BROKEN = {
    "no lock of the two records": (SqlContactRepository, "lock", _nothing, "merge_and_undo_of_an_earlier_merge"),
    "no lock of a golden record": (events, "golden_ids", _unsteady, "merge_and_record"),
    "no lock of who is looked up": (SqlContactRepository, "lock_matching", _nothing, "upsert_and_upsert_by_address"),
    "no lock of a file": (SqlImportRepository, "lock", _nothing, "import_and_import_of_the_same_file"),
    "removed without a lock": (SqlContactRepository, "lock", _nothing, "undo_of_an_import_and_change"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_without_a_lock_there_are_anomalies(postgres_url, monkeypatch, what):
    """The runner is not blind: each protection that is taken away shows."""
    place, name, instead, scenario = BROKEN[what]
    monkeypatch.setattr(place, name, instead)
    if what == "no lock of a file":
        monkeypatch.setattr(SqlContactRepository, "lock_matching", _nothing)
    with _Staged(postgres_url) as stage:
        anomalies = Anomalies(stage, SCENARIOS[scenario])
        for stops in (*range(7, 60, 5), *range(1, 60)):
            for first in ("0", "1"):
                anomalies.play(one_switch(first, stops), is_fine=True)
            if anomalies.found:
                return
    raise AssertionError(f"{anomalies.played} orders show nothing")
