"""Runs several sessions in an order that the test decides: each waits at its next stop until it is let go on.

A session is a thread. It stops before it begins, before it waits for a lock, and before a commit; a fine one before
every statement. `explore` walks through all orders in which the
sessions can pass their stops. A session that waits for a lock of another one is no choice until that one has gone on:
PostgreSQL is asked who waits for whom (`pg_blocking_pids`), on SQLite the queue of writers knows it. No timing decides.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy import create_engine, event

from mimcore.repositories.turn import ThreadTurn

LONGEST = 60.0
"""Seconds after which a session that neither stops nor waits for a lock is a failure of the test."""

_LOCKING = ("FOR UPDATE", "FOR SHARE", "pg_advisory")
_QUIET = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


class Abandoned(BaseException):
    """Unwinds a session that is not wanted any more."""


class Session(threading.Thread):
    """One session; `result` or `error` is set at its end."""

    def __init__(self, name, body, *, is_fine=False):
        super().__init__(name=name, daemon=True)
        self.body, self.is_fine = body, is_fine
        self.state, self.pid = "stopped", None
        self.result, self.error = None, None
        self.stops = 0
        self._go = threading.Semaphore(0)
        self._changed = threading.Event()
        self._is_abandoned = False

    def run(self):
        """Run the body, stopping before its first step."""
        self._go.acquire()
        try:
            self.result = self.body()
        except Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001 - judged by the test
            self.error = error
        self.state = "ended"
        self._changed.set()

    def stop(self):
        """Wait to be let go on; called from within."""
        self.stops += 1
        self.state = "stopped"
        self._changed.set()
        self._go.acquire()
        if self._is_abandoned:
            raise Abandoned

    def go(self):
        """Let it go on; called by the scheduler."""
        self._changed.clear()
        self.state = "running"
        self._go.release()

    def settled(self, is_waiting):
        """Return once it has stopped, ended, or waits for a lock."""
        end, pause = time.monotonic() + LONGEST, 0.0004
        while not self._changed.wait(pause):
            if is_waiting(self):
                return
            if time.monotonic() > end:
                raise AssertionError(f"session {self.name} neither stops nor waits for a lock")
            pause = 0.002

    def abandon(self):
        """Let it unwind."""
        self._is_abandoned = True
        self._go.release()


class QueueOfWriters(ThreadTurn):
    """SQLite's queue of writers that knows who stands in it."""

    def __init__(self):
        super().__init__(LONGEST)
        self.waiting = set()

    def take(self):
        """Stand in the queue."""
        me = threading.current_thread()
        if isinstance(me, Session):
            me.stop()
        self.waiting.add(me)
        try:
            return super().take()
        finally:
            self.waiting.discard(me)

    def is_writing(self):
        """Tell whether it is the caller's turn."""
        return self._writer == threading.get_ident()

    def holds_up(self, session):
        """Tell whether a session stands in the queue, and not at its head."""
        return session in self.waiting and self._lock.locked()


class Stage:
    """An engine whose statements stop the sessions that run them, and who may tell which of them wait for a lock."""

    def __init__(self, engine):
        self.engine = engine
        self.turn = QueueOfWriters() if engine.dialect.name == "sqlite" else None
        event.listen(engine, "before_cursor_execute", self._before_statement)
        event.listen(engine, "commit", self._before_commit)
        self._watcher = None
        if self.turn is None:
            self._watcher = create_engine(engine.url, isolation_level="AUTOCOMMIT").connect()

    def close(self):
        """Close what it has opened."""
        if self._watcher is not None:
            self._watcher.close()
            self._watcher.engine.dispose()

    def is_waiting(self, session):
        """Tell whether a session waits for a lock of another one."""
        if self.turn is not None:
            return self.turn.holds_up(session)
        if session.pid is None:
            return False
        return bool(self._watcher.exec_driver_sql("SELECT cardinality(pg_blocking_pids(%s))", (session.pid,)).scalar())

    def _before_statement(self, connection, cursor, statement, *_):
        me = threading.current_thread()
        if not isinstance(me, Session):
            return
        if self.turn is None:
            me.pid = connection.connection.dbapi_connection.info.backend_pid
        is_own = statement == "COMMIT" and self.turn is not None and self.turn.is_writing()
        if is_own or any(word in statement for word in _LOCKING) or (me.is_fine and not statement.startswith(_QUIET)):
            me.stop()

    def _before_commit(self, connection):
        me = threading.current_thread()
        if isinstance(me, Session) and connection.get_execution_options().get("isolation_level") == "READ COMMITTED":
            me.stop()


def run(stage, sessions, choose):
    """Run sessions to their ends, and return the order in which they went on.

    Args:
        stage: Where they play.
        sessions: Not yet started.
        choose: Gets the names of those that can go on, and returns the one that does.
    """
    for one in sessions:
        one.start()
    order = []
    try:
        while free := _free(stage, sessions):
            name = choose([one.name for one in free])
            order.append(name)
            chosen = next(one for one in free if one.name == name)
            chosen.go()
            chosen.settled(stage.is_waiting)
    finally:
        for one in sessions:
            if one.state != "ended":
                one.abandon()
        for one in sessions:
            one.join(LONGEST)
    return order


def _free(stage, sessions):
    """Return the sessions that stand at a stop, once every other one has ended or waits for a lock."""
    end = time.monotonic() + LONGEST
    while any(one.state == "running" for one in sessions):
        for one in sessions:
            if one.state == "running" and not stage.is_waiting(one):
                one.settled(stage.is_waiting)
        free = [one for one in sessions if one.state == "stopped"]
        if free:
            return free
        if time.monotonic() > end:
            raise AssertionError("the sessions wait for each other, and nobody ends it")
        time.sleep(0.001)  # the database ends a deadlock
    return [one for one in sessions if one.state == "stopped"]


def explore(play, limit=100_000):
    """Play until every order has been played once.

    Args:
        play: Called with a function that chooses; plays once from the beginning.
        limit: At most so many.

    Yields:
        What it returns.
    """
    prefix = []
    for _ in range(limit):
        taken = []  # (index, of how many) at each choice

        def choose(names, taken=taken, prefix=prefix):
            index = prefix[len(taken)] if len(taken) < len(prefix) else 0
            taken.append((index, len(names)))
            return names[index]

        yield play(choose)
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return
        prefix = [index for index, _ in taken[:-1]] + [taken[-1][0] + 1]


def one_switch(first, stops):
    """Return what lets a session pass so many stops, then the others to their ends, then it go on."""
    passed = 0

    def choose(names):
        nonlocal passed
        others = [name for name in names if name != first]
        if first in names and (passed < stops or not others):
            passed += 1
            return first
        return others[0]

    return choose
