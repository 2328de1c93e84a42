"""Checks of stored values: confirming and refuting, as Bayes steps on the value's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.evidence import Evidence, Trigger, as_trigger, evidence_by
from mimcore.domain.freshness import FreshnessState, freshness_key, observed, weigh
from mimcore.domain.points import ContactPoint, EmailPoint, PointState
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.errors import DuplicateKeyError, InvalidValueError, NotFoundError, SerializationError
from mimcore.repositories.declared import StoreCatalogue
from mimcore.repositories.origin import Origin
from mimcore.repositories.ports import Transaction
from mimcore.repositories.recording import Recorder
from mimcore.repositories.records import OutboxEvent, Verification
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.writing.fields import Field
from mimcore.values.text import clean

__all__ = ["Finding", "check_value", "locked_owner", "owner_of", "reweighed", "weighed_in"]

_PROVING = frozenset({"owner", "double_opt_in", "mailbox_check"})
_MARKS = {
    "hard_bounce": PointState.BOUNCED,
    "unreachable": PointState.INVALID,
    "mailbox_check": PointState.INVALID,
    "owner": PointState.INVALID,
}
"""What a contact point is marked as when it is refuted by this kind of check."""


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


def locked_owner(transaction: Transaction, point: ContactPoint) -> Contact:
    """Return the active contact that has a contact point, and let nobody else change it or take the point from it.

    Raises:
        NotFoundError: If the point is not stored.
        SerializationError: If it was moved to somebody else again and again meanwhile.
    """
    for _ in range(3):  # a merge may have moved the point while this transaction waited
        owner = owner_of(transaction, point)
        transaction.contacts.lock([owner.id], if_active=True)
        held = owner_of(transaction, point)
        if held.id == owner.id:
            return held
    raise SerializationError("another transaction moved the contact point meanwhile: repeat the unit of work")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and how it came about.

    Attributes:
        by: Declared kind of check, see `mimcore.domain.evidence.EVIDENCE`.
        is_valid: What it said.
        at: When it was made.
        trigger: What made somebody check; what is usual for the kind unless given.
        external_id: Id of the check in its source.
        is_correction: Whether the value was never right.
        incident: What befell many values at once, by a name of the caller's.
    """

    by: str
    is_valid: bool
    at: datetime
    trigger: Trigger | str | None = None
    external_id: str | None = None
    is_correction: bool = False
    incident: str = ""


def check_value(
    recorder: Recorder,
    origin: Origin,
    target: ContactPoint | Contact,
    field: Field | str | None,
    finding: Finding,
) -> FreshnessState:
    """Record a check and weigh it into the state of the value.

    Args:
        recorder: Writes through the open transaction.
        origin: Provenance of the check.
        target: A contact point, or a contact together with `field`.
        field: Which of the contact's values was checked.
        finding: What was found.

    Returns:
        The value's new state.

    Raises:
        InvalidValueError: If the kind of check is not declared, or can only refute and is given as a confirmation.
        NotFoundError: If there is no such value.
        DuplicateKeyError: If the source's id stands for another check.
    """
    kind = evidence_by(finding.by)
    if finding.is_valid and kind.only_refutes:
        raise InvalidValueError("by", "cannot confirm a value, only refute it", "call refute(...) with it")
    attribute, contact_id, subject_id = _subject(recorder, target, field)
    transaction = recorder.transaction
    state = _state(transaction, attribute, contact_id, subject_id)
    event = _event(recorder, origin, state, kind, finding)
    known = [one for one in transaction.freshness.verifications_of(contact_id) if _same_value(one, event)]
    if _is_recorded(transaction, known, event):
        return state
    weighed = _weighed(recorder, state, known, event)
    transaction.freshness.verified([event])
    transaction.freshness.put([weighed])
    _tell(transaction, event)
    if isinstance(target, ContactPoint):
        _mark(recorder, origin, target, by=finding.by, is_valid=finding.is_valid)
    return weighed


def _tell(transaction: Transaction, event: Verification) -> None:
    """A check changes how fresh a value is, and with it memberships."""
    told = {"attribute": event.attribute, "is_valid": event.is_valid}
    kind = event.attribute.partition(".")[0]
    transaction.outbox.append([OutboxEvent("value_checked", kind, event.contact_id, 1, event.recorded_at, told)])


def _event(recorder: Recorder, origin: Origin, state: FreshnessState, kind: Evidence, finding: Finding) -> Verification:
    rates = recorder.source(origin).weight_of(kind)
    return Verification(
        state.attribute,
        state.contact_id,
        state.subject_id,
        finding.by,
        finding.is_valid,
        finding.at,
        origin.recorded_at,
        origin.source,
        origin.actor,
        pool=state.pool,
        value_source=state.source,
        since=state.observed_at,
        trigger=kind.trigger if finding.trigger is None else as_trigger(finding.trigger),
        sensitivity=rates.sensitivity,
        false_confirmation=rates.false_confirmation,
        external_id=_cleaned(finding.external_id, "external_id"),
        is_correction=finding.is_correction,
        incident=_cleaned(finding.incident, "incident") or "",
    )


def _cleaned(text: str | None, field: str) -> str | None:
    return None if text is None else clean(text, field, 300)


def _is_recorded(transaction: Transaction, known: Sequence[Verification], event: Verification) -> bool:
    """Tell whether a check is recorded already: under its source's id, or without one the same at the same instant.

    Raises:
        DuplicateKeyError: If the source's id stands for another check.
    """
    if event.external_id is None:
        return any(_is_replay(one, event) for one in known)
    other = transaction.freshness.checked(event.source, [event.external_id]).get(event.external_id)
    if other is None or (_same_value(other, event) and _says_the_same(other, event)):
        return other is not None
    raise DuplicateKeyError(f"the source '{event.source}' recorded another check under this external id")


