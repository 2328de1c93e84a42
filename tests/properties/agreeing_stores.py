"""The same verbs on three stores, step by step: memory, SQLite and PostgreSQL must agree in all they hold, ids included.

Beside them a plain model knows what no verb may lose: every event, every act of consent, and the town of everybody whom
neither a merge nor an import has touched.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import MimcoreError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.sql.backend import SqlBackend
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids, uuid7

SECRET = b"only-for-tests-0"
NEWS = {"channel": "email", "purpose": "newsletter"}
NAMES = st.sampled_from(["ana", "bo", "cid", "dan", "eva"])
TOWNS = st.sampled_from(["Odense", "Ribe", "Vejle", "Århus"])
RULES = (
    f.contact.city == "Ribe",
    f.contact.city.is_missing() | (f.contact.country == "DK"),
    f.contact.purchases.count() >= 1,
    f.contact.in_segment("vips"),
    ~(f.contact.city == "Odense"),
    f.contact.city.freshness() >= 0.5,
)
SORTS = (None, f.contact.city, -f.contact.purchases.count(), [f.contact.country, -f.contact.city])
_tenants = itertools.count(1)
steps = {"steps": 0, "runs": 0, "refused": 0}


class AgreeingStores(RuleBasedStateMachine):
    """Three stores under one clock and one source of ids."""

    postgres = None
    """Engine of an empty database with mimcore's tables; every run is a tenant of it."""

    @initialize()
    def open(self):
        """Three empty stores."""
        self.folder = tempfile.TemporaryDirectory()
        self.clock, self.tenant, self.number = FixedClock("2026-05-01T10:00Z"), f"run-{next(_tenants)}", 0
        self.people, self.merges, self.imports = [], [], []
        self.events, self.acts, self.towns = set(), set(), {}
        self.stores = {"memory": mim.connect("memory:", actor="t", clock=self.clock, secret=SECRET)}
        self.reopened()
        steps["runs"] += 1
        self.do(lambda work: work.add(mim.Segment(key="vips")))

    def reopened(self):
        """Open both databases (again)."""
        for name in ("sqlite", "postgresql"):
            if name in self.stores:
                self.stores[name].close()
        url = f"sqlite:///{Path(self.folder.name) / 'store.db'}"
        self.stores["sqlite"] = mim.connect(url, actor="t", clock=self.clock, secret=SECRET, durability="normal")
        if self.postgres is not None:
            backend = SqlBackend(self.postgres, tenant=self.tenant)
            self.stores["postgresql"] = mim.Store(backend, actor="t", clock=self.clock, secret=SECRET)

    def teardown(self):
        """Close everything."""
        for one in getattr(self, "stores", {}).values():
            one.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def ask(self, call):
        """Call with each store, with the same ids; all give the same answer, or the same kind of error."""
        self.number += 1
        steps["steps"] += 1
        self.clock.advance(minutes=1)
        answers = {}
        for name, store in self.stores.items():
            ids = itertools.count(1_780_000_000_000 + self.number * 10_000)
            with using_ids(lambda ids=ids: uuid7(next(ids), bytes(10))):
                try:
                    answers[name] = (True, call(store))
                except MimcoreError as error:
                    answers[name] = (False, type(error).__name__)
        first = answers["memory"]
        assert all(one == first for one in answers.values()), answers
        steps["refused"] += not first[0]
        self.compare()
        return first[1] if first[0] else None

    def do(self, act):
        """Do something in a unit of work of each store."""

        def call(store):
            with store.begin(source="crm") as work:
                return act(work)

        return self.ask(call)

    def compare(self):
        """All stores hold the same."""
        held = {name: _held(store) for name, store in self.stores.items()}
        for name, one in held.items():
            for part, value in one.items():
                assert value == held["memory"][part], (name, part, _difference(value, held["memory"][part]))
        self.held = held["memory"]

    @invariant()
    def nothing_is_lost(self):
        """What the model knows is there."""
        if not hasattr(self, "held"):
            return
        one = self.held
        assert self.events <= {event.id for event in one["events"]}
        assert self.acts <= {act.id for act in one["acts"]}
        people = {person.id: person for person in one["people"]}
        for person, town in self.towns.items():
            assert people[person].demographic.city == town

    has_people = precondition(lambda self: getattr(self, "people", None))

    def person(self, index):
        """Return one of the ids."""
        return self.people[index % len(self.people)]

    @rule(name=NAMES, town=TOWNS)
    def add(self, name, town):
        """Add somebody; several may share an address."""
        added = self.do(
            lambda work: work.add(
                mim.Contact(emails=[f"{name}@acme.dk"], phones=["+4520304050"] if name == "bo" else [], city=town)
            )
        )
        self.people.append(added[0].id)
        self.towns[added[0].id] = town

    @has_people
    @rule(index=st.integers(0, 50), town=TOWNS, country=st.sampled_from([None, "DK", "SE"]))
    def change(self, index, town, country):
        """Change somebody; whoever was merged away refuses."""
        person = self.person(index)
        done = self.do(lambda work: work.change(person, city=town, **({} if country is None else {"country": country})))
        if done is not None and person in self.towns:
            self.towns[person] = town

    @has_people
    @rule(index=st.integers(0, 50))
    def remove(self, index):
        """Archive somebody."""
        self.do(lambda work: work.remove(work.contacts.get(self.person(index))))

    @has_people
    @rule(index=st.integers(0, 50), external=st.sampled_from([None, "e1", "e2"]), day=st.integers(1, 28))
    def record(self, index, external, day):
        """Record a purchase, perhaps under an id that is known."""
        person = self.person(index)
        event = self.do(
            lambda work: work.record("purchase", contact=person, at=f"2026-04-{day:02}", external_id=external)
        )
        if event is not None:
            self.events.add(event.id)

    @has_people
    @rule(index=st.integers(0, 50), by=st.sampled_from(["owner", "delivered", "vendor"]), is_right=st.booleans())
    def check(self, index, by, is_right):
        """Confirm or refute an address."""
        person = self.person(index)

        def act(work):
            point = work.contacts.get(person).primary_email
            return point and (work.confirm if is_right else work.refute)(point, by=by)

        self.do(act)

    @has_people
    @rule(index=st.integers(0, 50), given=st.booleans())
    def consent(self, index, given):
        """Grant or withdraw."""
        person = self.person(index)

        def act(work):
            point = work.contacts.get(person).primary_email
            if given:
                return work.grant(point, **NEWS, method="form", notice="v1")
            return work.withdraw(point, **NEWS)

        done = self.do(act)
        if done is not None:
            self.acts.add(done.id)

    @has_people
    @rule(index=st.integers(0, 50), on=st.booleans())
    def list(self, index, on):
        """Put somebody on the list, or take them off."""
        person = self.person(index)
        self.do(lambda work: (work.put_on if on else work.take_off)("vips", person))

    @has_people
    @rule(index=st.integers(0, 50))
    def add_a_lead(self, index):
        """A lead of somebody."""
        self.do(lambda work: work.add(mim.Lead(contact_id=self.person(index), captured_at="2026-04-01T10:00Z")))

    @has_people
    @rule(one=st.integers(0, 50), other=st.integers(0, 50))
    def merge(self, one, other):
        """Merge two, if both are active."""
        first, second = self.person(one), self.person(other)
        if first == second:
            return
        done = self.ask(lambda store: store.duplicates.plan(DuplicatePair(first, second, 0.9, ())).apply().id)
        if done is not None:
            self.merges.append(done)
            self.towns.pop(first, None)
            self.towns.pop(second, None)

    @precondition(lambda self: getattr(self, "merges", None))
    @rule(index=st.integers(0, 50))
    def undo_a_merge(self, index):
        """Take a merge back, perhaps once more."""
        self.ask(lambda store: str(store.merges.undo(self.merges[index % len(self.merges)]).kept))

    @rule(rows=st.lists(st.tuples(NAMES, TOWNS), min_size=1, max_size=3), size=st.sampled_from([1, 100]))
    def import_rows(self, rows, size):
        """Import rows, perhaps the same ones again."""
        table = [{"mail": f"{name}@acme.dk", "town": town} for name, town in rows]
        mapping = {"mail": "contact.emails", "town": "contact.city"}

        def call(store):
            done = store.plan_import(table, source="fair", mapping=mapping).apply(batch_size=size)
            return done.id, dict(done.counts)

        done = self.ask(call)
        self.towns.clear()
        if done is not None and done[0] not in self.imports:
            self.imports.append(done[0])
        with self.stores["memory"].read() as work:
            self.people = [one.id for one in work.transaction.contacts.all()]

    @precondition(lambda self: getattr(self, "imports", None))
    @rule(index=st.integers(0, 50))
    def undo_an_import(self, index):
        """Take an import back, perhaps once more."""
        self.ask(lambda store: store.imports.undo(self.imports[index % len(self.imports)]))
        with self.stores["memory"].read() as work:
            self.people = [one.id for one in work.transaction.contacts.all()]
        self.towns = {one: town for one, town in self.towns.items() if one in self.people}

    @rule(asked=st.sampled_from(RULES), sort=st.sampled_from(SORTS), limit=st.integers(1, 4))
    def find(self, asked, sort, limit):
        """Members in order, page by page; verdicts; counts."""

        def call(store):
            page, found = store.contacts.find(asked, sort=sort, limit=limit), []
            while True:
                found += [one.id for one in page.items]
                if page.next is None:
                    break
                page = store.contacts.find(asked, sort=sort, limit=limit, after=page.next)
            verdicts = store.contacts.verdicts(asked)
            assert sorted(found) == store.contacts.ids(asked)
            return found, str(verdicts), store.contacts.count(asked)

        self.ask(call)

    @rule()
    def claim(self):
        """Take events and deliver the first half of them."""

        def call(store):
            taken = store.events.claim(limit=10, seconds=90)
            store.events.done(taken[: len(taken) // 2])
            return [one.event for one in taken]

        self.ask(call)

    @rule()
    def reopen(self):
        """Close the databases and open them again."""
        self.reopened()
        self.compare()


def _difference(one, other):
    """Return the first element in which two collections differ; what is masked in it stays masked."""
    pairs = itertools.zip_longest(
        one.items() if isinstance(one, dict) else one, other.items() if isinstance(other, dict) else other
    )
    return next((len(one), len(other), *pair) for pair in pairs if pair[0] != pair[1])


def _held(store):
    with store.read() as work:
        t = work.transaction
        people = list(t.contacts.all())
        ids = [one.id for one in people]
        return {
            "people": people,
            "events": list(t.interactions.all()),
            "counting": t.interactions.of(ids),
            "leads": {one: t.leads.of_contact(one) for one in ids},
            "states": {one: sorted(map(str, some)) for one, some in t.freshness.of(ids).items()},
            "checks": [one for _, one in t.freshness.journal()],
            "acts": sorted(t.consents.all(), key=lambda act: act.identifier),  # ordered for each identifier only
            "links": list(t.merges.all()),
            "lists": t.segments.lists_of(ids),
            "imports": list(t.imports.all()),
            "rows": [row for one in t.imports.all() for row in t.imports.outcomes(one.id)],
            "history": [one for _, one in t.history.journal()],
            "outbox": t.outbox.pending(10_000),
        }
