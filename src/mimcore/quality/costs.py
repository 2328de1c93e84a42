"""What checks cost, and a budget for them: in one currency, or in units of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mimcore.display import number
from mimcore.errors import InvalidValueError
from mimcore.values.money import Money

__all__ = ["Amount", "Prices", "prices"]

Amount = Money | float
"""Money, or a number of units that mean the same everywhere in a call."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Costs of checks as plain numbers of one unit.

    Attributes:
        of: Cost of a check by attribute.
        other: Cost of a check of every other attribute.
        budget: What may be spent; None for no limit.
        currency: Currency of all of them; empty for plain units.
    """

    of: Mapping[str, float]
    other: float
    budget: float | None
    currency: str

    def price(self, attribute: str) -> float:
        """Return what a check of an attribute's value costs."""
        return self.of.get(attribute, self.other)

    def shown(self, amount: float) -> str:
        """Write an amount."""
        return f"{number(amount)} {self.currency}".rstrip()


def prices(costs: Mapping[str, Amount] | Amount, budget: Amount | None) -> Prices:
    """Read costs and a budget.

    Args:
        costs: By attribute (others cost 1), or one for all.
        budget: What may be spent.

    Raises:
        InvalidValueError: If one is not positive, or currencies differ.
    """
    by_name = dict(costs.items()) if isinstance(costs, Mapping) else {}
    other: Amount | None = None if isinstance(costs, Mapping) else costs
    given: list[Amount] = [*by_name.values(), *(one for one in (other, budget) if one is not None)]
    currencies = {one.currency if isinstance(one, Money) else "" for one in given}
    if len(currencies) > 1:
        raise InvalidValueError("costs", "are in more than one currency", "give costs and budget in one currency")
    _refuse_free([*by_name.values(), *([] if other is None else [other])])
    if budget is not None and _plain(budget) < 0:
        raise InvalidValueError("budget", "is negative", "give what may be spent")
    return Prices(
        {name: _plain(cost) for name, cost in by_name.items()},
        1.0 if other is None else _plain(other),
        None if budget is None else _plain(budget),
        next(iter(currencies), ""),
    )


def _refuse_free(costs: Iterable[Amount]) -> None:
    for cost in costs:
        if not 0 < _plain(cost) < float("inf"):
            raise InvalidValueError("costs", "must be positive", "give what one check costs, also in working time")


def _plain(amount: Amount) -> float:
    return float(amount.amount) if isinstance(amount, Money) else float(amount)
