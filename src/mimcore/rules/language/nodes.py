"""The rule as inert data: frozen, hashable, one class per shape of condition, told apart by `op`.

Here is what a condition on values *is*; those on what happened are in `event_nodes`, those that ask accounts, history,
consent and chance in `companion_nodes`, groups in `rule`. What they mean is in `lowering` and `evaluation`; how they
are written comfortably, in `fields`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Described
from pydantic import StrictFloat, StrictInt, StrictStr

from mimcore.rules.language.companion_nodes import (
    AccountTest,
    AnyFreshness,
    ChangedWithin,
    EverBeen,
    MayReceive,
    Sample,
    ScoreTest,
)
from mimcore.rules.language.event_nodes import (
    EventMoment,
    EventPattern,
    EventRegularity,
    EventRestart,
    EventSequence,
    EventStart,
    EventTest,
)
from mimcore.rules.language.rule import (
    AllOf,
    AnyOf,
    Comparing,
    Days,
    Everyone,
    FieldName,
    Key,
    Literals,
    MoneyLiteral,
    Node,
    Not,
    OrMissing,
    Rule,
    Scalar,
    as_rule,
)
from mimcore.values.location import HALF_ROUND_KM

__all__ = [
    "AccountTest",
    "AllOf",
    "Anniversary",
    "AnyFreshness",
    "AnyOf",
    "AnyRule",
    "Between",
    "CalendarWindow",
    "ChangedWithin",
    "ClockTest",
    "Compare",
    "CompareFields",
    "Distance",
    "Elapsed",
    "ElementCount",
    "Equals",
    "EventMoment",
    "EventPattern",
    "EventRegularity",
    "EventRestart",
    "EventSequence",
    "EventStart",
    "EventTest",
    "EverBeen",
    "Everyone",
    "FreshnessTest",
    "HasRecord",
    "InSegment",
    "IsIn",
    "Known",
    "Literals",
    "MayReceive",
    "MoneyLiteral",
    "Node",
    "Not",
    "OrMissing",
    "Overlaps",
    "RecordCondition",
    "Rule",
    "Sample",
    "Scalar",
    "ScoreTest",
    "TextTest",
    "Undated",
    "Window",
    "as_rule",
]


class Equals(Rule):
    """The field has this value; text is compared folded."""

    op: Literal["equals"] = "equals"
    field: FieldName
    value: Scalar


class IsIn(Rule):
    """The field has one of these values; false for a known value and an empty list."""

    op: Literal["is_in"] = "is_in"
    field: FieldName
    values: Literals


class Compare(Rule):
    """An ordered comparison; inclusive or exclusive is part of the name."""

    op: Literal["at_least", "more_than", "at_most", "less_than"]
    field: FieldName
    value: Scalar


class Between(Rule):
    """From `low` to `high`, both included."""

    op: Literal["is_between"] = "is_between"
    field: FieldName
    low: Scalar
    high: Scalar


class CompareFields(Rule):
    """The field compared with another one of the same kind; unknown where one is missing or currencies differ."""

    op: Literal["compares_with"] = "compares_with"
    field: FieldName
    comparison: Comparing
    other: FieldName


class TextTest(Rule):
    """Text contains, starts or ends with a piece, or `matches` a pattern.

    In a pattern `*` is any text, `?` one character, and a backslash takes the next character literally.
    """

    op: Literal["contains", "starts_with", "ends_with", "matches"]
    field: FieldName
    value: Annotated[StrictStr, Described(min_length=1, max_length=500)]


class Known(Rule):
    """The field has a value (a collection: at least one); never unknown."""

    op: Literal["is_known"] = "is_known"
    field: FieldName


class Overlaps(Rule):
    """The collection shares a value with the list (`overlaps`), or holds all of it (`contains_all`); never unknown."""

    op: Literal["overlaps", "contains_all"]
    field: FieldName
    values: Literals


class RecordCondition(Node):
    """One field of a record that must compare so with a value; of `within_last_days`, the value is a number of days."""

    name: FieldName
    comparison: Literal["equals", "at_least", "more_than", "at_most", "less_than", "within_last_days"] = "equals"
    value: Scalar


class HasRecord(Rule):
    """The collection holds a record for which all conditions are true; never unknown."""

    op: Literal["has_record"] = "has_record"
    field: FieldName
    where: Annotated[tuple[RecordCondition, ...], Described(min_length=1)]


class ElementCount(Rule):
    """How many elements the collection holds (records: of which all conditions are true); never unknown."""

    op: Literal["element_count"] = "element_count"
    field: FieldName
    where: tuple[RecordCondition, ...] = ()
    comparison: Comparing
    value: StrictInt


class Window(Rule):
    """A rolling window: `[now − n, now]`, `< now − n` or `(now, now + n]`.

    Days have 86 400 s for instants, and are local days for dates.
    """

    op: Literal["within_last_days", "older_than_days", "within_next_days"]
    field: FieldName
    days: Days


class Elapsed(Rule):
    """At least so many days have passed since the field's moment: at or before `now − n`."""

    op: Literal["elapsed_days_at_least"] = "elapsed_days_at_least"
    field: FieldName
    days: Days


