"""Random histories of merges, edits and undos: everything comes back, and consent never widens on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import KINDS, START, added, examples, opened, ordered_ids, states

import mimcore as mim
from mimcore.domain.versions.changes import flatten
from mimcore.identity.duplicates import DuplicatePair
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids

MAILS = ["a@acme.dk", "b@acme.dk", "c@acme.dk"]
people = st.fixed_dictionaries(
    {"emails": st.lists(st.sampled_from(MAILS), max_size=2)},
    optional={
        "name": st.sampled_from(["Ana Berg", "Fru Ana", "Bo Holm"]),
        "city": st.sampled_from(["Aarhus", "Odense", "Ribe"]),
        "tags": st.lists(st.sampled_from("xyz"), max_size=3),
        "preferred_channels": st.lists(st.sampled_from(["email", "sms", "post"]), max_size=2),
        "owner": st.sampled_from(["maria", "ole"]),
        "external_ids": st.sampled_from([{"crm": "1"}, {"crm": "2"}, {"web": "1"}]),
        "custom": st.sampled_from([{"tier": "gold"}, {"points": 1}]),
        "household_size": st.integers(0, 3),
    },
)
seen = st.sampled_from([mim.UNDATED, "2026-01-01T10:00Z", "2026-02-01T10:00Z", "2026-03-01T10:00Z"])
crowds = st.lists(st.tuples(people, seen), min_size=2, max_size=5)
step = st.tuples(st.sampled_from(["merge", "merge", "undo"]), st.integers(0, 99), st.integers(0, 99))


def everything(store, ids):
    """What is stored about each record: values, states, events, lists."""
    with store.read() as work:
        contacts = work.contacts.get_all(ids)
        events, lists = work.transaction.interactions.of(ids), work.transaction.segments.lists_of(ids)
    return {
        one.id: (
            flatten(one),
            tuple(found),
            tuple(event.id for event in events.get(one.id, ())),
            lists.get(one.id, frozenset()),
        )
        for one, found in zip(contacts, states(store, *contacts), strict=True)
    }


def usable(store):
    """Every identifier that may be mailed through an active contact."""
    found = set()
    with store.read() as work:
        for contact in work.contacts.stream():
            for point in contact.emails:
                if work.can_contact(point, channel="email", purpose="newsletter"):
                    found.add(work.gate.identifier(point))
    return found


def populate(store, crowd):
    """Add people with a visit each; some are on a list; every other one consented, every fourth withdrew."""
    store.attributes.declare(mim.attribute("tier"), mim.attribute("points", kind="integer"))
    added(store, mim.Segment(key="quiet"))
    made = []
    for index, (one, at) in enumerate(crowd):
        person = added(store, mim.Contact(**one), source=f"source-{index % 2}", observed_at=at)
        with store.begin() as work:
            work.record("visit", contact=person, at=START)
            if index % 3 == 0:
                work.put_on("quiet", person)
            for point in person.emails:
                if index % 2 == 0:
                    work.grant(point, channel="email", purpose="newsletter", method="form", notice="v", evidence={"form": str(index)},
                               at="2026-04-01T10:00Z")  # fmt: skip
                if index % 4 == 3:
                    work.withdraw(point, channel="email", purpose="newsletter", at="2026-04-02T10:00Z")
        made.append(person.id)
    return made


class History:
    """Merges and undoes by number, as far as they are possible; remembers what still holds."""

    def __init__(self, store, ids):
        self.store, self.ids, self.holding = store, ids, []

    def run(self, what, first, second):
        """Merge, or undo, if there is anything to."""
        active = [one for one in self.ids if self.store.contacts.get(one).status == "active"]
        if what == "undo" and self.holding:
            self.store.merges.undo(self.holding.pop(first % len(self.holding)))
        elif what == "merge" and len(active) > 1:
            one = active[first % len(active)]
            two = [other for other in active if other != one][second % (len(active) - 1)]
            plan = self.store.duplicates.plan(DuplicatePair(one, two, 0.9, ("said so",)))
            self.holding.append(plan.apply().id)

    def undo_all(self, order):
        """Take back whatever still holds."""
        while self.holding:
            self.store.merges.undo(self.holding.pop(order % len(self.holding)))


def come_back(store, crowd, steps, order):
    """Run a history; what may be used never changes, and in the end everything is as it was."""
    with using_ids(ordered_ids()):
        ids = populate(store, crowd)
        before, mailable = everything(store, ids), usable(store)
        history = History(store, ids)
        for one in steps:
            history.run(*one)
            assert usable(store) == mailable
            with store.read() as work:
                held = sum(
                    len(events)
                    for events in work.transaction.interactions.of([c.id for c in work.contacts.stream()]).values()
                )
            assert held == len(ids)
        history.undo_all(order)
        assert everything(store, ids) == before
        assert usable(store) == mailable


@examples(60)
@given(crowd=crowds, steps=st.lists(step, min_size=1, max_size=7), order=st.integers(0, 5))
def test_everything_comes_back_in_any_order(tmp_path_factory, crowd, steps, order):
    """Merges of 2 to 5 people, nested as they fall, undone in any order: values, states, events and lists are as before."""
    with opened("memory", tmp_path_factory.getbasetemp(), FixedClock(START)) as store:
        come_back(store, crowd, steps, order)


@examples(6)
@given(crowd=crowds, steps=st.lists(step, min_size=3, max_size=6), order=st.integers(0, 5))
def test_everything_comes_back_on_sqlite(tmp_path_factory, crowd, steps, order):
    """The same on the other store."""
    with opened("sqlite", tmp_path_factory.mktemp("m"), FixedClock(START)) as store:
        come_back(store, crowd, steps, order)


NAME = {f"contact.name.{part}" for part in ("title", "given", "middle", "family", "suffix")}
edits = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["Vejle", "Skagen"]),
        "owner": st.sampled_from(["ida", mim.CLEAR]),
        "tags": st.lists(st.sampled_from("xyzvw"), max_size=4),
        "emails": st.lists(st.sampled_from([*MAILS, "new@acme.dk"]), max_size=3),
        "name": st.sampled_from(["Dr Ana Berg", mim.CLEAR]),
    },
)


@pytest.mark.parametrize("kind", KINDS)
def test_edits_stay_and_the_rest_comes_back(tmp_path_factory, kind):
    """What was edited on a golden record is kept where it was edited; every other field is as before, whatever the order."""

    @examples(50 if kind == "memory" else 5)
    @given(
        crowd=crowds,
        steps=st.lists(st.one_of(step, st.tuples(st.just("edit"), edits, st.integers(0, 99))), max_size=8),
        order=st.integers(0, 5),
    )
    def holds(crowd, steps, order):
        with opened(kind, tmp_path_factory.mktemp("e"), FixedClock(START)) as store, using_ids(ordered_ids()):
            ids = populate(store, crowd)
            before, mailable = everything(store, ids), usable(store)
            history, edited = History(store, ids), {one: set() for one in ids}
            for what, first, second in steps:
                if what == "edit":
                    active = [one for one in ids if store.contacts.get(one).status == "active"]
                    target = active[second % len(active)]
                    with store.begin() as work:
                        old = work.contacts.get(target)
                        new = work.change(old, **first)
                        edited[target] |= {
                            name for change in work.history(new)[-1:] if new != old for name in change.after
                        }
                else:
                    history.run(what, first, second)
                assert usable(store) <= mailable
            history.undo_all(order)
            after = everything(store, ids)
            touched = {"contact.emails"}.union(*edited.values())
            touched |= {name for name in NAME if touched & NAME}
            for one in ids:
                old, new = before[one][0], after[one][0]
                assert {name for name in {*old, *new} if old.get(name) != new.get(name)} <= touched
                assert before[one][2:] == after[one][2:]
            assert {store.contacts.get(one).status for one in ids} == {"active"}
            with store.read() as work:
                for one in ids:
                    assert work.contacts.get(one).model_validate(
                        work.contacts.get(one).model_dump()
                    ) == work.contacts.get(one)

    holds()
