"""Looking at segments: against everybody, against each other, over time; and as files for git."""

from __future__ import annotations

from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING

from mimcore.capture.segment_files.pulling import Pulled, pull
from mimcore.capture.segment_files.push_plan import PushPlan
from mimcore.capture.segment_files.pushing import plan_push
from mimcore.domain.segment import Segment
from mimcore.repositories.origin import Moment
from mimcore.repositories.workspace import asked_at
from mimcore.rules.explaining.english import describe
from mimcore.rules.language.nodes import Rule
from mimcore.segments.comparing.overlap import Overlap, overlap
from mimcore.segments.comparing.profile import SegmentProfile
from mimcore.segments.comparing.profiling import Chosen, profile
from mimcore.segments.comparing.sizes import Every, Sizes, sizes_of
from mimcore.segments.references import key_of, rule_of
from mimcore.values.arguments import given_path

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["LookingAtSegments"]


class LookingAtSegments:
    """The part of a store's segments that compares them, and keeps them in git."""

    _store: Store

    def compare(
        self,
        segment: Segment | Rule | str,
        *,
        fields: Chosen | None = None,
        include_special_category: bool = False,
        least: int = 5,
        now: datetime | None = None,
    ) -> SegmentProfile:
        """Compare the members of a segment with everybody, attribute by attribute; everybody is read once.

        Args:
            segment: A segment, its key, or a rule.
            fields: Fields of contacts, by handle or name; unless given all but those that tell who somebody is.
            include_special_category: Whether fields of special categories (beliefs) may be among them.
            least: From how many members on something is told.
            now: Instant of evaluation; the store's clock unless given.

        Raises:
            InvalidValueError: If a field cannot be compared, or `least` is not positive.
            UnknownFieldError: If there is no such field.
        """
        with self._store.read() as work:
            rule = rule_of(work, segment)
            name = key_of(segment) or describe(rule)
            return profile(
                work,
                rule,
                work.origin.asked_at(now),
                name=name,
                fields=fields,
                include_special_category=include_special_category,
                least=least,
            )

    def overlap(self, *segments: Segment | str, now: datetime | None = None) -> Overlap:
        """Count whom segments have in common, every combination once.

        Args:
            *segments: Two to ten segments or their keys.
            now: Instant of evaluation; the store's clock unless given.

        Raises:
            InvalidValueError: If they are fewer or more.
            NotFoundError: If there is no such segment.
        """
        with self._store.read() as work:
            return overlap(work, segments, work.origin.asked_at(now))

    def sizes(self, segment: Segment | str, *, since: Moment | None = None, every: Every = "day") -> Sizes:
        """Return how many members a segment had, day by day, by its log.

        Args:
            segment: A segment or its key.
            since: From this day on; from that of its first move unless given.
            every: A line for every `day`, or for the last one of every `week` or `month`.

        Raises:
            InvalidValueError: If it begins in the future, or `every` is none of these.
            NotFoundError: If there is no such segment.
        """
        with self._store.read() as work:
            found = work.segments.get(segment)
            start = None if since is None else work.origin.moment(since, "since")
            moves = work.transaction.memberships.moves(found.id)
            return sizes_of(found.key, moves, since=start, now=self._store.now(), zone=self._store.zone, every=every)

    def pull(self, folder: str | PathLike[str], *, overwrite: bool = False) -> Pulled:
        """Write a file for each segment that is not archived, for git; the file of an archived one is removed.

        Args:
            folder: Where; it is made if it is not there.
            overwrite: Whether files that were edited since they were pulled are written all the same.

        Raises:
            ConflictError: If there are such files; nothing is written then.
            CaptureError: If the system refuses.
        """
        return pull(self._store, given_path(folder, "folder"), overwrite=overwrite)

    def plan_push(
        self,
        folder: str | PathLike[str],
        *,
        archive_missing: bool = False,
        overwrite: bool = False,
        now: datetime | None = None,
    ) -> PushPlan:
        """Compare the files of a folder with the segments of the store; `apply()` brings them in, all or none.

        Args:
            folder: The folder.
            archive_missing: Whether segments without a file are archived.
            overwrite: Whether segments that were changed in the store since they were pulled become what the files say.
            now: Instant as of which members are counted; the store's clock unless given.

        Raises:
            InvalidValueError: Naming every file that is wrong, the place in it, and what would be right.
            ConflictError: Naming the segments that were changed in the store since they were pulled.
            CaptureError: If the folder cannot be read.
        """
        return plan_push(
            self._store,
            given_path(folder, "folder"),
            asked_at(self._store, now),
            archive_missing=archive_missing,
            overwrite=overwrite,
        )