class Distance(Rule):
    """The location lies at most so many kilometres from a point, along a sphere with the earth's mean radius."""

    op: Literal["distance_km_at_most"] = "distance_km_at_most"
    field: FieldName
    latitude: Annotated[StrictFloat | StrictInt, Described(ge=-90, le=90)]
    longitude: Annotated[StrictFloat | StrictInt, Described(ge=-180, le=180)]
    km: Annotated[StrictFloat | StrictInt, Described(ge=0, le=HALF_ROUND_KM)]


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class CalendarWindow(Rule):
    """The moment lies in this, the last or the next local period, from its first moment up to that of the one after."""

    op: Literal["in_calendar"] = "in_calendar"
    field: FieldName
    period: Literal["this", "last", "next"]
    unit: Literal["day", "week", "month", "quarter", "year"]
    week_start: Weekday | None = None
    zone: Key | None = None


class Anniversary(Rule):
    """The yearly return of a date falls in the local days `[today, today + n]`; 29 February returns on 1 March."""

    op: Literal["anniversary_within_days"] = "anniversary_within_days"
    field: FieldName
    days: Annotated[StrictInt, Described(ge=0, le=366)]


class ClockTest(Rule):
    """The local weekday (1 Monday to 7 Sunday) or hour (0 to 23) of the moment is one of these."""

    op: Literal["weekday_is_in", "hour_is_in"]
    field: FieldName
    values: Annotated[tuple[Annotated[StrictInt, Described(ge=0, le=23)], ...], Described(min_length=1, max_length=24)]
    zone: Key | None = None


class InSegment(Rule):
    """Membership in another segment, by its key."""

    op: Literal["in_segment"] = "in_segment"
    segment: Key


class FreshnessTest(Rule):
    """The probability that the value is still right is at least this (0-1]; unknown for absent or undated values."""

    op: Literal["freshness_at_least"] = "freshness_at_least"
    field: FieldName
    value: Annotated[StrictFloat, Described(gt=0, le=1)]


class Undated(Rule):
    """The field has a value of which nobody knows since when; never unknown."""

    op: Literal["is_undated"] = "is_undated"
    field: FieldName


AnyRule = Annotated[
    AllOf
    | AnyOf
    | Not
    | OrMissing
    | Everyone
    | Equals
    | IsIn
    | Compare
    | Between
    | CompareFields
    | TextTest
    | Known
    | Overlaps
    | HasRecord
    | ElementCount
    | Window
    | Elapsed
    | CalendarWindow
    | Anniversary
    | ClockTest
    | Distance
    | EventTest
    | EventMoment
    | EventSequence
    | EventRegularity
    | EventStart
    | EventRestart
    | AccountTest
    | AnyFreshness
    | ChangedWithin
    | EverBeen
    | MayReceive
    | Sample
    | ScoreTest
    | InSegment
    | FreshnessTest
    | Undated,
    Described(discriminator="op"),
]

for _model in (
    AllOf,
    AnyOf,
    Not,
    OrMissing,
    EventPattern,
    EventTest,
    EventMoment,
    EventSequence,
    EventRegularity,
    EventStart,
    EventRestart,
    AccountTest,
):
    _model.model_rebuild(_types_namespace={"AnyRule": AnyRule})
