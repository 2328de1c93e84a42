"""Writing one link: two records become one profile, and the log keeps what is needed to part them again."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.segment import list_name, listed_as
from mimcore.domain.versions.changes import ChangeKind, differences, restored
from mimcore.domain.vocabularies import RecordStatus
from mimcore.identity.link_log import AGAIN
from mimcore.identity.survivorship import Survival, golden_record, seen_at
from mimcore.repositories.listing import put_on_list
from mimcore.repositories.plain_states import SETTLED, plain_state
from mimcore.repositories.records import LinkAction, MergeLink
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Linking", "link_records", "states_of"]


@dataclass(frozen=True, slots=True)
class Linking:
    """What is to be linked.

    Attributes:
        reason: Evidence in words, without values.
        score: Match probability, 0-1.
        model: Version of the matching model.
        merge_id: Id of the merge, if the link is made anew.
        pinned: Plain values that stay as they are, by field: they were changed after the first link.
        pinned_states: The states of those values.
    """

    survivor: Contact
    other: Contact
    decided: tuple[Survival, ...]
    reason: str
    score: float | None
    model: str
    merge_id: UUID | None = None
    pinned: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pinned_states: tuple[FreshnessState, ...] = ()


def states_of(work: UnitOfWork, contact: Contact) -> list[FreshnessState]:
    """Return the states of a contact's values."""
    return work.transaction.freshness.of([contact.id]).get(contact.id, [])


def link_records(work: UnitOfWork, wanted: Linking) -> tuple[MergeLink, Contact]:
    """Merge a record into another one.

    Args:
        work: Open unit of work.
        wanted: The records as they are stored, and what was decided.

    Returns:
        The entry of the log, and the stored golden record.
    """
    survivor, other, recorder = wanted.survivor, wanted.other, work.recorder
    golden = restored(golden_record(survivor, other, wanted.decided), wanted.pinned)
    merged = other.model_copy(update={"status": RecordStatus.MERGED, "emails": (), "phones": ()})
    mine, theirs = states_of(work, survivor), states_of(work, other)
    recorder.changed([(other, merged)], work.origin, ChangeKind.MERGED)
    stored = recorder.changed([(survivor, golden)], work.origin, ChangeKind.MERGED)[0]
    before, after = differences(survivor, golden)
    settled = [*_moved(wanted, golden, after.keys(), mine, theirs), *_held(wanted, golden)]
    work.transaction.freshness.put(settled)
    work.transaction.merges.move(other.id, survivor.id)
    memory = {
        "survivor": before,
        "after": after,
        "other": differences(other, merged)[0],
        "survivor_states": [plain_state(one) for one in mine],
        "other_states": [plain_state(one) for one in theirs],
        SETTLED: [plain_state(one) for one in settled],
        "points": {str(point.id): point.state.value for point in golden.points},
        "lists": _joined_lists(work, survivor.id, other.id),
        **({} if wanted.merge_id is None else {AGAIN: str(wanted.merge_id)}),
    }
    return _logged(work, wanted, memory), stored


def _logged(work: UnitOfWork, wanted: Linking, memory: Mapping[str, Any]) -> MergeLink:
    link = MergeLink(
        LinkAction.LINK,
        wanted.survivor.id,
        wanted.other.id,
        wanted.reason,
        wanted.score,
        wanted.model,
        work.origin.actor,
        work.origin.recorded_at,
        memory,
    )
    work.transaction.merges.append([link])
    return link


def _moved(
    wanted: Linking,
    golden: Contact,
    changed: Container[str],
    mine: Iterable[FreshnessState],
    theirs: Iterable[FreshnessState],
) -> Iterable[FreshnessState]:
    """Values keep their age when they move: a merge is no observation. A united list is as old as its older part."""
    taken = {one.field: one for one in wanted.decided if one.from_other and one.field in changed}
    own = {one.attribute: one for one in mine if one.subject_id == golden.id}
    points = {point.id for point in golden.points}
    for state in theirs:
        decision = taken.get(state.attribute)
        if state.subject_id in points:
            yield state._replace(contact_id=golden.id)
        elif decision is not None and state.subject_id == wanted.other.id:
            older = own.get(state.attribute, state) if decision.is_united else state
            chosen = min(older, state, key=seen_at)
            yield chosen._replace(contact_id=golden.id, subject_id=golden.id)


def _held(wanted: Linking, golden: Contact) -> Iterable[FreshnessState]:
    subjects = {golden.id, *(point.id for point in golden.points)}
    return (one for one in wanted.pinned_states if one.attribute in wanted.pinned and one.subject_id in subjects)


def _joined_lists(work: UnitOfWork, survivor_id: UUID, other_id: UUID) -> list[str]:
    """Put the golden record on the lists of both, and return the names of those that are new for it.

    Who is in a segment by hand on one side and out of it on the other stays as the survivor was.
    """
    lists = work.transaction.segments.lists_of([survivor_id, other_id])
    own = lists.get(survivor_id, frozenset())
    decided = {key for key, kind in map(listed_as, own) if kind != "list"}
    new: list[str] = []
    for name in sorted(lists.get(other_id, frozenset()) - own):
        key, kind = listed_as(name)
        segment = work.transaction.segments.with_key(key)
        kept_out = kind == "list" and list_name(key, "exclude") in own
        if segment is not None and not kept_out and (kind == "list" or key not in decided):
            put_on_list(work.transaction, segment, [survivor_id], work.origin, kind, reason="merge")
            new.append(name)
    return new
