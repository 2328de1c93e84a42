"""Leads: a contact's way through the funnel, step by allowed step."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self, Unpack

from pydantic import Field, model_validator

from mimcore.domain.declaring.attributes import LongText, Records, Text
from mimcore.domain.declaring.entity import Entity, Key, Reference, is_as_stored
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError, TransitionError
from mimcore.values.instants import Instant, as_instant
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_entities import LeadArguments, LeadStepArguments

__all__ = ["Lead", "LeadStage", "LeadStep"]


class LeadStage(StrEnum):
    """Stages of the funnel (marketing-qualified, sales-accepted, sales-qualified lead)."""

    NEW = "new"
    NURTURING = "nurturing"
    MQL = "mql"
    SAL = "sal"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"


_FORWARD: dict[LeadStage, frozenset[LeadStage]] = {
    LeadStage.NEW: frozenset({LeadStage.NURTURING, LeadStage.MQL, LeadStage.LOST}),
    LeadStage.NURTURING: frozenset({LeadStage.MQL, LeadStage.LOST}),
    LeadStage.MQL: frozenset({LeadStage.SAL, LeadStage.NURTURING, LeadStage.LOST}),
    LeadStage.SAL: frozenset({LeadStage.SQL, LeadStage.NURTURING, LeadStage.LOST}),
    LeadStage.SQL: frozenset({LeadStage.OPPORTUNITY, LeadStage.NURTURING, LeadStage.LOST}),
    LeadStage.OPPORTUNITY: frozenset({LeadStage.WON, LeadStage.LOST, LeadStage.NURTURING}),
    LeadStage.WON: frozenset(),
    LeadStage.LOST: frozenset({LeadStage.NURTURING}),
}


class LeadStep(FrozenModel):
    """One step: the stage that was reached, when, and why."""

    stage: LeadStage
    at: Instant
    reason: Text = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[LeadStepArguments]) -> None:
            """Take the fields by name; see the class."""


class Lead(Entity):
    """A chance to win a contact, from capture to won or lost.

    Attributes:
        steps: The way so far, oldest first; the stage is the last step's, and a lost one says why.
        score: Present score; meaning and scale are the scorecard's.
    """

    contact_id: Reference
    captured_at: Instant
    channel: Channel | None = None
    source: Text = None
    campaign: Key | None = None
    owner: Text = None
    score: Annotated[float | None, Field(allow_inf_nan=False)] = None
    expected_value: Money | None = None
    steps: Annotated[tuple[LeadStep, ...], Records] = ()
    notes: LongText = None

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[LeadArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _allowed_way(self) -> Self:
        stage, at = LeadStage.NEW, self.captured_at
        for step in self.steps:
            if step.stage not in _FORWARD[stage]:
                raise InvalidValueError(
                    "steps", f"go from {stage} to {step.stage}", f"allowed: {_named(_FORWARD[stage])}"
                )
            if step.at < at:
                raise InvalidValueError("steps", "go back in time", "order them by time, after captured_at")
            stage, at = step.stage, step.at
        return self

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        is_lost = any(one.stage is LeadStage.LOST and not one.reason for one in self.steps)
        if is_lost and not is_as_stored():
            raise InvalidValueError("reason", "is required for a lost lead", "say why it was lost")
        return self

    @property
    def stage(self) -> LeadStage:
        """Where the lead stands."""
        return self.steps[-1].stage if self.steps else LeadStage.NEW

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.stage not in {LeadStage.WON, LeadStage.LOST}

    def advance(self, stage: LeadStage | str, *, at: datetime | str, reason: str | None = None) -> Lead:
        """Return the lead one step further.

        Args:
            stage: The stage that is reached.
            at: When; not before the last step.
            reason: Why; required for `lost`.

        Raises:
            TransitionError: If the funnel does not allow the step; the message lists the allowed ones.
            InvalidValueError: If the reason for a loss is missing, or time goes back.
        """
        target = LeadStage(stage) if stage in list(LeadStage) else None  # not a set: what came may have no hash
        if target is None or target not in _FORWARD[self.stage]:
            raise TransitionError(
                f"a lead in stage {self.stage} cannot step there; allowed: {_named(_FORWARD[self.stage])}"
            )
        return self.evolve(steps=(*self.steps, LeadStep(stage=target, at=as_instant(at, "at"), reason=reason)))

    def days_in_stage(self, now: datetime) -> float:
        """Return the days since the last step.

        Args:
            now: Aware instant, not before the last step.
        """
        since = self.steps[-1].at if self.steps else self.captured_at
        return max(0.0, (as_instant(now, "now") - since).total_seconds() / 86_400)


def _named(stages: frozenset[LeadStage]) -> str:
    return ", ".join(sorted(stages)) or "none: the stage is final"
