"""Which contact points a channel uses, and whom the one consent decision lets be reached by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mimcore.domain.consent import Decision, Reason
from mimcore.domain.contact import Contact
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.repositories.consenting import Gate, as_channel, uses
from mimcore.repositories.portions import portions

__all__ = ["chosen", "point_kind", "points_for", "reachable"]

_PORTION = 2000


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


def chosen(points: Sequence[ContactPoint], decisions: Mapping[UUID, Decision]) -> tuple[ContactPoint | None, Decision]:
    """Return the first point that may be used with its decision; else the first one, with the reasons against it.

    Args:
        points: A contact's points for a channel.
        decisions: The gate's decisions by the point's id.
    """
    if not points:
        return None, Decision(allowed=False, reasons=(Reason.NO_ADDRESS,))
    found = next((point for point in points if decisions[point.id]), points[0])
    return found, decisions[found.id]


def reachable(
    gate: Gate,
    people: Iterable[tuple[UUID, Sequence[ContactPoint]]],
    *,
    channel: Channel | str,
    purpose: str,
    at: datetime,
) -> Iterator[UUID]:
    """Yield who may be written to, deciding for a few thousand people at a time.

    Args:
        gate: Consent and suppression.
        people: Ids with their points for the channel.
        channel: email, sms or phone.
        purpose: Declared purpose.
        at: Instant of the decision.
    """
    for portion in portions(people, _PORTION):
        points = [point for _, own in portion for point in own]
        decisions = gate.decide(points, channel=as_channel(channel), purpose_key=purpose, at=at)
        yield from (one for one, own in portion if chosen(own, decisions)[1])
