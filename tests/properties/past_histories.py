"""Random histories of a store, and what was really stored at every step: the oracle of time travel."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import strategies as st

import mimcore as mim
from mimcore.domain.versions.changes import flatten
from mimcore.identity.duplicates import DuplicatePair

MAILS = ["a@acme.dk", "b@acme.dk", "c@acme.dk", "d@acme.dk"]
CITIES = ["Aarhus", "Odense", "Ribe", mim.CLEAR]
TAGS = st.lists(st.sampled_from("xyz"), max_size=2)
DAYS = st.one_of(st.none(), st.just("undated"), st.integers(0, 40))
number = st.integers(0, 99)
one_step = st.tuples(
    st.sampled_from([0, 1, 1]),
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.sampled_from(MAILS), max_size=2), st.sampled_from(CITIES), DAYS),
        st.tuples(st.just("change"), number, st.sampled_from(CITIES), DAYS),
        st.tuples(st.just("tags"), number, TAGS, DAYS),
        st.tuples(st.just("mails"), number, st.lists(st.sampled_from(MAILS), max_size=3), DAYS),
        st.tuples(st.just("account"), number, number),
        st.tuples(st.just("archive"), number),
        st.tuples(st.just("check"), number, st.booleans(), st.integers(0, 30)),
        st.tuples(st.just("event"), number, st.integers(0, 30)),
        st.tuples(st.just("list"), number, st.booleans()),
        st.tuples(st.just("rule"), st.sampled_from(CITIES[:3])),
        st.tuples(st.just("source"), st.sampled_from([0.5, 0.7, 0.95])),
        st.tuples(st.just("consent"), number, st.booleans()),
        st.tuples(st.just("merge"), number, number),
        st.tuples(st.just("part"), number),
        st.tuples(st.just("import"), st.lists(st.sampled_from(MAILS), min_size=1, max_size=2, unique=True), st.sampled_from(CITIES[:3])),
        st.tuples(st.just("import events"), st.lists(st.sampled_from(MAILS), min_size=1, max_size=2, unique=True)),
        st.tuples(st.just("undo"), number),
        st.tuples(st.just("lead"), number, st.booleans()),
        st.tuples(st.just("custom"), number, st.integers(1, 3)),
    ),
)  # fmt: skip
steps = st.lists(one_step, min_size=2, max_size=12)
"""Steps with the days that pass before each; of what happens at one instant, all is known at it."""


class History:
    """Carries steps out on a store with two people in it; notes what is stored at the end of every instant."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.merges, self.imports, self.leads = [], [], []
        self.seen = {clock(): everything(store)}
        clock.advance(days=1)
        for mail, city in (("a@acme.dk", "Aarhus"), ("b@acme.dk", "Ribe")):
            self._add([mail], city, 9)

    def run(self, steps):
        """Do every step that is possible, and note what is stored after each."""
        for days, (what, *details) in steps:
            self.seen[self.clock()] = everything(self.store)
            self.clock.advance(days=days)
            getattr(self, f"_{what.replace(' ', '_')}")(*details)
        self.seen[self.clock()] = everything(self.store)
        return self

    def everybody(self):
        """Every contact, merged ones too."""
        with self.store.read() as work:
            return list(work.transaction.contacts.all())

    def _active(self, number):
        active = [one for one in self.everybody() if one.status == "active"]
        return active[number % len(active)] if active else None

    def _day(self, ago):
        if ago is None:
            return {}
        return {"observed_at": mim.UNDATED if ago == "undated" else self.clock() - timedelta(days=ago)}

    def _add(self, mails, city, ago):
        with self.store.begin(source=f"s{len(mails)}", **self._day(ago)) as work:
            work.add(mim.Contact(emails=mails, city=city, tags=["new"]))

    def _change(self, number, city, ago):
        if (one := self._active(number)) is not None:
            with self.store.begin() as work:
                work.change(one, city=city, **self._day(ago))

    def _tags(self, number, tags, ago):
        if (one := self._active(number)) is not None:
            with self.store.begin(source="s1") as work:
                one = work.change(one, tags=tags, **self._day(ago))
                work.change(one, owner="maria")

    def _mails(self, number, mails, ago):
        if (one := self._active(number)) is not None:
            with self.store.begin() as work:
                work.change(one, emails=mails, **self._day(ago))

    def _account(self, number, which):
        if (one := self._active(number)) is not None:
            with self.store.begin() as work:
                known = work.accounts.all()
                made = (
                    known[which % len(known)] if known and which % 2 else work.add(mim.Account(name=f"Firm {which}"))[0]
                )
                work.change(one, accounts=[mim.AccountLink(account_id=made.id)])

    def _archive(self, number):
        if (one := self._active(number)) is not None:
            with self.store.begin() as work:
                work.remove(one)

    def _check(self, number, is_valid, ago):
        one = self._active(number)
        if one is None:
            return
        at = self.clock() - timedelta(days=ago)
        with self.store.begin() as work:
            if one.primary_email:
                check = work.confirm if is_valid else work.refute
                check(one.primary_email, by="mailbox_check", at=at)
            if one.demographic.city:
                one = work.contacts.get(one)
                work.confirm(one, "contact.demographic.city", by="owner", at=at)
                if not is_valid:
                    work.change(one, city="Skagen")
                    work.confirm(one, "contact.demographic.city", by="survey", at=at)

    def _event(self, number, ago):
        if (one := self._active(number)) is not None:
            with self.store.begin() as work:
                work.record("visit", contact=one, at=self.clock() - timedelta(days=ago))

    def _list(self, number, is_on):
        if (one := self._active(number)) is not None:
            with self.store.begin() as work:
                if work.segments.find_one("vip") is None:
                    work.add(mim.Segment(key="vip"))
                (work.put_on if is_on else work.take_off)("vip", one)

    def _rule(self, city):
        with self.store.begin() as work:
            rule = mim.fields.contact.city == city
            found = work.segments.find_one("townsfolk")
            if found is None:
                work.add(mim.Segment(key="townsfolk", rule=rule))
            else:
                work.change(found, rule=rule)

    def _source(self, reliability):
        with self.store.begin() as work:
            found = work.sources.find_one("s1")
            if found is None:
                work.add(mim.Source(key="s1", reliability=reliability))
            else:
                work.change(found, reliability=reliability)

    def _consent(self, number, is_yes):
        one = self._active(number)
        if one is not None and one.primary_email:
            with self.store.begin() as work:
                if is_yes:
                    work.grant(
                        one.primary_email,
                        channel="email",
                        purpose="newsletter",
                        method="form",
                        notice="v",
                        evidence={"form": "1"},
                    )
                else:
                    work.withdraw(one.primary_email, channel="email", purpose="newsletter")
                    work.suppress(one.primary_email)

    def _merge(self, number, other):
        one, two = self._active(number), self._active(other)
        if one is not None and one.id != two.id:
            plan = self.store.duplicates.plan(DuplicatePair(one.id, two.id, 0.9, ("said so",)))
            self.merges.append(plan.apply().id)

    def _part(self, number):
        if self.merges:
            self.store.merges.undo(self.merges.pop(number % len(self.merges)))

    def _import(self, mails, city):
        rows = [{"email": mail, "city": city, "owner": "ole"} for mail in mails]
        self.imports.append(self.store.plan_import(rows, source="crm").apply().id)

    def _import_events(self, mails):
        rows = [
            {
                "email": mail,
                "ordered at": (self.clock() - timedelta(days=2)).isoformat(),
                "order": f"{mail}-{len(self.imports)}",
            }
            for mail in mails
        ]
        plan = self.store.plan_import(
            rows,
            source="shop",
            kind="purchases",
            mapping={"email": "contact.emails", "ordered at": "event.at", "order": "event.external_id"},
        )
        self.imports.append(plan.apply().id)

    def _undo(self, number):
        if self.imports:
            self.store.imports.undo(self.imports.pop(number % len(self.imports)))

    def _lead(self, number, is_new):
        one = self._active(number)
        if one is not None and (is_new or not self.leads):
            with self.store.begin() as work:
                self.leads.append(work.add(mim.Lead(contact_id=one, captured_at=self.clock()))[0])
        elif self.leads:
            with self.store.begin() as work:
                self.leads[-1] = work.change(self.leads[-1], owner=f"maria-{number}")

    def _custom(self, number, points):
        if (one := self._active(number)) is not None:
            self.store.attributes.declare(mim.attribute("points", kind="integer", half_life_days=100))
            with self.store.begin(source="s1") as work:
                work.change(one, custom={"points": points})


