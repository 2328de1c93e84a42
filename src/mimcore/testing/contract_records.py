"""The contract of imports, outbox, lists of static segments, and what is asked of leads, campaigns and tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from mimcore.domain.lead import LeadStage
from mimcore.errors import StoreError
from mimcore.repositories.ports import Backend
from mimcore.repositories.records import ImportRecord, ImportStatus, OutboxEvent, Outcome, RowOutcome
from mimcore.testing.contract_setup import NOW, ContractSetup, ids, reading, stored, writing
from mimcore.testing.factories import Factory

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

__all__ = ["ImportContract", "ListContract", "OutboxContract", "WorkContract"]


class ImportContract(ContractSetup):
    """Holds for imports and the outcomes of their rows."""

    def test_an_imports_record_is_replaced_as_it_goes_on(self, backend: Backend) -> None:
        """The checkpoint moves, the counts grow; there is one record an import."""
        running = _import()
        done = replace(running, status=ImportStatus.FINISHED, next_row=7, counts={"created": 7}, finished_at=NOW)
        with writing(backend) as work:
            work.imports.put(running)
        failed = replace(running, failure="the disk is full")
        with writing(backend) as work:
            work.imports.put(failed)
        with reading(backend) as work:
            assert work.imports.get(running.id) == failed
        with writing(backend) as work:
            work.imports.put(done)
        with reading(backend) as work:
            assert work.imports.get(running.id) == done
            assert work.imports.all() == [done]
            assert work.imports.get(uuid4()) is None

    def test_all_imports_come_oldest_first(self, backend: Backend) -> None:
        """By the instant at which they started."""
        imports = [replace(_import(), started_at=NOW + timedelta(hours=hour)) for hour in (3, 1, 2)]
        with writing(backend) as work:
            for one in imports:
                work.imports.put(one)
        with reading(backend) as work:
            assert work.imports.all() == [imports[1], imports[2], imports[0]]

    def test_the_same_file_finds_its_newest_import_that_stands(self, backend: Backend) -> None:
        """One that was undone does not count: the file may be imported again."""
        older, newer = _import(), replace(_import(), started_at=NOW + timedelta(hours=1))
        with writing(backend) as work:
            work.imports.put(newer)
            work.imports.put(older)
            work.imports.put(replace(_import(), fingerprint="other"))
        with reading(backend) as work:
            assert work.imports.with_fingerprint("f1") == newer
            assert work.imports.with_fingerprint("f2") is None
        with writing(backend) as work:
            work.imports.put(replace(newer, status=ImportStatus.UNDONE))
            assert work.imports.with_fingerprint("f1") == older
            work.imports.put(replace(older, status=ImportStatus.UNDONE))
            assert work.imports.with_fingerprint("f1") is None

    def test_outcomes_come_in_order_of_line(self, backend: Backend) -> None:
        """Everything about a row is kept; another import's rows are not among them."""
        first, second = _import(), _import()
        refused = RowOutcome(
            first.id, 1, 3, Outcome.REJECTED, None, "email", "invalid", "is not an address", "write a@b"
        )
        created = RowOutcome(first.id, 0, 2, Outcome.CREATED, uuid4())
        last = RowOutcome(first.id, 2, 6, Outcome.UNCHANGED, uuid4())
        with writing(backend) as work:
            work.imports.put(first)
            work.imports.put(second)
            work.imports.add_outcomes([last, RowOutcome(second.id, 0, 2, Outcome.SUPPRESSED)])
            work.imports.add_outcomes([refused, created])
        with reading(backend) as work:
            assert list(work.imports.outcomes(first.id)) == [created, refused, last]
            assert list(work.imports.outcomes(uuid4())) == []

    def test_an_import_knows_whom_its_rows_were_about(self, backend: Backend) -> None:
        """Each record once, however many rows; of the imports and records that are named."""
        ana, bo, cai = uuid4(), uuid4(), uuid4()
        one, other = _import(), replace(_import(), observed_at=NOW, fields=("contact.emails", "contact.name"))
        rows = [(one, ana), (one, ana), (one, bo), (one, None), (other, ana), (other, cai)]
        with writing(backend) as work:
            for each in (one, other):
                work.imports.put(each)
            work.imports.add_outcomes(
                [RowOutcome(each.id, place, place, Outcome.UNCHANGED, who) for place, (each, who) in enumerate(rows)]
            )
        with reading(backend) as work:
            assert work.imports.get(other.id) == other
            found = sorted(work.imports.about([one.id, other.id, uuid4()], [ana, bo, uuid4()]))
            assert found == sorted([(one.id, ana), (one.id, bo), (other.id, ana)])
            assert list(work.imports.about([], [ana])) == list(work.imports.about([one.id], [])) == []


