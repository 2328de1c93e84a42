"""Which contact points a channel uses, and whom the one consent decision lets be reached by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mimcore.domain.consent import Decision, Reason
from mimcore.domain.consent import purpose as declared
from mimcore.domain.contact import Contact
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.repositories.consenting import Gate, as_channel, uses
from mimcore.repositories.portions import portions
from mimcore.repositories.ports import ContactRepository

__all__ = ["Answer", "Person", "chosen", "decided", "people_of", "point_kind", "points_for", "reachable"]

_PORTION = 2000
_NO_ADDRESS = Decision(allowed=False, reasons=(Reason.NO_ADDRESS,))

Person = tuple[UUID, Sequence[ContactPoint]]
"""A contact's id, with the points that a channel may use."""

Answer = tuple[UUID, ContactPoint | None, Decision]
"""A contact's id, with the point that may be used, or the first with the reasons against it; None if there is none."""


def point_kind(channel: Channel | str) -> str:
    """Return the kind of contact points that a channel uses.

    Raises:
        InvalidValueError: If it uses none.
    """
    kind = uses(as_channel(channel))
    if kind is not None:
        return kind
    usable = ", ".join(one for one in Channel if uses(one) is not None)
    raise InvalidValueError("channel", "has no contact points in this version", f"use one of {usable}")


def points_for(contact: Contact, channel: Channel | str) -> list[ContactPoint]:
    """Return the points of a contact that a channel may use, in order.

    Args:
        contact: The contact.
        channel: email, sms or phone.

    Raises:
        InvalidValueError: If the channel uses no contact points.
    """
    points: tuple[ContactPoint, ...] = contact.emails if point_kind(channel) == "email" else contact.phones
    return [point for point in points if not point.is_retired]


def chosen(points: Sequence[ContactPoint], decisions: Sequence[Decision]) -> tuple[ContactPoint | None, Decision]:
    """Return the first point that may be used with its decision; else the first one, with the reasons against it.

    Args:
        points: A contact's points for a channel.
        decisions: The gate's decisions about them, in the same order.
    """
    if not points:
        return None, _NO_ADDRESS
    place = next((at for at, decision in enumerate(decisions) if decision), 0)
    return points[place], decisions[place]


def people_of(contacts: ContactRepository, ids: Iterable[UUID], channel: Channel) -> Iterator[Person]:
    """Yield contacts with the points that a channel may use, a few thousand at a time; nothing else of them is read.

    Args:
        contacts: The port.
        ids: Contacts.
        channel: email, sms or phone.

    Raises:
        InvalidValueError: If the channel uses no contact points.
    """
    kind = point_kind(channel)
    return (
        (one, points.get(one, ()))
        for portion in portions(ids, _PORTION)
        for points in [contacts.points_of(kind, portion)]
        for one in portion
    )


def decided(
    gate: Gate,
    people: Iterable[Person],
    *,
    channel: Channel,
    purpose: str,
    at: datetime,
    least_freshness: float = 0.0,
    preferred: Collection[UUID] = (),
) -> Iterator[Answer]:
    """Ask the gate about people, each with the point that may be used, or the first with the reasons against it.

    A few thousand people are decided about at a time.

    Args:
        gate: Consent and suppression.
        people: Ids with their points for the channel.
        channel: email, sms or phone.
        purpose: Declared purpose.
        at: Instant of the decision.
        least_freshness: Addresses must be right with at least this probability, 0 to 1; 0 asks for nothing.
        preferred: Points that are taken before the others of a person.

    Raises:
        InvalidValueError: If the purpose is not declared.
    """
    declared(purpose)
    half_lives: Mapping[str, float] = gate.transaction.freshness.half_lives() if least_freshness > 0 else {}

    def answers(portion: Sequence[Person]) -> Iterator[Answer]:
        ids = [one for one, _ in portion]
        known = gate.transaction.freshness.of(ids).values() if least_freshness > 0 else ()
        asked = portion if not preferred else [(one, _in_turn(points, preferred)) for one, points in portion]
        decisions = gate.decide(
            [point for _, points in asked for point in points],
            channel=channel,
            purpose_key=purpose,
            at=at,
            states={state.subject_id: state for states in known for state in states},
            half_lives=half_lives,
            least_freshness=least_freshness,
        )
        start = 0
        for one, points in asked:
            end = start + len(points)
            yield one, *chosen(points, decisions[start:end])
            start = end

    return (answer for portion in portions(people, _PORTION) for answer in answers(portion))


def _in_turn(points: Sequence[ContactPoint], preferred: Collection[UUID]) -> Sequence[ContactPoint]:
    return sorted(points, key=lambda point: point.id not in preferred)


def reachable(
    gate: Gate, people: Iterable[Person], *, channel: Channel | str, purpose: str, at: datetime
) -> Iterator[UUID]:
    """Yield who may be written to, deciding for a few thousand people at a time.

    Args:
        gate: Consent and suppression.
        people: Ids with their points for the channel.
        channel: email, sms or phone.
        purpose: Declared purpose.
        at: Instant of the decision.
    """
    answers = decided(gate, people, channel=as_channel(channel), purpose=purpose, at=at)
    return (one for one, _, decision in answers if decision)
