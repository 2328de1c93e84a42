"""Consent: append-only events per contact point, channel and purpose; the current state is a fold; one gate decides.

Consent belongs to an identifier (this address, this number), never to a row of a person: it cannot widen by a merge,
and it does not vanish with one. What is stored, and what asks the gate about stored points, stands in `repositories`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self, TypeVar
from uuid import UUID

from pydantic import Field, model_validator

from mimcore.domain.consent_acts import Act, ConsentAction, ConsentMethod, LawfulBasis, Meaning
from mimcore.domain.declaring.attributes import Text
from mimcore.domain.declaring.entity import Reference
from mimcore.domain.points import ContactPoint, PointState
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError, nearest
from mimcore.values.identifiers import new_id
from mimcore.values.instants import Instant
from mimcore.values.mapping import FrozenMapping
from mimcore.values.model import FrozenModel

__all__ = [
    "PURPOSES",
    "Act",
    "ConsentAction",
    "ConsentEvent",
    "ConsentMethod",
    "Decision",
    "LawfulBasis",
    "Purpose",
    "Reason",
    "Suppression",
    "can_contact",
    "fold_consent",
    "identifier_key",
    "key_fingerprint",
    "purpose",
]

NORMALISER = 1
"""Version of the match keys that identifiers are hashed from; part of every hash."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What people are contacted for."""

    key: str
    needs_consent: bool = True
    description: str = ""


PURPOSES: Mapping[str, Purpose] = {
    one.key: one
    for one in (
        Purpose("newsletter", description="Regular news"),
        Purpose("offers", description="Offers and promotions"),
        Purpose("product_updates", description="News about products in use"),
        Purpose("events", description="Invitations"),
        Purpose("survey", description="Questions and studies"),
        Purpose("loyalty", description="Loyalty programme"),
        Purpose("profiling", description="Personal profile for marketing"),
        Purpose("service", needs_consent=False, description="Messages that a contract requires"),
    )
}
"""Purposes that every store knows."""


def purpose(key: str) -> Purpose:
    """Return a declared purpose.

    Raises:
        InvalidValueError: With the nearest declared purpose.
    """
    if key in PURPOSES:
        return PURPOSES[key]
    raise InvalidValueError("purpose", f"is not declared{nearest(key, PURPOSES)}", f"use one of {', '.join(PURPOSES)}")


