"""Campaigns: a goal, a period, a budget, the channels, and what was expected of them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self, Unpack

from pydantic import BeforeValidator, Field, model_validator

from mimcore.domain.declaring.attributes import Codes, LongText, Tags, Text, is_listed
from mimcore.domain.declaring.entity import Entity, Key
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.values.instants import LocalDate
from mimcore.values.mapping import FrozenMapping
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_entities import CampaignArguments, PeriodArguments

__all__ = ["Campaign", "CampaignStatus", "Period"]


class CampaignStatus(StrEnum):
    """Life of a campaign."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Period(FrozenModel):
    """Local days from `start_on` to `end_on`, both included."""

    start_on: LocalDate
    end_on: LocalDate

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[PeriodArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_on < self.start_on:
            raise InvalidValueError("end_on", "is before the start", "give the first day first")
        return self

    @property
    def days(self) -> int:
        """Number of days, at least 1."""
        return (self.end_on - self.start_on).days + 1


def _period(value: object) -> object:
    return {"start_on": value[0], "end_on": value[1]} if is_listed(value) and len(value) == 2 else value


class Campaign(Entity):
    """A planned effort with a goal.

    Attributes:
        runs: First and last local day.
        budget: What may be spent; not negative.
        expects: Expected figures by KPI.
        because: Keys of earlier campaigns or findings that the expectation rests on.

    Examples:
        >>> spring = Campaign(key="spring", goal="more-leads", runs=("2026-03-01", "2026-04-15"))
        >>> spring.runs.days, spring.is_active_on(date(2026, 4, 15))
        (46, True)
    """

    key: Key
    name: Text = None
    goal: Key | None = None
    description: LongText = None
    status: CampaignStatus = CampaignStatus.DRAFT
    channels: Annotated[tuple[Channel, ...], Codes] = ()
    runs: Annotated[Period | None, BeforeValidator(_period)] = None
    budget: Money | None = None
    expects: FrozenMapping[float] = FrozenMapping()
    because: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    tags: Tags = ()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[CampaignArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.budget is not None and self.budget.minor_units < 0:
            raise InvalidValueError("budget", "is negative", "give what may be spent")
        if self.status in {CampaignStatus.RUNNING, CampaignStatus.ENDED} and self.runs is None:
            raise InvalidValueError(
                "runs", f"is required for a campaign that is {self.status}", "give first and last day"
            )
        if self.key in self.because:
            raise InvalidValueError("because", "rests on the campaign itself", "name earlier campaigns or findings")
        return self

    def is_active_on(self, day: date) -> bool:
        """Tell whether a local day lies in the campaign's period; a cancelled campaign is never active."""
        runs = self.runs
        return runs is not None and self.status is not CampaignStatus.CANCELLED and runs.start_on <= day <= runs.end_on

    def pacing(self, spent: Money, day: date) -> float | None:
        """Return spending relative to time: 1.0 is on plan, 1.5 is half as fast again.

        Formula: (spent / budget) / (days begun / days in all).

        Args:
            spent: What was spent up to and including `day`, in the budget's currency.
            day: A local day.

        Returns:
            None before the start, or without a period or a budget.

        Raises:
            InvalidValueError: If the currencies differ.

        Examples:
            >>> from mimcore.values.money import money
            >>> plan = Campaign(key="x", runs=("2026-01-01", "2026-01-20"), budget=money(20_000, "DKK"))
            >>> plan.pacing(money(15_000, "DKK"), date(2026, 1, 10))
            1.5
        """
        runs, budget = self.runs, self.budget
        if runs is None or budget is None or day < runs.start_on or not budget.minor_units:
            return None
        if spent.currency != budget.currency:
            raise InvalidValueError(
                "spent", "is in another currency than the budget", f"convert it to {budget.currency}"
            )
        begun = min((day - runs.start_on).days + 1, runs.days)
        return (spent.minor_units / budget.minor_units) / (begun / runs.days)
