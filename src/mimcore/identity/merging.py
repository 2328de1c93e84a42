"""Merging two records into one profile, and taking it back. The log of links is append-only; nothing is thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from mimcore.display import Table
from mimcore.domain.changes import ChangeKind, differences, flatten, restored
from mimcore.domain.contact import Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import ConflictError, NotFoundError, StaleVersionError
from mimcore.identity.duplicates import MODEL, DuplicatePair
from mimcore.identity.survivorship import Survival, golden_record, survivals
from mimcore.repositories.facts import states_by_field
from mimcore.repositories.recording import Recorder
from mimcore.repositories.records import LinkAction, MergeLink
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.values.instants import as_instant

__all__ = ["Merge", "MergePlan", "MergeUndo", "plan_merge", "undo_merge"]

_POINTS = ("contact.emails", "contact.phones")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was made: give its id to `store.merges.undo`."""

    id: UUID
    contact: Contact


@dataclass(frozen=True, slots=True)
class MergeUndo:
    """A merge that was taken back.

    Attributes:
        survivor: The record that had kept its id.
        other: The record that stands on its own again.
        kept: Fields of the survivor that were changed after the merge and therefore stay as they are.
    """

    survivor: Contact
    other: Contact
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What a merge would do, field by field; nothing is written until `apply()`."""

    pair: DuplicatePair
    survivor: Contact
    other: Contact
    decided: tuple[Survival, ...]
    workspace: Workspace = field(repr=False)

    def table(self) -> Table:
        """Which value survives, and why; without the values themselves."""
        rows = [(one.field.removeprefix("contact."), "the other record" if one.from_other else "the survivor", one.why) for one in self.decided]
        return Table.of(("field", "value from", "why"), rows, title="Merge two records", caption=str(self.pair))

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().html()

    def apply(self) -> Merge:
        """Unify the two records in one transaction.

        Returns:
            The merge, with the id that takes it back.

        Raises:
            StaleVersionError: If one of the records changed since the plan was made.
        """
        with self.workspace.begin() as work:
            for planned in (self.survivor, self.other):
                if work.contacts.get(planned.id) != planned:
                    work.rollback("a record changed since the merge was planned")
                    raise StaleVersionError(f"the contact {planned.id} changed since the merge was planned; plan it again")
            return _apply(work, self)


def plan_merge(workspace: Workspace, pair: DuplicatePair) -> MergePlan:
    """Plan to unify a pair: the older record keeps its id, and for each field the newest value survives.

    Args:
        workspace: The store.
        pair: Two active records.

    Raises:
        ConflictError: If one of them is no longer active.
    """
    with workspace.read() as work:
        survivor, other = work.contacts.get(pair.first_id), work.contacts.get(pair.second_id)
        if {survivor.status, other.status} != {RecordStatus.ACTIVE}:
            raise ConflictError("one of the two records is no longer active; look for duplicates again")
        mine, theirs = (_states(work, one) for one in (survivor, other))
        decided = survivals(survivor, other, states_by_field(survivor, mine), states_by_field(other, theirs))
    return MergePlan(pair, survivor, other, decided, workspace)


def _states(work: UnitOfWork, contact: Contact) -> list[FreshnessState]:
    return work.transaction.freshness.of([contact.id]).get(contact.id, [])


def _apply(work: UnitOfWork, plan: MergePlan) -> Merge:
    survivor, other, recorder = plan.survivor, plan.other, Recorder(work.transaction)
    golden = golden_record(survivor, other, plan.decided)
    merged = other.model_copy(update={"status": RecordStatus.MERGED, "emails": (), "phones": ()})
    mine, theirs = _states(work, survivor), _states(work, other)
    before = {
        "survivor": differences(survivor, golden)[0],
        "after": differences(survivor, golden)[1],
        "other": differences(other, merged)[0],
        "survivor_states": [_plain(one) for one in mine],
        "other_states": [_plain(one) for one in theirs],
    }
    recorder.changed([(other, merged)], work.origin, ChangeKind.MERGED)
    stored = recorder.changed([(survivor, golden)], work.origin, ChangeKind.MERGED)[0]
    work.transaction.freshness.put(list(_moved_states(plan, golden, theirs)))
    work.transaction.merges.move(other.id, survivor.id)
    reason = ", ".join(plan.pair.evidence)
    link = MergeLink(
        LinkAction.LINK, survivor.id, other.id, reason, plan.pair.score, MODEL, work.origin.actor, work.origin.recorded_at, before
    )
    work.transaction.merges.append([link])
    return Merge(link.id, stored)


def _moved_states(plan: MergePlan, golden: Contact, theirs: Iterable[FreshnessState]) -> Iterable[FreshnessState]:
    """Values keep their own age when they move: a merge is no observation."""
    taken = {one.field for one in plan.decided if one.from_other}
    points = {point.id for point in golden.points}
    for state in theirs:
        if state.subject_id in points:
            yield replace(state, contact_id=golden.id)
        elif state.attribute in taken:
            yield replace(state, contact_id=golden.id, subject_id=golden.id)


def undo_merge(workspace: Workspace, merge_id: UUID) -> MergeUndo:
    """Take a merge back; from another process, any time later.

    Both records stand as before. A field of the survivor that was changed after the merge keeps its new value and is
    reported. Interactions count again for the record under which they were recorded.

    Args:
        workspace: The store.
        merge_id: Id of the merge.

    Raises:
        NotFoundError: If there is no such merge.
        ConflictError: If it was taken back before.
    """
    with workspace.begin() as work:
        link = work.transaction.merges.get(merge_id)
        if link is None or link.action is not LinkAction.LINK:
            raise NotFoundError("there is no merge of that id in this store")
        if any(one.undoes == merge_id for one in work.transaction.merges.all()):
            raise ConflictError("this merge was taken back before")
        return _undo(work, link)


def _undo(work: UnitOfWork, link: MergeLink) -> MergeUndo:
    recorder, origin = Recorder(work.transaction), work.origin
    survivor, merged = work.contacts.get(link.survivor_id), work.contacts.get(link.other_id)
    values, kept = _values_before(survivor, link)
    alone = restored(survivor, values)
    other = restored(merged, link.before["other"])
    stored = recorder.changed([(survivor, alone)], origin, ChangeKind.UNMERGED)[0]
    back = recorder.changed([(merged, other)], origin, ChangeKind.UNMERGED)[0]
    _restore_states(work, link, set(values))
    component = _component(work, link.other_id, without=link.id)
    for record_id in component:
        work.transaction.merges.move_back(record_id)
        if record_id != link.other_id:
            work.transaction.merges.move(record_id, link.other_id)
    unlink = MergeLink(
        LinkAction.UNLINK, link.survivor_id, link.other_id, "taken back", None, link.model, origin.actor, origin.recorded_at, {}, link.id
    )
    work.transaction.merges.append([unlink])
    return MergeUndo(stored, back, kept)


def _values_before(survivor: Contact, link: MergeLink) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the survivor's values to restore, and the fields that were changed since and stay."""
    now, after, before = flatten(survivor), link.before["after"], link.before["survivor"]
    values: dict[str, Any] = {}
    kept: list[str] = []
    for name in after:
        if now.get(name) == after[name]:
            values[name] = before[name]
        elif name in _POINTS:
            values[name] = _without_moved(now.get(name), link.before["other"].get(name))
        else:
            kept.append(name)
    return values, tuple(kept)


