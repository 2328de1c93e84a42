"""Checks of stored values: confirming and refuting, as Bayes steps on the value's state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState, evidence_by, weigh
from mimcore.domain.points import ContactPoint, EmailPoint, PointState
from mimcore.errors import InvalidValueError, NotFoundError
from mimcore.repositories.origin import Origin
from mimcore.repositories.ports import Transaction
from mimcore.repositories.recording import Recorder
from mimcore.repositories.records import Verification
from mimcore.rules.catalogue import default_catalogue
from mimcore.rules.fields import Field

__all__ = ["check_value", "owner_of"]

_PROVING = frozenset({"owner", "double_opt_in", "mailbox_check"})


def owner_of(transaction: Transaction, point: ContactPoint) -> Contact:
    """Return the active contact that has a contact point.

    Raises:
        NotFoundError: If the point is not stored.
    """
    kind = "email" if isinstance(point, EmailPoint) else "phone"
    ids = transaction.contacts.with_points(kind, [point.match_key]).get(point.match_key, ())
    for contact in transaction.contacts.get_many(ids).values():
        if any(own.id == point.id for own in contact.points):
            return contact
    raise NotFoundError("this contact point belongs to no active contact in this store")


def check_value(
    recorder: Recorder,
    origin: Origin,
    target: ContactPoint | Contact,
    field: Field | str | None,
    *,
    by: str,
    is_valid: bool,
    at: datetime,
) -> FreshnessState:
    """Record a check and weigh it into the state of the value.

    Args:
        recorder: Writes through the open transaction.
        origin: Provenance of the check.
        target: A contact point, or a contact together with `field`.
        field: Which of the contact's values was checked.
        by: Declared kind of check, see `mimcore.domain.freshness.EVIDENCE`.
        is_valid: What the check said.
        at: When it was made.

    Returns:
        The value's new state.
    """
    evidence = evidence_by(by)
    attribute, contact_id, subject_id = _subject(recorder.transaction, target, field)
    transaction = recorder.transaction
    event = Verification(
        attribute, contact_id, subject_id, by, is_valid, at, origin.recorded_at, origin.source, origin.actor
    )
    if _is_replay(transaction.freshness.verifications_of(contact_id), event):
        return _state(transaction, attribute, contact_id, subject_id)
    state = _state(transaction, attribute, contact_id, subject_id)
    weighed = weigh(state, evidence, is_valid=is_valid, at=at, half_life_days=recorder.half_lives[state.pool])
    transaction.freshness.verified([event])
    transaction.freshness.put([weighed])
    if isinstance(target, ContactPoint):
        _mark(recorder, origin, target, by=by, is_valid=is_valid)
    return weighed


def _subject(
    transaction: Transaction, target: ContactPoint | Contact, field: Field | str | None
) -> tuple[str, UUID, UUID]:
    if isinstance(target, ContactPoint):
        attribute = "contact.emails" if isinstance(target, EmailPoint) else "contact.phones"
        return attribute, owner_of(transaction, target).id, target.id
    if field is None:
        raise InvalidValueError(
            "field", "is required for a contact", "name the value that was checked, for example f.contact.city"
        )
    spec = field.spec if isinstance(field, Field) else default_catalogue()[field]
    if spec.entity != "contact" or spec.is_derived:
        raise InvalidValueError(
            "field", "is not a stored value of a contact", "give a contact point for e-mail addresses and phones"
        )
    return spec.name, target.id, target.id


def _state(transaction: Transaction, attribute: str, contact_id: UUID, subject_id: UUID) -> FreshnessState:
    states: Sequence[FreshnessState] = transaction.freshness.of([contact_id]).get(contact_id, [])
    found = next((one for one in states if one.attribute == attribute and one.subject_id == subject_id), None)
    if found is None:
        raise NotFoundError(f"there is no stored value of {attribute} to check for this contact")
    return found


def _is_replay(known: Sequence[Verification], event: Verification) -> bool:
    """The same check of the same value at the same instant counts once."""
    return any(
        (one.attribute, one.subject_id, one.by, one.is_valid, one.at, one.source)
        == (event.attribute, event.subject_id, event.by, event.is_valid, event.at, event.source)
        for one in known
    )


def _mark(recorder: Recorder, origin: Origin, point: ContactPoint, *, by: str, is_valid: bool) -> None:
    """Let a proving check or a hard bounce show in the state of the contact point."""
    wanted = PointState.VERIFIED if is_valid and by in _PROVING else None
    if not is_valid:
        wanted = {"hard_bounce": PointState.BOUNCED, "unreachable": PointState.INVALID}.get(by, wanted)
    contact = owner_of(recorder.transaction, point)
    name = "emails" if isinstance(point, EmailPoint) else "phones"
    points = [one.evolve(state=wanted) if wanted and one.id == point.id else one for one in getattr(contact, name)]
    recorder.changed([(contact, contact.model_copy(update={name: tuple(points)}))], origin)
