"""Any back end behaves like two plain dicts: whatever is written, undone, read and found, in whatever order."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import DuplicateKeyError, StaleVersionError
from mimcore.memory import InMemoryBackend
from mimcore.repositories.ports import Query
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import negate
from mimcore.testing.strategies import NOW, contacts, interactions, rules

PEOPLE = contacts(
    emails=st.lists(st.sampled_from(["a@example.com", "b@example.com", "c@example.com"]), max_size=2, unique=True),
    status=st.sampled_from([RecordStatus.ACTIVE, RecordStatus.ACTIVE, RecordStatus.ARCHIVED]),
)


@dataclass
class Model:
    """The plain truth: contacts and interactions by id, and for whom a record's interactions count."""

    contacts: dict = field(default_factory=dict)
    events: dict = field(default_factory=dict)
    golden: dict = field(default_factory=dict)

    def active(self):
        """Active contacts in order of their ids."""
        return [one for _, one in sorted(self.contacts.items()) if one.status is RecordStatus.ACTIVE]

    def events_of(self, contact_id):
        """What counts for a contact, oldest first."""
        counting = [one for one in self.events.values() if self.counts_for(one.contact_id) == contact_id]
        return sorted(counting, key=lambda one: (one.at, one.id))

    def counts_for(self, contact_id):
        """The golden record of a record."""
        return self.golden.get(contact_id, contact_id)

    def true_for(self, bound):
        """The ids for which a rule is true, in order."""
        test = evaluator(bound)
        facts = [Facts(contact=one, events=self.events_of(one.id)) for one in self.active()]
        return [one.contact.id for one in facts if test(one) is True]

    def with_email(self, key):
        """The active contacts with an active point of that key."""
        return tuple(
            one.id
            for one in self.active()
            if any(point.match_key == key and not point.is_retired for point in one.emails)
        )


