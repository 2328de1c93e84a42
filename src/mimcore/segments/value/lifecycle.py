"""Where a customer stands between a first visit and a lost account: stages as rules, thresholds as data.

Every stage is a rule of counts of events, which are never missing: exactly one of them is true for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from mimcore.display import Table
from mimcore.display.style import fragment
from mimcore.domain import fields as f
from mimcore.domain.custom.fields import attribute
from mimcore.domain.declaring.entity import Key
from mimcore.domain.interaction import Interaction
from mimcore.domain.segment import Segment
from mimcore.errors import InvalidValueError
from mimcore.repositories.reading import not_found
from mimcore.rules.evaluation.evaluator import evaluate
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.language.nodes import Rule
from mimcore.rules.writing.fields import CodeField
from mimcore.values.model import FrozenModel

__all__ = ["ATTRIBUTE", "Lifecycle", "Stage", "segment_key"]

ATTRIBUTE = "lifecycle"
"""Name of the attribute that holds the stage, and the beginning of the segments' keys."""

_Days = Annotated[int, Field(ge=1, le=36_525)]


class Stage(StrEnum):
    """Stages of a consumer's lifecycle, from the first visit on."""

    VISITOR = "visitor"
    LEAD = "lead"
    NEW = "new"
    ACTIVE = "active"
    REPEAT = "repeat"
    LOYAL = "loyal"
    SLIPPING = "slipping"
    LAPSED = "lapsed"
    WON_BACK = "won_back"


def segment_key(stage: Stage) -> str:
    """Return the key of a stage's segment.

    Examples:
        >>> segment_key(Stage.WON_BACK)
        'lifecycle-won-back'
    """
    return f"{ATTRIBUTE}-{stage.value.replace('_', '-')}"


class Lifecycle(FrozenModel):
    """The definition of the stages; it prints itself.

    Attributes:
        purchase: Kind of event that is a purchase.
        lead_kinds: Kinds of events that make a lead of somebody who has not bought.
        new_days: How long after the only purchase somebody is new; at most `slipping_days`.
        loyal_purchases: How many purchases make somebody loyal, 2 or more.
        loyal_days: Within how many days they must lie.
        slipping_days: After how many days without a purchase somebody is slipping.
        lapsed_days: After how many somebody has lapsed; more than `slipping_days`.
        won_back_days: How long after coming back from a longer gap somebody is won back; at most `slipping_days`.

    Raises:
        InvalidValueError: If the thresholds contradict each other.
        UnknownFieldError: If a kind of event is not declared, with the nearest one.

    Examples:
        >>> lifecycle = Lifecycle(slipping_days=60)
        >>> lifecycle.stage_of([], now=datetime.fromisoformat("2026-06-01T12:00+00:00")).value
        'visitor'
    """

    purchase: Key = "purchase"
    lead_kinds: Annotated[tuple[Key, ...], Field(min_length=1)] = (
        "form_submit",
        "download",
        "demo_request",
        "trial_started",
        "event_attended",
    )
    new_days: _Days = 30
    loyal_purchases: Annotated[int, Field(ge=2, le=1000)] = 4
    loyal_days: _Days = 365
    slipping_days: _Days = 90
    lapsed_days: _Days = 365
    won_back_days: _Days = 30

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.slipping_days >= self.lapsed_days:
            raise InvalidValueError("slipping_days", "is not less than lapsed_days", "somebody slips before they lapse")
        for name in ("new_days", "won_back_days"):
            if getattr(self, name) > self.slipping_days:
                raise InvalidValueError(name, "is more than slipping_days", "nobody is new, or won back, and slipping")
        self.rules()
        return self

    @property
    def field(self) -> CodeField:
        """The attribute that a store keeps the stage in: `lifecycle.field == "lapsed"`."""
        return attribute(ATTRIBUTE, options=[one.value for one in Stage], description="Stage of the lifecycle.")

    def rule(self, stage: Stage | str) -> Rule:
        """Return the rule of a stage.

        Args:
            stage: One of the nine, such as `lapsed`.

        Raises:
            NotFoundError: If there is no such stage, with the nearest one.
        """
        names = [one.value for one in Stage]
        if stage not in names:
            raise not_found("stage", stage, names, where="in this lifecycle")
        return self.rules()[Stage(stage)]

    def rules(self) -> Mapping[Stage, Rule]:
        """Return the rule of every stage: exactly one of them is true for everybody."""
        bought = f.contact.events(self.purchase)
        never, once, again = bought.count() == 0, bought.count() == 1, bought.count() >= 2
        is_lead = self._is_lead()
        lately, in_time = (bought.count(within_days=days) >= 1 for days in (self.slipping_days, self.lapsed_days))
        is_new = bought.count(within_days=self.new_days) >= 1
        is_loyal = bought.count(within_days=self.loyal_days) >= self.loyal_purchases
        is_back = bought.restarted(gap_days=self.lapsed_days, within_days=self.won_back_days)
        return {
            Stage.VISITOR: never & ~is_lead,
            Stage.LEAD: never & is_lead,
            Stage.NEW: once & is_new,
            Stage.ACTIVE: once & lately & ~is_new,
            Stage.REPEAT: again & lately & ~is_back & ~is_loyal,
            Stage.LOYAL: is_loyal & lately & ~is_back,
            Stage.SLIPPING: in_time & ~lately,
            Stage.LAPSED: ~never & ~in_time,
            Stage.WON_BACK: is_back,
        }

    def _is_lead(self) -> Rule:
        first, *others = (f.contact.events(kind).count() >= 1 for kind in self.lead_kinds)
        for one in others:
            first |= one
        return first

    def stage_of(self, events: Iterable[Interaction], *, now: datetime) -> Stage:
        """Return the stage of somebody with these events at an instant.

        Args:
            events: Everything that happened; what lies after the instant does not count.
            now: The instant.
        """
        facts = Facts(contact=None, events=tuple(events), now=now)
        return next(stage for stage, rule in self.rules().items() if evaluate(rule, facts) is True)

    def segments(self) -> tuple[Segment, ...]:
        """Return a segment for each stage."""
        return tuple(
            Segment(
                key=segment_key(stage),
                name=f"Lifecycle: {stage.value.replace('_', ' ')}",
                description=self.words(stage),
                rule=rule,
                tags=(ATTRIBUTE,),
            )
            for stage, rule in self.rules().items()
        )

    def words(self, stage: Stage) -> str:
        """Say who is in a stage."""
        lately = f"within the last {self.slipping_days} days"
        words = {
            Stage.VISITOR: "never bought, and did nothing that makes a lead",
            Stage.LEAD: f"never bought, but did one of: {', '.join(self.lead_kinds)}",
            Stage.NEW: f"bought once, within the last {self.new_days} days",
            Stage.ACTIVE: f"bought once, {self.new_days} to {self.slipping_days} days ago",
            Stage.REPEAT: f"bought more than once, {lately} too, not yet loyal",
            Stage.LOYAL: f"bought {self.loyal_purchases} times in {self.loyal_days} days, {lately} too",
            Stage.SLIPPING: f"bought last {self.slipping_days} to {self.lapsed_days} days ago",
            Stage.LAPSED: f"bought last more than {self.lapsed_days} days ago",
            Stage.WON_BACK: f"back within {self.won_back_days} days, after more than {self.lapsed_days} without",
        }
        return words[stage]

    def table(self) -> Table:
        """A line for each stage."""
        rows: Sequence[tuple[Any, ...]] = [(stage.value, self.words(stage)) for stage in Stage]
        return Table.of(("stage", "who"), rows, title="Lifecycle")

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return fragment(self.table().html())
