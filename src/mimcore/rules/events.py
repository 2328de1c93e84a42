"""Measures over a contact's events: written fluently, compared into a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from mimcore.errors import RuleTypeError
from mimcore.rules import nodes
from mimcore.rules.catalogue import default_catalogue
from mimcore.rules.handles import Handle
from mimcore.rules.nodes import MoneyLiteral, Rule, as_rule
from mimcore.rules.ordering import EventsKey, SortKey
from mimcore.values.money import Money

__all__ = ["CountMeasure", "Events", "EventsField", "TotalMeasure"]


@dataclass(frozen=True)
class Measure(Handle):
    """A number that is computed from events; it can be compared, and sorted by."""

    kind: str
    within_days: int | None
    condition: Rule | None

    def sort_key(self) -> SortKey:
        """Return it as something to sort by, the smallest first."""
        return SortKey(EventsKey(self.kind, self.within_days, self.condition, is_total=False))

    def descending(self) -> SortKey:
        """Return it as something to sort by, the greatest first."""
        return -self.sort_key()

    __neg__ = descending

    def _test(self, op: Any, comparison: Any, value: Any) -> Rule:
        return nodes.EventTest(
            op=op,
            kind=self.kind,
            within_days=self.within_days,
            where=cast("Any", self.condition),
            comparison=comparison,
            value=value,
        )


@dataclass(frozen=True, eq=False)
class CountMeasure(Measure):
    """How many events; 0 where there are none."""

    def _count(self, comparison: str, value: object) -> Rule:
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleTypeError("a count of events is compared with a whole number")
        return self._test("event_count", comparison, value)

    def __ge__(self, value: int) -> Rule:
        """At least so many."""
        return self._count("at_least", value)

    def __gt__(self, value: int) -> Rule:
        """More than so many."""
        return self._count("more_than", value)

    def __le__(self, value: int) -> Rule:
        """At most so many."""
        return self._count("at_most", value)

    def __lt__(self, value: int) -> Rule:
        """Fewer than so many."""
        return self._count("less_than", value)

    def __eq__(self, value: int) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Exactly so many."""
        return self._count("equals", value)

    def __ne__(self, value: int) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Any other number."""
        return ~(self == value)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class TotalMeasure(Measure):
    """The sum of the events' money in the currency it is compared with; 0 where there are none."""

    currency: str | None = None

    def sort_key(self) -> SortKey:
        """Return it as something to sort by; in its currency, or in the only one that the events have."""
        return SortKey(EventsKey(self.kind, self.within_days, self.condition, is_total=True, currency=self.currency))

    def _total(self, comparison: str, value: object) -> Rule:
        if not isinstance(value, Money):
            raise RuleTypeError(
                "a total is compared with money: mim.money('100', 'DKK'); a bare number has no currency"
            )
        if self.currency not in {None, value.currency}:
            raise RuleTypeError(f"a total in {self.currency} is compared with money in {self.currency}")
        return self._test(
            "event_total", comparison, MoneyLiteral(minor_units=value.minor_units, currency=value.currency)
        )

    def __ge__(self, value: Money) -> Rule:
        """At least so much."""
        return self._total("at_least", value)

    def __gt__(self, value: Money) -> Rule:
        """More than so much."""
        return self._total("more_than", value)

    def __le__(self, value: Money) -> Rule:
        """At most so much."""
        return self._total("at_most", value)

    def __lt__(self, value: Money) -> Rule:
        """Less than so much."""
        return self._total("less_than", value)


@dataclass(frozen=True)
class Events(Handle):
    """The visible events of one kind (at or before `now`), perhaps only those for which a condition is true."""

    kind: str
    condition: Rule | None = None

    def where(self, condition: Rule) -> Events:
        """Keep only the events for which the condition is true; undecidable ones are not counted.

        Args:
            condition: A rule on `f.event` fields only.
        """
        checked = as_rule(condition, "where")
        return replace(self, condition=checked if self.condition is None else self.condition & checked)

    def count(self, *, within_days: int | None = None) -> CountMeasure:
        """How many, in `[now − within_days, now]`."""
        return CountMeasure(self.kind, within_days, self.condition)

    def total(self, *, within_days: int | None = None, currency: str | None = None) -> TotalMeasure:
        """The sum of their money, in `[now − within_days, now]`; events in another currency are left out.

        Args:
            within_days: Window; all visible events unless given.
            currency: Needed only for sorting where there are events in several currencies; a comparison names its own.
        """
        code = None if currency is None else Money(minor_units=0, currency=currency).currency
        return TotalMeasure(self.kind, within_days, self.condition, code)

    def lapsed(self, *, days: int) -> Rule:
        """At least one ever, none in the last `days` days."""
        return (self.count() >= 1) & (self.count(within_days=days) == 0)


class EventsField:
    """Gives `Events` of a declared kind: `f.contact.events("download")`."""

    def __call__(self, kind: str) -> Events:
        """Return the events of a kind.

        Raises:
            UnknownFieldError: If the kind is not declared, with the nearest one.
        """
        return Events(default_catalogue().event_kind(kind))
