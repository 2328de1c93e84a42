"""Taking imports back: exact restoration, conflicts, partial imports, redo, freshness; resumable from any point."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest

import mimcore as mim
from mimcore.capture import plan_import, split, undo_import
from mimcore.capture.importing import undo as undo_module
from mimcore.domain.versions.changes import ChangeKind, flatten
from mimcore.errors import CaptureError, NotFoundError
from mimcore.repositories.records import ImportStatus

MAPPING = {
    "mail": "contact.emails",
    "name": "contact.name",
    "city": "contact.city",
    "likes": ("contact.interests", split()),
    "phone": "contact.phones",
    "firm": "account.name",
}
HEAD = "mail,name,city,likes,phone,firm\n"
FILE = (
    HEAD
    + "ana@acme.dk,Fru Ana Berg,Odense,chess,+4532123456,Acme\n"
    + "new@acme.dk,Ny Mand,Vejle,,,Acme\n"
    + "bo@acme.dk,,Kolding,cycling,,\n"
    + "ana@acme.dk,,Vejle,skiing,,\n"
    + "bad,,,,,\n"
)


def plan(store, data, **options):
    """Plan an import from the fair."""
    return plan_import(store, data, **{"source": "fair", "mapping": MAPPING, **options})


def contacts(store):
    """Return all contacts, flattened, by id."""
    with store.read() as work:
        return {one.id: flatten(one) for one in work.transaction.contacts.all()}


def accounts(store):
    """Return all accounts, flattened, by id."""
    with store.read() as work:
        return {one.id: flatten(one) for one in work.transaction.accounts.all()}


def states(store):
    """Return source, time, trust and pool of every value."""
    with store.read() as work:
        return {
            (one.attribute, one.subject_id): (one.source, one.observed_at, one.p_ref, one.pool)
            for one in work.transaction.freshness.all()
        }


@pytest.fixture
def people(import_store):
    """Two people from the CRM, with values of their own time."""
    with import_store.begin(source="crm", observed_at="2025-06-01") as work:
        return work.add(
            mim.Contact(emails=["ana@acme.dk"], name="Ana Berg", city="Aarhus", interests=["reading"]),
            mim.Contact(emails=["bo@acme.dk"], city="Odense", tags=["vip"]),
        )


def test_undo_restores_every_contact_exactly(import_store, people, csv_file):
    """Flattened records, accounts and freshness are those of before; the one that was created is gone."""
    before, before_states = contacts(import_store), states(import_store)
    result = plan(import_store, csv_file(FILE)).apply(batch_size=2)
    assert contacts(import_store) != before
    report = import_store.imports.undo(result.id)
    assert (report.removed, report.restored, report.conflicts) == (2, 2, ())  # the new contact and the account
    assert contacts(import_store) == before
    assert accounts(import_store) == {}
    assert states(import_store) == before_states
    assert "removed" in str(report)


def test_undo_of_the_same_import_again_does_nothing(import_store, people, csv_file):
    """The second call says that it was taken back."""
    result = plan(import_store, csv_file(FILE)).apply()
    undo_import(import_store, result.id)
    before = contacts(import_store)
    report = undo_import(import_store, result.id)
    assert report.was_undone
    assert "taken back before" in str(report)
    assert contacts(import_store) == before


def test_an_import_that_does_not_exist_cannot_be_undone(import_store):
    """A typed error, not a silent success."""
    with pytest.raises(NotFoundError, match="no import of that id"):
        undo_import(import_store, uuid4())


def test_after_undo_the_same_file_is_a_new_import_with_the_same_result(import_store, people, csv_file):
    """Redo: what the first import made, the second makes again."""
    file = csv_file(FILE)
    first = plan(import_store, file).apply()
    done = sorted(map(str, (_without_ids(one) for one in contacts(import_store).values())))
    undo_import(import_store, first.id)
    again = plan(import_store, file)
    assert (again.resumed, again.total) == (None, 5)
    second = again.apply()
    assert second.id != first.id
    assert second.counts == first.counts
    assert sorted(map(str, (_without_ids(one) for one in contacts(import_store).values()))) == done
    undo_import(import_store, second.id)
    assert len(contacts(import_store)) == 2


def _without_ids(flat):
    plain = {name: value for name, value in flat.items() if name != "contact.accounts"}
    for points in ("contact.emails", "contact.phones"):
        if points in plain:
            plain[points] = [{name: part for name, part in one.items() if name != "id"} for one in plain[points]]
    return plain


def test_a_later_change_is_a_conflict_and_stays(import_store, people, csv_file):
    """City was changed by a person since: it stays and is listed; the other fields go back."""
    result = plan(import_store, csv_file(FILE)).apply()
    with import_store.begin(source="crm") as work:
        work.change(work.contacts.with_email("ana@acme.dk"), city="Skagen")
    report = undo_import(import_store, result.id)
    ana = import_store.contacts.with_email("ana@acme.dk")
    assert (ana.demographic.city, ana.psychographic.interests) == ("Skagen", ("reading",))
    assert [(one.entity_id, one.fields) for one in report.conflicts] == [(ana.id, ("contact.demographic.city",))]
    assert "Skagen" not in str(report)


@pytest.mark.parametrize("use", ["change", "record", "confirm", "list"])
def test_a_created_contact_that_was_used_since_stays(import_store, csv_file, use):
    """Changed, given events, checked, or put on a list: removing it would lose that."""
    result = plan(import_store, csv_file(FILE)).apply()
    with import_store.begin(source="crm") as work:
        new = work.contacts.with_email("new@acme.dk")
        if use == "change":
            work.change(new, tags=["vip"])
        elif use == "record":
            work.record("visit", contact=new, at="2026-02-01")
        elif use == "confirm":
            work.confirm(new.emails[0], by="delivered")
        else:
            (segment,) = work.add(mim.Segment(key="mine", name="Mine"))
            work.put_on(segment, new)
    report = undo_import(import_store, result.id)
    assert import_store.contacts.with_email("new@acme.dk").demographic.city == "Vejle"
    assert {one.entity_id for one in report.conflicts} >= {new.id}
    assert report.removed == 2  # ana and bo, whom the import made in this test
    assert any(one.entity == "account" and one.reason.startswith("has contacts") for one in report.conflicts)


def test_a_partial_import_is_undone_and_its_importer_stops(import_store, people, csv_file):
    """Killed after the first batch, then taken back from elsewhere: exact again, and the old process cannot go on."""
    before = contacts(import_store)
    planned = plan(import_store, csv_file(FILE))
    done = []

    def meanwhile(rows):
        done.append(rows)
        with import_store.read() as work:
            (record,) = work.transaction.imports.all()
        undo_import(import_store, record.id)

    with pytest.raises(CaptureError, match="another process"):
        planned.apply(batch_size=2, on_progress=meanwhile)
    assert contacts(import_store) == before
    with import_store.read() as work:
        assert [one.status for one in work.transaction.imports.all()] == [ImportStatus.UNDONE]


def test_undo_goes_on_where_it_was_killed(import_store, people, csv_file, monkeypatch):
    """One record a transaction, stopped after each in turn: the end is the same, nothing is taken back twice."""
    before = contacts(import_store)
    file = csv_file(FILE)
    result = plan(import_store, file).apply()
    monkeypatch.setattr(undo_module, "_BATCH", 1)
    original = undo_module._Undo.records
    for allowed in range(1, 5):
        calls = []

        def records(self, kind, ids, calls=calls, allowed=allowed):
            calls.append(ids)
            if len(calls) > allowed:
                raise KeyboardInterrupt
            return original(self, kind, ids)

        monkeypatch.setattr(undo_module._Undo, "records", records)
        if allowed < 4:
            with pytest.raises(KeyboardInterrupt):
                undo_import(import_store, result.id)
            with pytest.raises(CaptureError, match="being taken back"):
                plan(import_store, file)
        else:
            undo_import(import_store, result.id)
    assert contacts(import_store) == before
    with import_store.read() as work:
        undone = [one for one in work.transaction.history.of_import(result.id) if one.kind is ChangeKind.IMPORT_UNDONE]
    assert len(undone) == len({one.entity_id for one in undone}) == 4


def test_imports_taken_back_in_any_order_leave_the_beginning(import_store, people, csv_file):
    """Two imports of the same fields, undone newest first: as before the first."""
    before = contacts(import_store)
    first = plan(import_store, csv_file(FILE, "1.csv")).apply()
    second = plan(import_store, csv_file(HEAD + "ana@acme.dk,,Skagen,opera,,\n", "2.csv")).apply()
    undo_import(import_store, second.id)
    assert import_store.contacts.with_email("ana@acme.dk").demographic.city == "Vejle"
    report = undo_import(import_store, first.id)
    assert report.conflicts == ()
    assert contacts(import_store) == before


def test_the_older_of_two_imports_keeps_what_the_newer_changed(import_store, people, csv_file):
    """Undone oldest first: fields of the newer import are conflicts, and undoing the newer then brings the older's values."""
    first = plan(import_store, csv_file(FILE, "1.csv")).apply()
    second = plan(import_store, csv_file(HEAD + "ana@acme.dk,,Skagen,,,\n", "2.csv")).apply()
    report = undo_import(import_store, first.id)
    assert [one.fields for one in report.conflicts if one.entity == "contact"] == [("contact.demographic.city",)]
    assert import_store.contacts.with_email("ana@acme.dk").demographic.city == "Skagen"
    undo_import(import_store, second.id)
    assert import_store.contacts.with_email("ana@acme.dk").demographic.city == "Vejle"