def _weighed(
    recorder: Recorder, state: FreshnessState, known: Sequence[Verification], event: Verification
) -> FreshnessState:
    def reliability() -> float:
        origin = recorder.transaction.sources.with_key(state.source)
        return DEFAULT_RELIABILITY if origin is None else origin.reliability

    return weighed_in(state, known, event, recorder.half_lives[state.pool], reliability)


def weighed_in(
    state: FreshnessState,
    known: Sequence[Verification],
    event: Verification,
    half_life_days: float,
    reliability: Callable[[], float],
) -> FreshnessState:
    """Weigh a check into the state. One that comes late takes its place in time among those that came before it.

    The state holds the outcome of the earlier checks only, so they are weighed again from the value's arrival. Where
    that does not lead to the state at hand (the value came by a merge, its source was rated anew), the late check is
    weighed as if it were made at the newest one.

    Args:
        state: The state so far.
        known: Earlier recorded checks of the same attribute and subject, the oldest first.
        event: The check.
        half_life_days: Half-life of the state's pool.
        reliability: Returns how reliable the value's source is; asked for a late check only.
    """
    if state.ref_at is not None and state.observed_at is not None and event.at < state.ref_at:
        start = _beginning(state, reliability(), half_life_days)
        for first in range(len(known) + 1):  # checks of an earlier value of the same attribute do not concern this one
            if _replayed(start, known[first:], half_life_days).key == state.key:
                return _replayed(start, [*known[first:], event], half_life_days)
    return _replayed(state, [event], half_life_days)


def reweighed(
    state: FreshnessState,
    known: Sequence[Verification],
    half_lives: tuple[float, float],
    reliability: float,
) -> FreshnessState:
    """Return a state as it would be, had its pool always had another half-life.

    The checks that led to it are weighed again. Where they do not lead to the state at hand (see `weighed_in`), its
    probability stands, and decays otherwise from then on.

    Args:
        state: The state.
        known: Recorded checks of the same attribute and subject, the oldest first.
        half_lives: In days, so far and from now on.
        reliability: How reliable the value's source is.
    """
    before, after = half_lives
    if state.ref_at is None:
        return state
    if state.observed_at is not None and known:
        start = _beginning(state, reliability, before)
        for first in range(len(known) + 1):
            if _replayed(start, known[first:], before).key == state.key:
                return _replayed(_beginning(state, reliability, after), known[first:], after)
    return state._replace(key=freshness_key(state.p_ref, state.ref_at, after))


def _beginning(state: FreshnessState, reliability: float, half_life_days: float) -> FreshnessState:
    """Return the state of a value as it was when it arrived."""
    return observed(
        state.attribute,
        state.contact_id,
        state.subject_id,
        pool=state.pool,
        source=state.source,
        reliability=reliability,
        observed_at=state.observed_at,
        half_life_days=half_life_days,
    )


def _replayed(state: FreshnessState, events: Iterable[Verification], half_life: float) -> FreshnessState:
    for one in sorted(events, key=lambda event: event.at):
        state = weigh(state, one.evidence, is_valid=one.is_valid, at=one.at, half_life_days=half_life)
    return state


def _subject(recorder: Recorder, target: ContactPoint | Contact, field: Field | str | None) -> tuple[str, UUID, UUID]:
    transaction, catalogue = recorder.transaction, StoreCatalogue(default_catalogue(), recorder.declared)
    if isinstance(target, ContactPoint):
        attribute = "contact.emails" if isinstance(target, EmailPoint) else "contact.phones"
        return attribute, locked_owner(transaction, target).id, target.id
    if field is None:
        raise InvalidValueError(
            "field", "is required for a contact", "name the value that was checked, for example f.contact.city"
        )
    spec = field.spec if isinstance(field, Field) else catalogue[field]
    if spec.entity != "contact" or spec.is_derived:
        raise InvalidValueError(
            "field", "is not a stored value of a contact", "give a contact point for e-mail addresses and phones"
        )
    transaction.contacts.lock([target.id])
    return spec.name, target.id, target.id


def _state(transaction: Transaction, attribute: str, contact_id: UUID, subject_id: UUID) -> FreshnessState:
    states: Sequence[FreshnessState] = transaction.freshness.of([contact_id]).get(contact_id, [])
    found = next((one for one in states if one.attribute == attribute and one.subject_id == subject_id), None)
    if found is None:
        raise NotFoundError(f"there is no stored value of {attribute} to check for this contact")
    return found


def _same_value(known: Verification, event: Verification) -> bool:
    return (known.attribute, known.subject_id) == (event.attribute, event.subject_id)


def _is_replay(known: Verification, event: Verification) -> bool:
    """The same check of the same value at the same instant counts once."""
    return known.source == event.source and _says_the_same(known, event)


def _says_the_same(known: Verification, event: Verification) -> bool:
    return (known.by, known.is_valid, known.at) == (event.by, event.is_valid, event.at)


def _mark(recorder: Recorder, origin: Origin, point: ContactPoint, *, by: str, is_valid: bool) -> None:
    """Let a proving check or a hard bounce show in the state of the contact point."""
    proven = PointState.VERIFIED if by in _PROVING else None
    wanted = proven if is_valid else _MARKS.get(by)
    if wanted is None:
        return
    contact = owner_of(recorder.transaction, point)
    name = "emails" if isinstance(point, EmailPoint) else "phones"
    points = tuple(one.evolve(state=wanted) if one.id == point.id else one for one in getattr(contact, name))
    recorder.changed([(contact, contact.model_copy(update={name: points}))], origin)
