"""Consent columns: only by opt-in, and never able to lift a refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest

import mimcore as mim
from mimcore.capture import ConsentColumns, plan_import, undo_import
from mimcore.domain.consent import ConsentAction
from mimcore.errors import InvalidValueError
from mimcore.identity.duplicates import DuplicatePair

MAPPING = {"mail": "contact.emails", "news": "consent.newsletter", "city": "contact.city"}
NOTICE = ConsentColumns(notice="fair-v2")
SPELLINGS = [
    "Ana.Berg@gmail.com",
    "ana.berg@gmail.com",
    "anaberg@gmail.com",
    "ANA.BERG+shop@GMAIL.COM",
    "a.n.a.berg@googlemail.com",
]


def imported(store, text, csv_file, name="a.csv", **options):
    """Import rows of mail, news, city with the opt-in."""
    settings = {"source": "fair", "mapping": MAPPING, "consent": NOTICE, **options}
    return plan_import(store, csv_file("mail,news,city\n" + text, name), **settings).apply()


def may(store, address):
    """Ask the gate about the newsletter."""
    with store.read() as work:
        emails = work.contacts.with_email(address).emails
        point = next((one for one in emails if one.value == address), emails[0])
        return bool(work.can_contact(point, channel="email", purpose="newsletter"))


def acts(store, address):
    """Return the acts of consent of an address."""
    with store.read() as work:
        return work.transaction.consents.of_identifier(work.gate.identifier(address))


def test_consent_columns_need_an_opt_in(import_store, csv_file):
    """A column with yes and no is no consent until somebody says which text people were shown."""
    with pytest.raises(InvalidValueError, match="need an opt-in"):
        imported(import_store, "ana@acme.dk,yes,\n", csv_file, consent=None)


def test_yes_permits_no_forbids_and_blank_says_nothing(import_store, csv_file):
    """Acts are those of the import: method, notice, row; only yes permits."""
    result = imported(import_store, "ana@acme.dk,yes,\nbo@acme.dk,no,\neva@acme.dk,,\n", csv_file)
    assert [may(import_store, f"{who}@acme.dk") for who in ("ana", "bo", "eva")] == [True, False, False]
    (act,) = acts(import_store, "ana@acme.dk")
    assert (act.method, act.notice, act.import_id, act.import_row) == ("import", "fair-v2", result.id, 0)
    assert [one.action for one in acts(import_store, "bo@acme.dk")] == [ConsentAction.WITHDRAWN]
    assert acts(import_store, "eva@acme.dk") == []


@pytest.mark.parametrize("number", range(5))
def test_a_withdrawal_survives_re_import_in_every_spelling(import_store, csv_file, import_clock, number):
    """Five spellings of one mailbox, later than the withdrawal, from any source: nothing lifts it."""
    imported(import_store, f"{SPELLINGS[0]},yes,\n", csv_file)
    with import_store.begin() as work:
        work.withdraw(work.contacts.with_email(SPELLINGS[0]).primary_email, channel="email", purpose="newsletter")
    import_clock.forward(days=30)
    result = imported(import_store, f"{SPELLINGS[number]},yes,\n", csv_file, f"{number}.csv", source="partner")
    assert result.counts == {"unchanged": 1}
    assert import_store.contacts.count() == 1
    assert not may(import_store, SPELLINGS[0])


def test_a_withdrawal_survives_removal_and_import_under_another_record(import_store, csv_file):
    """Consent belongs to the address: a new record with the same mailbox may not be contacted either."""
    result = imported(import_store, f"{SPELLINGS[0]},no,\n", csv_file)
    undo_import(import_store, result.id)
    assert import_store.contacts.count() == 0
    imported(import_store, f"{SPELLINGS[2]},yes,\n", csv_file, "b.csv")
    assert not may(import_store, SPELLINGS[2])


def test_no_in_an_older_file_does_not_beat_a_newer_consent(import_store, csv_file):
    """What was true in January says nothing about February; a no of March does."""
    imported(import_store, "ana@acme.dk,yes,\n", csv_file, observed_at="2026-02-01")
    imported(import_store, "ana@acme.dk,no,\n", csv_file, "b.csv", observed_at="2026-01-01")
    assert may(import_store, "ana@acme.dk")
    imported(import_store, "Ana@acme.dk,no,\n", csv_file, "c.csv", observed_at="2026-02-20")
    assert not may(import_store, "ana@acme.dk")


def test_yes_and_no_in_one_file_end_with_no(import_store, csv_file):
    """Rows of one mailbox in one file, in both orders, in one batch or several."""
    text = "ana@acme.dk,yes,\nana@acme.dk,no,\nbo@acme.dk,no,\nbo@acme.dk,yes,\n"
    planned = plan_import(
        import_store, csv_file("mail,news,city\n" + text), source="fair", mapping=MAPPING, consent=NOTICE
    )
    assert planned.counts == planned.apply().counts == {"created": 2, "updated": 1, "unchanged": 1}
    assert not may(import_store, "ana@acme.dk")
    assert not may(import_store, "bo@acme.dk")


def test_the_same_consent_again_is_nothing_new(import_store, csv_file):
    """Another file with the same yes adds no act."""
    imported(import_store, "ana@acme.dk,yes,\n", csv_file)
    assert imported(import_store, "ana@acme.dk,ja,\n", csv_file, "b.csv").counts == {"unchanged": 1}
    assert len(acts(import_store, "ana@acme.dk")) == 1


def test_undo_closes_what_the_import_permitted_and_keeps_what_it_forbade(import_store, csv_file):
    """Taking an import back never permits contact."""
    with import_store.begin() as work:
        work.add(*(mim.Contact(emails=[f"{who}@acme.dk"]) for who in ("ana", "bo")))
    result = imported(import_store, "ana@acme.dk,yes,\nbo@acme.dk,no,Aarhus\n", csv_file)
    undo_import(import_store, result.id)
    assert [one.action for one in acts(import_store, "ana@acme.dk")] == [ConsentAction.GIVEN, ConsentAction.EXPIRED]
    assert not may(import_store, "ana@acme.dk")
    assert not may(import_store, "bo@acme.dk")
    assert [one.action for one in acts(import_store, "bo@acme.dk")] == [ConsentAction.WITHDRAWN]


def test_a_consent_is_closed_after_its_contact_was_merged(import_store, csv_file):
    """A merge takes the addresses along; the consent that the import brought ends all the same, and that is told."""
    with import_store.begin(source="crm") as work:
        (older,) = work.add(mim.Contact(emails=["old@acme.dk"]))
    result = imported(import_store, "bo@acme.dk,yes,\n", csv_file)
    bo = import_store.contacts.with_email("bo@acme.dk")
    import_store.duplicates.plan(DuplicatePair(older.id, bo.id, 0.99, ("by hand",))).apply()
    assert may(import_store, "bo@acme.dk")
    import_store.imports.undo(result.id)
    assert not may(import_store, "bo@acme.dk")
    with import_store.read() as work:
        told = [one for one in work.transaction.outbox.pending(1000) if one.data.get("action") == "expired"]
    assert [one.entity_id for one in told] == [older.id]


def test_a_consent_is_closed_after_its_contact_is_gone(import_store, csv_file):
    """The record goes with the first import; the consent of the second would have outlived its own undo."""
    first = imported(import_store, "bo@acme.dk,,\n", csv_file)
    second = imported(import_store, "bo@acme.dk,yes,\n", csv_file, "b.csv")
    assert import_store.imports.undo(first.id).removed == 1
    import_store.imports.undo(second.id)
    with import_store.begin() as work:
        work.add(mim.Contact(emails=["bo@acme.dk"]))
    assert not may(import_store, "bo@acme.dk")


@pytest.mark.parametrize("days", [-30, 1])
def test_what_the_person_said_otherwise_decides_again(import_store, csv_file, import_clock, days):
    """Their own consent, with evidence, of before the import or since: taking the import back leaves it as it was."""
    result = imported(import_store, "bo@acme.dk,yes,\n", csv_file)
    at = import_clock.now + timedelta(days=days)
    import_clock.forward(days=2)
    with import_store.begin() as work:
        point = work.contacts.with_email("bo@acme.dk").primary_email
        news = {"channel": "email", "purpose": "newsletter", "method": "form", "notice": "web-v1"}
        work.grant(point, **news, at=at, evidence={"form": "entry 7"})
    import_clock.forward(days=1)
    import_store.imports.undo(result.id)
    assert import_store.contacts.count() == 0
    with import_store.begin() as work:
        work.add(mim.Contact(emails=["bo@acme.dk"]))
    assert may(import_store, "bo@acme.dk")


@pytest.mark.parametrize("days", [-30, 1])
def test_a_refusal_stands_when_the_import_is_taken_back(import_store, csv_file, import_clock, days):
    """Whether the person refused before the import or since."""
    result = imported(import_store, "bo@acme.dk,yes,Ribe\n", csv_file)
    at = import_clock.now + timedelta(days=days)
    import_clock.forward(days=2)
    with import_store.begin() as work:
        bo = work.contacts.with_email("bo@acme.dk")
        work.withdraw(bo.primary_email, channel="email", purpose="newsletter", at=at)
        work.change(bo, tags=["vip"])
    import_store.imports.undo(result.id)
    assert not may(import_store, "bo@acme.dk")
    with import_store.begin() as work:
        point = work.contacts.with_email("bo@acme.dk").primary_email
        decision = work.can_contact(point, channel="email", purpose="newsletter")
    assert [one.value for one in decision.reasons] == ["withdrawn"]
