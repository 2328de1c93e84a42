"""Personal values through every failing path of stores and units of work: they appear nowhere outside."""

from __future__ import annotations

import inspect
import logging
import traceback
import warnings
from uuid import uuid4

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import MimcoreError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.repositories.queries import Contacts
from mimcore.repositories.reading import Records
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.store import accessors
from mimcore.store.quality import QualityAccessor
from mimcore.store.store import Store

WORD = "zqxcanary"
MAIL, PHONE, NAME = f"{WORD}@secret.dk", "+4520304050", f"Zqxcanary {WORD.upper()}"
TRACES = (WORD, "20304050", "20 30 40 50", "secret.dk")
NEWS = {"channel": "email", "purpose": "newsletter"}
FORM = {**NEWS, "method": "form", "notice": "v"}
LATE = "2027-01-01"


def canary(**given):
    """A contact full of canaries."""
    return mim.Contact(**{
        "name": NAME, "emails": [MAIL], "phones": [PHONE], "city": WORD, "notes": WORD, "external_ids": {"crm": WORD},
        "custom": {"x": WORD}, **given,
    })  # fmt: skip


def failing_calls(store, person, stranger):
    """Return every refused call, by the method it calls."""
    work = store.begin()
    known = person.primary_email
    pair = DuplicatePair(person.id, uuid4(), 1.0, ())
    in_work = {
        "add": [lambda: work.add(PERSON_NAME), lambda: work.add(mim.Contact(city=WORD + "\x00"))],
        "change": [
            lambda: work.change(stranger, city=WORD),
            lambda: work.change(person, country=WORD),
            lambda: work.change(person, emails=[WORD]),
            lambda: work.change(person, **{WORD: WORD}),
            lambda: work.change(person, custom={WORD: WORD}),
            lambda: work.change(person, custom={"x": WORD + "\x00"}),
            lambda: work.change(person, custom={"tier": WORD}),
            lambda: work.change(person, city=WORD, source=NAME),
            lambda: work.change(person, city=WORD, observed_at=LATE),
            lambda: work.change(person, city=WORD, observed_at=WORD),
            lambda: work.change(person, name=WORD * 100),
            lambda: work.change(person, status="erased"),
        ],
        "add_many": [lambda: work.add_many([PERSON_NAME]), lambda: work.add_many([mim.Contact(custom={"x": WORD})])],
        "upsert_many": [
            lambda: work.upsert_many([stranger], key=WORD),
            lambda: work.upsert_many([stranger.evolve(version=7)]),
            lambda: work.upsert_many([PERSON_NAME], key="email"),
        ],
        "update": [lambda: work.update(stranger)],
        "remove": [lambda: work.remove(stranger)],
        "record": [
            lambda: work.record("purchse", contact=person, at=LATE),
            lambda: work.record("visit", contact=stranger, at="2026-01-01"),
            lambda: work.record("visit", contact=MAIL, at="2026-01-01"),
            lambda: work.record("visit", contact=person, at=LATE, product=WORD),
            lambda: work.record("visit", contact=person, at=WORD),
            lambda: work.record("visit", contact=person, at="2026-01-01", channel=WORD),
            lambda: work.record("visit", contact=person, at="2026-01-01", campaign=NAME),
            lambda: work.record("visit", contact=person, at="2026-01-01", source=MAIL),
            lambda: work.record("visit", contact=person, at="2026-01-01", account=WORD),
            lambda: work.record("visit", contact=person, at="2026-01-01", refund_of=WORD),
        ],
        "confirm": [
            lambda: work.confirm(stranger.primary_email, by="owner"),
            lambda: work.confirm(known, by=WORD),
            lambda: work.confirm(known, by="hard_bounce"),
            lambda: work.confirm(person, "contact.ctiy", by="owner"),
            lambda: work.confirm(stranger, f.contact.city, by="owner"),
        ],
        "refute": [lambda: work.refute(stranger.primary_phone, by="unreachable"), lambda: work.refute(known, by="owner", at=LATE)],
        "grant": [
            lambda: work.grant(stranger.primary_email, **FORM),
            lambda: work.grant(known, **{**FORM, "method": WORD}, evidence={WORD: WORD}),
            lambda: work.grant(known, **{**FORM, "purpose": WORD}),
            lambda: work.grant(known, **{**FORM, "channel": WORD}),
            lambda: work.grant(known, **FORM, basis=WORD),
            lambda: work.grant(known, **FORM, evidence={"x": [WORD]}),
            lambda: work.grant(known, **FORM, expires_at=WORD),
            lambda: work.grant(known, **{**FORM, "notice": WORD * 200}),
        ],
        "withdraw": [lambda: work.withdraw(stranger.primary_email, **NEWS), lambda: work.withdraw(known, **NEWS, method=WORD)],
        "suppress": [
            lambda: work.suppress(WORD),
            lambda: work.suppress(f"{WORD}@@secret.dk"),
            lambda: work.suppress("20 30 40 50"),
            lambda: work.suppress(MAIL, channel=WORD),
        ],
        "can_contact": [lambda: work.can_contact(known, channel=WORD, purpose="newsletter"), lambda: work.can_contact(known, channel="email", purpose=WORD)],
        "put_on": [lambda: work.put_on("danes", person), lambda: work.put_on("vips", stranger)],
        "take_off": [lambda: work.take_off("vips", stranger)],
        "bind": [lambda: work.bind(f.contact.in_segment("nobody"))],
    }  # fmt: skip
    reading = {
        "get": [lambda: work.contacts.get(MAIL), lambda: work.contacts.get(stranger)],
        "find_one": [lambda: work.contacts.find_one(MAIL)],
        "get_all": [lambda: work.contacts.get_all([stranger]), lambda: work.contacts.get_all([MAIL])],
        "find": [lambda: work.contacts.find(limit=0)],
        "with_email": [lambda: work.contacts.with_email(f"x{MAIL}"), lambda: work.contacts.with_email(WORD)],
        "all_with_email": [lambda: work.contacts.all_with_email(WORD)],
        "with_phone": [
            lambda: work.contacts.with_phone("+4520304051"),
            lambda: work.contacts.with_phone("20 30 40 50"),
        ],
        "all_with_phone": [
            lambda: work.contacts.all_with_phone(WORD),
            lambda: work.contacts.all_with_phone("20304050", region=WORD),
        ],
        "with_external_id": [lambda: work.contacts.with_external_id("crm", WORD + "x")],
        "in_account": [lambda: work.contacts.in_account(MAIL)],
    }
    audience = store.audience(mim.everyone(), **NEWS)
    on_store = {
        "begin": [lambda: store.begin(source=NAME), lambda: store.begin(observed_at=WORD), lambda: store.begin(observed_at=LATE)],
        "card": [lambda: store.card(stranger), lambda: store.card(MAIL)],
        "explain": [lambda: store.explain(f.contact.city == WORD, stranger)],
        "audience": [
            lambda: store.audience(mim.everyone(), channel=WORD, purpose="newsletter"),
            lambda: store.audience(mim.everyone(), channel="email", purpose=WORD),
            lambda: store.audience(mim.everyone(), **NEWS, least_freshness=7),
            lambda: audience.export("x.csv", fields=["beliefs"]),
            lambda: audience.export("x.csv", for_=WORD),
            lambda: audience.fallback_share(["ctiy"]),
        ],
        "segments_of": [lambda: store.segments_of(stranger), lambda: store.segments_of(MAIL)],
        "capture": [lambda: store.capture(mim.capture_lead(ELSEWHERE, {"email": MAIL, "hobby": WORD}, now=store.now()))],
        "sync": [lambda: store.sync(mim.folder_connector(f"/nowhere/{WORD}", source="crm"))],
        "plan": [lambda: store.duplicates.plan(pair)],
        "not_same": [lambda: store.duplicates.not_same(pair)],
        "undo": [lambda: store.merges.undo(uuid4()), lambda: store.imports.undo(uuid4())],
        "refresh_plan": [lambda: store.quality.refresh_plan(checks=-1)],
        "next_questions": [
            lambda: store.quality.next_questions(person, purposes={MAIL: WORD}),
            lambda: store.quality.next_questions(stranger),
        ],
        "declare": [lambda: store.quality.declare(mim.QualityRule.complete("towns", MAIL))],
        "withdraw": [lambda: store.quality.withdraw(MAIL)],
        "failing": [lambda: store.quality.failing(MAIL)],
        "check_trend": [lambda: store.quality.check_trend(MAIL)],
        "queue": [lambda: store.quality.queue(kind=MAIL)],
        "queue_item": [lambda: store.quality.queue_item(MAIL)],
        "before_send": [lambda: store.quality.before_send("vips", value=-1.0, harm=1.0, cost=1.0)],
        "take_back": [
            lambda: store.quality.take_back(store.quality.refresh_plan(checks=1).hand_out()[0], is_right=True, new_value=MAIL),
            lambda: store.quality.take_back(MAIL, is_right=True),
        ],
    }  # fmt: skip
    return work, {**in_work, **reading, **on_store}


