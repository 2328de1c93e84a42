"""Merge fields that are safe to print: a doubtful, stale or missing value gives way to the declared fallback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from mimcore.display import Column, Table, percent
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.values.arguments import given_list, given_mapping

__all__ = ["LEAST_FRESHNESS", "SALUTATION", "Doubt", "MergeFields", "MergeValue", "check_fields", "printable"]

SALUTATION = "salutation"
"""The one merge field that is made of several: title and name, in the contact's language."""

LEAST_FRESHNESS = 0.5
"""A value that is more likely wrong than right is not printed."""

_SALUTATION_PARTS = ("name.title", "name.family", "name.given")


class Doubt(StrEnum):
    """Why a value is not printed."""

    MISSING = "missing"
    STALE = "stale"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class MergeValue:
    """What is printed for one merge field of one person, and what it rests on.

    Attributes:
        name: Name of the merge field.
        text: What is printed: the value, or its fallback.
        doubt: Why the value is not printed; None if it is.
        source: Source of the stored value; of a salutation, of all of its parts; empty where there is none.
        seen_at: When it was last seen or confirmed; of a salutation, its oldest part. None where nobody knows.
        freshness: Probability that it is right, 0-1; of a salutation, of its least certain part.
    """

    name: str
    text: str = field(repr=False)
    doubt: Doubt | None
    source: str
    seen_at: datetime | None
    freshness: float | None

    @property
    def is_fallback(self) -> bool:
        """Whether the fallback is printed."""
        return self.doubt is not None

    def age_days(self, at: datetime) -> int | None:
        """Return how many days ago the stored value was last seen; None where nobody knows."""
        return None if self.seen_at is None else (at - self.seen_at).days


@dataclass(frozen=True, slots=True)
class MergeFields:
    """Reads merge fields of contacts, with their age in mind.

    Attributes:
        states: Freshness states by contact.
        half_lives: Half-life in days by pool.
        at: Instant.
        fallbacks: What stands for a value that is not safe to print, by field; empty text unless declared.
        catalogue: The declared fields; the built-in ones unless given.
    """

    states: Mapping[UUID, Sequence[FreshnessState]]
    half_lives: Mapping[str, float]
    at: datetime
    fallbacks: Mapping[str, str]
    catalogue: Catalogue = field(default_factory=default_catalogue, repr=False)

    def columns(self, fields: Sequence[str], *, provenance: bool = False) -> list[str]:
        """Return the names of the columns that `cells` fills.

        Args:
            fields: `salutation`, or short names of contact fields.
            provenance: Whether source, age and doubt stand behind each.
        """
        beside = ("", "_source", "_seen_on", "_fallback") if provenance else ("",)
        return [f"{name}{what}" for name in fields for what in beside]

    def cells(self, contact: Contact, fields: Sequence[str], *, provenance: bool = False) -> list[str]:
        """Return the text of each field, or its fallback.

        Args:
            contact: The recipient.
            fields: `salutation`, or short names of contact fields.
            provenance: Whether source, age and doubt follow each.
        """
        told = (self.told(contact, name) for name in fields)
        return [cell for one in told for cell in ((one.text, *_beside(one)) if provenance else (one.text,))]

    def told(self, contact: Contact, name: str) -> MergeValue:
        """Return what is printed for a field, with source and age.

        Args:
            contact: The recipient.
            name: `salutation`, or the short name of a contact field.
        """
        own = [one for one in self.states.get(contact.id, ()) if one.subject_id == contact.id]
        if name == SALUTATION:
            made = None if contact.name is None else contact.name.salutation(contact.preferences.language or "en")
            parts = {f"contact.{part}" for part in _SALUTATION_PARTS}
            found = [one for one in own if one.attribute in parts]
            return self._value(name, made, found, self._doubt(found))
        spec = printable(name, self.catalogue)
        value = spec.read(contact)
        found = [one for one in own if one.attribute == spec.name]
        return self._value(name, None if value is None else _text(value), found, self._doubt(found, is_needed=True))

    def fallback_share(self, contacts: Iterable[Contact], fields: Sequence[str]) -> Mapping[str, float]:
        """Return the share of contacts on the fallback, by field (0-1); 0 for no contacts."""
        number, doubts = self._counted(contacts, fields)
        return {name: sum(doubts[name].values()) / number if number else 0.0 for name in fields}

    def fallback_table(self, contacts: Iterable[Contact], fields: Sequence[str]) -> Table:
        """Return how many contacts get the value of each field, and why the others get the fallback."""
        number, doubts = self._counted(contacts, fields)
        rows = [
            (name, number - lost, *(doubts[name][one] for one in Doubt), percent(lost / number) if number else "–")
            for name in fields
            for lost in [sum(doubts[name].values())]
        ]
        names = ("field", "printed", *(one.value for one in Doubt), Column("on fallback", "right"))
        return Table.of(names, rows, title="On the fallback")

    def _counted(self, contacts: Iterable[Contact], fields: Sequence[str]) -> tuple[int, Mapping[str, Counter[Doubt]]]:
        number = 0
        doubts: dict[str, Counter[Doubt]] = {name: Counter() for name in fields}
        for one in contacts:
            number += 1
            for name in fields:
                doubt = self.told(one, name).doubt
                if doubt is not None:
                    doubts[name][doubt] += 1
        return number, doubts

    def _value(self, name: str, text: str | None, found: Sequence[FreshnessState], doubt: Doubt | None) -> MergeValue:
        doubt = doubt if text else Doubt.MISSING
        printed = text if text and doubt is None else self.fallbacks.get(name, "")
        if not text:
            return MergeValue(name, printed, doubt, "", None, None)
        seen = [one.confirmed_at or one.observed_at for one in found]
        known = [one for one in seen if one is not None]
        oldest = min(known) if known and len(known) == len(seen) else None
        chances = [self._freshness(one) for one in found]
        certain = [one for one in chances if one is not None]
        least = min(certain) if certain and len(certain) == len(chances) else None
        return MergeValue(name, printed, doubt, ", ".join(sorted({one.source for one in found})), oldest, least)

    def _doubt(self, found: Sequence[FreshnessState], *, is_needed: bool = False) -> Doubt | None:
        """Return why values must not be printed; one that was never dated is worse than one that is old."""
        chances = [self._freshness(one) for one in found]
        if None in chances or (is_needed and not chances):
            return Doubt.UNDATED
        return Doubt.STALE if any(one is not None and one < LEAST_FRESHNESS for one in chances) else None

    def _freshness(self, state: FreshnessState) -> float | None:
        return None if state.key is None else freshness_at(state.key, self.at, self.half_lives[state.pool])


