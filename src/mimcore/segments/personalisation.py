"""Merge fields that are safe to print: a doubtful, stale or missing value gives way to the declared fallback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue

__all__ = ["LEAST_FRESHNESS", "SALUTATION", "MergeFields", "printable"]

SALUTATION = "salutation"
"""The one merge field that is made of several: title and name, in the contact's language."""

LEAST_FRESHNESS = 0.5
"""A value that is more likely wrong than right is not printed."""

_SALUTATION_PARTS = ("name.title", "name.family", "name.given")


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

    def of(self, contact: Contact, fields: Sequence[str]) -> list[str]:
        """Return the text of each field, or its fallback.

        Args:
            contact: The recipient.
            fields: `salutation`, or short names of contact fields.
        """
        return [self.value(contact, name) or self.fallbacks.get(name, "") for name in fields]

    def value(self, contact: Contact, name: str) -> str | None:
        """Return the text of a field if it is safe to print, else None."""
        if name == SALUTATION:
            return self._salutation(contact)
        spec = printable(name, self.catalogue)
        value = spec.read(contact)
        return _text(value) if value is not None and self._is_fresh(contact, spec.name) else None

    def fallback_share(self, contacts: Iterable[Contact], fields: Sequence[str]) -> Mapping[str, float]:
        """Return the share of contacts on the fallback, by field (0-1); 0 for no contacts."""
        listed = list(contacts)
        return {
            name: sum(self.value(one, name) is None for one in listed) / len(listed) if listed else 0.0
            for name in fields
        }

    def _salutation(self, contact: Contact) -> str | None:
        if contact.name is None or not all(
            self._is_fresh(contact, f"contact.{part}", absent=True) for part in _SALUTATION_PARTS
        ):
            return None
        return contact.name.salutation(contact.preferences.language or "en")

    def _is_fresh(self, contact: Contact, name: str, *, absent: bool = False) -> bool:
        state = next(
            (one for one in self.states.get(contact.id, ()) if one.attribute == name and one.subject_id == contact.id),
            None,
        )
        if state is None or state.key is None:
            return absent and state is None
        return freshness_at(state.key, self.at, self.half_lives[state.pool]) >= LEAST_FRESHNESS


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