PERSON_NAME = mim.PersonName.parse(NAME)
ELSEWHERE = mim.form("email", mim.attribute("hobby"))
"""A form with an attribute that the store has not declared."""

# These can only fail as others do: they take no personal value, or end a unit of work.
PLAIN = {
    UnitOfWork: {"commit", "rollback", "alive", "history", "binding", "catalogue", "not_collected", "question"},
    Contacts: {"all", "count", "ids", "stream", "verdicts", "all_with_external_id", "get_many"},
    Records: {"all", "get_many"},
    Store: {
        "now",
        "close",
        "read",
        "preview",
        "members",
        "plan_import",
        "zone",
        "as_of",
        "then",
        "snapshot",
        "sync_state",
        "run_due",
        "transact",
    },
    QualityAccessor: {
        "report",
        "trend",
        "fit_half_lives",
        "rhythm",
        "check",
        "rules",
        "last_check",
        "use",
        "half_lives",
    },
    accessors.DuplicatesAccessor: {"find"},
    accessors.MergesAccessor: set(),
}


def shown(error):
    """Everything that an error tells: itself, its arguments and attributes, its chain, its printed traceback."""
    text = "".join(traceback.format_exception(error, chain=True)).split("Traceback")[-1].splitlines()[-1]
    while error is not None:
        text += f"{error!s}{error!r}{error.args!r}{vars(error)!r}"
        error = error.__cause__ or error.__context__
    return text


