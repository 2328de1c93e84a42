"""Reading the log of links: which merges hold, which records they hang together, and what a merge remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from mimcore.repositories.records import LinkAction, MergeLink

__all__ = ["LinkLog"]

AGAIN = "again"
"""Where a link that was made anew, after an older one was taken back from under it, keeps the id of its merge."""


@dataclass(frozen=True, slots=True)
class LinkLog:
    """The log as it stands, oldest first."""

    entries: Sequence[MergeLink]

    @property
    def holding(self) -> tuple[MergeLink, ...]:
        """The links that are not taken back, oldest first."""
        undone = {one.undoes for one in self.entries}
        return tuple(one for one in self.entries if one.action is LinkAction.LINK and one.id not in undone)

    def merge(self, merge_id: UUID) -> MergeLink | None:
        """Return the link that stands for a merge now, or None if it is taken back or never was."""
        return next((one for one in self.holding if merge_of(one) == merge_id), None)

    def knows(self, merge_id: UUID) -> bool:
        """Tell whether a merge was ever made."""
        return any(one.id == merge_id for one in self.entries if one.action is LinkAction.LINK)

    def built_on(self, link: MergeLink) -> tuple[MergeLink, ...]:
        """Return the later links that rest on what a link made, oldest first."""
        touched, later = {link.survivor_id, link.other_id}, list[MergeLink]()
        holding = self.holding
        for one in holding[holding.index(link) + 1 :]:
            if touched & {one.survivor_id, one.other_id}:
                touched |= {one.survivor_id, one.other_id}
                later.append(one)
        return tuple(later)

    def members(self, record_id: UUID) -> tuple[UUID, ...]:
        """Return a record and everything that is merged into it, also by way of others."""
        found = [record_id]
        for member in found:
            found += [one.other_id for one in self.holding if one.survivor_id == member]
        return tuple(found)

    def together(self, link: MergeLink) -> frozenset[UUID]:
        """Return all records that hang together with those of a link, by merges that hold, and these themselves."""
        found = {link.survivor_id, link.other_id}
        pairs = [{one.survivor_id, one.other_id} for one in self.holding]
        while joined := [pair for pair in pairs if pair & found and not pair <= found]:
            found.update(*joined)
        return frozenset(found)

    def golden(self) -> Mapping[UUID, UUID]:
        """Return, for every merged record, the record that stands for it now."""
        into = {one.other_id: one.survivor_id for one in self.holding}

        def last(record: UUID) -> UUID:
            while record in into:
                record = into[record]
            return record

        return {record: last(record) for record in into}

    def declared_different(self) -> frozenset[frozenset[UUID]]:
        """Return the pairs of records that a person declared different, each for all that is merged with it."""
        golden = self.golden()
        return frozenset(
            frozenset({golden.get(one.survivor_id, one.survivor_id), golden.get(one.other_id, one.other_id)})
            for one in self.entries
            if one.action is LinkAction.CANNOT_LINK
        )


def merge_of(link: MergeLink) -> UUID:
    """Return the id under which the merge was handed out."""
    return UUID(link.before[AGAIN]) if AGAIN in link.before else link.id
