"""Visitors of whom nobody knows who they are, and what they did; stitched to a contact when they say so.

A visitor is an archived record without a value, under an id derived from the visitor id: it is nobody of "everyone",
and what it did counts for nobody. To stitch is to merge that record into the contact's, so that the log of links, the
way back and the past are those of every other merge. It needs the contact's consent to the purpose.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.interaction import Interaction
from mimcore.domain.points import EmailPoint
from mimcore.domain.vocabularies import Channel, RecordStatus
from mimcore.errors import InvalidValueError
from mimcore.identity.link_log import LinkLog
from mimcore.identity.linking import Linking, link_records
from mimcore.repositories.origin import Moment
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.text import clean

__all__ = ["MODEL", "Stitch", "StitchOutcome", "history_of", "identify_visitor", "record_visit"]

MODEL = "visitor"
"""Stands in the log of links as the model that linked: the visitor's own word."""
PERMISSION = "permission"
"""Property of a visit: the notice under which the visitor let itself be recognised."""


class StitchOutcome(StrEnum):
    """What became of a visitor's history."""

    STITCHED = "stitched"
    """It counts for the contact now."""
    ALREADY = "already"
    """It counted for the contact before."""
    NOTHING = "nothing"
    """This visitor did nothing that was recorded."""
    NO_PERMISSION = "no_permission"
    """The contact has not consented; the history stays nobody's."""
    SOMEBODY_ELSE = "somebody_else"
    """It counts for another contact: one device, two people. The history stays where it is."""


@dataclass(frozen=True, slots=True)
class Stitch:
    """What became of a visitor's history.

    Attributes:
        interactions: How many interactions count for the contact through it.
        merge_id: Give it to `store.merges.undo` to take the stitch back; None where nothing was stitched now.
    """

    outcome: StitchOutcome
    interactions: int = 0
    merge_id: UUID | None = None

    def __str__(self) -> str:
        """The outcome, and how many interactions it brought."""
        return f"{self.outcome.value.replace('_', ' ')}: {self.interactions} interactions"


def record_visit(
    work: UnitOfWork,
    visitor: str,
    kind: str,
    *,
    permission: str,
    at: Moment,
    channel: Channel | str | None = None,
    campaign: str | None = None,
    product: str | None = None,
    external_id: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Interaction:
    """Record what a visitor did, who may be anybody. Once the visitor is known, it counts for the contact at once.

    Args:
        work: Open unit of work.
        visitor: Id of the visitor, as your web site gave it; personal.
        kind: Declared kind of event, such as `page_view`.
        permission: Id of the notice under which the visitor let itself be recognised, such as `cookies/2026-03`.
        at: When it happened.
        channel: Channel.
        campaign: Key of the campaign.
        product: Product or content.
        external_id: Id in the source; the same id is recorded once.
        properties: Anything else, by name.

    Raises:
        InvalidValueError: If visitor or permission are missing.
        UnknownFieldError: If the kind is not declared.
    """
    said = clean(permission, "permission", 200)
    if said is None:
        raise InvalidValueError("permission", "is required", "name the notice under which visitors are recognised")
    record = _record_of(work, visitor)
    if record is None:
        work.transaction.contacts.lock_matching()
        record = _record_of(work, visitor)
    if record is None:
        (record,) = work.add(Contact(id=_id_of(work, visitor), status=RecordStatus.ARCHIVED))
    return work.record(
        kind,
        contact=record,
        at=at,
        channel=channel,
        campaign=campaign,
        product=product,
        external_id=external_id,
        visitor=visitor,
        properties={**(properties or {}), PERMISSION: said},
    )


def identify_visitor(work: UnitOfWork, visitor: str, contact: Contact, *, purpose: str = "profiling") -> Stitch:
    """Let what a visitor did count for a contact, if the contact has consented.

    Args:
        work: Open unit of work.
        visitor: Id of the visitor.
        contact: Who it turned out to be.
        purpose: Declared purpose to which one of the contact's addresses must have consented.
    """
    if (record := _record_of(work, visitor)) is None:
        return Stitch(StitchOutcome.NOTHING)
    work.transaction.contacts.lock([record.id, contact.id], with_merged=True)
    record, held = work.contacts.get_all([record.id, contact.id])
    if record.status is RecordStatus.MERGED:
        golden = LinkLog(tuple(work.transaction.merges.all())).golden()
        is_theirs = golden.get(record.id) == golden.get(held.id, held.id)
        return Stitch(StitchOutcome.ALREADY if is_theirs else StitchOutcome.SOMEBODY_ELSE)
    if not _may_stitch(work, held, purpose):
        return Stitch(StitchOutcome.NO_PERMISSION)
    number = len(history_of(work, visitor))
    wanted = Linking(held, record, (), "the visitor said who it is", None, MODEL)
    link, _ = link_records(work, wanted)
    return Stitch(StitchOutcome.STITCHED, number, link.id)


def history_of(work: UnitOfWork, visitor: str) -> list[Interaction]:
    """Return what was recorded of a visitor and counts for nobody yet, oldest first.

    Args:
        work: Open unit of work.
        visitor: Id of the visitor.
    """
    place = _id_of(work, visitor)
    return work.transaction.interactions.of([place]).get(place, [])


def _may_stitch(work: UnitOfWork, contact: Contact, purpose: str) -> bool:
    channels = ((point, "email" if isinstance(point, EmailPoint) else "sms") for point in contact.points)
    return any(
        work.can_contact(point, channel=channel, purpose=purpose) for point, channel in channels if not point.is_retired
    )


def _record_of(work: UnitOfWork, visitor: str) -> Contact | None:
    return work.contacts.find_one(_id_of(work, visitor))


def _id_of(work: UnitOfWork, visitor: str) -> UUID:
    """Derive the record's id: keyed, so that who knows a cookie cannot name the record, nor the other way round."""
    said = clean(visitor, "visitor", 200)
    if said is None:
        raise InvalidValueError("visitor", "is missing", "give the id that your web site gave the visitor")
    digest = hmac.digest(work.gate.secret, b"mimcore/visitor/" + said.encode(), "sha256")
    number = int.from_bytes(digest[:16])
    # RFC 9562, version 8: an id of the application's own making.
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | (0x8 << 76) | (0x2 << 62))