@pytest.fixture
def world(store):
    """Two people with canaries, one of them stored; a list and a rule."""
    store.attributes.declare(mim.attribute("x", is_personal=True), mim.attribute("tier", options=["gold"]))
    person, _, _ = added(
        store, canary(), mim.Segment(key="vips"), mim.Segment(key="danes", rule=f.contact.country == "DK")
    )
    return store, person, canary(emails=[f"other{MAIL}"], phones=["+4520304051"])


def test_no_failing_call_shows_a_personal_value(world, caplog, capsys):
    """In str, repr, args, attributes, cause, context, log records, warnings and on the terminal."""
    caplog.set_level(logging.DEBUG)
    work, calls = failing_calls(*world)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name, ways in calls.items():
            for call in ways:
                with pytest.raises(MimcoreError) as refused:
                    call()
                text = shown(refused.value).lower()
                assert not any(trace in text for trace in TRACES), (name, text)
                assert refused.value.__cause__ is None
    work.rollback()
    out = capsys.readouterr()
    said = caplog.text + out.out + out.err + "".join(str(one.message) for one in caught)
    assert not any(trace in said.lower() for trace in TRACES)


def test_conflicts_and_their_consequences_show_no_personal_value(world):
    """Duplicates, stale versions, events under a known id, missing accounts, dead units of work."""
    store, person, stranger = world
    with store.begin() as work:
        work.record("purchase", contact=person, at="2026-01-01", product=WORD, external_id=WORD)
        work.change(person, city="Ribe")

    def within(act):
        with store.begin() as work:
            act(work)

    for act in (
        lambda w: w.add(person),
        lambda w: w.change(person, city=WORD),
        lambda w: w.record("purchase", contact=person, at="2026-01-01", product="y", external_id=WORD),
        lambda w: w.add(stranger.evolve(account=uuid4())),
        lambda w: w.add(mim.Segment(key="vips", name=WORD)),
    ):
        with pytest.raises(MimcoreError) as refused:
            within(act)
        assert not any(trace in shown(refused.value).lower() for trace in TRACES), shown(refused.value)


def test_every_public_method_is_covered():
    """A new method must get a failing call above, or a reason here why it needs none."""
    source = inspect.getsource(failing_calls)
    for owner, plain in PLAIN.items():
        for name, method in inspect.getmembers(owner, lambda one: inspect.isfunction(one) or isinstance(one, property)):
            if not name.startswith("_"):
                assert name in plain or f'"{name}":' in source, (owner.__name__, name, method)


def test_what_prints_itself_masks(world):
    """Stores, units of work, pages, cards, plans, audiences, decisions: no personal value in any repr."""
    store, person, _ = world
    with store.begin() as work:
        work.grant(person.primary_email, **FORM, evidence={"ip": WORD})
        objects = [
            store,
            work,
            work.origin,
            work.contacts,
            work.contacts.find(),
            work.can_contact(person.primary_email, **NEWS),
        ]
        texts = [repr(one) for one in objects] + [
            repr(work.transaction.consents.of_identifier(work.gate.identifier(MAIL)))
        ]
    texts += [repr(store.audience(mim.everyone(), **NEWS)), repr(store.card(person)), repr(store.quality.report())]
    texts += [
        repr(store.quality.refresh_plan(checks=9)),
        repr(store.duplicates.find()),
        repr(store.preview(f.contact.country == "DK")),
    ]
    assert "zqxcanary@" not in "".join(texts).lower()
    assert "20304050" not in "".join(texts)
    assert NAME.lower() not in "".join(texts).lower()
