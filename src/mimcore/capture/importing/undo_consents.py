"""Ending what an import permitted, when it is taken back; what it forbade stays: nobody may be contacted for that.

The acts are found by the import, not by the records that it was about: those may have been merged or removed since, and
consent belongs to the address. Each act that permitted contact is followed by an act `expired` of the same import.
`fold_consent` then passes over both: what the person said otherwise, before or after, decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from mimcore.domain.consent import ConsentAction, ConsentEvent
from mimcore.domain.points import ContactPoint
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.identifiers import new_id

__all__ = ["end_consents", "permitted_by"]


def permitted_by(work: UnitOfWork, import_id: UUID) -> list[ConsentEvent]:
    """Return the acts by which an import permitted contact, without those that were ended when it was taken back.

    Args:
        work: Open unit of work.
        import_id: Id of the import.
    """
    acts = work.transaction.consents.of_import(import_id)
    ended = {_about(one) for one in acts if one.action is ConsentAction.EXPIRED}
    return [one for one in acts if one.is_positive and _about(one) not in ended]


def _about(act: ConsentEvent) -> tuple[str, ...]:
    return act.identifier, act.channel, act.purpose


def end_consents(work: UnitOfWork, acts: Sequence[ConsentEvent]) -> None:
    """End what acts permitted, and tell whoever has the addresses and numbers of them.

    Args:
        work: Open unit of work.
        acts: Acts of one import, from `permitted_by`.
    """
    points = _points(work, acts)
    ended = [_ended(work, one) for one in acts]
    work.gate.append([(one, points[one.identifier]) for one in ended if one.identifier in points])
    work.transaction.consents.append([one for one in ended if one.identifier not in points])  # nobody has the address


def _points(work: UnitOfWork, acts: Sequence[ConsentEvent]) -> Mapping[str, ContactPoint]:
    """Return the contact points that acts are about, as far as those have them whom the acts were about.

    A merge leaves the merged record without points: they are the golden record's then.
    """
    people = {one.contact_id for one in acts if one.contact_id is not None}
    golden = work.transaction.merges.golden(people)
    known = work.transaction.contacts.get_many({golden.get(one, one) for one in people})
    return {work.gate.identifier(point): point for one in known.values() for point in one.points}


def _ended(work: UnitOfWork, act: ConsentEvent) -> ConsentEvent:
    origin = work.origin
    return act.evolve(
        id=new_id(),
        action=ConsentAction.EXPIRED,
        occurred_at=origin.recorded_at,
        recorded_at=origin.recorded_at,
        actor=origin.actor,
    )
