"""A frozen audience as it stands now: merged records followed, the gate and the caps asked again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate
from mimcore.domain.contact import Contact
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.reaching import Answer, decided, points_for
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.segments.audiences.capping import Own, capped
from mimcore.segments.audiences.terms import Terms

__all__ = ["NOT_ACTIVE", "Place", "Standing", "StandingPerson", "grouped", "standing"]

NOT_ACTIVE = "not_active"
"""Why somebody is removed who was archived, or is not stored any more."""


@dataclass(frozen=True, slots=True)
class StandingPerson:
    """One person who may be contacted now.

    Attributes:
        group: The group of the split.
        point: The contact point that is used: the frozen one if it still may be.
    """

    contact: Contact
    group: str
    point: ContactPoint


@dataclass(frozen=True, slots=True)
class Standing:
    """Who may be handed over now, and what became of the others that were frozen.

    Those frozen in the groups asked for are the people, the removed, and the merged.

    Attributes:
        people: Ordered by id.
        removed: How many must not be contacted now, by the first reason.
        merged: How many more records were frozen, which count as somebody else now.
        mixed: Ids of people whose records were frozen in different groups.
    """

    people: tuple[StandingPerson, ...] = field(repr=False)
    removed: Mapping[str, int]
    merged: int
    mixed: frozenset[UUID] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """The one place of a person among the groups.

    Attributes:
        group: The golden record's own group; else that of the merged record with the lowest id.
        fates: What became of all records of the person.
        point_ids: The points that were frozen for them.
    """

    group: str
    fates: Collection[Fate]
    point_ids: Collection[UUID]
    is_mixed: bool


def grouped(work: UnitOfWork, members: Sequence[AudienceMember]) -> Mapping[UUID, Place]:
    """Return the people who are in a group, as they are called now, ordered by id.

    Args:
        work: Open unit of work.
        members: What became of each member of a frozen audience.
    """
    golden = work.transaction.merges.golden([one.contact_id for one in members])
    records: defaultdict[UUID, list[AudienceMember]] = defaultdict(list)
    for one in members:
        records[golden.get(one.contact_id, one.contact_id)].append(one)
    people = ((one, [record for record in own if record.group], own) for one, own in records.items())
    found = {one: _place(one, placed, own) for one, placed, own in people if placed}
    return dict(sorted(found.items(), key=lambda item: item[0].int))


def _place(person: UUID, placed: Sequence[AudienceMember], own: Iterable[AudienceMember]) -> Place:
    deciding = min(placed, key=lambda one: (one.contact_id != person, one.contact_id.int))
    return Place(
        deciding.group,
        {one.fate for one in own},
        {one.point_id for one in placed if one.point_id is not None},
        len({one.group for one in placed}) > 1,
    )


def standing(work: UnitOfWork, record: AudienceRecord, terms: Terms, groups: Collection[str]) -> Standing:
    """Ask who of a frozen audience may be contacted now.

    Args:
        work: Open unit of work; its instant is that of the decision.
        record: The audience.
        terms: How it was asked for.
        groups: Groups that are asked about.
    """
    members = work.transaction.audiences.members(record.id)
    places = {one: place for one, place in grouped(work, members).items() if place.group in groups}
    frozen = sum(1 for one in members if one.group in groups)
    gone = {one: why for one, place in places.items() if (why := _left_out(place))}
    stored = work.transaction.contacts.get_many([one for one in places if one not in gone])
    active = {one: contact for one, contact in stored.items() if contact.status is RecordStatus.ACTIVE}
    gone.update({one: NOT_ACTIVE for one in places if one not in gone and one not in active})
    people = [active[one] for one in places if one in active]
    allowed: list[StandingPerson] = []
    for one, point, decision in _answers(work, terms, people, places):
        if decision and point is not None:
            allowed.append(StandingPerson(active[one], places[one].group, point))
        else:
            gone[one] = decision.reasons[0].value
    own = Own(record.id, record.campaign, record.at)
    ids, at = [one.contact.id for one in allowed], work.origin.recorded_at
    gone.update(dict.fromkeys(capped(work, ids, terms.caps, channel=terms.channel, at=at, own=own), Fate.CAPPED.value))
    kept = tuple(one for one in allowed if one.contact.id not in gone)
    mixed = frozenset(one.contact.id for one in kept if places[one.contact.id].is_mixed)
    return Standing(kept, dict(sorted(Counter(gone.values()).items())), frozen - len(places), mixed)


def _left_out(place: Place) -> str:
    """Return why a person must not be contacted because another record of theirs was left out by decision."""
    return next((fate.value for fate in (Fate.EXCLUDED, Fate.CAPPED) if fate in place.fates), "")


def _answers(
    work: UnitOfWork, terms: Terms, people: Iterable[Contact], places: Mapping[UUID, Place]
) -> Iterator[Answer]:
    """Ask the gate; a frozen point is taken before the others of a person."""
    return decided(
        work.gate,
        ((one.id, points_for(one, terms.channel)) for one in people),
        channel=terms.channel,
        purpose=terms.purpose,
        at=work.origin.recorded_at,
        least_freshness=terms.least_freshness,
        preferred={point_id for place in places.values() for point_id in place.point_ids},
    )
