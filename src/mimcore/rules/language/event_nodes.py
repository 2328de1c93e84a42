"""Conditions on what happened: counts and sums of events, their first and last, sequences and rhythms.

Visible are the events at or before `now`. A condition `where` on the events keeps those for which it is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field as Described
from pydantic import StrictInt

from mimcore.rules.language.rule import Comparing, Days, FieldName, Key, Node, Rule, Scalar

if TYPE_CHECKING:
    from mimcore.rules.language.nodes import AnyRule

__all__ = [
    "EventMoment",
    "EventPattern",
    "EventRegularity",
    "EventRestart",
    "EventSequence",
    "EventStart",
    "EventTest",
]

Positive = Annotated[StrictInt, Described(ge=1, le=36_525)]


class EventTest(Rule):
    """A measure of events, compared: their number, or total, minimum, maximum or average of their money or quantity.

    No events count 0 and total 0; the other measures of none are missing.
    """

    op: Literal["event_count", "event_total", "event_minimum", "event_maximum", "event_average"]
    kind: Key
    of: FieldName | None = None
    within_days: Days | None = None
    where: AnyRule | None = None
    comparison: Comparing
    value: Scalar

    def parts(self) -> tuple[Rule, ...]:
        """The condition on the events, if there is one."""
        return () if self.where is None else (self.where,)


class EventMoment(Rule):
    """When the first or the last event was; missing where there is none."""

    op: Literal["first_event", "last_event"]
    kind: Key
    within_days: Days | None = None
    where: AnyRule | None = None
    comparison: Literal["at_least", "more_than", "at_most", "less_than", "within_last_days", "older_than_days"]
    value: Scalar

    def parts(self) -> tuple[Rule, ...]:
        """The condition on the events, if there is one."""
        return () if self.where is None else (self.where,)


class EventPattern(Node):
    """Events of a kind, perhaps only those for which a condition is true."""

    kind: Key
    where: AnyRule | None = None

    def parts(self) -> tuple[Rule, ...]:
        """The condition, if there is one."""
        return () if self.where is None else (self.where,)


class EventSequence(Rule):
    """Some event of the first pattern is followed by one of the second within n days, and not at the same instant.

    With `since_days`, both lie in the window `[now − since_days, now]`.
    """

    op: Literal["event_sequence"] = "event_sequence"
    first: EventPattern
    then: EventPattern
    within_days: Positive
    since_days: Days | None = None

    def parts(self) -> tuple[Rule, ...]:
        """The conditions on the events."""
        return (*self.first.parts(), *self.then.parts())


class EventRegularity(Rule):
    """At least k of the last n rolling blocks `(now − (i+1)·p, now − i·p]` of p days hold an event."""

    op: Literal["events_regularly"] = "events_regularly"
    events: EventPattern
    at_least: Positive
    of_periods: Annotated[StrictInt, Described(ge=1, le=366)]
    period_days: Positive

    def parts(self) -> tuple[Rule, ...]:
        """The condition on the events, if there is one."""
        return self.events.parts()


class EventStart(Rule):
    """The first event ever lies in `[now − n, now]`."""

    op: Literal["events_started"] = "events_started"
    events: EventPattern
    within_days: Days

    def parts(self) -> tuple[Rule, ...]:
        """The condition on the events, if there is one."""
        return self.events.parts()


class EventRestart(Rule):
    """An event in `[now − n, now]` comes more than g days after the one before it."""

    op: Literal["events_restarted"] = "events_restarted"
    events: EventPattern
    gap_days: Positive
    within_days: Days

    def parts(self) -> tuple[Rule, ...]:
        """The condition on the events, if there is one."""
        return self.events.parts()