def everything(store):
    """What a store holds, by kind: records, states, events with whom they count for, lists, checks, acts, links."""
    with store.read() as work:
        inside = work.transaction
        kinds = ("sources", "accounts", "contacts", "leads", "segments", "campaigns", "tasks")
        records = {kind: {one.id: one for one in getattr(inside, kind).all()} for kind in kinds}
        contacts = list(records["contacts"])
        states = inside.freshness.of([*contacts, *records["accounts"]])
        return {
            **{kind: {key: (one.version, one) for key, one in held.items()} for kind, held in records.items()},
            "states": {(one.attribute, one.subject_id): one for known in states.values() for one in known},
            "events": inside.interactions.of(contacts),
            "all events": {one.id: one for one in inside.interactions.all()},
            "leads of": {one: inside.leads.of_contact(one) for one in contacts},
            "lists": inside.segments.lists_of(contacts),
            "checks": [one for _, one in inside.freshness.journal()],
            "acts": sorted((one for one in inside.consents.all()), key=lambda one: (one.recorded_at, one.id.int)),
            "suppressed": sorted((one.identifier, str(one.channel)) for one in inside.consents.suppressions()),
            "links": list(inside.merges.all()),
            "imports": {one.id: (one.status, one.finished_at, one.undone_at) for one in inside.imports.all()},
        }


def replayed(changes, kind, instant):
    """The simplest way to the past: every change from the beginning, field by field, nothing read but the changes."""
    held = {}
    for change in changes:
        if change.recorded_at > instant or change.entity != kind or change.kind in {"listed", "unlisted"}:
            continue
        fields = held.setdefault(change.entity_id, {})
        if change.kind == "import_undone" and not change.after:
            del held[change.entity_id]
            continue
        for name, value in change.after.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
    return held


def plain(entities):
    """Records in plain values, as JSON would hold them."""
    return {one.id: json.loads(json.dumps(flatten(one), default=str)) for one in entities}
