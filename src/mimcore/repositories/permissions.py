"""Consent inside a unit of work: granting, withdrawing, suppressing, and asking the gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from mimcore.domain.consent import ConsentAction, ConsentEvent, ConsentMethod, Decision, LawfulBasis, Reason
from mimcore.domain.consent import purpose as declared_purpose
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import Channel
from mimcore.errors import ConsentError, InvalidValueError, nearest
from mimcore.repositories.consenting import Gate, as_channel, identified, uses
from mimcore.repositories.origin import Moment, Origin
from mimcore.repositories.ports import Transaction
from mimcore.repositories.transactional import Transactional
from mimcore.repositories.verifying import locked_owner
from mimcore.values.instants import as_instant
from mimcore.values.mapping import FrozenMapping

__all__ = ["Permissions"]

C = TypeVar("C", bound=StrEnum)


class Permissions(Transactional):
    """What a unit of work does about consent.

    Attributes:
        origin: Actor, source and times that every write carries unless a call says otherwise.
        gate: Consent and suppression, by keyed hashes of addresses and numbers.
    """

    def __init__(self, transaction: Transaction, origin: Origin, secret: bytes) -> None:
        """Work through a transaction.

        Args:
            transaction: Open transaction.
            origin: Provenance of writes.
            secret: Key of the suppression list.
        """
        super().__init__(transaction)
        self.origin, self.gate = origin, Gate(transaction, secret)

    def grant(
        self,
        point: ContactPoint | None,
        *,
        channel: Channel | str,
        purpose: str,
        method: ConsentMethod | str,
        notice: str,
        notice_version: str | None = None,
        notice_language: str | None = None,
        notice_sha256: str | None = None,
        at: Moment | None = None,
        basis: LawfulBasis | str = LawfulBasis.CONSENT,
        evidence: Mapping[str, str] | None = None,
        expires_at: Moment | None = None,
    ) -> ConsentEvent:
        """Record that a person consented to be contacted at a point, on a channel, for a purpose.

        Args:
            point: E-mail address or phone of an active contact.
            channel: Channel.
            purpose: Declared purpose.
            method: How it was expressed, see `ConsentMethod`.
            notice: Id or version of the text that was shown.
            notice_version: Version of that text.
            notice_language: Language of that text.
            notice_sha256: SHA-256 of that text, which proves its wording.
            at: When; the store's clock unless given.
            basis: Lawful basis.
            evidence: What proves it, by name; personal. Required after a refusal.
            expires_at: When the consent ends by itself; a date means the end of that day in the store's zone.

        Raises:
            ConsentError: If the person refused or withdrew before, and this act would not lift that: it needs
                evidence, the basis `consent`, and not the method `import`.
            NotFoundError: If no active contact has the point.
        """
        point = _reached(_present(point), channel)
        ends = None if expires_at is None else as_instant(expires_at, "expires_at", zone=self.origin.zone)
        given = self._act(
            point,
            ConsentAction.GIVEN,
            channel,
            purpose,
            at,
            method=_code(method, ConsentMethod, "method"),
            notice=notice,
            notice_version=notice_version,
            notice_language=notice_language,
            notice_sha256=notice_sha256,
            basis=_code(basis, LawfulBasis, "basis"),
            evidence=FrozenMapping(evidence or {}),
            expires_at=ends,
        )
        before = self.gate.deciding(given)
        if before is not None and before.is_refusal and not given.lifts_refusal:
            raise ConsentError(
                "this person refused or withdrew before: only a new consent with evidence= lifts that, "
                "on the basis of consent and not by an import"
            )
        self.gate.append([(given, point)])
        return given

    def withdraw(
        self,
        point: ContactPoint | None,
        *,
        channel: Channel | str,
        purpose: str,
        method: ConsentMethod | str = ConsentMethod.PREFERENCE_CENTRE,
        at: Moment | None = None,
    ) -> ConsentEvent:
        """Record that a consent was withdrawn. It takes effect at once, everywhere; an import never lifts it.

        Args:
            point: E-mail address or phone of an active contact.
            channel: Channel.
            purpose: Declared purpose.
            method: How it was expressed, see `ConsentMethod`.
            at: When; the store's clock unless given.

        Raises:
            NotFoundError: If no active contact has the point; `suppress` takes any address or number.
        """
        said, point = _code(method, ConsentMethod, "method"), _present(point)
        act = self._act(point, ConsentAction.WITHDRAWN, channel, purpose, at, method=said)
        self.gate.append([(act, point)])
        return act

    def suppress(
        self, target: ContactPoint | str, *, channel: Channel | str | None = None, reason: str = "requested"
    ) -> None:
        """Put an address or number on the suppression list; no contact need exist, and no import takes it off.

        Args:
            target: Contact point, address or number in international form.
            channel: For one channel; for all unless given.
            reason: Why, in a few words without personal data.
        """
        self.alive()
        self.gate.suppress(target, None if channel is None else as_channel(channel), reason, self.origin.recorded_at)

    def can_contact(self, point: ContactPoint | None, *, channel: Channel | str, purpose: str) -> Decision:
        """Ask the gate about one contact point, now.

        Args:
            point: E-mail address or phone of a contact; None is answered with `no_address`.
            channel: Channel that would be used.
            purpose: Declared purpose.
        """
        self.alive()
        used, now = as_channel(channel), self.origin.recorded_at
        decided = self.gate.decide([point] if point else [], channel=used, purpose_key=purpose, at=now)
        return decided[0] if decided else Decision(allowed=False, reasons=(Reason.NO_ADDRESS,))

    def _act(
        self,
        point: ContactPoint,
        action: ConsentAction,
        channel: Channel | str,
        purpose: str,
        at: Moment | None,
        **details: Any,
    ) -> ConsentEvent:
        self.alive()
        declared_purpose(purpose)
        moment: datetime = self.origin.recorded_at if at is None else self.origin.moment(at, "at")
        used, owner = as_channel(channel), locked_owner(self.transaction, point)
        return self.gate.act(
            point, action, self.origin, owner.id, channel=used, purpose=purpose, occurred_at=moment, **details
        )


def _present(point: object) -> ContactPoint:
    if point is None:
        raise InvalidValueError("point", "is missing", "the contact has no such address; add one first")
    if not isinstance(point, ContactPoint):
        raise InvalidValueError(
            "point", "is no contact point", "give that of a contact, such as ana.primary_email or ana.phones[0]"
        )
    return point


def _reached(point: ContactPoint, channel: Channel | str) -> ContactPoint:
    """Return the point, unless the channel uses points of another kind: nobody could ever be reached by that."""
    used, (kind, _) = uses(as_channel(channel)), identified(point)
    if used not in {None, kind}:
        raise InvalidValueError(
            "point", f"is of kind {kind}, and {channel} uses points of kind {used}", "give one that it can reach"
        )
    return point


def _code(value: C | str, codes: type[C], field: str) -> C:
    """Return a code of a vocabulary; the message names the nearest one."""
    if value in set(codes):
        return codes(value)
    raise InvalidValueError(field, f"is not declared{nearest(str(value), codes)}", f"use one of {', '.join(codes)}")