def test_undo_leaves_a_trace_and_events(import_store, people, csv_file):
    """Change sets of kind import_undone, without values for what was removed, and events for the outbox."""
    result = plan(import_store, csv_file(FILE)).apply()
    undo_import(import_store, result.id)
    with import_store.read() as work:
        undone = [one for one in work.transaction.history.of_import(result.id) if one.kind is ChangeKind.IMPORT_UNDONE]
        kinds = [one.kind for one in work.transaction.outbox.pending(1000)]
    assert sorted(one.entity for one in undone) == ["account", "contact", "contact", "contact"]
    assert [one.after for one in undone if not one.before and not one.after] == [{}, {}]
    assert kinds.count("contact_removed") == 1
    assert kinds.count("import_undone") == 1


@pytest.mark.parametrize("seed", range(8))
def test_random_imports_taken_back_leave_the_records_of_before(import_store, csv_file, seed):
    """Brute force: random people, random rows, any batch size: flattened records, accounts and ages are those of before."""
    dice = random.Random(seed)
    cities, likes = ["Aarhus", "Odense", "Vejle", ""], ["chess", "cycling;skiing", "opera", ""]
    with import_store.begin(source="crm", observed_at="2025-01-01") as work:
        work.add(
            *(mim.Contact(emails=[f"p{n}@acme.dk"], city=dice.choice(cities[:3]), tags=["old"]) for n in range(12))
        )
    before, before_states, before_accounts = contacts(import_store), states(import_store), accounts(import_store)
    rows = [
        f"p{dice.randrange(20)}@acme.dk,P Q{dice.randrange(3)},{dice.choice(cities)},{dice.choice(likes)},,"
        f"{dice.choice(['Acme', 'Lund', ''])}\n"
        for _ in range(60)
    ]
    result = plan(import_store, csv_file(HEAD + "".join(rows))).apply(batch_size=dice.choice([1, 7, 60]))
    assert sum(result.counts.values()) == 60
    report = undo_import(import_store, result.id)
    assert report.conflicts == ()
    assert contacts(import_store) == before
    assert states(import_store) == before_states
    assert accounts(import_store) == before_accounts
