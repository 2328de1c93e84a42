"""Every noun of the requirements for the marketing database has a declared field (A1-A6 and A13)."""

from __future__ import annotations

import pytest

from mimcore.domain.catalogue import catalogue
from mimcore.rules.language.catalogue import Kind

NOUNS: dict[str, dict[str, str]] = {
    "A1 acquisition": {
        "channel": "contact.acquisition.channel",
        "source": "contact.acquisition.source",
        "campaign": "contact.acquisition.campaign",
        "when": "contact.acquisition.at",
    },
    "A2 demographic": {
        "age": "contact.demographic.age",
        "gender": "contact.demographic.gender",
        "location": "contact.demographic.city",
        "income": "contact.demographic.annual_income",
        "income band": "contact.demographic.income_band",
        "industry": "contact.employment.industry",
        "and so on: education": "contact.demographic.education",
        "and so on: household": "contact.demographic.household_size",
    },
    "A3 psychographic": {
        "interests": "contact.psychographic.interests",
        "hobbies": "contact.psychographic.hobbies",
        "beliefs": "contact.psychographic.beliefs",
    },
    "A4 technology": {
        "devices": "contact.technology.devices",
        "browsers": "contact.technology.browsers",
        "operating systems": "contact.technology.operating_systems",
        "apps": "contact.technology.apps",
    },
    "A5 business profile": {
        "people's names": "contact.name.family",
        "titles": "contact.employment.title",
        "seniority": "contact.employment.seniority",
        "company size": "account.firmographic.employees",
        "market": "account.firmographic.market",
        "number of employees": "account.firmographic.employees",
        "estimated annual revenue": "account.firmographic.annual_revenue",
        "current technology stack": "account.technology.stack",
        "social profiles": "contact.social_profiles",
        "decision makers": "contact.employment.is_decision_maker",
        "co-marketing partnerships": "account.technology.partnerships",
        "industry": "account.firmographic.industry",
    },
    "A6 consumer profile": {
        "first name": "contact.name.given",
        "last name": "contact.name.family",
        "e-mail": "contact.primary_email",
        "phone": "contact.primary_phone",
        "gender": "contact.demographic.gender",
        "postal address: street": "contact.demographic.street",
        "postal address: postal code": "contact.demographic.postal_code",
        "postal address: city": "contact.demographic.city",
        "postal address: region": "contact.demographic.region",
        "postal address: country": "contact.demographic.country",
        "location data": "contact.demographic.region",
        "transaction: kind": "event.kind",
        "transaction: when": "event.at",
        "transaction: money": "event.value",
        "transaction: product": "event.product",
        "transaction: gift": "event.is_gift",
        "transaction: refund": "event.refund_of",
        "transaction: number in the shop": "event.external_id",
    },
    "A13 communication": {
        "how people like to be communicated with": "contact.preferences.channels",
        "when they like to be": "contact.preferences.contact_hours",
        "what motivates": "contact.psychographic.motivations",
        "what repels": "contact.psychographic.objections",
        "which channels they use": "contact.preferences.channels",
        "which competitors they consider": "contact.psychographic.competitors_considered",
        "language": "contact.preferences.language",
        "age band": "contact.demographic.age_band",
        "birth year": "contact.demographic.birth_year",
        "birth date": "contact.demographic.birth_date",
        "devices as records": "contact.technology.devices",
    },
}
PAIRS = [(code, noun, name) for code, nouns in NOUNS.items() for noun, name in nouns.items()]


@pytest.mark.parametrize(("code", "noun", "name"), PAIRS)
def test_every_noun_has_a_field(code: str, noun: str, name: str) -> None:
    """The field is declared under exactly this name and says what it means."""
    spec = catalogue[name]
    assert spec.name == name
    assert spec.description.endswith(".")


@pytest.mark.parametrize(
    "noun", ["what motivates", "what repels", "which competitors they consider", "which channels they use"]
)
def test_answers_of_surveys_age(noun: str) -> None:
    """What people say about themselves decays (A13: typed, aged fields)."""
    assert catalogue[NOUNS["A13 communication"][noun]].pool == "survey"


@pytest.mark.parametrize("name", ["contact.technology.devices", "contact.social_profiles", "account.social_profiles"])
def test_records_declare_their_parts(name: str) -> None:
    """Devices and profiles are records with declared, described parts."""
    spec = catalogue[name]
    assert spec.kind is Kind.RECORDS
    assert len(spec.record_fields) >= 4
    assert all(part.description for part in spec.record_fields)


def test_special_categories_are_marked() -> None:
    """Beliefs are special-category data (P4), and nothing special is unmarked as personal."""
    special = {spec.name for spec in catalogue if spec.is_special_category}
    assert special == {"contact.psychographic.beliefs"}
    assert all(spec.is_personal for spec in catalogue if spec.is_special_category)


def test_what_identifies_a_person_is_marked_personal() -> None:
    """Names, points, addresses and birth dates are masked."""
    personal = {spec.short for spec in catalogue.of("contact") if spec.is_personal}
    assert personal >= {
        "given_name",
        "middle_name",
        "family_name",
        "primary_email",
        "primary_phone",
        "birth_date",
        "street",
        "postal_code",
        "social_profiles",
        "beliefs",
        "notes",
        "annual_income",
    }