class ConsentEvent(Meaning, FrozenModel):
    """One act of consent, with its evidence. Never changed, never deleted by a merge.

    Attributes:
        identifier: Keyed hash of the address or number; see `identifier_key`.
        contact_id: The contact at the time.
        notice: Which text the person was shown: id, version and language; `notice_sha256` proves the wording.
        method: How it was expressed.
        evidence: What proves it, by name (an id of the form entry, the hour of the confirmation …); personal.
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"evidence"})

    id: UUID = Field(default_factory=new_id)
    occurred_at: Instant
    recorded_at: Instant
    channel: Channel
    identifier: str
    identifier_key_id: str
    normaliser: int = NORMALISER
    contact_id: Reference | None = None
    purpose: str
    action: ConsentAction
    basis: LawfulBasis = LawfulBasis.CONSENT
    method: ConsentMethod
    notice: Text = None
    notice_version: Text = None
    notice_language: Text = None
    notice_sha256: Text = None
    source: str
    actor: str
    evidence: FrozenMapping[str] = FrozenMapping()
    jurisdiction: Text = None
    expires_at: Instant | None = None
    import_id: UUID | None = None
    import_row: int | None = None

    @model_validator(mode="after")
    def _provable(self) -> Self:
        purpose(self.purpose)
        if self.action is ConsentAction.GIVEN and self.basis is LawfulBasis.CONSENT and self.notice is None:
            raise InvalidValueError(
                "notice", "is required for a consent that is given", "name the text the person was shown"
            )
        if self.is_positive and self.expires_at is not None and self.expires_at <= self.occurred_at:
            raise InvalidValueError("expires_at", "is not after the act", "give the instant at which the consent ends")
        return self

    @property
    def has_evidence(self) -> bool:
        """Whether anything proves it."""
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class Suppression:
    """An identifier that must not be used, for one channel or for all (None). It has no link to a contact."""

    identifier: str
    key_id: str
    channel: Channel | None
    reason: str
    since: datetime


def identifier_key(secret: bytes, point_kind: str, match_key: str) -> str:
    """Return the keyed hash of a contact point: HMAC-SHA-256, separated by kind and normaliser version.

    Args:
        secret: Key kept outside the database.
        point_kind: `email` or `phone`.
        match_key: The point's match key.

    Returns:
        64 hexadecimal digits.
    """
    message = f"mimcore/{NORMALISER}/{point_kind}/{match_key}".encode()
    return hmac.digest(secret, message, "sha256").hex()


def key_fingerprint(secret: bytes) -> str:
    """Return a short mark of a key, stored so that a wrong key is noticed."""
    return hmac.new(secret, b"mimcore/key-id", hashlib.sha256).hexdigest()[:16]


A = TypeVar("A", bound=Act)


def fold_consent(events: Iterable[A], at: datetime) -> A | None:
    """Return the act that decides at an instant, for one identifier, channel and purpose; None where nothing does.

    The later act wins; of acts at the same instant, the more restrictive one. After a refusal, withdrawal or objection
    only a new consent of the person with evidence permits contact again: no import, no confirmation, no other basis. A
    consent that ended by itself decides nothing, and one that had lifted a refusal leaves the refusal standing. What an
    import permitted counts for nothing once the import was taken back, and what the person said otherwise decides.

    Args:
        events: Acts for one identifier, channel and purpose, in any order.
        at: Aware instant; later acts are not seen.

    Examples:
        >>> from datetime import UTC
        >>> fold_consent([], datetime(2026, 3, 1, tzinfo=UTC)) is None
        True
    """
    refusal: A | None = None
    current: A | None = None
    seen = _standing([one for one in events if one.occurred_at <= at], at)
    for event in sorted(seen, key=_order) if len(seen) > 1 else seen:
        if event.is_refusal:
            refusal = current = event
        elif refusal is None or event.lifts_refusal:
            has_ended = not event.is_positive or _has_ended(event, at)
            current = refusal if has_ended else event
            refusal = refusal if has_ended else None
    return current


def _standing(seen: list[A], at: datetime) -> list[A]:
    """Leave out what imports permitted that were taken back since, and the acts that say so.

    One that had ended by itself stays: without it, an older consent that it had taken the place of would hold again.
    """
    undone = {one.import_id for one in seen if one.action is ConsentAction.EXPIRED} - {None}
    if not undone:
        return seen
    return [one for one in seen if one.import_id not in undone or one.is_refusal or _has_ended(one, at)]


def _has_ended(event: Act, at: datetime) -> bool:
    return event.is_positive and event.expires_at is not None and event.expires_at <= at


def _order(event: Act) -> tuple[object, ...]:
    """By time, and the more restrictive last: ids made within one instant have no order that means anything."""
    rank = 0 if event.is_positive else 2 if event.is_refusal else 1
    return event.occurred_at, rank, event.recorded_at, event.id


class Reason(StrEnum):
    """Why somebody may not be contacted; the order is the order of the waterfall."""

    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    SUPPRESSED = "suppressed"
    UNDELIVERABLE = "undeliverable"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of the gate, with every reason against.

    Attributes:
        act_id: The act of consent that decides; None where nothing does.
    """

    allowed: bool
    reasons: tuple[Reason, ...] = ()
    act_id: UUID | None = field(default=None, compare=False, repr=False)

    def __bool__(self) -> bool:
        """Whether contacting is allowed."""
        return self.allowed


_UNUSABLE = frozenset({PointState.BOUNCED, PointState.INVALID})


def can_contact(
    point: ContactPoint | None,
    *,
    purpose_key: str,
    events: Iterable[Act],
    is_suppressed: bool,
    at: datetime,
    freshness: float | None = None,
    least_freshness: float = 0.0,
) -> Decision:
    """Decide whether a contact point may be used. The only gate: audiences, exports and launches ask it.

    Args:
        point: The address or number; None or a retired one is no address.
        purpose_key: Declared purpose.
        events: Consent acts of this identifier for the channel and purpose.
        is_suppressed: Whether the identifier is on the suppression list for the channel.
        at: Aware instant of the decision.
        freshness: Probability that the address is still right; None for an undated one.
        least_freshness: Threshold; an undated address fails any threshold above 0.

    Returns:
        The decision with all reasons against, in the order of `Reason`.
    """
    reasons: list[Reason] = []
    if point is None or point.is_retired:
        return Decision(allowed=False, reasons=(Reason.NO_ADDRESS,))
    deciding = fold_consent(events, at)
    if deciding is not None and deciding.is_refusal:
        reasons.append(Reason.WITHDRAWN)
    elif deciding is None and purpose(purpose_key).needs_consent:
        reasons.append(Reason.NO_CONSENT)
    if is_suppressed:
        reasons.append(Reason.SUPPRESSED)
    if point.state in _UNUSABLE:
        reasons.append(Reason.UNDELIVERABLE)
    if least_freshness > 0 and (freshness is None or freshness < least_freshness):
        reasons.append(Reason.STALE)
    return Decision(not reasons, tuple(reasons), None if deciding is None else deciding.id)
