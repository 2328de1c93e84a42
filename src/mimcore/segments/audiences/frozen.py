"""A frozen audience, as it was frozen and as it can be handed over now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from pathlib import Path
from uuid import UUID

from mimcore.display import Column, Table, count, utc_minute
from mimcore.display.showing import Tabled
from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate, HandOver
from mimcore.domain.consent import Reason
from mimcore.domain.vocabularies import Channel
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.segments.audience import LABELS, RowWriter, WaterfallStep
from mimcore.segments.audiences.freezing import ENTITY
from mimcore.segments.audiences.splitting import ALL
from mimcore.segments.audiences.standing import Standing, grouped, standing
from mimcore.segments.audiences.terms import Terms
from mimcore.segments.personalisation import MergeFields, MergeValue, check_fields, declared_fallbacks
from mimcore.values.arguments import given_path

__all__ = ["AudienceRow", "FrozenAudience", "HandedOver", "frozen"]


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """One person as handed over.

    Attributes:
        group: The group of the split.
        address: The address or number that may be used.
        values: What is printed for each merge field, with source and age.
    """

    contact_id: UUID
    group: str
    address: str = field(repr=False)
    values: Mapping[str, MergeValue]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A file that was written, and what became of those who were frozen. It stands for its path.

    Attributes:
        path: Where it is; None if a program took the rows.
        columns: Its columns.
        done: What was noted of the hand-over.
    """

    path: Path | None
    columns: tuple[str, ...]
    done: HandOver

    def __fspath__(self) -> str:
        """The path, for `open` and its like."""
        return str(self.path)

    def __len__(self) -> int:
        """How many people were handed over."""
        return self.done.rows

    @property
    def removed(self) -> Mapping[str, int]:
        """How many frozen people were not handed over, by what has changed since."""
        return self.done.removed

    def __str__(self) -> str:
        """How many were handed over, and what has changed since the freezing."""
        done, place = self.done, "" if self.path is None else f"{self.path.name}: "
        lines = [f"{place}{count(done.rows)} handed over"]
        if done.removed:
            parts = ", ".join(f"{count(number)} {why.replace('_', ' ')}" for why, number in done.removed.items())
            lines.append(f"{count(sum(done.removed.values()))} removed since: {parts}")
        if done.merged:
            lines.append(f"{count(done.merged)} merged into others since")
        if done.mixed:
            lines.append(f"{count(done.mixed)} with records that were frozen in different groups")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class FrozenAudience(Tabled):
    """An audience that is kept under a key. What was frozen never changes; what is handed over is asked for anew.

    Attributes:
        key: Its key in the store.
        id: Its id, under which its events stand in the outbox.
        at: Instant of the decision.
        actor: Who froze it.
        terms: How it was asked for: rule, gate, exclusions, caps, split, fallbacks.
        counts: Members of the segment by what became of them and by group.
    """

    key: str
    id: UUID
    at: datetime
    actor: str
    terms: Terms
    counts: Mapping[tuple[Fate, str], int] = field(repr=False)
    record: AudienceRecord = field(repr=False)
    workspace: Workspace = field(repr=False, compare=False)
    write: RowWriter = field(repr=False, compare=False)

    @property
    def channel(self) -> Channel:
        """The channel."""
        return self.terms.channel

    def __len__(self) -> int:
        """How many were frozen to be handed over."""
        return self._with_fate(Fate.CHOSEN)

    @property
    def groups(self) -> Mapping[str, int]:
        """How many were frozen in each group."""
        found: Counter[str] = Counter(dict.fromkeys(self.terms.split.groups, 0))
        for (_, group), number in self.counts.items():
            if group:
                found[group] += number
        return dict(found)

    @property
    def waterfall(self) -> tuple[WaterfallStep, ...]:
        """From the members of the segment to those to be handed over; each person leaves at the first step against."""
        return tuple(self._steps())

    def _steps(self) -> Iterator[WaterfallStep]:
        left = sum(self.counts.values())
        yield WaterfallStep("members", left, 0)
        held_out = ", ".join(self.terms.split.held_out)
        gate = [(LABELS[reason], Fate(reason.value)) for reason in Reason]
        steps = [("not excluded", Fate.EXCLUDED), *gate, ("under the frequency cap", Fate.CAPPED)]
        for label, fate in [*steps, (f"not held out ({held_out})" if held_out else "not held out", Fate.HELD_OUT)]:
            lost = self._with_fate(fate)
            left -= lost
            yield WaterfallStep(label, left, lost)

    def _with_fate(self, fate: Fate) -> int:
        return sum(number for (one, _), number in self.counts.items() if one is fate)

    def table(self) -> Table:
        """The waterfall as a table."""
        rows = [(step.label, step.left, step.lost or "") for step in self.waterfall]
        title = f"Audience '{self.key}': {self.channel} for {self.terms.purpose}"
        terms = self.terms
        source = f"'{terms.segment}' (version {terms.segment_version})" if terms.segment else f"rule {terms.rule_hash}"
        caption = f"frozen {utc_minute(self.at)} from {source}"
        return Table.of(("step", "left", Column("lost", "right")), rows, title=title, caption=caption)

    def members(self) -> tuple[AudienceMember, ...]:
        """Return what became of each member of the segment, exactly as it was frozen, ordered by contact."""
        with self.workspace.read() as work:
            return tuple(work.transaction.audiences.members(self.id))

    def group(self, name: str) -> tuple[UUID, ...]:
        """Return the people of a group by the ids that they have now, whether or not they may be contacted.

        Args:
            name: A group of the split.

        Raises:
            InvalidValueError: If there is no such group.
        """
        (wanted,) = self.terms.split.known([name])
        with self.workspace.read() as work:
            places = grouped(work, work.transaction.audiences.members(self.id))
        return tuple(one for one, place in places.items() if place.group == wanted)

    def mixed(self) -> tuple[UUID, ...]:
        """Return the people whose records were frozen in different groups: leave them out of a comparison."""
        with self.workspace.read() as work:
            places = grouped(work, work.transaction.audiences.members(self.id))
        return tuple(one for one, place in places.items() if place.is_mixed)

    def hand_overs(self) -> tuple[HandOver, ...]:
        """Return when which groups were handed over, oldest first."""
        with self.workspace.read() as work:
            return tuple(work.transaction.audiences.hand_overs(self.id))

    def rows(
        self,
        fields: Sequence[str] = (),
        *,
        groups: Iterable[str] | None = None,
        fallbacks: Mapping[str, str] | None = None,
    ) -> tuple[AudienceRow, ...]:
        """Return those who may be contacted now, with what is printed for them; nothing is noted.

        Args:
            fields: Merge fields: `salutation`, or short names of contact fields.
            groups: Only these; all that are not held out unless given.
            fallbacks: Other fallbacks than the frozen ones, by field.

        Raises:
            UnknownFieldError: If a merge field is not declared.
            InvalidValueError: If one must not be printed, or a group is held out or not there.
        """
        wanted = self.terms.split.chosen(groups)
        with self.workspace.read() as work:
            people = self._standing(work, fields, wanted).people
            merge = self._merge_fields(work, [one.contact.id for one in people], fallbacks)
        return tuple(
            AudienceRow(
                one.contact.id, one.group, one.point.value, {name: merge.told(one.contact, name) for name in fields}
            )
            for one in people
        )

    def fallback_share(self, fields: Sequence[str]) -> Mapping[str, float]:
        """Return, per merge field, the share of those who may be contacted now who get the fallback (0-1)."""
        with self.workspace.read() as work:
            people = [one.contact for one in self._standing(work, fields, self.terms.split.chosen(None)).people]
            return self._merge_fields(work, [one.id for one in people]).fallback_share(people, fields)

    def fallback_table(self, fields: Sequence[str]) -> Table:
        """Return how many get the value of each merge field, and why the others get the fallback."""
        with self.workspace.read() as work:
            people = [one.contact for one in self._standing(work, fields, self.terms.split.chosen(None)).people]
            return self._merge_fields(work, [one.id for one in people]).fallback_table(people, fields)

    def export(
        self,
        path: str | PathLike[str],
        *,
        fields: Sequence[str] = (),
        groups: Iterable[str] | None = None,
        provenance: bool = False,
        fallbacks: Mapping[str, str] | None = None,
        for_: str | None = None,
        actor: str | None = None,
    ) -> HandedOver:
        """Write those who may be contacted now to a file, and note the hand-over.

        Doubtful, stale or missing values use the declared fallback. In the `spreadsheet` form no cell can be read as a
        formula; the `machine` form is exact.

        Args:
            path: Where to write: `.csv`, `.jsonl`, `.parquet` or `.arrow`; an existing file is replaced at the end, in
                one step.
            fields: Merge fields: `salutation`, or short names of contact fields.
            groups: Only these; all that are not held out unless given.
            provenance: Whether source, day of the newest sight and doubt stand behind each field.
            fallbacks: Other fallbacks than the frozen ones, by field.
            for_: `spreadsheet` or `machine`; a CSV file is for spreadsheets unless given, everything else for machines.
            actor: Who hands it over.

        Returns:
            The file, and how many were not handed over because of what has changed since the freezing.

        Raises:
            UnknownFieldError: If a merge field is not declared.
            InvalidValueError: If one must not be printed, or a group is held out or not there; nothing is written.
            CaptureError: If the system refuses; nothing is noted then.
        """
        wanted, place = self.terms.split.chosen(groups), given_path(path, "path")
        with self.workspace.begin(actor=actor) as work:
            now = self._standing(work, fields, wanted)
            merge = self._merge_fields(work, [one.contact.id for one in now.people], fallbacks)
            before = ["contact_id", *(["group"] if self._is_split else []), self.channel.value]
            headers = [*before, *merge.columns(fields, provenance=provenance)]
            rows = (
                [
                    str(one.contact.id),
                    *([one.group] if self._is_split else []),
                    one.point.value,
                    *merge.cells(one.contact, fields, provenance=provenance),
                ]
                for one in now.people
            )
            done = self._note(work, now, wanted, place.suffix.removeprefix("."))
            self.write(place, headers, rows, for_)
        return HandedOver(place, tuple(headers), done)

    def handed_over(self, *, groups: Iterable[str] | None = None, actor: str | None = None) -> HandedOver:
        """Note that a program has taken the rows, so that they count for frequency caps.

        Args:
            groups: Only these; all that are not held out unless given.
            actor: Who handed it over.
        """
        wanted = self.terms.split.chosen(groups)
        with self.workspace.begin(actor=actor) as work:
            done = self._note(work, self._standing(work, (), wanted), wanted, "rows")
        return HandedOver(None, (), done)

    @property
    def _is_split(self) -> bool:
        return self.terms.split.groups != (ALL,)

    def _standing(self, work: UnitOfWork, fields: Sequence[str], groups: Sequence[str]) -> Standing:
        check_fields(fields, work.catalogue)
        return standing(work, self.record, self.terms, groups)

    def _merge_fields(
        self, work: UnitOfWork, ids: Sequence[UUID], fallbacks: Mapping[str, str] | None = None
    ) -> MergeFields:
        freshness = work.transaction.freshness
        declared = {**self.terms.fallbacks, **declared_fallbacks(fallbacks)}
        at = work.origin.recorded_at
        return MergeFields(freshness.of(ids), freshness.half_lives(), at, declared, work.catalogue.extended(()))

    def _note(self, work: UnitOfWork, now: Standing, groups: Sequence[str], form: str) -> HandOver:
        at, actor = work.origin.recorded_at, work.origin.actor
        number = len(now.people)
        done = HandOver(self.id, at, actor, tuple(groups), form, number, now.removed, now.merged, len(now.mixed))
        work.transaction.audiences.add_hand_over(done)
        data = {
            "key": self.key,
            "channel": self.channel.value,
            "purpose": self.terms.purpose,
            "campaign": self.terms.campaign,
            "groups": list(groups),
            "form": form,
            "rows": number,
            "removed": dict(now.removed),
            "merged": now.merged,
            "mixed": done.mixed,
        }
        work.transaction.outbox.append([OutboxEvent("audience_handed_over", ENTITY, self.id, 1, at, data)])
        return done


def frozen(work: UnitOfWork, record: AudienceRecord, workspace: Workspace, write: RowWriter) -> FrozenAudience:
    """Return a stored audience.

    Args:
        work: Open unit of work.
        record: What is stored of it.
        workspace: The store.
        write: Writes its exports.
    """
    tally = work.transaction.audiences.tally(record.id)
    terms = Terms.from_data(record.terms)
    return FrozenAudience(record.key, record.id, record.at, record.actor, terms, dict(tally), record, workspace, write)
