"""Importing purchases and other events: whose they are, once each, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import mimcore as mim
from mimcore.capture import plan_import, read_money, undo_import
from mimcore.errors import InvalidValueError
from mimcore.identity.duplicates import DuplicatePair

MAPPING = {
    "mail": "contact.emails",
    "order": "event.external_id",
    "when": "event.at",
    "total": ("event.value", read_money("DKK")),
    "item": "event.product",
    "n": "event.quantity",
    "gift": "event.is_gift",
    "shop": "event.properties.shop",
}
HEAD = "mail,order,when,total,item,n,gift,shop\n"
ROWS = (
    HEAD
    + "ana@acme.dk,o1,2026-01-05 10:30,249.00,helmet,1,yes,Aarhus\n"
    + "ANA@acme.dk,o2,2026-02-05,99.50,light,2,no,\n"
    + "nobody@acme.dk,o3,2026-02-05,1.00,x,1,,\n"
    + "ana@acme.dk,o1,2026-01-05 10:30,249.00,helmet,1,yes,Aarhus\n"
    + "ana@acme.dk,o1,2026-01-05 10:30,250.00,helmet,1,yes,Aarhus\n"
    + "bo@acme.dk,o4,2027-02-05,1.00,x,1,,\n"
    + "bo@acme.dk,o5,2026-02-05,-1.00,x,1,,\n"
    + ",o6,2026-02-05,1.00,x,1,,\n"
)


@pytest.fixture
def people(import_store):
    """Ana and Bo."""
    with import_store.begin(source="crm") as work:
        return work.add(mim.Contact(emails=["ana@acme.dk"]), mim.Contact(emails=["bo@acme.dk"]))


def plan(store, data, **options):
    """Plan an import of purchases from the shop."""
    return plan_import(store, data, **{"source": "shop", "mapping": MAPPING, "kind": "purchases", **options})


def events(store):
    """Return all events, oldest first."""
    with store.read() as work:
        return list(work.transaction.interactions.all())


@pytest.mark.parametrize("batch_size", [1, 500])
def test_purchases_find_their_contact_and_are_recorded_once(import_store, people, csv_file, batch_size):
    """Created, unchanged and refused rows, with the reason; plan and result agree."""
    planned = plan(import_store, csv_file(ROWS))
    result = planned.apply(batch_size=batch_size)
    assert planned.counts == result.counts == {"created": 2, "unchanged": 1, "rejected": 5}
    assert [one.problems[0].code for one in result.rejects] == [
        "unknown_contact",
        "conflicting_event",
        "invalid_value",
        "invalid_value",
        "missing_key",
    ]
    first, second = events(import_store)
    assert (first.kind, first.source, first.external_id, first.product) == ("purchase", "shop", "o1", "helmet")
    assert first.at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    assert (first.value, first.is_gift, dict(first.properties)) == (
        mim.money("249.00", "DKK"),
        True,
        {"shop": "Aarhus"},
    )
    assert {first.contact_id, second.contact_id} == {people[0].id}
    assert second.at == datetime(2026, 2, 5, 22, 59, 59, 999999, tzinfo=UTC)


def test_another_file_with_known_orders_records_nothing(import_store, people, csv_file):
    """The source's ids make it idempotent beyond the file."""
    plan(import_store, csv_file(ROWS)).apply()
    again = plan(import_store, csv_file("".join(ROWS.splitlines(keepends=True)[:3]), name="b.csv"))
    assert again.counts == {"unchanged": 2}
    again.apply()
    assert len(events(import_store)) == 2


def test_an_id_that_somebody_elses_event_has_is_refused(import_store, people, csv_file):
    """In one file and across files: the second person's purchase is not taken for the first one's."""
    rows = [f"{who}@acme.dk,o1,2026-01-05 10:30,249.00,helmet,1,yes,\n" for who in ("ana", "bo")]
    result = plan(import_store, csv_file(HEAD + "".join(rows))).apply()
    assert result.counts == {"created": 1, "rejected": 1}
    (problem,) = result.rejects[0].problems
    assert (problem.code, problem.reason) == (
        "conflicting_event", "bears the id of an event that is stored for somebody else",
    )  # fmt: skip
    assert plan(import_store, csv_file(HEAD + rows[1], name="b.csv")).counts == {"rejected": 1}


def test_an_event_of_a_merged_record_is_known_for_the_golden_one(import_store, people, csv_file):
    """Whoever was unified since is no somebody else."""
    row = "bo@acme.dk,o1,2026-01-05 10:30,249.00,helmet,1,yes,\n"
    plan(import_store, csv_file(HEAD + row)).apply()
    import_store.duplicates.plan(DuplicatePair(people[0].id, people[1].id, 0.99, ("by hand",))).apply()
    more = HEAD + row + row.replace("o1", "o2")
    assert plan(import_store, csv_file(more, name="b.csv")).counts == {"unchanged": 1, "created": 1}


def test_events_of_an_import_are_taken_back(import_store, people, csv_file):
    """Only its own; the contacts stay as they were; the same file can come again."""
    with import_store.begin(source="shop") as work:
        work.record("visit", contact=people[0], at="2026-01-01", external_id="v1")
    file = csv_file(ROWS)
    result = plan(import_store, file).apply()
    report = undo_import(import_store, result.id)
    assert (report.events_removed, report.removed, report.restored) == (2, 0, 0)
    assert [one.external_id for one in events(import_store)] == ["v1"]
    assert plan(import_store, file).apply().counts["created"] == 2


def test_kinds_may_stand_in_a_column(import_store, people, csv_file):
    """Each row says its kind; one that is not declared is refused."""
    text = "mail,what,when\nana@acme.dk,visit,2026-01-05\nana@acme.dk,vizit,2026-01-06\n"
    mapping = {"mail": "contact.emails", "what": "event.kind", "when": "event.at"}
    result = plan(import_store, csv_file(text), mapping=mapping, kind="visit").apply()
    assert result.counts == {"created": 1, "rejected": 1}
    assert result.rejects[0].problems[0].column == "what"
    assert events(import_store)[0].kind == "visit"


def test_events_need_a_time(import_store, csv_file):
    """Without event.at nothing can be said about them."""
    with pytest.raises(InvalidValueError, match=r"event\.at"):
        plan(import_store, csv_file("mail\na@acme.dk\n"), mapping={"mail": "contact.emails"})


def test_events_find_contacts_by_external_id(import_store, csv_file):
    """The id under which the same source knows the person."""
    with import_store.begin() as work:
        (ana,) = work.add(mim.Contact(emails=["a@acme.dk"], external_ids={"shop": "77"}))
    mapping = {"customer": "contact.external_id", "when": "event.at"}
    plan(import_store, csv_file("customer,when\n77,2026-01-05\n"), mapping=mapping).apply()
    assert [one.contact_id for one in events(import_store)] == [ana.id]


def test_each_event_tells_the_outbox(import_store, people, csv_file):
    """One domain event for each recorded one, without values."""
    plan(import_store, csv_file(ROWS)).apply()
    with import_store.read() as work:
        told = [one for one in work.transaction.outbox.pending(1000) if one.kind == "interaction_recorded"]
    assert [dict(one.data) for one in told] == [{"kind": "purchase"}] * 2