class OutboxContract(ContractSetup):
    """Holds for domain events that wait for delivery."""

    def test_events_wait_in_order(self, backend: Backend) -> None:
        """Those of one instant too stay in the order in which they were appended; `limit` cuts."""
        events = [OutboxEvent("contact_created", "contact", uuid4(), 1, NOW, {"fields": ["a", n]}) for n in range(5)]
        with writing(backend) as work:
            work.outbox.append(events[:3])
            work.outbox.append(events[3:])
        with reading(backend) as work:
            assert work.outbox.pending(100) == events
            assert work.outbox.pending(2) == events[:2]

    def test_what_was_delivered_waits_no_more(self, backend: Backend) -> None:
        """The others stay in order; marking twice, or marking the unknown, is harmless."""
        events = [OutboxEvent("lead_converted", "lead", uuid4(), 2, NOW) for _ in range(3)]
        with writing(backend) as work:
            work.outbox.append(events)
        for _ in range(2):
            with writing(backend) as work:
                work.outbox.mark_delivered([events[1].id, uuid4()], NOW)
        with reading(backend) as work:
            assert work.outbox.pending(100) == [events[0], events[2]]

    def test_a_claimed_event_is_nobody_elses(self, backend: Backend) -> None:
        """Until the claim ends, or the event was delivered; the order of recording is kept."""
        events = [OutboxEvent("contact_created", "contact", uuid4(), 1, NOW, {"n": n}) for n in range(5)]
        with writing(backend) as work:
            work.outbox.append(events)
        with writing(backend) as work:
            first = work.outbox.claim(2, now=NOW, until=NOW + MINUTE)
        with writing(backend) as work:
            second = work.outbox.claim(10, now=NOW, until=NOW + MINUTE)
            work.outbox.mark_delivered([events[0].id], NOW)
        assert ([one.id for one in first], [one.id for one in second]) == (
            [one.id for one in events[:2]],
            [one.id for one in events[2:]],
        )
        assert {one.claimed_until for one in first} == {NOW + MINUTE}
        with writing(backend) as work:
            assert work.outbox.claim(10, now=NOW + MINUTE - SECOND, until=NOW + 2 * MINUTE) == []
            again = work.outbox.claim(10, now=NOW + MINUTE, until=NOW + 2 * MINUTE)
        assert [one.id for one in again] == [one.id for one in events[1:]]

    def test_the_events_of_one_record_are_claimed_by_one_worker(self, backend: Backend) -> None:
        """While the first is held, or waits beyond the limit, nobody gets a later one."""
        record, other = uuid4(), uuid4()
        events = [OutboxEvent("contact_changed", "contact", record, n, NOW) for n in (1, 2, 3)]
        events.append(OutboxEvent("contact_created", "contact", other, 1, NOW))
        with writing(backend) as work:
            work.outbox.append(events)
        with writing(backend) as work:
            assert [one.version for one in work.outbox.claim(2, now=NOW, until=NOW + MINUTE)] == [1, 2]
        with writing(backend) as work:
            rest = work.outbox.claim(10, now=NOW, until=NOW + MINUTE)
        assert [one.entity_id for one in rest] == [other]
        with writing(backend) as work:
            work.outbox.mark_delivered([one.id for one in events[:2]], NOW)
        with writing(backend) as work:
            assert [one.id for one in work.outbox.claim(10, now=NOW, until=NOW + MINUTE)] == [events[2].id]

    def test_only_a_writing_transaction_claims_and_locks(self, backend: Backend) -> None:
        """A reading one refuses."""
        with reading(backend) as work, pytest.raises(StoreError):
            work.imports.lock("fingerprint")
        with reading(backend) as work, pytest.raises(StoreError):
            work.contacts.lock([uuid4()])


