"""Hypothesis strategies: contacts, interactions and rules that meet, so that a fair share of rules selects somebody.

The words, countries and numbers that people and rules are drawn from are few on purpose. Needs Hypothesis.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from mimcore.domain import fields as f
from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.vocabularies import Channel, Gender, LifecycleStage
from mimcore.rules.language.nodes import Everyone, Rule
from mimcore.values.identifiers import uuid7
from mimcore.values.location import HALF_ROUND_KM, Location
from mimcore.values.money import Money

__all__ = ["NOW", "contacts", "identifiers", "instants", "interactions", "locations", "rules"]

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
"""The instant round which the drawn instants lie; bind drawn rules at it."""

_COUNTRIES = ("DK", "SE", "NO")
_CITIES = ("Aarhus", "AARHUS", "Århus", "Malmö", "100% Berg", "straße_1")
_WORDS = ("vip", "VIP", "new", "straße", "STRASSE")
_PRODUCTS = ("helmet", "Helmet", "bell")
_CURRENCIES = ("DKK", "EUR")


def identifiers() -> st.SearchStrategy[UUID]:
    """Ids of version 7, over the whole range of times."""
    return st.builds(uuid7, st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))


def instants() -> st.SearchStrategy[datetime]:
    """Instants within two years before `NOW` and ten days after it, often exactly whole days away."""
    whole_days = st.integers(-730, 10).map(lambda days: NOW + timedelta(days=days))
    return whole_days | st.timedeltas(timedelta(days=-730), timedelta(days=10)).map(lambda ago: NOW + ago)


def money() -> st.SearchStrategy[Money]:
    """Small amounts in two currencies."""
    return st.builds(Money, minor_units=st.integers(0, 30_000), currency=st.sampled_from(_CURRENCIES))


def locations() -> st.SearchStrategy[Location]:
    """Points anywhere on the globe; often a pole, the antimeridian or one of two neighbours."""
    latitudes = st.sampled_from([55.676, 55.677, -90.0, 90.0, 0.0]) | st.floats(-90, 90)
    longitudes = st.sampled_from([12.568, 12.569, -180.0, 180.0, 0.0]) | st.floats(-180, 180)
    return st.builds(Location, latitude=latitudes, longitude=longitudes)


def contacts(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Contact]:
    """Contacts with any part missing, as version 1; no two of them share an address.

    Args:
        **given: Strategies for fields that shall not be drawn as usual.
    """
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "country": st.sampled_from(_COUNTRIES),
        "city": st.sampled_from(_CITIES),
        "tags": st.lists(st.sampled_from(_WORDS), max_size=3),
        "household_size": st.integers(0, 4),
        "gender": st.sampled_from(Gender),
        "birth_date": st.dates(date(1940, 1, 1), date(2020, 1, 1)),
        "is_decision_maker": st.booleans(),
        "annual_income": money(),
        "location": locations(),
        "acquired_at": instants(),
        "lifecycle_stage": st.sampled_from(LifecycleStage),
        "preferred_channels": st.lists(st.sampled_from([Channel.EMAIL, Channel.SMS, Channel.POST]), max_size=2),
    }
    required: dict[str, st.SearchStrategy[Any]] = {"id": identifiers(), "version": st.just(1)}
    optional = {name: strategy for name, strategy in drawn.items() if name not in given}
    return st.fixed_dictionaries({**required, **given}, optional=optional).map(lambda fields: Contact(**fields))


def interactions(contact_ids: st.SearchStrategy[UUID]) -> st.SearchStrategy[Interaction]:
    """Purchases, visits and refunds.

    Args:
        contact_ids: Whose.
    """
    required: dict[str, st.SearchStrategy[Any]] = {
        "id": identifiers(),
        "kind": st.sampled_from(["purchase", "visit", "refund"]),
        "at": instants(),
        "contact_id": contact_ids,
    }
    optional: dict[str, st.SearchStrategy[Any]] = {
        "value": money(),
        "product": st.sampled_from(_PRODUCTS),
        "quantity": st.integers(0, 3),
        "is_gift": st.booleans(),
    }
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: Interaction(**fields))


def rules(*, max_leaves: int = 8) -> st.SearchStrategy[Rule]:
    """Rules over fields and events of contacts; they mention no account, segment or freshness.

    Args:
        max_leaves: About how many conditions at most.
    """
    return st.recursive(_conditions(), _combined, max_leaves=max_leaves)


def _combined(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        inner.map(lambda rule: ~rule),
        inner.map(lambda rule: rule.or_missing()),
    )


def _conditions() -> st.SearchStrategy[Rule]:
    return st.one_of(
        _on_codes(), _on_text(), _on_numbers(), _on_times(), _on_lists(), _on_events(), st.just(Everyone())
    )


def _on_codes() -> st.SearchStrategy[Rule]:
    country = st.sampled_from(_COUNTRIES)
    return st.one_of(
        country.map(lambda code: f.contact.country == code),
        st.lists(country, max_size=2).map(f.contact.country.is_in),
        st.sampled_from(Gender).map(lambda gender: f.contact.gender == gender),
        st.booleans().map(lambda decides: f.contact.is_decision_maker == decides),
        st.sampled_from([f.contact.country.is_known(), f.contact.gender.is_known()]),
    )


def _on_text() -> st.SearchStrategy[Rule]:
    piece = st.sampled_from(["aar", "MALMÖ", "%", "_", "STRASSE", "berg"])
    return st.one_of(
        st.sampled_from(_CITIES).map(lambda city: f.contact.city == city),
        piece.map(f.contact.city.contains),
        piece.map(f.contact.city.starts_with),
        piece.map(f.contact.city.ends_with),
    )


def _on_numbers() -> st.SearchStrategy[Rule]:
    size, age = st.integers(0, 4), st.integers(10, 80)
    return st.one_of(
        size.map(lambda number: f.contact.household_size >= number),
        size.map(lambda number: f.contact.household_size < number),
        st.tuples(size, size).map(lambda pair: f.contact.household_size.is_between(*sorted(pair))),
        age.map(lambda years: f.contact.age >= years),
        age.map(lambda years: f.contact.age < years),
        money().map(lambda amount: f.contact.annual_income >= amount),
        st.builds(f.contact.location.within_km, locations(), st.integers(0, HALF_ROUND_KM)),
    )


def _on_times() -> st.SearchStrategy[Rule]:
    days = st.integers(0, 730)
    return st.one_of(
        days.map(f.contact.acquired_at.within_days),
        days.map(f.contact.acquired_at.older_than_days),
        st.integers(5_000, 30_000).map(f.contact.birth_date.older_than_days),
    )


def _on_lists() -> st.SearchStrategy[Rule]:
    words = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2)
    channels = st.lists(st.sampled_from(["email", "sms"]), min_size=1, max_size=2)
    return st.one_of(
        words.map(f.contact.tags.overlaps),
        words.map(f.contact.tags.contains_all),
        channels.map(f.contact.preferred_channels.overlaps),
        st.just(f.contact.tags.is_known()),
    )


def _on_events() -> st.SearchStrategy[Rule]:
    purchases, days = f.contact.purchases, st.none() | st.integers(0, 730)
    helmets = purchases.where(f.event.product == "HELMET")
    return st.one_of(
        st.tuples(days, st.integers(0, 3)).map(lambda drawn: purchases.count(within_days=drawn[0]) >= drawn[1]),
        st.tuples(days, st.integers(0, 2)).map(lambda drawn: helmets.count(within_days=drawn[0]) == drawn[1]),
        money().map(lambda amount: purchases.total() >= amount),
        st.integers(1, 400).map(lambda lapse: purchases.lapsed(days=lapse)),
    )
