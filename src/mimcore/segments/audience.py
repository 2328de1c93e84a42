"""Audiences: the members of a segment who may be contacted, and why each of the others may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from mimcore.display import Table, count, utc_minute
from mimcore.display.style import fragment
from mimcore.domain.consent import Reason
from mimcore.domain.contact import Contact
from mimcore.domain.points import ContactPoint
from mimcore.domain.vocabularies import Channel
from mimcore.errors import ConsentError
from mimcore.repositories.consenting import as_channel
from mimcore.repositories.portions import portions
from mimcore.repositories.reaching import decided, people_of, point_kind
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.language.nodes import Rule
from mimcore.segments.personalisation import MergeFields, check_fields
from mimcore.values.arguments import given_path

__all__ = ["LABELS", "Audience", "Recipient", "RowWriter", "WaterfallStep", "make_audience"]

RowWriter = Callable[[Path, Sequence[str], Iterable[Sequence[str]], str | None], None]
"""Writes headers and rows to a file, for a `spreadsheet` or a `machine`, or as the name of the file tells."""

LABELS: Mapping[Reason, str] = {
    Reason.NO_ADDRESS: "have an address",
    Reason.NO_CONSENT: "consented",
    Reason.WITHDRAWN: "did not withdraw",
    Reason.SUPPRESSED: "not suppressed",
    Reason.UNDELIVERABLE: "deliverable",
    Reason.STALE: "address fresh enough",
}
"""What those who are left at a step of the waterfall have in common."""

_PORTION = 2000


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person of an audience, with the contact point that the gate allowed."""

    contact_id: UUID
    point: ContactPoint
    _held: Mapping[UUID, Contact] = field(repr=False, compare=False)

    @property
    def contact(self) -> Contact:
        """The person as they stood when the audience was decided; made when it is asked for."""
        return self._held[self.contact_id]


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """How many are left after a step, and how many it took out."""

    label: str
    left: int
    lost: int


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of a segment who may be contacted on a channel for a purpose, decided at one instant.

    Attributes:
        rule: The segment's rule.
        channel: Channel.
        purpose: Declared purpose.
        at: Instant of the decision.
        recipients: Who may be contacted.
        excluded: Why each of the other members may not be, by contact id.
        waterfall: From members to recipients; each person leaves at the first reason against.
    """

    rule: Rule
    channel: Channel
    purpose: str
    at: datetime
    recipients: tuple[Recipient, ...] = field(repr=False)
    excluded: Mapping[UUID, tuple[Reason, ...]] = field(repr=False)
    waterfall: tuple[WaterfallStep, ...]
    merge_fields: MergeFields = field(repr=False)
    write: RowWriter = field(repr=False)
    workspace: Workspace = field(repr=False)

    def __len__(self) -> int:
        """Number of recipients."""
        return len(self.recipients)

    def table(self) -> Table:
        """The waterfall as a table."""
        rows = [(step.label, step.left, step.lost or "") for step in self.waterfall]
        title = f"Audience: {self.channel} for {self.purpose}"
        return Table.of(("step", "left", "lost"), rows, title=title, caption=f"decided {utc_minute(self.at)}")

    def __str__(self) -> str:
        """One line: `12 040 members → 9 311 consented → …`."""
        return " → ".join(f"{count(step.left)} {_label(step)}" for step in self.waterfall)

    def _repr_html_(self) -> str:
        return fragment(self.table().html())

    def fallback_share(self, fields: Sequence[str]) -> Mapping[str, float]:
        """Return, per merge field, the share of recipients who get the fallback (0-1), before anything is sent."""
        check_fields(fields, self.merge_fields.catalogue)
        return self.merge_fields.fallback_share((one.contact for one in self.recipients), fields)

    def fallback_table(self, fields: Sequence[str]) -> Table:
        """Return how many recipients get the value of each merge field, and why the others get the fallback."""
        check_fields(fields, self.merge_fields.catalogue)
        return self.merge_fields.fallback_table((one.contact for one in self.recipients), fields)

    def export(
        self, path: str | Path, *, fields: Sequence[str] = (), provenance: bool = False, for_: str | None = None
    ) -> Path:
        """Write the recipients to a file: id, address, and the merge fields.

        The gate is asked again, at the store's clock: an audience that was decided before somebody withdrew, or of a
        past store, hands out no address.

        Doubtful, stale or missing values use the declared fallback. In the `spreadsheet` form no cell can be read as a
        formula; the `machine` form is exact.

        Args:
            path: Where to write: `.csv`, `.jsonl`, `.parquet` or `.arrow`; an existing file is replaced at the end, in
                one step.
            fields: Merge fields: `salutation`, or short names of contact fields.
            provenance: Whether source, day of the newest sight and doubt stand behind each field.
            for_: `spreadsheet` or `machine`; a CSV file is for spreadsheets unless given, everything else for machines.

        Returns:
            The path.

        Raises:
            UnknownFieldError: If a merge field is not declared.
            InvalidValueError: If one must not be printed, such as special-category data; nothing is written then.
            ConsentError: If somebody may not be contacted any more, or the audience is of the past; nothing is
                written then. A frozen audience leaves such people out instead, and tells how many.
        """
        self._ask_again()
        check_fields(fields, self.merge_fields.catalogue)
        merge = self.merge_fields
        headers = ["contact_id", self.channel.value, *merge.columns(fields, provenance=provenance)]
        rows = (
            [
                str(one.contact_id),
                one.point.value,
                *(merge.cells(one.contact, fields, provenance=provenance) if fields else ()),
            ]
            for one in self.recipients
        )
        place = given_path(path, "path")
        self.write(place, headers, rows, for_)
        return place

    def _ask_again(self) -> None:
        with self.workspace.read() as work:
            if work.transaction.past is not None:
                raise ConsentError("this audience is of the past, whose addresses go to nobody: ask the present store")
            lost = self._lost(work)
        if lost:
            raise ConsentError(
                f"{count(lost)} of {count(len(self))} people may not be contacted any more as "
                f"decided {utc_minute(self.at)}: "
                "ask for the audience again, or freeze it, which leaves them out when it is handed over"
            )

    def _lost(self, work: UnitOfWork) -> int:
        """Return how many recipients must not be contacted at their point now, whatever became of either."""
        held = {one.contact_id: one.point for one in self.recipients}
        contacts, kind = work.transaction.contacts, point_kind(self.channel)
        answers = decided(
            work.gate,
            people_of(contacts, held, self.channel),
            channel=self.channel,
            purpose=self.purpose,
            at=work.origin.recorded_at,
            preferred=frozenset(point.id for point in held.values()),
        )
        lost = {one for one, point, decision in answers if not decision or point is None or point.id != held[one].id}
        for portion in portions(held, _PORTION):
            active = contacts.with_points(kind, {held[one].match_key for one in portion})
            lost.update(one for one in portion if one not in active.get(held[one].match_key, ()))
        return len(lost)


def _label(step: WaterfallStep) -> str:
    return step.label.removesuffix("s") if step.left == 1 and step.label == "members" else step.label


def make_audience(  # one call, one decision: everything that bounds an audience is named here
    work: UnitOfWork,
    rule: Rule,
    *,
    channel: Channel | str,
    purpose: str,
    least_freshness: float,
    fallbacks: Mapping[str, str],
    write: RowWriter,
    workspace: Workspace,
    now: datetime | None = None,
) -> Audience:
    """Lead the members of a segment through the consent gate.

    Args:
        work: Open unit of work.
        rule: The segment's rule.
        channel: email, sms or phone.
        purpose: Declared purpose.
        least_freshness: Addresses must be right with at least this probability, 0-1; 0 asks for nothing.
        fallbacks: What stands for a doubtful, stale or missing merge field, by field.
        write: Writes the export.
        workspace: The store, which is asked again before addresses are written.
        now: Instant of the decision; the unit of work's unless given.
    """
    used, at = as_channel(channel), work.origin.asked_at(now)
    contacts, freshness = work.transaction.contacts, work.transaction.freshness
    people = people_of(contacts, work.contacts.ids(rule, now=at), used)
    allowed: dict[UUID, ContactPoint] = {}
    excluded: dict[UUID, tuple[Reason, ...]] = {}
    for one, point, decision in decided(
        work.gate, people, channel=used, purpose=purpose, at=at, least_freshness=least_freshness
    ):
        if decision and point is not None:
            allowed[one] = point
        else:
            excluded[one] = decision.reasons
    held = contacts.held(allowed)
    recipients = tuple(Recipient(one, point, held) for one, point in allowed.items())
    catalogue = work.catalogue.extended(())
    merge = MergeFields(freshness.held(allowed), freshness.half_lives(), at, dict(fallbacks), catalogue)
    steps = _waterfall(len(allowed) + len(excluded), excluded.values())
    return Audience(rule, used, purpose, at, recipients, excluded, steps, merge, write, workspace)


def _waterfall(members: int, excluded: Iterable[tuple[Reason, ...]]) -> tuple[WaterfallStep, ...]:
    first = Counter(reasons[0] for reasons in excluded)
    steps, left = [WaterfallStep("members", members, 0)], members
    for reason in Reason:
        left -= first[reason]
        steps.append(WaterfallStep(LABELS[reason], left, first[reason]))
    return tuple(steps)
