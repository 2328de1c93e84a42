"""Events of a contact, written fluently: kept by a condition, measured, followed, and compared into a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Never, cast, overload

from mimcore.errors import InvalidValueError, RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.language.handles import Handle
from mimcore.rules.language.rule import Rule, as_rule
from mimcore.rules.lowering.belonging import check_belongs
from mimcore.rules.writing.event_measures import (
    AmountMeasure,
    AverageMeasure,
    CountMeasure,
    MomentMeasure,
    TotalMeasure,
)
from mimcore.rules.writing.scalar_fields import IntegerField
from mimcore.values.money import Money

__all__ = ["Events", "EventsField"]


@dataclass(frozen=True)
class Events(Handle):
    """The visible events of one kind (at or before `now`), perhaps only those for which a condition is true."""

    kind: str
    condition: Rule | None = None
    _comparing: ClassVar[str] = ".count(), .total() or .last_at(): f.contact.purchases.count() >= 3"

    def __eq__(self, other: object) -> bool:
        """The same events; refused beside anything else, where a measure of them is meant."""
        if isinstance(other, Events):
            return (self.kind, self.condition) == (other.kind, other.condition)
        raise self._incomparable()

    def __hash__(self) -> int:
        """By their kind and condition."""
        return hash((self.kind, self.condition))

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.contact.events({self.kind!r})" + ("" if self.condition is None else ".where(…)")

    def where(self, condition: Rule) -> Events:
        """Keep only the events for which the condition is true; undecidable ones are not counted.

        Args:
            condition: A rule on `f.event` fields only.

        Raises:
            RuleTypeError: If it asks for anything else, which one event cannot answer.
        """
        checked = as_rule(condition, "where")
        check_belongs(checked, "event")
        return replace(self, condition=checked if self.condition is None else self.condition & checked)

    def count(self, *, within_days: int | None = None) -> CountMeasure:
        """How many, in `[now − within_days, now]`; 0 where there are none."""
        return CountMeasure(self.kind, within_days, self.condition)

    @overload
    def total(
        self, of: None = None, *, within_days: int | None = None, currency: str | None = None
    ) -> TotalMeasure: ...
    @overload
    def total(self, of: IntegerField, *, within_days: int | None = None) -> AmountMeasure[int]: ...
    def total(
        self, of: IntegerField | None = None, *, within_days: int | None = None, currency: str | None = None
    ) -> TotalMeasure | AmountMeasure[int]:
        """The sum, in `[now − within_days, now]`; 0 where there are none.

        Args:
            of: A whole number such as `f.event.quantity`; the events' money unless given. Events in another currency
                than that of the comparison are left out.
            within_days: Window; all visible events unless given.
            currency: Needed only for sorting where there are events in several currencies.
        """
        if of is not None:
            return AmountMeasure(self.kind, within_days, self.condition, "event_total", of.spec.name)
        code = None if currency is None else Money(minor_units=0, currency=currency).currency
        return TotalMeasure(self.kind, within_days, self.condition, currency=code)

    @overload
    def minimum(self, of: None = None, *, within_days: int | None = None) -> AmountMeasure[Money]: ...
    @overload
    def minimum(self, of: IntegerField, *, within_days: int | None = None) -> AmountMeasure[int]: ...
    def minimum(self, of: IntegerField | None = None, *, within_days: int | None = None) -> AmountMeasure[Any]:
        """The smallest money, or the smallest `of`; missing where there is none."""
        return AmountMeasure(self.kind, within_days, self.condition, "event_minimum", _name(of))

    @overload
    def maximum(self, of: None = None, *, within_days: int | None = None) -> AmountMeasure[Money]: ...
    @overload
    def maximum(self, of: IntegerField, *, within_days: int | None = None) -> AmountMeasure[int]: ...
    def maximum(self, of: IntegerField | None = None, *, within_days: int | None = None) -> AmountMeasure[Any]:
        """The greatest money, or the greatest `of`; missing where there is none."""
        return AmountMeasure(self.kind, within_days, self.condition, "event_maximum", _name(of))

    @overload
    def average(self, of: None = None, *, within_days: int | None = None) -> AverageMeasure[Money]: ...
    @overload
    def average(self, of: IntegerField, *, within_days: int | None = None) -> AverageMeasure[float]: ...
    def average(self, of: IntegerField | None = None, *, within_days: int | None = None) -> AverageMeasure[Any]:
        """The mean money, or the mean `of` (compared with at most three decimals); missing where there is none."""
        return AverageMeasure(self.kind, within_days, self.condition, "event_average", _name(of))

    def first_at(self, *, within_days: int | None = None) -> MomentMeasure:
        """When the first one was; missing where there is none."""
        return MomentMeasure(self.kind, within_days, self.condition, "first_event")

    def last_at(self, *, within_days: int | None = None) -> MomentMeasure:
        """When the last one was; missing where there is none."""
        return MomentMeasure(self.kind, within_days, self.condition, "last_event")

    def then(self, other: str | Events, *, within_days: int, since_days: int | None = None) -> Rule:
        """One of these is followed by one of the others within so many days, and not at the same instant.

        Args:
            other: The later events, or their kind.
            within_days: How many days may lie between, 1 or more.
            since_days: Both lie in `[now − since_days, now]`; any time unless given.
        """
        later = other if isinstance(other, Events) else Events(default_catalogue().event_kind(other))
        return nodes.EventSequence(
            first=self.pattern(), then=later.pattern(), within_days=within_days, since_days=since_days
        )

    def regularly(self, *, at_least: int, of_periods: int, period_days: int) -> Rule:
        """At least so many of the last periods of so many days, counted back from now, hold one."""
        return nodes.EventRegularity(
            events=self.pattern(), at_least=at_least, of_periods=of_periods, period_days=period_days
        )

    def lapsed(self, *, days: int) -> Rule:
        """At least one ever, none in the last `days` days."""
        return (self.count() >= 1) & (self.count(within_days=days) == 0)

    def started(self, *, within_days: int) -> Rule:
        """The first one ever was within the last days."""
        return nodes.EventStart(events=self.pattern(), within_days=within_days)

    def restarted(self, *, gap_days: int, within_days: int) -> Rule:
        """One within the last days came more than `gap_days` after the one before it."""
        return nodes.EventRestart(events=self.pattern(), gap_days=gap_days, within_days=within_days)

    def pattern(self) -> nodes.EventPattern:
        """Return them as conditions hold them."""
        return nodes.EventPattern(kind=self.kind, where=cast("Any", self.condition))


def _name(of: IntegerField | None) -> str | None:
    if of is not None and of.spec.entity != "event":
        raise RuleTypeError(f"{of.spec.name} is no field of an event: give f.event.quantity")
    return None if of is None else of.spec.name


class EventsField(Handle):
    """Gives `Events` of a declared kind: `f.contact.events("download")`."""

    _comparing: ClassVar[str] = 'a measure of one kind: f.contact.events("purchase").count() >= 3'
    _instead: ClassVar[Mapping[str, str]] = {
        name: f'f.contact.events("purchase").{name}(...)' for name in ("count", "total", "first_at", "last_at", "where")
    }

    def __repr__(self) -> str:
        """As it is written."""
        return "f.contact.events"

    def __call__(self, kind: str, *others: Never) -> Events:
        """Return the events of a kind.

        Args:
            kind: One declared kind.
            *others: Refused: a measure is one of one kind.

        Raises:
            UnknownFieldError: If the kind is not declared, with the nearest one.
            InvalidValueError: If it is no text, or not the only one.
        """
        if others or not isinstance(kind, str):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
            raise InvalidValueError(
                "kind",
                "is not one kind of event",
                "ask each kind on its own and join the rules: (events('purchase').count() >= 1) | (…)",
            )
        return Events(default_catalogue().event_kind(kind))