def _beside(value: MergeValue) -> tuple[str, str, str]:
    """Source, day and doubt of a value as cells."""
    seen = "" if value.seen_at is None else f"{value.seen_at:%Y-%m-%d}"
    return value.source, seen, "" if value.doubt is None else value.doubt.value


def declared_fallbacks(given: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return fallbacks by field, none where none are given.

    Args:
        given: What a call was given.

    Raises:
        InvalidValueError: If it is no mapping.
    """
    return {} if given is None else given_mapping(given, "fallbacks", "give a text by field: {'given_name': 'there'}")


def check_fields(fields: Iterable[str], catalogue: Catalogue) -> None:
    """Refuse merge fields that are not declared, or that must not be printed.

    Args:
        fields: `salutation`, or short names of contact fields.
        catalogue: The declared fields.

    Raises:
        UnknownFieldError: With the nearest field.
        InvalidValueError: If one must not be printed, or has no text; or if they are one text.
    """
    for name in given_list(fields, "fields"):
        if name != SALUTATION:
            printable(name, catalogue)


def printable(name: str, catalogue: Catalogue) -> FieldSpec:
    """Return the declaration of a merge field.

    Args:
        name: Short name of a contact field.
        catalogue: The declared fields.

    Raises:
        UnknownFieldError: With the nearest field.
        InvalidValueError: If it must not be printed, or has no text.
    """
    spec = catalogue[f"contact.{name}"]
    if spec.is_special_category:
        raise InvalidValueError(spec.short, "is special-category data", "leave it out of what is printed")
    if spec.is_derived or spec.kind is Kind.RECORDS:
        raise InvalidValueError(spec.short, "is no stored text of a contact", "name a field that people filled in")
    return spec


def _text(value: Any) -> str | None:
    """Return a value as a reader expects it; None for an empty list."""
    if isinstance(value, tuple):
        return ", ".join(map(str, cast("tuple[object, ...]", value))) or None
    return str(value)
