"""What is measured of events: numbers, sums, extremes, averages, and moments; compared, they are rules."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from mimcore.errors import RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Handle
from mimcore.rules.language.rule import MoneyLiteral, Rule
from mimcore.rules.ordering import EventsKey, SortKey
from mimcore.rules.writing.measures import OrderedMeasure, WholeMeasure
from mimcore.values.instants import as_instant
from mimcore.values.money import Money

__all__ = ["AmountMeasure", "AverageMeasure", "CountMeasure", "MomentMeasure", "TotalMeasure"]

V = TypeVar("V")


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Handle):
    """The events that are measured."""

    kind: str
    window_days: int | None
    condition: Rule | None

    def __repr__(self) -> str:
        """As it is written, without the literals of the condition, which may be personal."""
        kept = "" if self.condition is None else ".where(…)"
        return f"f.contact.events({self.kind!r}){kept}.{self._written()}(…)"

    @abstractmethod
    def _written(self) -> str:
        """Return the name of the method that makes it."""

    def _test(self, op: Any, comparison: Any, value: Any, of: str | None = None) -> Rule:
        where: Any = self.condition
        return nodes.EventTest(
            op=op,
            kind=self.kind,
            of=of,
            within_days=self.window_days,
            where=where,
            comparison=comparison,
            value=value,
        )


class Sorting(Measured):
    """A measure that people can be sorted by."""

    @abstractmethod
    def sort_key(self) -> SortKey:
        """Return it as something to sort by, the smallest first."""

    def descending(self) -> SortKey:
        """Return it as something to sort by, the greatest first."""
        return -self.sort_key()

    __neg__ = descending


@dataclass(frozen=True, eq=False, repr=False)
class CountMeasure(WholeMeasure, Sorting):
    """How many events; 0 where there are none. People can be sorted by it."""

    counted = "a count of events"

    def _written(self) -> str:
        return "count"

    def sort_key(self) -> SortKey:
        """Return it as something to sort by, the smallest first."""
        return SortKey(EventsKey(self.kind, self.window_days, self.condition, is_total=False))

    def _counted(self, comparison: Any, value: int) -> Rule:
        return self._test("event_count", comparison, value)


@dataclass(frozen=True, eq=False, repr=False)
class AmountMeasure(OrderedMeasure[V], Measured):
    """A sum, an extreme or an average: of money in the currency it is compared with, or of whole numbers."""

    op: str
    of: str | None = None

    def _written(self) -> str:
        return self.op.removeprefix("event_")

    def _compared(self, comparison: Any, value: Any) -> Rule:
        return self._test(self.op, comparison, self._literal(value), self.of)

    def _literal(self, value: object) -> object:
        if self.of is None:
            if not isinstance(value, Money):
                what = self.op.removeprefix("event_")
                raise RuleTypeError(
                    f"{'an' if what == 'average' else 'a'} {what} is compared with money: mim.money('100', 'DKK'); "
                    "a bare number has no currency"
                )
            return MoneyLiteral(minor_units=value.minor_units, currency=value.currency)
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleTypeError(f"{self.of} is compared with a whole number")
        return value


@dataclass(frozen=True, eq=False, repr=False)
class AverageMeasure(AmountMeasure[V]):
    """A mean, compared without dividing; missing where there is nothing to measure."""

    def _literal(self, value: object) -> object:
        if self.of is not None and isinstance(value, float):
            return value
        return super()._literal(value)


@dataclass(frozen=True, eq=False, repr=False)
class TotalMeasure(AmountMeasure[Money], Sorting):
    """The sum of the events' money in the currency it is compared with; 0 for none. People can be sorted by it."""

    op: str = "event_total"
    currency: str | None = None

    def sort_key(self) -> SortKey:
        """Return it as something to sort by; in its currency, or in the only one that the events have."""
        return SortKey(EventsKey(self.kind, self.window_days, self.condition, is_total=True, currency=self.currency))

    def _literal(self, value: object) -> object:
        if isinstance(value, Money) and self.currency not in {None, value.currency}:
            raise RuleTypeError(f"a total in {self.currency} is compared with money in {self.currency}")
        return super()._literal(value)


@dataclass(frozen=True, eq=False, repr=False)
class MomentMeasure(OrderedMeasure[datetime | str], Measured):
    """When the first or the last event was; missing where there is none."""

    op: str

    def _written(self) -> str:
        return "first_at" if self.op == "first_event" else "last_at"

    def _test_moment(self, comparison: Any, value: Any) -> Rule:
        op: Any = self.op
        where: Any = self.condition
        return nodes.EventMoment(
            op=op, kind=self.kind, within_days=self.window_days, where=where, comparison=comparison, value=value
        )

    def _compared(self, comparison: Any, value: Any) -> Rule:
        return self._test_moment(comparison, as_instant(value, "moment").isoformat())

    def within_days(self, days: int) -> Rule:
        """In `[now − days, now]`."""
        return self._test_moment("within_last_days", days)

    def older_than_days(self, days: int) -> Rule:
        """Before `now − days`."""
        return self._test_moment("older_than_days", days)