class StoreMachine(RuleBasedStateMachine):
    """Steps of one writer, with a reader beside it after each."""

    def make_backend(self):
        """Return an empty back end."""
        return InMemoryBackend()

    @initialize()
    def open(self):
        """Start empty on both sides."""
        self.backend = self.make_backend()
        self.committed, self.model, self.work = Model(), Model(), None

    def teardown(self):
        """End what is open."""
        if hasattr(self, "backend"):
            if self.work is not None:
                self.work.rollback()
            self.backend.close()

    is_idle = precondition(lambda self: self.work is None)
    is_working = precondition(lambda self: self.work is not None)
    has_people = precondition(lambda self: self.work is not None and self.model.contacts)
    has_events = precondition(lambda self: self.work is not None and self.model.events)

    def pick(self, data, among):
        """Draw one of the ids."""
        return data.draw(st.sampled_from(sorted(among)))

    def give_up(self):
        """Roll back after a conflict, as every caller must."""
        self.work.rollback()
        self.work, self.model = None, None

    @rule()
    @is_idle
    def begin(self):
        """Open a writing transaction."""
        self.work, self.model = self.backend.begin(), deepcopy(self.committed)

    @rule()
    @is_working
    def commit(self):
        """Keep the work."""
        self.work.commit()
        self.work, self.committed = None, self.model

    @rule()
    @is_working
    def rollback(self):
        """Throw the work away."""
        self.give_up()

    @rule(people=st.lists(PEOPLE, max_size=4, unique_by=lambda one: one.id))
    @is_working
    def add(self, people):
        """Add people; an id that exists refuses the whole call."""
        if any(one.id in self.model.contacts for one in people):
            with pytest.raises(DuplicateKeyError):
                self.work.contacts.add(people)
            self.give_up()
            return
        self.work.contacts.add(people)
        self.model.contacts.update({one.id: one for one in people})

    @rule(data=st.data(), new=PEOPLE)
    @has_people
    def update(self, data, new):
        """Change a contact, with its points and its status."""
        old = self.model.contacts[self.pick(data, self.model.contacts)]
        changed = old.evolve(emails=new.emails).model_copy(
            update={"version": old.version + 1, "status": new.status, "demographic": new.demographic, "tags": new.tags}
        )
        self.work.contacts.update([changed])
        self.model.contacts[old.id] = changed

    @rule(data=st.data(), step=st.sampled_from([-1, 0, 2]))
    @has_people
    def update_a_stale_one(self, data, step):
        """A version that is not the next one is refused."""
        old = self.model.contacts[self.pick(data, self.model.contacts)]
        with pytest.raises(StaleVersionError, match=str(old.id)):
            self.work.contacts.update([old.model_copy(update={"version": old.version + step})])
        self.give_up()

    @rule(data=st.data())
    @has_people
    def add_one_again(self, data):
        """An id that exists is refused."""
        with pytest.raises(DuplicateKeyError):
            self.work.contacts.add([self.model.contacts[self.pick(data, self.model.contacts)]])
        self.give_up()

    @rule(data=st.data())
    @has_people
    def remove(self, data):
        """Remove a contact that no merge touches, with its interactions."""
        gone = self.pick(data, self.model.contacts)
        if gone in self.model.golden or gone in self.model.golden.values():
            return
        events = [one.id for one in self.model.events.values() if one.contact_id == gone]
        self.work.interactions.remove(events)
        self.work.contacts.remove([gone])
        del self.model.contacts[gone]
        for one in events:
            del self.model.events[one]

    @rule(data=st.data())
    @has_people
    def record(self, data):
        """Record an interaction."""
        event = data.draw(interactions(st.sampled_from(sorted(self.model.contacts))))
        if event.id in self.model.events:
            return
        self.work.interactions.add([event])
        self.model.events[event.id] = event

    @rule(data=st.data())
    @has_events
    def take_back(self, data):
        """Remove an interaction."""
        gone = self.pick(data, self.model.events)
        self.work.interactions.remove([gone])
        del self.model.events[gone]

    @rule(data=st.data())
    @has_people
    def move(self, data):
        """Let one golden record count for another."""
        one, other = self.pick(data, self.model.contacts), self.pick(data, self.model.contacts)
        if one == other or {one, other} & set(self.model.golden):
            return
        self.work.merges.move(one, other)
        moved = [record for record, golden in self.model.golden.items() if golden == one]
        self.model.golden.update(dict.fromkeys([one, *moved], other))

    @rule(data=st.data())
    @has_people
    def move_back(self, data):
        """Let a record count for itself."""
        record = self.pick(data, self.model.contacts)
        self.work.merges.move_back(record)
        self.model.golden.pop(record, None)

    @rule(condition=rules(), limit=st.integers(1, 5))
    @is_working
    def find(self, condition, limit):
        """A rule inside the transaction: members, the opposite, pages."""
        bound = bind(condition, Binding(now=NOW))
        wanted = self.model.true_for(bound)
        assert self.work.contacts.find(Query(bound)) == wanted
        assert self.work.contacts.count(negate(bound)) == len(self.model.true_for(negate(bound)))
        assert self.work.contacts.find(Query(bound, limit=limit)) == wanted[:limit]
        if wanted:
            assert self.work.contacts.find(Query(bound, limit=limit, after=wanted[0])) == wanted[1 : limit + 1]

    @rule(condition=rules())
    @is_idle
    def find_as_a_reader(self, condition):
        """A rule in a reading transaction."""
        bound = bind(condition, Binding(now=NOW))
        reader = self.backend.begin(is_read_only=True)
        assert reader.contacts.find(Query(bound)) == self.committed.true_for(bound)
        reader.rollback()

    @invariant()
    def a_reader_sees_what_was_committed(self):
        """Whatever the open writer does."""
        if not hasattr(self, "backend"):
            return
        reader = self.backend.begin(is_read_only=True)
        self.compare(reader, self.committed)
        reader.rollback()

    @invariant()
    def the_writer_sees_its_own_work(self):
        """Before the commit."""
        if getattr(self, "work", None) is not None:
            self.compare(self.work, self.model)

    def compare(self, work, model):
        """Everything that can be read is as in the model."""
        assert list(work.contacts.all()) == [one for _, one in sorted(model.contacts.items())]
        found = work.interactions.of(list(model.contacts))
        assert {one: found.get(one, []) for one in model.contacts} == {
            one: model.events_of(one) for one in model.contacts
        }
        for key in ("a@example.com", "b@example.com", "c@example.com"):
            assert work.contacts.with_points("email", [key]).get(key, ()) == model.with_email(key)


class SqliteMachine(StoreMachine):
    """The same steps on a SQLite file."""

    def make_backend(self):
        """Return an empty database in a folder of its own."""
        from mimcore.sql.backend import SqlBackend

        self.folder = tempfile.TemporaryDirectory()
        return SqlBackend.connect(f"sqlite:///{Path(self.folder.name) / 'machine.db'}", durability="normal")

    def teardown(self):
        """End what is open."""
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


def _case(machine, examples, phases=tuple(Phase)):
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        phases=phases,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    return case


TestInMemoryMachine = _case(StoreMachine, 60)
TestSqliteMachine = _case(SqliteMachine, 10)


def test_the_machine_would_notice_a_lost_rollback():
    """The comparison is not blind: a back end that keeps what was rolled back is caught."""

    class Forgetful(StoreMachine):
        def give_up(self):
            self.work.commit()
            self.work, self.model = None, None

    with pytest.raises(AssertionError):
        _case(Forgetful, 100, [Phase.generate])("runTest").runTest()
