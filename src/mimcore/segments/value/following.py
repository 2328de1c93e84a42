"""The lifecycle in a store: its stages as segments, and an attribute that follows them, each change told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.display import Table, percent, utc_minute
from mimcore.display.framing import Framer, unframed
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.errors import NotFoundError
from mimcore.repositories.membership_port import RefreshState
from mimcore.repositories.portions import portions
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.language.nodes import Rule
from mimcore.segments.reasons import true_among
from mimcore.segments.value.lifecycle import ATTRIBUTE, Lifecycle, Stage, segment_key
from mimcore.segments.value.showing import Shown

__all__ = ["CHANGED", "LifecycleChanges", "LifecycleCounts", "declare_stages", "follow_lifecycle", "stage_counts"]

CHANGED = "lifecycle_changed"
"""Kind of the event that tells of a new stage."""

_FOLLOWER = "lifecycle"
_STATE = UUID(int=1)
"""Under this id it is kept up to when the attribute follows; the store as a whole has the id of nothing."""

_PORTION = 1000


@dataclass(frozen=True)
class LifecycleChanges:
    """Whose stage changed.

    Attributes:
        at: As of when.
        changed: How many went from which stage to which; None is no stage yet.
        is_superseded: Whether a later run has begun, which does the rest.
    """

    at: datetime
    changed: Mapping[tuple[str | None, str], int]
    is_superseded: bool = False

    def __str__(self) -> str:
        """Return how many are now in which stage, in a line."""
        into = Counter[str]()
        for (_, stage), number in self.changed.items():
            into[stage] += number
        said = ", ".join(f"{into[stage]} {stage.value}" for stage in Stage if into[stage])
        later = "; a later run does the rest" if self.is_superseded else ""
        return f"{into.total()} changed{f', now {said}' if said else ''}{later}"


@dataclass(frozen=True)
class LifecycleCounts(Shown):
    """How many are in each stage, by the rules, at an instant; it prints itself."""

    at: datetime
    stages: Mapping[Stage, int]
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def table(self) -> Table:
        """A line for each stage."""
        everybody = sum(self.stages.values())
        rows = [
            (one.value, number, percent(number / everybody if everybody else None, 0))
            for one, number in self.stages.items()
        ]
        caption = utc_minute(self.at)
        return Table.of(("stage", "contacts", "share"), rows, title="Lifecycle", caption=caption)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a stage."""
        return [{"stage": one.value, "contacts": number} for one, number in self.stages.items()]


def declare_stages(workspace: Workspace, lifecycle: Lifecycle) -> tuple[Segment, ...]:
    """Store a segment for each stage; those that are there get the rules of this definition, and come back to life.

    Args:
        workspace: The store.
        lifecycle: The definition.

    Returns:
        The segments as they are stored.
    """
    with workspace.begin(actor=_FOLLOWER) as work:
        if work.transaction.sources.with_key(_FOLLOWER) is None:  # what is derived is not presumed wrong
            work.add(Source(key=_FOLLOWER, name="Derived from events", reliability=1.0))
        return tuple(_declared(work, one) for one in lifecycle.segments())


def _declared(work: UnitOfWork, wanted: Segment) -> Segment:
    stored = work.transaction.segments.with_key(wanted.key)
    if stored is None:
        return work.add(wanted)[0]
    return work.change(stored, rule=wanted.rule, description=wanted.description, is_archived=False)


def _stored_rules(work: UnitOfWork) -> dict[Stage, Rule]:
    """Return the rules of the stages that are stored and alive, in the order of the stages."""
    found = {stage: work.transaction.segments.with_key(segment_key(stage)) for stage in Stage}
    return {
        stage: segment.effective_rule
        for stage, segment in found.items()
        if segment is not None and not segment.is_archived and segment.effective_rule is not None
    }


def stage_counts(work: UnitOfWork, at: datetime, framer: Framer = unframed) -> LifecycleCounts:
    """Count who is in each stage, by the stored rules.

    Args:
        work: Open unit of work.
        at: Instant.
        framer: Makes data frames.

    Raises:
        NotFoundError: If no lifecycle is declared.
    """
    rules = _stored_rules(work)
    if not rules:
        raise NotFoundError("this store has no lifecycle: declare one with store.value.declare_lifecycle(...)")
    return LifecycleCounts(at, {stage: work.contacts.count(rule, now=at) for stage, rule in rules.items()}, framer)


def follow_lifecycle(workspace: Workspace, at: datetime) -> LifecycleChanges | None:
    """Let the attribute follow the stages as they are at an instant; everybody who is in another one is told of once.

    Stage by stage the store finds those whose attribute says otherwise, so a run after which nothing changed costs
    one question a stage. Each portion is a transaction of its own; a run that dies is finished by the next one, and
    of two at once one waits for the other.

    Args:
        workspace: The store.
        at: The instant; a run for an earlier one than the newest does nothing.

    Returns:
        Who changed; None if no lifecycle is declared.
    """
    with workspace.read() as work:
        if not _stored_rules(work):
            return None
    changed = Counter[tuple[str | None, str]]()
    with workspace.begin(actor=_FOLLOWER) as work:
        if not _is_newest(work, at):
            return LifecycleChanges(at, changed, is_superseded=True)
        work.transaction.memberships.put_state(RefreshState(_STATE, at, ""))
        movers = _movers(work, _stored_rules(work), at)
    for portion in portions(movers, _PORTION):
        with workspace.begin(actor=_FOLLOWER, source=_FOLLOWER) as work:
            if not _is_newest(work, at):
                return LifecycleChanges(at, changed, is_superseded=True)
            changed.update(_moved(work, portion, at))
    return LifecycleChanges(at, changed)


def _is_newest(work: UnitOfWork, at: datetime) -> bool:
    """Take the lock that refreshes take, and tell whether no run for a later instant has begun."""
    work.transaction.memberships.lock()
    state = work.transaction.memberships.state(_STATE)
    return state is None or state.at <= at


def _movers(work: UnitOfWork, rules: Mapping[Stage, Rule], at: datetime) -> list[UUID]:
    stored = Lifecycle().field
    found = {
        one
        for stage, rule in rules.items()
        for one in work.contacts.ids(rule & stored.is_not(stage.value, or_missing=True), now=at)
    }
    return sorted(found, key=lambda one: one.int)


def _moved(work: UnitOfWork, ids: Sequence[UUID], at: datetime) -> Counter[tuple[str | None, str]]:
    """Write the new stages of some people and tell of each; they are asked again, as they may have changed."""
    transaction = work.transaction
    transaction.contacts.lock(ids)
    stored, stages = transaction.contacts.get_many(ids), _stages(work, ids, at)
    changed = [
        (stored[one], stored[one].custom.get(ATTRIBUTE), stages[one].value)
        for one in ids
        if one in stored and one in stages and stored[one].custom.get(ATTRIBUTE) != stages[one].value
    ]
    work.upsert_many(contact.evolve(custom={ATTRIBUTE: new}) for contact, _, new in changed)
    transaction.outbox.append(
        [
            OutboxEvent(CHANGED, "contact", contact.id, contact.version + 1, at, {"from": old, "to": new})
            for contact, old, new in changed
        ]
    )
    return Counter((None if old is None else str(old), new) for _, old, new in changed)


def _stages(work: UnitOfWork, ids: Sequence[UUID], at: datetime) -> dict[UUID, Stage]:
    """Return the first stage that holds for each; those for whom none does are left out."""
    asked, found = true_among(work, at), dict[UUID, Stage]()
    for stage, rule in _stored_rules(work).items():
        for one in asked(rule, ids):
            found.setdefault(one, stage)
    return found