class ListContract(ContractSetup):
    """Holds for the versions of segments and the lists of static ones."""

    def test_the_stamp_grows_with_every_change_that_is_kept(self, backend: Backend, make: Factory) -> None:
        """Adding and changing do; what is rolled back, or not committed yet, does not show."""
        one, two = make.segment(version=1, key="one"), make.segment(version=1, key="two")
        with reading(backend) as work:
            assert (work.segments.stamp(), work.segments.versions()) == ((0, 0), {})
        stored(backend, segments=[one, two])
        with writing(backend) as work:
            work.segments.update([one.evolve(name="First", version=2)])
        undone = backend.begin()
        undone.segments.update([two.evolve(name="Second", version=2)])
        with reading(backend) as work:
            assert (work.segments.stamp(), work.segments.versions()) == ((2, 3), {one.id: 2, two.id: 1})
        undone.rollback()
        with reading(backend) as work:
            assert work.segments.stamp() == (2, 3)

    def test_a_list_holds_who_was_put_on_it(self, backend: Backend, make: Factory) -> None:
        """Putting on twice is harmless, taking off who is not on it too."""
        one, two, three = (make.contact(version=1) for _ in range(3))
        vips, staff = make.segment(version=1, key="vips"), make.segment(version=1, key="staff")
        stored(backend, contacts=[one, two, three], segments=[vips, staff])
        with writing(backend) as work:
            work.segments.put_on(vips.id, [one.id, two.id])
            work.segments.put_on(vips.id, [one.id])
            work.segments.put_on(staff.id, [one.id])
        assert _lists(backend, one.id, two.id, three.id) == {
            one.id: {"vips", "staff"},
            two.id: {"vips"},
            three.id: set(),
        }
        with writing(backend) as work:
            work.segments.take_off(vips.id, [one.id, three.id])
        assert _lists(backend, one.id, two.id) == {one.id: {"staff"}, two.id: {"vips"}}

    def test_a_removed_segment_lists_nobody(self, backend: Backend, make: Factory) -> None:
        """The list goes with the segment."""
        contact, segment = make.contact(version=1), make.segment(version=1, key="vips")
        stored(backend, contacts=[contact], segments=[segment])
        with writing(backend) as work:
            work.segments.put_on(segment.id, [contact.id])
        with writing(backend) as work:
            work.segments.remove([segment.id])
        assert _lists(backend, contact.id) == {contact.id: set()}

    def test_a_removed_contact_is_on_no_list(self, backend: Backend, make: Factory) -> None:
        """Stored again, it is not listed."""
        contact, segment = make.contact(version=1), make.segment(version=1, key="vips")
        stored(backend, contacts=[contact], segments=[segment])
        with writing(backend) as work:
            work.segments.put_on(segment.id, [contact.id])
            work.contacts.remove([contact.id])
        stored(backend, contacts=[contact])
        assert _lists(backend, contact.id) == {contact.id: set()}

    def test_a_list_follows_the_segments_key(self, backend: Backend, make: Factory) -> None:
        """Renaming a segment keeps its list."""
        contact, segment = make.contact(version=1), make.segment(version=1, key="vips")
        stored(backend, contacts=[contact], segments=[segment])
        with writing(backend) as work:
            work.segments.put_on(segment.id, [contact.id])
            work.segments.update([segment.evolve(key="gold", version=2)])
        assert _lists(backend, contact.id) == {contact.id: {"gold"}}


class WorkContract(ContractSetup):
    """Holds for the questions about leads, campaigns and tasks."""

    def test_leads_stand_in_their_last_stage(self, backend: Backend, make: Factory) -> None:
        """Ordered by id; a step moves a lead from one list to the other."""
        contact = make.contact(version=1)
        leads = [make.lead(contact=contact, version=1) for _ in range(3)]
        stored(backend, contacts=[contact], leads=leads[::-1])
        qualified = leads[1].advance("mql", at=NOW).evolve(version=2)
        with writing(backend) as work:
            work.leads.update([qualified])
        with reading(backend) as work:
            assert [lead.id for lead in work.leads.in_stage(LeadStage.NEW)] == ids(leads[0], leads[2])
            assert work.leads.in_stage(LeadStage.MQL) == [qualified]
            assert work.leads.in_stage(LeadStage.WON) == []
            assert [lead.id for lead in work.leads.of_contact(contact.id)] == ids(*leads)

    def test_campaigns_run_from_their_first_to_their_last_day(self, backend: Backend, make: Factory) -> None:
        """Both ends belong to it; cancelled ones and those without a period never run."""
        spring = make.campaign(version=1, runs=("2026-03-01", "2026-04-15"))
        make_others = ({"runs": None}, {"status": "cancelled", "runs": ("2026-03-01", "2026-04-15")})
        stored(backend, campaigns=[spring, *(make.campaign(version=1, **given) for given in make_others)])
        days = {"2026-02-28": [], "2026-03-01": [spring], "2026-04-15": [spring], "2026-04-16": []}
        with reading(backend) as work:
            for day, running in days.items():
                assert work.campaigns.active_on(date.fromisoformat(day)) == running

    def test_tasks_are_due_before_a_day(self, backend: Backend, make: Factory) -> None:
        """The earliest first; done and cancelled ones, and those without a day, are not due."""
        late, later = make.task(version=1, due_on="2026-03-02"), make.task(version=1, due_on="2026-03-01")
        not_due = [make.task(version=1, due_on="2026-03-03"), make.task(version=1, due_on=None)]
        over = [make.task(version=1, due_on="2026-01-01", status=status) for status in ("done", "cancelled")]
        stored(backend, tasks=[late, later, *not_due, *over])
        with reading(backend) as work:
            assert work.tasks.due_before(date(2026, 3, 3)) == [later, late]


def _import() -> ImportRecord:
    return ImportRecord(
        id=uuid4(),
        fingerprint="f1",
        kind="contacts",
        source="fair",
        actor="maria",
        started_at=NOW,
        status=ImportStatus.RUNNING,
        next_row=0,
        counts={},
        file_name="leads.csv",
    )


def _lists(backend: Backend, *contact_ids: UUID) -> dict[UUID, frozenset[str]]:
    with reading(backend) as work:
        found = work.segments.lists_of(contact_ids)
    return {one: found.get(one, frozenset()) for one in contact_ids}
