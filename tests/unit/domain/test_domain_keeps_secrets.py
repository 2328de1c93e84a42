"""A personal value never travels inside an error of the domain, whichever way it was refused, nor shows in a repr."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from uuid import UUID

import pytest

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign, Period
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.declaring.attributes import Attribute
from mimcore.domain.declaring.entity import CLEAR
from mimcore.domain.declaring.shortcuts import short_names
from mimcore.domain.external_ids import ExternalId
from mimcore.domain.groups import (
    AccountTechnology,
    Acquisition,
    Demographic,
    Device,
    Employment,
    Firmographic,
    KeyAccount,
    Preferences,
    Psychographic,
    SocialProfile,
    Technology,
)
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead, LeadStep
from mimcore.domain.points import EmailPoint, PhonePoint
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.errors import InvalidValueError, MimcoreError

CANARY = "Zqxcanary"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ID = UUID(int=7)


class Secret:
    """An object whose every printed form is the canary."""

    def __repr__(self) -> str:
        return CANARY

    def __hash__(self) -> int:
        return 7


# What each model needs beside the field under test.
VALID = {
    Contact: {},
    Account: {"name": "Acme"},
    Lead: {"contact_id": ID, "captured_at": NOW},
    Segment: {"key": "danes"},
    Source: {"key": "crm"},
    Campaign: {"key": "spring"},
    Task: {"title": "Call"},
    Interaction: {"kind": "visit", "at": NOW, "contact_id": ID},
    Acquisition: {},
    Demographic: {},
    Psychographic: {},
    Technology: {},
    Employment: {},
    Preferences: {},
    Firmographic: {},
    AccountTechnology: {},
    KeyAccount: {},
    Device: {"kind": "tablet"},
    SocialProfile: {"network": "x"},
    AccountLink: {"account_id": ID},
    ExternalId: {"source": "crm", "value": "1"},
    EmailPoint: {"email": "ana@acme.dk"},
    PhonePoint: {"phone": "+4532123456"},
    LeadStep: {"stage": "mql", "at": NOW},
    Period: {"start_on": "2026-01-01", "end_on": "2026-01-02"},
}
WRONG = {
    "text": CANARY + "\x00",
    "long text": CANARY * 3000,
    "list": [CANARY],
    "nested list": [[[CANARY]]],
    "mapping": {CANARY: CANARY},
    "nested mapping": {"name": {CANARY: [CANARY]}, CANARY: {"x": CANARY}},
    "bytes": CANARY.encode(),
    "object": Secret(),
    "list of objects": [Secret()],
    "number": 10**400,
    "fraction": -1.5,
    "not a number": float("nan"),
}


def names_of(model) -> list[str]:
    """Declared fields and short names, and what is given in another form."""
    shorts = list(short_names(model)) if model in {Contact, Account} else []
    return [*model.model_fields, *shorts, *(["acquired", "account"] if model is Contact else []), CANARY]


PLACES = [(model, name) for model in VALID for name in names_of(model)]


def as_json(data: dict[str, object]) -> str:
    """Write as JSON; what JSON cannot hold becomes the canary."""
    return json.dumps(data, default=lambda one: str(one) if isinstance(one, UUID | datetime) else CANARY)


def ways(model, name: str, wrong: object):
    """Every way in which a value can come in."""
    data = {**VALID[model], name: wrong}
    yield "constructor", lambda: model(**data)
    yield "model_validate", lambda: model.model_validate(data)
    yield "model_validate_json", lambda: model.model_validate_json(as_json(data))
    yield "evolve", lambda: model(**VALID[model]).evolve(**{name: wrong})
    if name in model.model_fields:
        yield "assignment", lambda: setattr(model(**VALID[model]), name, wrong)


def refusal(make) -> BaseException | None:
    """Return the error of a call, or None if the value was accepted."""
    try:
        make()
    except MimcoreError as error:
        return error
    return None


def shown(error: BaseException) -> str:
    """Everything that an error says or holds, its chain included, but not the frames."""
    text = ""
    queue: list[BaseException | None] = [error]
    while queue:
        one = queue.pop()
        if one is not None:
            text += f"{one!s} {one!r} {one.args!r} {vars(one)!r} {getattr(one, '__notes__', '')}"
            queue += [one.__cause__, one.__context__]
    return text.lower()


@pytest.mark.parametrize(("model", "name"), PLACES, ids=lambda part: getattr(part, "__name__", part))
def test_no_error_holds_the_value(model, name: str) -> None:
    """Each wrong value in each field is accepted, or refused by an error of ours that is free of it; some are refused."""
    refused = set()
    for wrong in WRONG.values():
        for way, make in ways(model, name, wrong):
            error = refusal(make)
            if error is None:
                continue
            refused.add(way)
            assert CANARY.lower() not in shown(error), way
            assert CANARY.encode() not in pickle.dumps(error)
            assert isinstance(error, InvalidValueError)
    assert refused >= {"constructor", "model_validate", "model_validate_json", "evolve"}


MISTAKES = {
    "email": lambda: Contact(emails=[f"{CANARY} at acme"]),
    "second email": lambda: Contact(emails=["ana@acme.dk", f"{CANARY}@"]),
    "email of a mapping": lambda: Contact(emails=[{"email": CANARY}]),
    "email of a mapping of mappings": lambda: Contact(emails=[{"email": {"address": CANARY}}]),
    "phone": lambda: Contact(phones=[CANARY], country="DK"),
    "phone without country": lambda: Contact(phones=["32 12 34 56", CANARY]),
    "name": lambda: Contact(name=f"{CANARY} & {CANARY} GmbH"),
    "name in parts": lambda: Contact(name={"given": CANARY, "title": CANARY}),
    "country": lambda: Contact(country=CANARY, phones=["32 12 34 56"]),
    "country inside": lambda: Contact(demographic={"country": CANARY}, phones=["32 12 34 56"]),
    "birth date": lambda: Contact(birth_date=f"1990-{CANARY}"),
    "nested": lambda: Contact(demographic={"city": [CANARY], CANARY: 1}),
    "device": lambda: Contact(devices=[{"kind": CANARY}]),
    "account": lambda: Contact(account=CANARY),
    "two links": lambda: Contact(accounts=[{"account_id": ID, "role": CANARY}] * 2),
    "external id": lambda: Contact(external_ids={CANARY: CANARY}),
    "json": lambda: Contact.model_validate_json(f'{{"name": "{CANARY}'),
    "json of something else": lambda: Contact.model_validate_json(f'"{CANARY}"'),
    "evolve a group": lambda: Contact(city="Odense").evolve(demographic={"city": [CANARY], "country": CANARY}),
    "evolve a short name": lambda: Contact(city="Odense").evolve(city=[CANARY]),
    "evolve a point": lambda: Contact(emails=["ana@acme.dk"]).evolve(emails=[f"{CANARY}@"]),
    "evolve ids": lambda: Contact().evolve(external_ids={"crm": [CANARY]}),
    "domain": lambda: Account(domain=f"{CANARY} {CANARY}"),
    "rule": lambda: Segment(key="x", rule={"op": "equals", "field": "contact.name.given", "value": [CANARY]}),
    "unknown part of a rule": lambda: Segment(key="x", rule={"op": CANARY, CANARY: CANARY}),
    "lead": lambda: Lead(contact_id=ID, captured_at=NOW).advance(CANARY, at=NOW),
    "task": lambda: Task(title="Call").move(CANARY),
    "period": lambda: Campaign(key="x", runs=(CANARY, CANARY)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_no_everyday_mistake_prints_the_value(name: str) -> None:
    """The mistakes that people make are refused by an error of ours, and it is free of the value."""
    error = refusal(MISTAKES[name])
    assert error is not None
    assert CANARY.lower() not in shown(error)


def test_errors_name_the_place() -> None:
    """The field is named as the caller knows it, also inside lists and groups."""
    assert refusal(lambda: Contact(emails=["ana@acme.dk", "x"])).field == "emails.1"
    assert refusal(lambda: Contact(phones=["+45 1"])).field == "phones.0"
    assert refusal(lambda: Contact(demographic={"city": 7})).field == "demographic.city"
    assert refusal(lambda: Contact(city="Odense").evolve(demographic={"city": 7})).field == "demographic.city"
    assert refusal(lambda: Contact(account="x")).field == "account"


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    """`contry` is answered with `country`."""
    assert "did you mean 'countr" in str(refusal(lambda: Contact(contry="DK")))
    assert "did you mean 'countr" in str(refusal(lambda: Contact().evolve(contry=CLEAR)))


@pytest.mark.parametrize("model", VALID, ids=lambda model: model.__name__)
def test_personal_fields_are_masked_when_printed(model) -> None:
    """Every attribute that is declared personal is masked in the repr of its model."""
    personal = {
        name
        for name, info in model.model_fields.items()
        if any(isinstance(mark, Attribute) and mark.is_personal for mark in info.metadata)
    }
    assert personal <= model.pii_fields


def test_a_contact_prints_nothing_personal() -> None:
    """Neither `repr` nor `str` of a full contact shows what identifies the person."""
    contact = Contact(
        id=ID,
        name=f"Ana {CANARY}",
        emails=[f"{CANARY}@acme.dk"],
        phones=["+45 32 12 34 56"],
        birth_date="1990-05-01",
        street=f"{CANARY} 7",
        postal_code="8000",
        notes=CANARY,
        beliefs=[CANARY],
        external_ids={"crm": CANARY},
        custom={"nickname": CANARY},
        referrer=CANARY,
        social_profiles=[{"network": "x", "handle": CANARY, "url": f"https://x.test/{CANARY}"}],
    )
    printed = f"{contact!r} {contact!s} {contact.emails!r} {contact.external_ids!r} {contact.social_profiles!r}"
    assert CANARY.lower() not in printed.lower()
    assert "3212" not in printed
    assert "1990" not in printed
    assert "8000" not in printed
