"""Something measured that is no field: compared, it is a rule."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from mimcore.errors import RuleTypeError
from mimcore.rules.language.handles import Handle
from mimcore.rules.language.rule import Rule

__all__ = ["OrderedMeasure", "WholeMeasure"]

V = TypeVar("V")


class OrderedMeasure(Handle, Generic[V]):
    """A measure with an order."""

    _comparing: ClassVar[str] = ">=, >, <= or <, such as (x >= low) & (x <= high)"

    @abstractmethod
    def _compared(self, comparison: Any, value: Any) -> Rule:
        """Return the rule; the comparison is named as in JSON."""

    def __ge__(self, value: V) -> Rule:
        """At least so much."""
        return self._compared("at_least", value)

    def __gt__(self, value: V) -> Rule:
        """More than so much."""
        return self._compared("more_than", value)

    def __le__(self, value: V) -> Rule:
        """At most so much."""
        return self._compared("at_most", value)

    def __lt__(self, value: V) -> Rule:
        """Less than so much."""
        return self._compared("less_than", value)


class WholeMeasure(OrderedMeasure[int]):
    """A count: it is never missing, and compared with whole numbers."""

    counted: str = "a count"
    """What is counted, for an error."""

    @abstractmethod
    def _counted(self, comparison: Any, value: int) -> Rule:
        """Return the rule, for a whole number."""

    def _compared(self, comparison: Any, value: Any) -> Rule:
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleTypeError(f"{self.counted} is compared with a whole number")
        return self._counted(comparison, value)

    def __eq__(self, value: int) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Exactly so many."""
        return self._compared("equals", value)

    def __ne__(self, value: int) -> Rule:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """Any other number."""
        return ~(self == value)

    __hash__ = None  # type: ignore[assignment]
