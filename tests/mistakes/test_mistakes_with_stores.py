"""Mistakes with stores, units of work, consent, audiences, files and the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from tests.mistakes.judging import CANARY, NOW, Desk, Mistake

import mimcore as mim
from mimcore import fields as f
from mimcore.cli import main
from mimcore.errors import (
    CaptureError,
    ClosedError,
    ConsentError,
    DuplicateKeyError,
    InvalidValueError,
    MissingExtraError,
    NotFoundError,
    SecretKeyError,
    StaleVersionError,
    StoreError,
    StoreUrlError,
    UnknownAttributeError,
    UnknownFieldError,
)

V, A, U, N, C = InvalidValueError, UnknownAttributeError, UnknownFieldError, NotFoundError, CaptureError
DANES = f.contact.country == "DK"
GOOD = "Name,Email\nAna Zqx,zqx@example.dk\n"
NEWS = {"channel": "email", "purpose": "newsletter"}
FORM = {"method": "form", "notice": "v3"}


def connected(url: object, **options: object) -> mim.Store:
    """Open a store as somebody does who does not read types."""
    return mim.connect(url, **options)


OPENED = {
    "a path": Mistake(lambda desk: connected(desk.folder / "zqx.db"), StoreUrlError, "url", "is not text", "sqlite:///"),
    "a file name": Mistake(lambda _: connected("zqx.db"), StoreUrlError, "url", "not understood", "sqlite:///"),
    "a misspelt database": Mistake(lambda _: connected("sqllite:///zqx.db"), StoreUrlError, "url", "not understood", "sqlite:///"),
    "two slashes": Mistake(lambda _: connected("sqlite://zqx.db"), StoreUrlError, "url", "names a host", "three slashes"),
    "no folder": Mistake(lambda desk: connected(f"sqlite:///{desk.folder}/zqx/m.db"), StoreError, "the database file", "cannot be opened", "folder exists"),
    "no database": Mistake(
        lambda desk: connected(f"sqlite:///{desk.file('notes.txt', 'zqx ' * 500)}"), StoreError, "the file", "not a SQLite database", "check the path"
    ),
    "nobody at the port": Mistake(
        lambda _: connected("postgresql://u:zqxword@localhost:1/x", actor="a"), StoreError, "the database", "cannot be reached", "user and password"
    ),
    "a city as zone": Mistake(lambda _: connected("memory:", zone="Copenhagen"), V, "zone", "not a known time zone", "'Europe/Copenhagen'"),
    "an instant as clock": Mistake(lambda _: connected("memory:", clock=NOW), V, "clock", "is not a function", "returns an instant"),
    "a naive clock": Mistake(lambda _: connected("memory:", clock=lambda: datetime(2026, 1, 1)).now(), V, "clock", "no time zone", "aware datetime"),
    "a number as actor": Mistake(lambda _: connected("memory:", actor=7), V, "actor", "is not text", "who writes"),
    "a short key": Mistake(lambda _: connected("memory:", secret=b"zqx"), SecretKeyError, "key of the suppression list", "too short", "16 bytes"),
    "a key of text": Mistake(lambda _: connected("memory:", secret="zqx" * 9), SecretKeyError, "key of the suppression list", "no bytes", "text.encode()"),
    "a schema that is none": Mistake(lambda _: connected("memory:", schema="never"), V, "schema", "not known", "verify"),
    "a source with spaces": Mistake(lambda _: connected("memory:", source="My CRM"), V, "source", "is not a key", "'spring-2026'"),
}  # fmt: skip


def ended(desk: Desk) -> None:
    """Go on after the end of the block."""
    with desk.store.begin() as work:
        pass
    work.add(mim.Contact(name="Bo Zqx"))


def closed(desk: Desk) -> None:
    """Ask a closed store."""
    desk.store.close()
    desk.store.contacts.count()


def without_with(desk: Desk) -> None:
    """Forget `with`, twice."""
    desk.store.begin().add(mim.Contact(name="Bo Zqx"))
    desk.store.begin()


def stale(desk: Desk) -> None:
    """Change what was read before another change."""
    desk.work(lambda work: work.change(desk.ana, city="Zqxby"))
    desk.work(lambda work: work.change(desk.ana, city="Odense"))


def refused_before(desk: Desk) -> None:
    """Grant again what was withdrawn, without evidence."""
    desk.work(lambda work: work.withdraw(desk.ana.primary_email, **NEWS))
    desk.work(lambda work: work.grant(desk.ana.primary_email, **NEWS, **FORM))


def grant(desk: Desk, point: object = None, **terms: object) -> object:
    """Grant with some terms changed."""
    return desk.work(lambda work: work.grant(point or desk.ana.primary_email, **{**NEWS, **FORM, **terms}))


def record(desk: Desk, **said: object) -> object:
    """Record a purchase with some of it changed."""
    return desk.work(
        lambda work: work.record(
            said.pop("kind", "purchase"), **{"contact": desk.ana, "at": "2026-03-01T09:00Z", **said}
        )
    )


def freeze(desk: Desk, segment: object = DANES, key: str = "spring", **terms: object) -> object:
    """Freeze with some terms changed."""
    return desk.store.audiences.freeze(key, segment, **{**NEWS, **terms})


WORKED = {
    "after the end": Mistake(ended, ClosedError, "this unit of work", "it was committed", "store.begin()"),
    "a closed store": Mistake(closed, ClosedError, "this store", "is closed", "mim.connect("),
    "no with": Mistake(without_with, StoreError, "this thread", "writing already", "with store.begin() as work:"),
    "writing while reading": Mistake(
        lambda desk: desk.store.read().add(mim.Contact(name="Bo Zqx")), StoreError, "the transaction", "only reads", "begin one that writes"
    ),
    "writing to the past": Mistake(lambda desk: desk.store.as_of("2026-03-31T08:00Z").begin(), StoreError, "as of 2026-03-31", "only reads", "present store"),
    "the future": Mistake(lambda desk: desk.store.as_of("2036-01-01"), V, "as_of", "lies in the future", "up to now"),
    "added twice": Mistake(lambda desk: desk.work(lambda work: work.add(desk.ana)), DuplicateKeyError, "contact", "exists already", "update it"),
    "a stale object": Mistake(stale, StaleVersionError, "contact", "changed in the meantime", "read it again"),
    "a dict": Mistake(lambda desk: desk.work(lambda work: work.add({"name": "Zqx"})), V, "dict", "not an aggregate", "Contact"),
    "a list": Mistake(lambda desk: desk.work(lambda work: work.add([mim.Contact(name="Bo Zqx")])), V, "list", "not an aggregate", "Contact"),
    "an address for a contact": Mistake(lambda desk: record(desk, contact="zqx@b.dk"), V, "contact", "is not an id", "with_email("),
    "a contact that is not stored": Mistake(lambda desk: record(desk, contact=mim.Contact(name="Bo Zqx")), N, "contact", "of that id", "work.add("),
    "a naive time": Mistake(lambda desk: record(desk, at=datetime(2026, 3, 1)), V, "at", "no time zone", "aware datetime"),
    "tomorrow": Mistake(lambda desk: record(desk, at="2026-04-09T09:00Z"), V, "at", "lies in the future", "at which it happened"),
    "a price without a currency": Mistake(lambda desk: record(desk, value=249), V, "value", "wrong type", "mim.money("),
    "a kind of event, misspelt": Mistake(lambda desk: record(desk, kind="purchse"), U, "kind of event", "not declared", "'purchase'"),
    "an address nobody has": Mistake(lambda desk: desk.store.contacts.with_email("bo.zqx@b.dk"), N, "e-mail address", "no active contact", "this"),
    "a word for an id": Mistake(lambda desk: desk.store.contacts.get("zqx"), V, "contact", "is not an id", "its UUID"),
    "store.add": Mistake(lambda desk: desk.store.add(desk.ana), A, "Store", "no 'add'", "with store.begin() as work: work.add("),
    "contacts.all": Mistake(lambda desk: desk.store.contacts.all(), A, "StoredContacts", "no 'all'", "store.contacts.stream()"),
    "work.save": Mistake(lambda desk: desk.work(lambda work: work.save(desk.ana)), A, "UnitOfWork", "no 'save'", "work.add("),
    "store.contact": Mistake(lambda desk: desk.store.contact, A, "Store", "no 'contact'", "'contacts'"),
    "a page for a list": Mistake(lambda desk: list(desk.store.contacts.find(DANES)), V, "page", "is no list", "page.items"),
    "a page too large": Mistake(lambda desk: desk.store.contacts.find(limit=100_000), V, "limit", "out of range", "stream()"),
    "people sorted by text": Mistake(lambda desk: desk.store.contacts.find(sort="city"), mim.RuleTypeError, "sort", "single-valued fields", "sort=f.contact.city"),
    "a verdict that is none": Mistake(lambda desk: desk.store.contacts.count(DANES, verdict="maybe"), V, "verdict", "not a verdict", "unknown"),
    "no pair of duplicates": Mistake(lambda desk: desk.store.duplicates.plan(desk.ana), V, "pair", "no pair", "duplicates.find()"),
    "an undeclared attribute": Mistake(
        lambda desk: desk.work(lambda work: work.add(mim.Contact(custom={"zqx": "gold"}))), V, "custom", "not declared", "store.attributes.declare("
    ),
    "a folder for a connector": Mistake(lambda desk: desk.store.sync(desk.folder), V, "connector", "no connector", "mim.folder_connector("),
    "a dict for a captured lead": Mistake(lambda desk: desk.store.capture({"email": "zqx@b.dk"}), V, "captured", "no captured lead", "mim.capture_lead("),
}  # fmt: skip
ALLOWED = {
    "no evidence after a refusal": Mistake(refused_before, ConsentError, "this person", "refused or withdrew before", "evidence="),
    "no notice": Mistake(lambda desk: grant(desk, notice=""), V, "notice", "is required", "the text the person was shown"),
    "a method nobody declared": Mistake(lambda desk: grant(desk, method="zqx told me"), V, "method", "not declared", "double_opt_in"),
    "a purpose nobody declared": Mistake(lambda desk: grant(desk, purpose="News"), V, "purpose", "not declared", "newsletter"),
    "a text message to an address": Mistake(lambda desk: grant(desk, channel="sms"), V, "point", "of kind email", "it can reach"),
    "the text of an address": Mistake(lambda desk: grant(desk, "zqx@b.dk"), V, "point", "no contact point", "ana.primary_email"),
    "the contact": Mistake(lambda desk: grant(desk, desk.ana), V, "point", "no contact point", "ana.primary_email"),
    "a number that is not there": Mistake(
        lambda desk: desk.work(lambda work: work.grant(desk.ana.primary_phone, **{**NEWS, **FORM})), V, "point", "is missing", "add one first"
    ),
    "an audience without a purpose": Mistake(lambda desk: freeze(desk, purpose=""), V, "purpose", "not declared", "newsletter"),
    "an audience of a segment that is not there": Mistake(lambda desk: freeze(desk, "danes"), N, "'danes'", "no segment", "in this store"),
    "an audience with a name for a key": Mistake(lambda desk: freeze(desk, key="Spring 2026"), V, "audience", "is not a key", "'spring-2026'"),
    "shares above one": Mistake(lambda desk: freeze(desk, split={"a": 0.9, "b": 0.9}), V, "split", "do not add up to 1", "0.1"),
    "a number as cap": Mistake(lambda desk: freeze(desk, caps=2), V, "caps", "no frequency caps", "mim.FrequencyCap("),
    "a merge field, misspelt": Mistake(
        lambda desk: desk.store.audience(DANES, **NEWS).export(desk.folder / "o.csv", fields=["frist_name"]), U, "frist_name", "not a declared field", "_name'"
    ),
    "a list of a segment with a rule": Mistake(
        lambda desk: desk.work(lambda work: (work.add(mim.Segment(key="danes", rule=DANES)), work.put_on("danes", desk.ana))),
        V, "segment", "follows a rule", "without a rule",
    ),
    "a list that is not there": Mistake(lambda desk: desk.work(lambda work: work.put_on("pres", desk.ana)), N, "'pres'", "no segment", "in this store"),
}  # fmt: skip

GIVEN = {
    "a limit as text": Mistake(lambda desk: desk.store.contacts.find(limit="5"), V, "limit", "no whole number", "stream()"),
    "a limit as truth value": Mistake(lambda desk: desk.store.contacts.find(limit=True), V, "limit", "no whole number", "1 to 10 000"),
    "half a limit": Mistake(lambda desk: desk.store.contacts.find(limit=2.5), V, "limit", "no whole number", "1 to 10 000"),
    "a limit of duplicates": Mistake(lambda desk: desk.store.duplicates.find(limit="5"), V, "limit", "no whole number", "None for all"),
    "a limit of a queue": Mistake(lambda desk: desk.store.quality.queue(limit="5"), V, "limit", "no whole number", "1 to 10 000"),
    "a limit of events": Mistake(lambda desk: desk.store.events.claim(limit="5"), V, "limit", "no whole number", "1 or more"),
    "a sample as text": Mistake(lambda desk: desk.store.preview(DANES, sample="200"), V, "sample", "no whole number", "such as 2000"),
    "a seed in a list": Mistake(lambda desk: desk.store.preview(DANES, sample=200, seed=[1]), V, "seed", "no whole number", "any whole number"),
    "a number to overlap": Mistake(lambda desk: desk.store.preview(DANES, overlap=5), V, "overlap", "is no list", "'all'"),
    "a number to reach": Mistake(lambda desk: desk.store.preview(DANES, reach=5), V, "reach", "is no list", "'newsletter'"),
    "a word to reach": Mistake(lambda desk: desk.store.preview(DANES, reach="email"), V, "reach", "one text", "'newsletter'"),
    "progress for nobody": Mistake(lambda desk: desk.store.preview(DANES, on_progress=5), V, "on_progress", "cannot be called", "give a function"),
    "a top of text": Mistake(lambda desk: desk.store.value.top("5"), V, "number", "no whole number", "1 or more"),
    "a split into one word": Mistake(lambda desk: freeze(desk, split="test"), V, "split", "no mapping", "'control': 0.1"),
    "a number to exclude": Mistake(lambda desk: freeze(desk, exclude=5), V, "exclude", "is no list", "its key"),
    "a number of audiences": Mistake(lambda desk: freeze(desk, exclude_audiences=5), V, "exclude_audiences", "is no list", "its key"),
    "a number to hold out": Mistake(lambda desk: freeze(desk, hold_out=5), V, "hold_out", "is no list", "'control'"),
    "a freshness as text": Mistake(lambda desk: freeze(desk, least_freshness="0.5"), V, "least_freshness", "no number", "between 0 and 1"),
    "a freshness of two": Mistake(lambda desk: desk.store.audience(DANES, **NEWS, least_freshness=2), V, "least_freshness", "out of range", "between 0 and 1"),
    "a number for fallbacks": Mistake(lambda desk: desk.store.audience(DANES, **NEWS, fallbacks=5), V, "fallbacks", "no mapping", "'given_name'"),
    "no function": Mistake(lambda desk: desk.store.transact(5), V, "function", "cannot be called", "takes the unit of work"),
    "attempts as text": Mistake(lambda desk: desk.store.transact(lambda _: None, attempts="5"), V, "attempts", "no whole number", "1 or more"),
    "a number for a folder": Mistake(lambda desk: desk.store.snapshot(5), V, "folder", "is no path", "pathlib.Path"),
    "a number for a file": Mistake(lambda desk: desk.store.contacts.export(5), V, "path", "is no path", "pathlib.Path"),
    "one column": Mistake(lambda desk: desk.store.contacts.to_frame(columns="city"), V, "columns", "one text", "give a list of names"),
    "no column": Mistake(lambda desk: desk.store.contacts.to_frame(columns=5), V, "columns", "is no list", "give a list of names"),
    "one field": Mistake(lambda desk: desk.store.contacts.export(desk.folder / "e.csv", fields="city"), V, "fields", "one text", "give a list of names"),
    "one field of accounts": Mistake(lambda desk: desk.store.accounts.to_arrow(fields="name"), V, "fields", "one text", "give a list of names"),
    "one merge field": Mistake(
        lambda desk: desk.store.audience(DANES, **NEWS).export(desk.folder / "o.csv", fields="city"), V, "fields", "one text", "give a list of names"
    ),
    "one merge field of a frozen one": Mistake(lambda desk: freeze(desk).rows("city"), V, "fields", "one text", "give a list of names"),
    "one required attribute": Mistake(lambda desk: desk.store.quality.report(required="city"), V, "required", "one text", "give a list of names"),
    "one rule of quality": Mistake(lambda desk: desk.store.quality.check(only="known-country"), V, "only", "one text", "give a list of keys"),
    "an option of a connector, misspelt": Mistake(
        lambda desk: mim.folder_connector(desk.folder, source="crm", enconding="utf-8"), V, "enconding", "no option of an import", "'encoding'"
    ),
    "a segment again": Mistake(
        lambda desk: [desk.work(lambda work: work.add(mim.Segment(key="danes", rule=DANES))) for _ in range(2)],
        DuplicateKeyError, "segment 'danes'", "exists already", "another key",
    ),
}  # fmt: skip


def planned(desk: Desk, data: object, **options: object) -> mim.Store:
    """Plan an import."""
    return desk.store.plan_import(data, **{"source": "crm", **options})


def changed_file(desk: Desk) -> None:
    """Apply a plan of a file that was changed since."""
    file = desk.file("crm.csv", GOOD)
    plan = planned(desk, file)
    desk.file("crm.csv", GOOD + "Bo Zqx,bo.zqx@b.dk\n")
    plan.apply()


READ = {
    "no such file": Mistake(lambda desk: planned(desk, desk.folder / "crm.csv"), C, "crm.csv", "No such file", "check the path"),
    "the text itself": Mistake(lambda desk: planned(desk, GOOD), C, "what was given", "a text, not the path", "io.StringIO(text)"),
    "an empty file": Mistake(lambda desk: planned(desk, desk.file("crm.csv", "")), C, "the file", "no header line", "names the columns"),
    "no header": Mistake(lambda desk: planned(desk, desk.file("crm.csv", "Ana Zqx,zqx@b.dk\n")), C, "line 1", "looks like data", "add a header line"),
    "an open quote": Mistake(lambda desk: planned(desk, desk.file("crm.csv", 'Name,Email\n"Ana Zqx,zqx@b.dk\n')), C, "line 2", "never closed", "double quotes"),
    "no workbook": Mistake(lambda desk: planned(desk, desk.file("crm.xlsx", b"PK\x03\x04zqx")), C, "crm.xlsx", "broken or cut off", "export it again"),
    "JSON that is broken": Mistake(lambda desk: planned(desk, desk.file("crm.jsonl", "{zqx\n")), C, "crm.jsonl", "no line that is a JSON object", "one object a line"),
    "another encoding": Mistake(
        lambda desk: planned(desk, desk.file("crm.csv", "Name\nÅse Zqx\n".encode("latin-1")), encoding="utf-8"), C, "line 2", "not utf-8", "encoding="
    ),
    "an encoding that is none": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), encoding="utf9"), C, "encoding", "is not known", "'utf-8'"),
    "numbers": Mistake(lambda desk: planned(desk, [1, 2]), C, "not something with rows", "give a path", "list of dicts"),
    "a source with spaces": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), source="My CRM"), V, "source", "is not a key", "'spring-2026'"),
    "a mapping, misspelt": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), mapping="hubspt"), V, "mapping", "no ready mapping", "'auto'"),
    "a list for a mapping": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), mapping=["email"]), V, "mapping", "is no mapping", "{'column'"),
    "a target without its entity": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), mapping={"Email": "email"}), V, "email", "not a target", "'contact.email'"),
    "a target, misspelt": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), mapping={"Email": "contact.emial"}), V, "contact.emial", "not a target", "'contact.email'"),
    "a column that is not there": Mistake(
        lambda desk: planned(desk, desk.file("crm.csv", GOOD), mapping={"Emial": "contact.emails"}), V, "mapping", "column that is not there", "'Email'"
    ),
    "a key, misspelt": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), key="emial"), V, "key", "is not known", "'email'"),
    "a key without its column": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), key="phone"), V, "key", "no column becomes contact.phones", "another key"),
    "columns nobody knows": Mistake(lambda desk: planned(desk, desk.file("crm.csv", "foo,bar\nzqx,2\n")), V, "mapping", "cannot be guessed", "mapping={column: field}"),
    "orders for contacts": Mistake(
        lambda desk: planned(desk, desk.file("orders.csv", "Order,Customer ID,City\n" + "1,zqx-7,Odense\n" * 4)),
        V, "'Customer ID'", "its cells repeat", "kind= for events",
    ),
    "a region that is none": Mistake(lambda desk: planned(desk, desk.file("crm.csv", GOOD), region="Zqxland"), V, "region", "not a known country", "'DK'"),
    "a file changed since": Mistake(changed_file, C, "crm.csv", "changed since it was planned", "plan the import again"),
    "an import that is not there": Mistake(lambda desk: desk.store.imports.undo("zqx"), V, "import_id", "is not an id", "its UUID"),
    "a merge that is not there": Mistake(lambda desk: desk.store.merges.undo("zqx"), V, "merge_id", "is not an id", "its UUID"),
    "no audit of nothing": Mistake(lambda desk: mim.audit(desk.folder / "crm.csv"), C, "crm.csv", "No such file", "check the path"),
    "a file for a snapshot": Mistake(lambda desk: desk.store.snapshot(desk.file("march", "zqx")), C, "march", "no snapshot", "another folder"),
    "an export with a wrong suffix": Mistake(lambda desk: desk.store.contacts.export(desk.folder / "e.xlsx"), V, "path", "suffix", ".csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPENED)
def test_a_store_that_cannot_open_says_why(name: str, desk: Desk) -> None:
    """Addresses, clocks, zones and keys."""
    OPENED[name].judge(desk)


@pytest.mark.parametrize("name", WORKED)
def test_work_in_the_wrong_order_or_with_the_wrong_things_is_refused(name: str, desk: Desk) -> None:
    """Transactions, records, pages."""
    WORKED[name].judge(desk)


@pytest.mark.parametrize("name", ALLOWED)
def test_nobody_is_contacted_by_mistake(name: str, desk: Desk) -> None:
    """Consent, audiences, lists."""
    ALLOWED[name].judge(desk)


@pytest.mark.parametrize("name", READ)
def test_a_file_that_cannot_come_in_says_where_and_why(name: str, desk: Desk) -> None:
    """Files, mappings, keys; and what goes out."""
    READ[name].judge(desk)


def test_a_missing_library_is_named_with_the_line_that_installs_it(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not an ImportError from deep inside."""
    monkeypatch.setattr("mimcore.capture.reading.excel.find_spec", lambda _: None)
    Mistake(
        lambda desk: planned(desk, desk.file("crm.xlsx", b"PK\x03\x04zqx")),
        MissingExtraError,
        "workbook",
        "needs an optional library",
        "pip install 'mimcore[excel]'",
    ).judge(desk)


