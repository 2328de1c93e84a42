"""One person on one card: every value with its source and age, every contact point with its consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from mimcore.display import Table, age_in_words, percent
from mimcore.display.style import fragment
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.consent import ConsentEvent
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.domain.interaction import Interaction
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Card", "CardValue", "card_of"]


@dataclass(frozen=True, slots=True)
class CardValue:
    """One stored value with its provenance.

    Attributes:
        field: Canonical field name.
        value: The value; personal, shown on the card only.
        source: Key of the source that brought it.
        observed_at: When the source saw it; None for an undated value.
        confirmed_at: Newest evidence in favour.
        freshness: Probability that it is right now, 0-1; None for an undated value.
    """

    field: str
    value: Any
    source: str
    observed_at: datetime | None
    confirmed_at: datetime | None
    freshness: float | None

    def __repr__(self) -> str:
        """Everything but the value."""
        return f"CardValue({self.field}, source={self.source}, freshness={self.freshness})"


@dataclass(frozen=True, slots=True)
class Card:
    """Everything known about one contact at an instant. Showing it shows personal data: that is what it is for."""

    contact: Contact
    at: datetime
    values: tuple[CardValue, ...]
    consents: tuple[ConsentEvent, ...]
    interactions: tuple[Interaction, ...]

    def __repr__(self) -> str:
        """The id only."""
        return f"Card({self.contact.id})"

    def table(self) -> Table:
        """The values as a table."""
        rows = [
            (one.field.removeprefix("contact."), _shown(one.value), one.source, self._age(one), percent(one.freshness))
            for one in self.values
        ]
        return Table.of(
            ("field", "value", "source", "last seen", "still right"),
            rows,
            title="One person",
            caption=f"{self.at:%Y-%m-%d} UTC",
        )

    def consent_table(self) -> Table:
        """The acts of consent as a table, newest last."""
        rows = [
            (one.occurred_at.date().isoformat(), one.channel, one.purpose, one.action, one.method, one.source)
            for one in self.consents
        ]
        return Table.of(("on", "channel", "purpose", "act", "method", "source"), rows, title="Consent")

    def _age(self, value: CardValue) -> str:
        seen = value.confirmed_at or value.observed_at
        return "nobody knows" if seen is None else age_in_words((self.at - seen).days)

    def __str__(self) -> str:
        """Values and consents as text."""
        return f"{self.table()}\n\n{self.consent_table()}"

    def _repr_html_(self) -> str:
        return fragment(self.table().html() + self.consent_table().html())


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in cast("tuple[object, ...]", value))
    return str(getattr(value, "kind", None) or getattr(value, "network", None) or getattr(value, "value", value))


def card_of(work: UnitOfWork, contact: Contact, now: datetime) -> Card:
    """Collect everything known about a contact.

    Args:
        work: Open unit of work.
        contact: Stored contact.
        now: Aware instant at which ages are counted.
    """
    transaction = work.transaction
    half_lives = transaction.freshness.half_lives()
    states = {
        (one.attribute, one.subject_id): one for one in transaction.freshness.of([contact.id]).get(contact.id, [])
    }
    values = [
        _value(spec.name, spec.read(contact), states.get((spec.name, contact.id)), half_lives, now)
        for spec in CONTACT_FIELDS
        if _is_set(spec, contact)
    ]
    for name, value in contact.custom.items():
        field = f"contact.custom.{name}"
        values.append(_value(field, value, states.get((field, contact.id)), half_lives, now))
    for name in ("emails", "phones"):
        active = [point for point in getattr(contact, name) if not point.is_retired]
        values += [
            _value(f"contact.{name}", point.value, states.get((f"contact.{name}", point.id)), half_lives, now)
            for point in active
        ]
    consents = [
        act for point in contact.points for act in transaction.consents.of_identifier(work.gate.identifier(point))
    ]
    events = transaction.interactions.of([contact.id]).get(contact.id, [])
    return Card(contact, now, tuple(values), tuple(sorted(consents, key=lambda act: act.occurred_at)), tuple(events))


def _is_set(spec: Any, contact: Contact) -> bool:
    return not spec.is_derived and spec.read(contact) not in (None, ())


def _value(
    name: str, value: Any, state: FreshnessState | None, half_lives: Mapping[str, float], now: datetime
) -> CardValue:
    if state is None:
        return CardValue(name, value, "unknown", None, None, None)
    fresh = None if state.key is None else freshness_at(state.key, now, half_lives[state.pool])
    return CardValue(name, value, state.source, state.observed_at, state.confirmed_at, fresh)
