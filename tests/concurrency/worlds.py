"""Small stores for sessions that come in each other's way, and pictures of them that can be compared."""

from __future__ import annotations

import itertools
from copy import copy

from sqlalchemy import select

import mimcore as mim
from mimcore.domain.versions.changes import flatten
from mimcore.identity.duplicates import DuplicatePair
from mimcore.identity.link_log import LinkLog
from mimcore.sql.backend import SqlBackend
from mimcore.sql.tables import schema, schema_work
from mimcore.testing import FixedClock

SECRET = b"only-for-tests-0"
NEWS = {"channel": "email", "purpose": "newsletter"}
_tenants = itertools.count(1)


def copy_tenant(engine, from_tenant, to_tenant):
    """Give a new tenant the rows of another one."""
    with engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            names = ", ".join(f'"{name}"' for name in [one.name for one in table.c] if name != "tenant")
            connection.exec_driver_sql(
                f"INSERT INTO {table.name} (tenant, {names}) SELECT '{to_tenant}', {names} FROM {table.name} "
                f"WHERE tenant = '{from_tenant}' ON CONFLICT DO NOTHING"
            )
        connection.commit()


class World:
    """A store with four people: bo looks like ana, dan is merged into bo already, cid stands alone."""

    def __init__(self, stage):
        """Make the first world of a stage."""
        self._open(stage)
        with self.store.begin() as work:
            people = work.add(
                *(mim.Contact(emails=[f"{name}@acme.dk"], city="Odense") for name in ("ana", "bo", "cid", "dan"))
            )
            work.add(mim.Segment(key="vips"))
            self.lead, self.task = work.add(
                mim.Lead(contact_id=people[1].id, captured_at="2026-04-01T10:00Z"),
                mim.Task(title="call", contact_id=people[1].id),
            )
            work.record("purchase", contact=people[1], at="2026-04-02", external_id="old")
            work.grant(people[1].primary_email, **NEWS, method="form", notice="v1", at="2026-04-01")
        self.ana, self.bo, self.cid, self.dan = self.people = people
        self.merged = self.merge(self.bo, self.dan)

    def _open(self, stage):
        self.stage, self.tenant = stage, f"world-{next(_tenants)}"
        self.clock = FixedClock("2026-05-01T10:00Z")
        backend = SqlBackend(stage.engine, tenant=self.tenant, turn=stage.turn)
        self.store = mim.Store(backend, actor="tester", source="crm", clock=self.clock, secret=SECRET)

    def copied(self):
        """Return another world with the same rows, as another tenant's."""
        other = copy(self)
        other._open(self.stage)
        copy_tenant(self.stage.engine, self.tenant, other.tenant)
        return other

    def merge(self, survivor, other):
        """Plan to merge a record into another one, and do it."""
        return self.planned(survivor, other)()

    def planned(self, survivor, other):
        """Plan to merge; what it returns does it."""
        plan = self.store.duplicates.plan(DuplicatePair(survivor.id, other.id, 0.9, ("mailbox",)))
        return lambda: plan.apply().id

    def now(self, person):
        """Return a person as stored now."""
        return self.store.contacts.get(person.id)

    def point(self, person):
        """Return a person's contact point, wherever it hangs now: what a page that was loaded before sends back."""
        return person.primary_email

    def plan(self, rows, source="fair"):
        """Plan to import rows."""
        return self.store.plan_import(rows, source=source, mapping={"mail": "contact.emails", "town": "contact.city"})

    def label(self, one):
        """Name a record."""
        names = dict(zip([one.id for one in self.people], ("ana", "bo", "cid", "dan"), strict=True))
        return names.get(one, "other")

    def picture(self):
        """Everything that the sessions may have left behind, without the ids that every run makes anew."""
        label = self.label
        with self.store.read() as work:
            t = work.transaction
            people = {one.id: one for one in t.contacts.all()}
            links = tuple(t.merges.all())
            acts = list(t.consents.all())
            names = {one.id: label(one.id) if label(one.id) != "other" else str(_plain(one)) for one in people.values()}
            return {
                "people": sorted(str((names[one.id], one.version, one.status, _plain(one))) for one in people.values()),
                "golden": sorted((names[one], names[to]) for one, to in LinkLog(links).golden().items()),
                "links": sorted((str(one.action), label(one.survivor_id), label(one.other_id)) for one in links),
                "counting": sorted(self.counting(t)),
                "lists": sorted((names[one], sorted(keys)) for one, keys in t.segments.lists_of(people).items() if keys),
                "acts": sorted((one.action, one.method, str(one.evidence)) for one in acts),
                "states": sorted(
                    (names[owner], one.attribute, one.source, str(one.observed_at), str(one.confirmed_at), one.p_ref, one.key or 0)
                    for owner, states in t.freshness.of(people).items()
                    for one in states
                ),
                "checks": sorted((one.by, one.is_valid) for _, one in t.freshness.journal()),
                "sources": sorted((one.key, one.version) for one in t.sources.all()),
                "imports": sorted((one.status, one.next_row, sorted(one.counts.items())) for one in t.imports.all()),
                "rows": sorted(
                    (row.row, row.outcome) for one in t.imports.all() for row in t.imports.outcomes(one.id)
                ),
                "history": sorted((one.entity, one.version, one.kind, label(one.entity_id)) for _, one in t.history.journal()),
                "outbox": sorted((one.kind, one.version, label(one.entity_id)) for one in t.outbox.pending(1000)),
            }  # fmt: skip

    def counting(self, transaction):
        """Yield for whom every interaction, lead and task was recorded, and for whom it counts."""
        for table in (schema.interaction, schema_work.lead, schema_work.task):
            for record, counts in transaction._wire.ask(
                select(table.c.record_id, table.c.contact_id).where(table.c.tenant == self.tenant)
            ):
                yield table.name, self.label(record), self.label(counts)

    def unsound(self):
        """Yield what must never be, whatever the sessions did."""
        with self.store.read() as work:
            t = work.transaction
            people = {one.id: one for one in t.contacts.all()}
            log = LinkLog(tuple(t.merges.all()))
            golden = log.golden()
            others = [one.other_id for one in log.holding]
            columns = dict(
                t._wire.ask(
                    select(schema.contact.c.id, schema.contact.c.golden_id).where(
                        schema.contact.c.tenant == self.tenant
                    )
                )
            )
            counting = list(self.counting(t))
            doubled = sorted(
                point.match_key for one in people.values() if one.status == "active" for point in one.emails
            )
        if len(others) != len(set(others)):
            yield "somebody is merged twice"
        for one in people.values():
            if (one.status == "merged") != (one.id in golden):
                yield f"{self.label(one.id)} is {one.status}, and the log says otherwise"
            if golden.get(one.id) != columns[one.id]:
                yield f"{self.label(one.id)} counts for {self.label(columns[one.id])}, and the log says otherwise"
            if one.id in golden and people[golden[one.id]].status != "active":
                yield f"{self.label(one.id)} is merged away on both sides"
        names = {self.label(one): self.label(to) for one, to in golden.items()}
        for table, record, counts in counting:
            if names.get(record, record) != counts:
                yield f"a row of {table} of {record} counts for {counts}"
        if len(doubled) != len(set(doubled)):
            yield "an address is doubled"


def _plain(one):
    flat = flatten(one)
    for points in ("contact.emails", "contact.phones"):
        if points in flat:
            flat[points] = sorted(
                str({name: part for name, part in point.items() if name != "id"}) for point in flat[points]
            )
    return sorted((name, str(value)) for name, value in flat.items())