def test_undoing_twice_says_so_and_changes_nothing(desk: Desk) -> None:
    """It is no error: what was asked for is so."""
    result = planned(desk, desk.file("crm.csv", GOOD)).apply()
    desk.store.imports.undo(result.id)
    again = desk.store.imports.undo(str(result.id))
    assert str(again) == "This import was taken back before: nothing was changed."


TYPED = {
    "no such file": (["audit", "zqx/crm.csv"], ("crm.csv cannot be read", "check the path")),
    "a misspelt address": (["import", "crm.csv", "--url", "sqllite:///m.db"], ("url", "not understood", "sqlite:///")),
    "a source with spaces": (["import", "crm.csv", "--source", "My CRM"], ("source", "is not a key", "'spring-2026'")),
    "nothing to import": (["import"], ("give a file", "--list", "--undo ID")),
    "an import that is not there": (["import", "--undo", "zqx"], ("--undo", "is not an id")),
    "rules of quality that are not there": (["quality"], ("no rules of quality", "--defaults")),
}


@pytest.mark.parametrize("name", TYPED)
def test_the_command_line_ends_with_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With 1, and no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crm.csv").write_text(GOOD, encoding="utf-8")
    mim.connect("sqlite:///marketing.db", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)).close()
    words, said = TYPED[name]
    assert main(words) == 1
    heard = capsys.readouterr()
    assert [one for one in said if one not in heard.err] == []
    assert heard.err.startswith("mimcore: ")
    assert heard.err.count("\n") == 1
    assert CANARY not in heard.err.casefold()


@pytest.mark.parametrize("name", GIVEN)
def test_an_argument_of_the_wrong_form_is_refused_by_us(name: str, desk: Desk) -> None:
    """No exception of Python's own comes out from deep inside, and no text is taken for a list of letters."""
    GIVEN[name].judge(desk)


def misspelt(store: object) -> list[Callable[[], object]]:
    """Return previews with an option that there is not."""
    previewed: Any = store
    return [
        lambda: previewed.preview(DANES, smaple=500),
        lambda: previewed.preview(DANES, raech="all"),
        lambda: previewed.preview(DANES, overlapp=["nix"]),
        lambda: previewed.preview(DANES, as_of="2026-03-01", smaple=500),
    ]


def test_a_misspelt_option_of_a_preview_is_refused_like_any_other(desk: Desk) -> None:
    """Of the store, of its past, and of a store that is awaited."""
    for call in (*misspelt(desk.store), *misspelt(desk.store.as_of("2026-03-01"))[:3]):
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            call()

    async def awaited() -> None:
        async with await mim.connect_async("memory:") as store:
            for call in misspelt(store):
                with pytest.raises(TypeError, match="unexpected keyword argument"):
                    await cast("Awaitable[object]", call())

    asyncio.run(awaited())
