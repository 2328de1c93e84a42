"""Sources of information: who told us, how reliable that is, and when the next delivery is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self, Unpack

from pydantic import Field, model_validator

from mimcore.domain.declaring.attributes import LongText, Tags, Text
from mimcore.domain.declaring.entity import Entity, Key
from mimcore.domain.evidence import Evidence
from mimcore.errors import InvalidValueError
from mimcore.values.instants import LocalDate

if TYPE_CHECKING:
    from mimcore.domain.generated.signatures_entities import SourceArguments

__all__ = ["DEFAULT_RELIABILITY", "Source", "SourceBlock"]

DEFAULT_RELIABILITY = 0.98
"""Probability that a value from a source nobody has rated is right when it arrives (judgement)."""

Rate = Annotated[float, Field(ge=0, le=1)]


class SourceBlock(StrEnum):
    """The four building blocks of a marketing information system."""

    INTERNAL = "internal"
    THIRD_PARTY = "third_party"
    INTELLIGENCE = "intelligence"
    RESEARCH = "research"


class Source(Entity):
    """A source in the catalogue.

    Attributes:
        reliability: Probability, 0-1, that a value is right when it arrives.
        sensitivity: Probability that the source says "valid" of a value that is right, whatever kind of check it
            makes; None leaves it to the kind of check.
        false_confirmation: Probability that it says "valid" of a value that is wrong; below `sensitivity`, and given
            together with it.
        refresh_days: Rhythm of deliveries; None for a source without one.
    """

    key: Key
    name: Text = None
    block: SourceBlock = SourceBlock.INTERNAL
    description: LongText = None
    owner: Text = None
    priority: Annotated[int | None, Field(ge=1, le=1000)] = None
    reliability: Annotated[float, Field(gt=0, le=1)] = DEFAULT_RELIABILITY
    sensitivity: Rate | None = None
    false_confirmation: Rate | None = None
    refresh_days: Annotated[int | None, Field(ge=1, le=3660)] = None
    planned_from: LocalDate | None = None
    tags: Tags = ()

    if TYPE_CHECKING:

        def __init__(self, **data: Unpack[SourceArguments]) -> None:
            """Take the fields by name; see the class."""

    @model_validator(mode="after")
    def _informative(self) -> Self:
        if self.sensitivity is None and self.false_confirmation is None:
            return self
        if self.sensitivity is None or self.false_confirmation is None:
            missing = "sensitivity" if self.sensitivity is None else "false_confirmation"
            raise InvalidValueError(missing, "is missing", "give both rates of the source's checks, or neither")
        if self.false_confirmation >= self.sensitivity:
            remedy = "a check that says 'valid' as often of wrong values as of right ones tells nothing"
            raise InvalidValueError("false_confirmation", "must be below sensitivity", remedy)
        return self

    def weight_of(self, check: Evidence) -> Evidence:
        """Return how much a check of a kind tells when this source makes it: its own rates, if it has any.

        Args:
            check: The kind of check.
        """
        if self.sensitivity is None or self.false_confirmation is None or check.is_silent:
            return check
        return replace(check, sensitivity=self.sensitivity, false_confirmation=self.false_confirmation)

    def next_due(self, last_delivery: date | None) -> date | None:
        """Return the day on which the next delivery is due, at most the calendar's last; None without a rhythm.

        Args:
            last_delivery: Day of the newest delivery; None means it is due from `planned_from`.

        Examples:
            >>> Source(key="crm", refresh_days=7).next_due(date(2026, 3, 1))
            datetime.date(2026, 3, 8)
        """
        if self.refresh_days is None:
            return None
        if last_delivery is None:
            return self.planned_from
        left = (date.max - last_delivery).days
        return last_delivery + timedelta(days=min(self.refresh_days, left))

    def is_overdue(self, last_delivery: date | None, today: date) -> bool:
        """Tell whether a delivery should have come before `today`."""
        due = self.next_due(last_delivery)
        return due is not None and due < today
