"""Keeping a captured lead: whom it is about, what may be filled in, the consents, the lead, and the visitor's history.

Whoever knows an address can send a form in its owner's name. So an answer fills in what is missing and adds to lists;
it never replaces what is known, and no new address or number is put beside those of a contact who is known already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mimcore.capture.web.capturing import Captured, GivenConsent
from mimcore.display.showing import Tabled
from mimcore.display.tables import Table
from mimcore.domain.consent import ConsentEvent
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import is_listed
from mimcore.domain.interaction import Interaction
from mimcore.domain.lead import Lead
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.identity.visitors import Stitch, StitchOutcome, identify_visitor
from mimcore.repositories.declared import Declarations
from mimcore.repositories.reaching import point_kind
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.language.catalogue import Kind

__all__ = ["CaptureResult", "store_captured"]


@dataclass(frozen=True, slots=True)
class CaptureResult(Tabled):
    """What was stored of a captured lead.

    Attributes:
        contact: The stored contact.
        lead: The contact's open lead: a new one, unless there was one.
        interaction: The sending of the form.
        consents: The acts of consent.
        is_new_contact: Whether nobody with that address or number was known.
        is_new_lead: Whether there was no open lead.
        filled: Fields that were filled in.
        kept: Fields that had another value, which stays.
        unproved: Names of consent lines that were ticked for an address or number which the contact does not have.
        stitch: What became of the visitor's history.
        is_repeated: Whether this sending was stored before; nothing was changed then.
    """

    contact: Contact = field(repr=False)
    lead: Lead | None = field(repr=False)
    interaction: Interaction = field(repr=False)
    consents: tuple[ConsentEvent, ...] = field(default=(), repr=False)
    is_new_contact: bool = False
    is_new_lead: bool = False
    filled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    stitch: Stitch = field(default_factory=lambda: Stitch(StitchOutcome.NOTHING))
    is_repeated: bool = False

    def table(self) -> Table:
        """What was stored; nothing personal."""
        contact = "new" if self.is_new_contact else "known"
        rows = [
            ("contact", "sent before, nothing changed" if self.is_repeated else contact),
            ("lead", "new" if self.is_new_lead else "as before"),
            ("filled in", ", ".join(self.filled)),
            ("kept as it was", ", ".join(self.kept)),
            ("consents", ", ".join(one.purpose for one in self.consents)),
            ("consents without an address", ", ".join(self.unproved)),
            ("visitor's history", str(self.stitch)),
        ]
        return Table.of(("what", "stored"), [row for row in rows if row[1]], title="Stored lead")


def store_captured(workspace: Workspace, captured: Captured) -> CaptureResult:
    """Store a captured lead in one transaction.

    Args:
        workspace: The store.
        captured: What `capture_lead` returned.

    Raises:
        DuplicateKeyError: If the submission id stands for another event.
        InvalidValueError: If the store has not declared a custom attribute of the form; nothing is stored then.
    """
    if not isinstance(captured, Captured):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InvalidValueError("captured", "is no captured lead", "give what mim.capture_lead(...) returned")
    sent = captured.interactions[0]
    with workspace.begin(source=captured.source, observed_at=sent.at) as work:
        work.transaction.contacts.lock_matching()
        if (before := _before(work, sent)) is not None:
            owner = work.contacts.get(before.contact_id)
            return CaptureResult(owner, _open_lead(work, owner), before, is_repeated=True)
        answers = Declarations(work.transaction.attributes).typed(captured.contact)
        known = _known(work, answers)
        contact, filled, kept = _kept_contact(work, known, answers)
        given, unproved = _consented(work, contact, captured)
        lead = _open_lead(work, contact)
        is_new_lead = lead is None
        if lead is None:
            (lead,) = work.add(captured.lead.evolve(contact_id=contact.id))
        event = _recorded(work, contact, sent)
        stitch = _stitched(work, captured.visitor, contact)
        return CaptureResult(
            work.contacts.get(contact.id),
            lead,
            event,
            given,
            known is None,
            is_new_lead,
            filled,
            kept,
            unproved,
            stitch,
        )


def _before(work: UnitOfWork, sent: Interaction) -> Interaction | None:
    if sent.external_id is None:
        return None
    return work.transaction.interactions.known(sent.source, [sent.external_id]).get(sent.external_id)


def _known(work: UnitOfWork, new: Contact) -> Contact | None:
    """Return the contact with the address, else with the number; of several the one that was there first."""
    for point in (*new.emails, *new.phones):
        find = work.contacts.all_with_email if point in new.emails else work.contacts.all_with_phone
        found = find(point.value)
        if found:
            return found[0]
    return None


def _kept_contact(
    work: UnitOfWork, known: Contact | None, new: Contact
) -> tuple[Contact, tuple[str, ...], tuple[str, ...]]:
    if known is None:
        (added,) = work.add(new)
        return added, (), ()
    changes: dict[str, Any] = {}
    kept: list[str] = []
    for name, stored, value in _differing(work, known, new):
        if stored in (None, ()):
            changes[name] = value
        elif is_listed(stored) and name not in {"emails", "phones"}:
            changes[name] = tuple(dict.fromkeys((*stored, *value)))
        else:
            kept.append(name)
    custom = {name.removeprefix("custom."): changes.pop(name) for name in list(changes) if name.startswith("custom.")}
    arguments: dict[str, Any] = {**changes, **({"custom": custom} if custom else {})}
    changed = work.change(known, **arguments) if arguments else known
    return changed, tuple(sorted((*changes, *(f"custom.{name}" for name in custom)))), tuple(sorted(kept))


def _differing(work: UnitOfWork, known: Contact, new: Contact) -> Iterator[tuple[str, Any, Any]]:
    """Yield what the new contact says and the stored one does not: argument, stored value, new value."""
    if new.name is not None and new.name != known.name:
        yield "name", known.name, new.name
    for kind in ("emails", "phones"):
        stored, given = getattr(known, kind), getattr(new, kind)
        if {one.match_key for one in given} - {one.match_key for one in stored}:
            yield kind, stored, given
    for spec in work.catalogue.of("contact"):
        if spec.is_derived or spec.name.startswith("contact.name.") or spec.kind is Kind.RECORDS:
            continue
        stored, given = spec.read(known), spec.read(new)
        if given in (None, ()) or given == stored or (is_listed(given) and set(given) <= set(stored or ())):
            continue
        yield (f"custom.{spec.short}" if spec.name.startswith("contact.custom.") else spec.short), stored, given


def _consented(
    work: UnitOfWork, contact: Contact, captured: Captured
) -> tuple[tuple[ConsentEvent, ...], tuple[str, ...]]:
    acts: list[ConsentEvent] = []
    unproved: list[str] = []
    for given in captured.consents:
        point = _point(contact, captured.contact, given.line.channel)
        if point is None:
            unproved.append(given.line.name)
        else:
            acts.append(_granted(work, point, given))
    return tuple(acts), tuple(unproved)


def _point(stored: Contact, sent: Contact, channel: Channel) -> ContactPoint | None:
    """Return the stored point for which the person has just answered, and for no other one."""
    kind = "emails" if point_kind(channel) == "email" else "phones"
    keys = {one.match_key for one in getattr(sent, kind)}
    points: tuple[ContactPoint, ...] = getattr(stored, kind)
    return next((one for one in points if one.match_key in keys and not one.is_retired), None)


def _granted(work: UnitOfWork, point: ContactPoint, given: GivenConsent) -> ConsentEvent:
    line = given.line
    return work.grant(
        point,
        channel=line.channel,
        purpose=line.purpose,
        method="form",
        notice=line.notice,
        notice_version=line.version,
        notice_language=line.language,
        notice_sha256=line.sha256,
        at=given.at,
        evidence=given.evidence,
    )


def _open_lead(work: UnitOfWork, contact: Contact) -> Lead | None:
    return next((one for one in work.leads.of_contact(contact) if one.is_open), None)


def _recorded(work: UnitOfWork, contact: Contact, sent: Interaction) -> Interaction:
    return work.record(
        sent.kind,
        contact=contact,
        at=sent.at,
        channel=sent.channel,
        campaign=sent.campaign,
        external_id=sent.external_id,
        visitor=sent.visitor_id,
        properties=sent.properties,
    )


def _stitched(work: UnitOfWork, visitor: str | None, contact: Contact) -> Stitch:
    return Stitch(StitchOutcome.NOTHING) if visitor is None else identify_visitor(work, visitor, contact)