def _without_moved(current: list[dict[str, Any]] | None, moved: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    gone = {point["id"] for point in moved or []}
    return [point for point in current or [] if point["id"] not in gone] or None


def _restore_states(work: UnitOfWork, link: MergeLink, restored_fields: set[str]) -> None:
    points = {point.id for point in work.contacts.get(link.survivor_id).points}
    mine = [_state(one) for one in link.before["survivor_states"]]
    wanted = [one for one in mine if one.attribute in restored_fields and (one.subject_id == link.survivor_id or one.subject_id in points)]
    work.transaction.freshness.put([*wanted, *(_state(one) for one in link.before["other_states"])])


def _component(work: UnitOfWork, root: UUID, *, without: UUID) -> list[UUID]:
    """Return the record and everything that was merged into it before."""
    log = list(work.transaction.merges.all())
    undone = {one.undoes for one in log if one.undoes is not None} | {without}
    links = [one for one in log if one.action is LinkAction.LINK and one.id not in undone]
    members = [root]
    for member in members:
        members += [one.other_id for one in links if one.survivor_id == member]
    return members


def _plain(state: FreshnessState) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else str(value) if isinstance(value, UUID) else value for name, value in asdict(state).items()}


def _state(plain: Mapping[str, Any]) -> FreshnessState:
    moments = {name: as_instant(plain[name]) for name in ("observed_at", "confirmed_at", "ref_at") if plain[name] is not None}
    ids = {name: UUID(plain[name]) for name in ("contact_id", "subject_id")}
    return FreshnessState(**{**plain, **moments, **ids})
