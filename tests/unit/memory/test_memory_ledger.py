"""The journal: rollback restores, readers keep their state, and nothing is kept that nobody needs."""

from __future__ import annotations

import threading
from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from mimcore.memory.ledger import Ledger
from mimcore.memory.session import Session


def writer(ledger):
    """Open a writing session."""
    return Session(ledger, is_read_only=False)


def reader(ledger):
    """Open a reading session."""
    return Session(ledger, is_read_only=True)


def test_an_undone_transaction_leaves_the_table_as_it_was():
    """New keys go, changed and dropped ones come back, however often they were written."""
    ledger, table = Ledger(), {"a": 1, "b": 2}
    work = writer(ledger)
    for value in (5, 6):
        work.put(table, "a", value)
        work.put(table, "new", value)
    work.drop(table, "b")
    work.drop(table, "never there")
    work.end(undo=True)
    assert table == {"a": 1, "b": 2}


def test_a_reader_keeps_the_state_it_began_with():
    """Through a commit, a rollback and another commit, for single keys and for whole tables."""
    ledger, table = Ledger(), {"a": 1}
    early = reader(ledger)
    for value, undo in ((2, False), (3, True), (4, False)):
        work = writer(ledger)
        work.put(table, "a", value)
        work.put(table, f"new {value}", value)
        assert (early.get(table, "a"), early.get(table, f"new {value}")) == (1, None)
        work.end(undo=undo)
        assert early.rows(table) == {"a": 1}
    assert reader(ledger).rows(table) == {"a": 4, "new 2": 2, "new 4": 4}


def test_a_reader_that_begins_beside_a_writer_sees_the_state_before_it():
    """Also after the writer was rolled back, and after a later one committed."""
    ledger, table = Ledger(), {"a": 1}
    first = writer(ledger)
    first.put(table, "a", 2)
    beside = reader(ledger)
    first.end(undo=True)
    assert beside.get(table, "a") == 1
    second = writer(ledger)
    second.put(table, "a", 3)
    second.end(undo=False)
    assert (beside.get(table, "a"), reader(ledger).get(table, "a")) == (1, 3)


def test_tables_with_equal_keys_do_not_mix():
    """A note about a key in one table says nothing about another table."""
    ledger, one, two = Ledger(), {"a": 1}, {"a": "x"}
    early, work = reader(ledger), writer(ledger)
    work.put(one, "a", 2)
    assert (early.get(one, "a"), early.get(two, "a")) == (1, "x")


def test_journals_are_forgotten_with_their_last_reader():
    """Nothing piles up: without readers no journal outlives its transaction."""
    ledger, table = Ledger(), {}
    early = reader(ledger)
    for value in range(5):
        work = writer(ledger)
        work.put(table, "a", value)
        work.end(undo=False)
    late = reader(ledger)
    assert len(ledger._journals) == 5
    early.end(undo=False)
    assert ledger._journals == []
    late.end(undo=False)
    assert not ledger._readers


def test_a_chain_is_appended_without_copying_and_undone_at_once():
    """Portions come back in order; a rolled-back portion was never there; a long chain is read without recursion."""
    ledger, table = Ledger(), {}
    for portion in ([1, 2], [], [3]):
        work = writer(ledger)
        work.append(table, "log", portion)
        work.end(undo=False)
    undone = writer(ledger)
    undone.append(table, "log", [9])
    undone.end(undo=True)
    work = writer(ledger)
    assert work.chain(table, "log") == [1, 2, 3]
    assert work.chain(table, "none") == []
    for number in range(100_000):
        work.append(table, "long", [number])
    assert work.chain(table, "long") == list(range(100_000))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.integers(0, 99)),
        st.tuples(st.just("drop"), st.integers(0, 5), st.just(0)),
        st.tuples(st.sampled_from(["commit", "undo", "read"]), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_every_reader_sees_exactly_what_was_committed_when_it_began(steps):
    """Against the plain truth: a copy of the whole table at the time of each reader's beginning."""
    ledger, table, committed = Ledger(), {}, {}
    work, readers = writer(ledger), []
    for name, key, value in steps:
        if name == "put":
            work.put(table, key, value)
        elif name == "drop":
            work.drop(table, key)
        elif name == "read":
            readers.append((reader(ledger), deepcopy(committed)))
        else:
            work.end(undo=name == "undo")
            committed = dict(table) if name == "commit" else committed
            assert table == committed
            work = writer(ledger)
        for one, wanted in readers:
            assert one.rows(table) == wanted
            assert {key: one.get(table, key) for key in range(6)} == {key: wanted.get(key) for key in range(6)}


def test_readers_in_other_threads_never_see_half_a_transaction():
    """Every committed state has the same number under both keys; no reader ever finds two different ones."""
    ledger, table = Ledger(), {"a": 0, "b": 0}
    torn, done = [], threading.Event()

    def read():
        while not done.is_set():
            one = reader(ledger)
            seen = (one.get(table, "a"), one.rows(table)["b"], one.get(table, "b"), one.rows(table)["a"])
            one.end(undo=False)
            if len(set(seen)) > 1:
                torn.append(seen)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 400):
        work = writer(ledger)
        work.put(table, "a", number)
        work.put(table, "b", number)
        work.end(undo=number % 3 == 0)
    done.set()
    for thread in threads:
        thread.join(timeout=30)
    assert torn == []
