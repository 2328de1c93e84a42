"""Recording consent and suppression; and asking the one gate about a stored contact point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.domain.consent import (
    ConsentAction,
    ConsentEvent,
    Decision,
    Suppression,
    can_contact,
    fold_consent,
    identifier_key,
    key_fingerprint,
    purpose,
)
from mimcore.domain.freshness import FreshnessState, freshness_at
from mimcore.domain.points import ContactPoint, EmailPoint
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError, nearest
from mimcore.repositories.origin import Origin
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import OutboxEvent
from mimcore.values.email import EmailAddress
from mimcore.values.phone import PhoneNumber

__all__ = ["Gate", "as_channel", "identified", "uses"]


_CHANNELS = frozenset(Channel)


def as_channel(value: Channel | str) -> Channel:
    """Return a channel by its code.

    Raises:
        InvalidValueError: With the nearest channel.
    """
    if value in _CHANNELS:
        return Channel(value)
    raise InvalidValueError(
        "channel", f"is not a channel{nearest(str(value), Channel)}", f"use one of {', '.join(Channel)}"
    )


def uses(channel: Channel) -> str | None:
    """Return the kind of contact points that a channel uses, None for one that uses none yet."""
    return _USED.get(channel)


_USED = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.PHONE: "phone"}


Target = ContactPoint | EmailAddress | PhoneNumber | str
"""A contact point, an address, a number, or the text of one."""


def identified(target: Target) -> tuple[str, str]:
    """Return kind and match key of a contact point, an address, a number, or the text of one."""
    if isinstance(target, EmailPoint):
        return "email", target.match_key
    if isinstance(target, ContactPoint):
        return "phone", target.match_key
    if isinstance(target, str):
        target = EmailAddress.parse(target) if "@" in target else PhoneNumber.parse(target)
    return ("email" if isinstance(target, EmailAddress) else "phone"), target.match_key


@dataclass(frozen=True, slots=True)
class Gate:
    """Consent and suppression of one store: everything here goes through keyed hashes of identifiers."""

    transaction: Transaction
    secret: bytes

    def identifier(self, target: Target) -> str:
        """Return the keyed hash of a contact point."""
        return identifier_key(self.secret, *identified(target))

    def act(
        self, point: ContactPoint, action: ConsentAction, origin: Origin, contact_id: UUID | None, **details: Any
    ) -> ConsentEvent:
        """Return an act of consent, not yet stored.

        Args:
            point: Contact point.
            action: What happened.
            origin: Provenance.
            contact_id: The contact at the time.
            **details: Everything else that `ConsentEvent` takes.
        """
        return ConsentEvent(
            action=action,
            identifier=self.identifier(point),
            identifier_key_id=key_fingerprint(self.secret),
            contact_id=contact_id,
            recorded_at=origin.recorded_at,
            source=origin.source,
            actor=origin.actor,
            import_id=origin.import_id,
            **details,
        )

    def append(self, acts: Sequence[tuple[ConsentEvent, ContactPoint]]) -> None:
        """Store acts of consent, and tell whoever has the addresses and numbers of them.

        Args:
            acts: Each with the contact point that it is about.
        """
        if not acts:
            return
        self.transaction.consents.append([act for act, _ in acts])
        self._tell("consent_recorded", [(point, act.recorded_at, _told(act)) for act, point in acts])

    def _tell(self, kind: str, told: Sequence[tuple[Target, datetime, Mapping[str, str | None]]]) -> None:
        """Tell of whoever has the addresses or numbers now; who gets one later is told of then."""
        keys = [identified(target) for target, *_ in told]
        holders = {
            (point_kind, match_key): found
            for point_kind in dict.fromkeys(point_kind for point_kind, _ in keys)
            for match_key, found in self.transaction.contacts.with_points(
                point_kind, [key for one, key in keys if one == point_kind]
            ).items()
        }
        self.transaction.outbox.append(
            [
                OutboxEvent(kind, "contact", one, 1, at, data)
                for key, (_, at, data) in zip(keys, told, strict=True)
                for one in holders.get(key, ())
            ]
        )

    def deciding(self, act: ConsentEvent) -> ConsentEvent | None:
        """Return the stored act that decides where and when another one happens, before that one counts."""
        known = self.transaction.consents.of([act.identifier], channel=act.channel, purpose=act.purpose)
        return fold_consent(known.get(act.identifier, ()), act.occurred_at)

    def suppress(
        self,
        target: Target,
        channel: Channel | None,
        reason: str,
        since: datetime,
    ) -> None:
        """Put an identifier on the suppression list; an entry that exists stays as it is.

        Args:
            target: Contact point, address or number.
            channel: Channel; None for all.
            reason: Why, without personal data.
            since: Aware instant.
        """
        self.transaction.consents.suppress(
            [Suppression(self.identifier(target), key_fingerprint(self.secret), channel, reason, since)]
        )
        told = {"channel": None if channel is None else channel.value}
        self._tell("address_suppressed", [(target, since, told)])

    def ends(
        self, people: Iterable[tuple[UUID, Sequence[ContactPoint]]], *, channel: Channel, purpose_key: str, at: datetime
    ) -> dict[UUID, datetime]:
        """Return when the next consent of each person ends by itself; who has none that does is left out.

        Args:
            people: Ids with their points for the channel.
            channel: Channel that would be used.
            purpose_key: Declared purpose.
            at: Ends after this instant.
        """
        keys = [(self.identifier(point), one) for one, points in people for point in points]
        acts = self.transaction.consents.acts({key for key, _ in keys}, channel=channel, purpose=purpose_key)
        found: dict[UUID, datetime] = {}
        for key, one in keys:
            for end in (act.expires_at for act in acts.get(key, ())):
                if end is not None and end > at:
                    found[one] = min(end, found.get(one, end))
        return found

    def decide(
        self,
        points: Iterable[ContactPoint],
        *,
        channel: Channel,
        purpose_key: str,
        at: datetime,
        states: Mapping[UUID, FreshnessState] | None = None,
        half_lives: Mapping[str, float] | None = None,
        least_freshness: float = 0.0,
    ) -> list[Decision]:
        """Decide for many contact points at once; each decision stands where its point does.

        Args:
            points: Contact points.
            channel: Channel that would be used.
            purpose_key: Declared purpose.
            at: Instant of the decision.
            states: Freshness states by point id, needed for a threshold.
            half_lives: Half-lives by pool, needed for a threshold.
            least_freshness: Threshold, 0 to 1.
        """
        purpose(purpose_key)
        listed = list(points)
        keys = [self.identifier(point) for point in listed]
        acts = self.transaction.consents.acts(set(keys), channel=channel, purpose=purpose_key)
        blocked = self.transaction.consents.suppressed(set(keys), channel=channel)
        return [
            can_contact(
                point,
                purpose_key=purpose_key,
                events=acts.get(key, ()),
                is_suppressed=key in blocked,
                at=at,
                freshness=_freshness(states.get(point.id), half_lives or {}, at) if states else None,
                least_freshness=least_freshness,
            )
            for point, key in zip(listed, keys, strict=True)
        ]


def _told(act: ConsentEvent) -> Mapping[str, str | None]:
    return {"channel": act.channel.value, "purpose": act.purpose, "action": act.action.value}


def _freshness(state: FreshnessState | None, half_lives: Mapping[str, float], at: datetime) -> float | None:
    return None if state is None or state.key is None else freshness_at(state.key, at, half_lives[state.pool])
