"""Taking an import back when its records were used, merged, or changed by an import that is gone: nothing dangles."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore.capture import plan_import
from mimcore.identity.duplicates import DuplicatePair
from mimcore.repositories.records import ImportStatus

MAPPING = {"mail": "contact.emails", "city": "contact.city", "firm": "account.name"}
HEAD = "mail,city,firm\n"


def imported(store, csv_file, rows, name="a.csv"):
    """Import rows of mail, city, firm."""
    return plan_import(store, csv_file(HEAD + rows, name), source="fair", mapping=MAPPING).apply()


def merged(store, survivor, other):
    """Merge a record into another one."""
    return store.duplicates.plan(DuplicatePair(survivor.id, other.id, 0.99, ("by hand",))).apply()


def status(store, import_id):
    """Return what the store says of an import."""
    with store.read() as work:
        return work.transaction.imports.get(import_id).status


def stayed(report):
    """Return what stays, and why."""
    return {(one.entity, one.entity_id): one.reason for one in report.conflicts}


def test_a_survivor_that_a_merge_did_not_change_stays(import_store, csv_file):
    """An identical record was merged into it, so it has no change of its own: removing it would remove a person."""
    result = imported(import_store, csv_file, "bo@acme.dk,Ribe,\n")
    bo = import_store.contacts.with_email("bo@acme.dk")
    with import_store.begin(source="fair") as work:
        (twin,) = work.add(mim.Contact(emails=["bo@acme.dk"], city="Ribe"))
    merge = merged(import_store, bo, twin)
    with import_store.read() as work:
        assert len(work.transaction.history.of(bo.id)) == 1
    report = import_store.imports.undo(result.id)
    assert report.removed == 0
    assert stayed(report) == {("contact", bo.id): "stands for a record that was merged into it; the record stays"}
    assert status(import_store, result.id) is ImportStatus.UNDONE
    assert import_store.contacts.count() == 1
    import_store.merges.undo(merge.id)
    assert import_store.contacts.count() == 2


def test_a_record_that_was_merged_since_stays_as_it_is(import_store, csv_file):
    """The golden record has the value of the import; the hidden record alone going back would help nobody."""
    with import_store.begin(source="crm", observed_at="2025-06-01") as work:
        older, newer = work.add(mim.Contact(emails=["eva@acme.dk"]), mim.Contact(emails=["bo@acme.dk"], city="Odense"))
    result = imported(import_store, csv_file, "bo@acme.dk,Ribe,\nnew@acme.dk,Vejle,\n")
    new = import_store.contacts.with_email("new@acme.dk")
    merge = merged(import_store, older, newer)
    merged(import_store, older, new)
    report = import_store.imports.undo(result.id)
    assert (report.removed, report.restored) == (0, 0)
    conflicts = {one.entity_id: one for one in report.conflicts}
    assert conflicts.keys() == {newer.id, new.id}
    assert conflicts[newer.id].fields == ("contact.demographic.city",)
    assert all("was merged since" in one.reason for one in report.conflicts)
    with import_store.read() as work:
        assert work.transaction.contacts.get_many([newer.id])[newer.id].demographic.city == "Ribe"
    assert import_store.merges.undo(merge.id).other.demographic.city == "Ribe"


def test_a_merge_taken_back_before_leaves_nothing_in_the_way(import_store, csv_file):
    """What the import changed goes back, as if the two had never been one."""
    with import_store.begin(source="crm", observed_at="2025-06-01") as work:
        older, newer = work.add(mim.Contact(emails=["eva@acme.dk"]), mim.Contact(emails=["bo@acme.dk"], city="Odense"))
    result = imported(import_store, csv_file, "bo@acme.dk,Ribe,\n")
    import_store.merges.undo(merged(import_store, older, newer).id)
    report = import_store.imports.undo(result.id)
    assert (report.restored, report.conflicts) == (1, ())
    assert import_store.contacts.with_email("bo@acme.dk").demographic.city == "Odense"


def test_a_contact_with_a_task_stays_and_the_import_is_closed(import_store, csv_file):
    """It used to be refused at the commit, at every attempt, and the file could not be imported again."""
    result = imported(import_store, csv_file, "bo@acme.dk,Ribe,\nana@acme.dk,Ribe,\n")
    bo = import_store.contacts.with_email("bo@acme.dk")
    with import_store.begin() as work:
        work.add(mim.Task(title="Call", contact_id=bo.id))
    report = import_store.imports.undo(result.id)
    assert (report.removed, stayed(report)) == (1, {("contact", bo.id): "has tasks; the record stays"})
    assert status(import_store, result.id) is ImportStatus.UNDONE
    assert imported(import_store, csv_file, "bo@acme.dk,Ribe,\nana@acme.dk,Ribe,\n").counts["created"] == 1


@pytest.mark.parametrize("use", ["ended", "archived", "parent", "event"])
def test_an_account_that_anything_names_stays(import_store, csv_file, use):
    """A link that ended, a contact who is archived, a child, an event: none of them may name what is gone."""
    with import_store.begin(source="crm", observed_at="2025-06-01") as work:
        (eva,) = work.add(mim.Contact(emails=["eva@acme.dk"]))
    result = imported(import_store, csv_file, "bo@acme.dk,Ribe,Acme\n")
    with import_store.begin(source="crm") as work:
        (acme,) = work.transaction.accounts.all()
        bo = work.contacts.with_email("bo@acme.dk")
        if use == "ended":
            work.change(bo, accounts=[bo.accounts[0].evolve(end_on="2026-02-01")])
        elif use == "archived":
            work.change(bo, status="archived")
        elif use == "parent":
            work.add(mim.Account(name="Acme Nord", parent_id=acme.id))
        else:
            work.record("visit", contact=eva, account=acme, at="2026-02-01")
    report = import_store.imports.undo(result.id)
    words = {"parent": "is the parent of another account", "event": "is named by events"}
    reason = words.get(use, "has contacts, perhaps former or archived ones")
    assert stayed(report)["account", acme.id] == f"{reason}; the record stays"
    assert report.removed == (0 if use in {"ended", "archived"} else 1)
    with import_store.read() as work:
        assert acme.id in work.transaction.accounts.get_many([acme.id])


def test_accounts_that_only_each_other_need_go_together(import_store, csv_file):
    """A parent and its child of one import, in whichever order: neither holds the other back."""
    with import_store.begin() as work:
        grandmother = mim.Account(name="Acme")
        mother = mim.Account(name="Acme Nord", parent_id=grandmother.id)
        child = mim.Account(name="Acme Nord Ribe", parent_id=mother.id)
    result = imported(import_store, csv_file, "bo@acme.dk,Ribe,\n")
    with import_store.begin(source="fair", import_id=result.id) as work:
        work.add(grandmother, mother, child)
    report = import_store.imports.undo(result.id)
    assert (report.removed, report.conflicts) == (4, ())
    with import_store.read() as work:
        assert list(work.transaction.accounts.all()) == []


def test_imports_taken_back_newest_first_leave_no_record_behind(import_store, csv_file):
    """The second import changed what the first had made; taken back, it counts as if it had never been."""
    first = imported(import_store, csv_file, "bo@acme.dk,Ribe,\n", "1.csv")
    second = imported(import_store, csv_file, "bo@acme.dk,Vejle,\n", "2.csv")
    assert import_store.imports.undo(second.id).restored == 1
    report = import_store.imports.undo(first.id)
    assert (report.removed, report.conflicts) == (1, ())
    assert import_store.contacts.count() == 0


def test_a_change_that_outlives_its_import_keeps_the_record(import_store, csv_file):
    """A person changed what the second import had set: that is no change of the second import any more."""
    first = imported(import_store, csv_file, "bo@acme.dk,Ribe,\n", "1.csv")
    second = imported(import_store, csv_file, "bo@acme.dk,Vejle,\n", "2.csv")
    with import_store.begin(source="crm") as work:
        work.change(work.contacts.with_email("bo@acme.dk"), city="Skagen")
    import_store.imports.undo(second.id)
    report = import_store.imports.undo(first.id)
    assert [one.fields for one in report.conflicts] == [("contact.demographic.city",)]
    assert import_store.contacts.with_email("bo@acme.dk").demographic.city == "Skagen"
