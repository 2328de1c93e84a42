"""Merging two records into one profile, and taking it back. The log of links is append-only; nothing is thrown away.

A merge that others rest on is taken back in three steps: the later ones are undone, the newest first; then it itself;
then the later ones are made anew, so that the profiles are what they would be had it never happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from mimcore.display import Table
from mimcore.display.showing import Tabled
from mimcore.domain.contact import Contact
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import ConflictError, InvalidValueError, NotFoundError, StaleVersionError
from mimcore.identity.duplicates import MODEL, DuplicatePair
from mimcore.identity.link_log import LinkLog, merge_of
from mimcore.identity.linking import Linking, link_records, states_of
from mimcore.identity.survivorship import Survival, survivals
from mimcore.identity.unlinking import Unlinked, unlink_records, without_contribution
from mimcore.repositories.facts import states_by_field
from mimcore.repositories.records import MergeLink
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace

__all__ = ["Merge", "MergePlan", "MergeUndo", "plan_merge", "undo_merge"]


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was made: give its id to `store.merges.undo`.

    Attributes:
        contact: The golden record.
    """

    id: UUID
    contact: Contact

    def __str__(self) -> str:
        """Which record stands, and how the merge is taken back."""
        return f"Merged into contact {self.contact.id}; store.merges.undo('{self.id}') takes it back"


@dataclass(frozen=True, slots=True)
class MergeUndo:
    """A merge that was taken back.

    Attributes:
        survivor: The record that had kept its id.
        other: The record that stands on its own again, unless another merge holds it.
        kept: Fields of the survivor that were changed after the merge and therefore stay as they are.
    """

    survivor: Contact
    other: Contact
    kept: tuple[str, ...]

    def __str__(self) -> str:
        """What stayed with the survivor."""
        kept = f"; changed since and kept: {', '.join(self.kept)}" if self.kept else ""
        return f"The two records stand on their own again{kept}"


@dataclass(frozen=True, slots=True)
class MergePlan(Tabled):
    """What a merge would do, field by field; nothing is written until `apply()`."""

    pair: DuplicatePair
    survivor: Contact = field(repr=False)
    other: Contact = field(repr=False)
    decided: tuple[Survival, ...]
    workspace: Workspace = field(repr=False)

    def table(self) -> Table:
        """Which value survives, and why; without the values themselves."""
        rows = [(one.field.removeprefix("contact."), _origin(one), one.why) for one in self.decided]
        return Table.of(("field", "value from", "why"), rows, title="Merge two records", caption=str(self.pair))

    def apply(self) -> Merge:
        """Unify the two records in one transaction.

        Returns:
            The merge, with the id that takes it back.

        Raises:
            StaleVersionError: If one of the records changed since the plan was made.
        """
        with self.workspace.begin() as work:
            work.transaction.contacts.lock([self.survivor.id, self.other.id], with_merged=True)
            for planned in (self.survivor, self.other):
                if work.contacts.get(planned.id) != planned:
                    raise StaleVersionError(
                        f"the contact {planned.id} changed since the merge was planned; plan it again"
                    )
            reason = ", ".join(self.pair.evidence)
            link, golden = link_records(
                work, Linking(self.survivor, self.other, self.decided, reason, self.pair.score, MODEL)
            )
        return Merge(link.id, golden)


def _origin(decision: Survival) -> str:
    if decision.is_united:
        return "both records"
    return "the other record" if decision.from_other else "the survivor"


def plan_merge(workspace: Workspace, pair: DuplicatePair) -> MergePlan:
    """Plan to unify a pair: the older record keeps its id, and for each field the newest value survives.

    Args:
        workspace: The store.
        pair: Two active records.

    Raises:
        NotFoundError: If one of them is not stored.
        ConflictError: If one of them is no longer active.
    """
    if not isinstance(pair, DuplicatePair):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InvalidValueError("pair", "is no pair of duplicates", "give one that store.duplicates.find() returned")
    with workspace.read() as work:
        survivor, other = work.contacts.get_all([pair.first_id, pair.second_id])
        if {survivor.status, other.status} != {RecordStatus.ACTIVE}:
            raise ConflictError("one of the two records is no longer active; look for duplicates again")
        decided = _decide(work, survivor, other)
    return MergePlan(pair, survivor, other, decided, workspace)


def _decide(work: UnitOfWork, survivor: Contact, other: Contact) -> tuple[Survival, ...]:
    mine, theirs = (states_by_field(one, states_of(work, one)) for one in (survivor, other))
    return survivals(survivor, other, mine, theirs)


def undo_merge(workspace: Workspace, merge_id: UUID) -> MergeUndo:
    """Take a merge back; from another process, any time later, in any order.

    Both records stand as before. A field of the survivor that was changed after the merge keeps its new value and is
    reported; of a list that was changed, only what the merge had brought goes. What was learnt about an address since,
    a bounce above all, stays with it. Interactions count again for the record under which they were recorded.

    Args:
        workspace: The store.
        merge_id: Id of the merge.

    Raises:
        NotFoundError: If there is no such merge.
        ConflictError: If it was taken back before.
    """
    with workspace.begin() as work:
        log = _locked_log(work, merge_id)
        link = log.merge(merge_id)
        if link is None and log.knows(merge_id):
            raise ConflictError("this merge was taken back before")
        if link is None:
            raise NotFoundError("there is no merge of that id in this store")
        later = [(one, unlink_records(work, one)) for one in reversed(log.built_on(link))]
        parted = unlink_records(work, link)
        for one, loose in reversed(later):
            _link_again(work, one, loose, link)
        survivor, other = work.contacts.get_all([link.survivor_id, link.other_id])
    return MergeUndo(survivor, other, parted.kept)


def _locked_log(work: UnitOfWork, merge_id: UUID) -> LinkLog:
    """Return the log, once nobody else can take back a merge, or make one, of the records that hang together here."""
    locked: frozenset[UUID] = frozenset()
    while True:
        log = LinkLog(tuple(work.transaction.merges.all()))
        known = work.transaction.merges.get(merge_id)
        wanted = frozenset[UUID]() if known is None else log.together(known)
        if wanted <= locked:
            return log
        work.transaction.contacts.lock(wanted)
        locked |= wanted


def _link_again(work: UnitOfWork, link: MergeLink, loose: Unlinked, gone: MergeLink) -> None:
    """Make a link anew that had rested on one that is gone; what was changed by hand on top of it stays."""
    survivor, other = work.contacts.get_all([link.survivor_id, link.other_id])
    pinned = {
        name: without_contribution(value, gone, name) if isinstance(value, list) else value
        for name, value in loose.edited.items()
    }
    link_records(
        work,
        Linking(
            survivor,
            other,
            _decide(work, survivor, other),
            link.reason,
            link.score,
            link.model,
            merge_of(link),
            pinned,
            loose.states,
        ),
    )
