"""Money: whole minor units and an ISO currency; nothing is rounded behind your back.

Amounts go in as major units (`money("249.00", "DKK")`), are stored as int64 minor units, and come out as `Decimal`.
Binary floats are refused. No conversion between currencies: arithmetic and order need one currency on both sides.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Self, cast

from pydantic import Field, field_validator

from mimcore.errors import InvalidValueError
from mimcore.values.currencies import currency_code, exponent
from mimcore.values.model import FrozenModel

__all__ = ["Money", "money"]

MAX_MINOR_UNITS = 2**63 - 1
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}(?:\.[0-9]{1,19})?")
_REMEDY = "write it like '1249.50', with a point and no thousands separators"


class Money(FrozenModel):
    """An amount of one currency, in its smallest unit.

    Two amounts are equal if both units and currency are. `<`, `+` and `-` between currencies raise; `sum()` works.

    Args:
        minor_units: The amount in the currency's smallest unit (øre, cent, fils); int64. May be negative.
        currency: ISO 4217 code; lower case is accepted.

    Raises:
        InvalidValueError: If the currency is unknown or the amount is no int64.

    Examples:
        >>> Money(minor_units=24900, currency="dkk").format()
        'DKK 249.00'
    """

    minor_units: int = Field(strict=True, ge=-MAX_MINOR_UNITS - 1, le=MAX_MINOR_UNITS)
    currency: str

    @field_validator("currency", mode="before")
    @classmethod
    def _check_currency(cls, value: object) -> str:
        return currency_code(value, "")

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact, with as many decimals as the currency has."""
        return Decimal(self.minor_units).scaleb(-exponent(self.currency))

    def format(self) -> str:
        """Return the amount for reading: code, thousands with commas, a decimal point.

        Examples:
            >>> money(-5_000, "DKK").format()
            'DKK -5,000.00'
        """
        return f"{self.currency} {self.amount:,.{exponent(self.currency)}f}"

    def __str__(self) -> str:
        """Return the same as `format()`."""
        return self.format()

    def __add__(self, other: Money) -> Self:
        """Add an amount of the same currency."""
        return self._make(self.minor_units + self._units_of(other))

    def __radd__(self, other: int) -> Self:
        """Let `sum()` start from 0; any other number is refused."""
        if other != 0:
            raise InvalidValueError("money", "cannot be added to a bare number", "use money(amount, currency)")
        return self

    def __sub__(self, other: Money) -> Self:
        """Subtract an amount of the same currency."""
        return self._make(self.minor_units - self._units_of(other))

    def __neg__(self) -> Self:
        """Return the amount with the other sign."""
        return self._make(-self.minor_units)

    def __mul__(self, factor: int) -> Self:
        """Multiply by a whole number; shares are `allocate`'s business."""
        return self._make(self.minor_units * _whole(factor))

    def __rmul__(self, factor: int) -> Self:
        """Multiply by a whole number."""
        return self * factor

    def __lt__(self, other: Money) -> bool:
        """Whether it is less than an amount of the same currency."""
        return self._compared(other, operator.lt)

    def __le__(self, other: Money) -> bool:
        """Whether it is at most an amount of the same currency."""
        return self._compared(other, operator.le)

    def __gt__(self, other: Money) -> bool:
        """Whether it is more than an amount of the same currency."""
        return self._compared(other, operator.gt)

    def __ge__(self, other: Money) -> bool:
        """Whether it is at least an amount of the same currency."""
        return self._compared(other, operator.ge)

    def allocate(self, weights: Sequence[int | Decimal | Fraction]) -> tuple[Money, ...]:
        """Split the amount in proportion to weights without losing a minor unit (largest remainder method).

        Args:
            weights: Non-negative, at least one of them positive.

        Returns:
            One amount per weight; they add up to this one. Each is within one minor unit of its exact share; left
            over units go to the largest remainders, the earlier one first.

        Raises:
            InvalidValueError: If a weight is negative, no number, or all are 0.

        Examples:
            >>> [part.format() for part in money("100.00", "DKK").allocate([1, 1, 1])]
            ['DKK 33.34', 'DKK 33.33', 'DKK 33.33']
        """
        shares = _fractions(weights)
        total = sum(shares)
        exact = [abs(self.minor_units) * share / total for share in shares]
        units = [int(part) for part in exact]
        order = sorted(range(len(exact)), key=lambda index: units[index] - exact[index])
        for index in order[: abs(self.minor_units) - sum(units)]:
            units[index] += 1
        sign = -1 if self.minor_units < 0 else 1
        return tuple(self._make(sign * part) for part in units)

    def _make(self, minor_units: int) -> Self:
        return type(self)(minor_units=minor_units, currency=self.currency)

    def _compared(self, other: object, holds: Callable[[int, int], bool]) -> bool:
        """Compare with money; anything else may answer itself, as a field does: `money(1, "DKK") <= f.event.value`."""
        if isinstance(other, Money | int | float | str | Decimal):
            return holds(self.minor_units, self._units_of(other))
        return cast("bool", NotImplemented)

    def _units_of(self, other: object) -> int:
        if not isinstance(other, Money):
            raise InvalidValueError("money", "cannot be combined with a bare number", "use money(amount, currency)")
        if other.currency != self.currency:
            reason = f"is in {other.currency}, the other amount in {self.currency}"
            raise InvalidValueError("money", reason, "convert one of them first")
        return other.minor_units


def money(amount: str | int | Decimal, currency: str) -> Money:
    """Make an amount from major units.

    Args:
        amount: Major units: '249.00', 249 or Decimal('249.00'). More decimals than the currency has are refused
            unless they are zeros.
        currency: ISO 4217 code.

    Returns:
        The amount.

    Raises:
        InvalidValueError: For floats, separators, too many decimals, unknown currencies, or beyond int64.

    Examples:
        >>> money("249.00", "DKK").minor_units
        24900
        >>> money(500, "JPY").minor_units
        500
    """
    code = currency_code(currency, "currency")
    number = _major_units(amount)
    units = Fraction(number) * 10 ** exponent(code)
    if units.denominator != 1:
        raise InvalidValueError("amount", f"has more decimals than {code} ({exponent(code)})", "round it first")
    if not -MAX_MINOR_UNITS - 1 <= units <= MAX_MINOR_UNITS:
        raise InvalidValueError("amount", "is out of range", "minor units must fit a 64-bit integer")
    return Money(minor_units=int(units), currency=code)


def _major_units(amount: object) -> int | Decimal:
    if isinstance(amount, float):
        raise InvalidValueError("amount", "must not be a float", "write it as text: money('249.95', 'DKK')")
    if isinstance(amount, int) and not isinstance(amount, bool):
        return amount
    if isinstance(amount, Decimal):
        if amount.is_zero():
            return 0  # however many zeros it is written with
        if amount.is_finite() and -20 <= amount.adjusted() <= 20:
            return amount
        raise InvalidValueError("amount", "must be finite and within int64", "give an ordinary number")
    if isinstance(amount, str) and len(amount) <= 60 and _NUMBER.fullmatch(amount.strip()):
        return Decimal(amount.strip())
    raise InvalidValueError("amount", "is not an amount", _REMEDY)


def _whole(factor: object) -> int:
    if isinstance(factor, int) and not isinstance(factor, bool):
        return factor
    raise InvalidValueError("factor", "must be a whole number", "use allocate(weights) for shares")


def _fraction(weight: object) -> Fraction:
    if isinstance(weight, Decimal) and weight.is_zero():
        return Fraction(0)
    if (
        isinstance(weight, Decimal) and weight.is_finite() and abs(weight.adjusted()) <= 30
    ):  # exact, yet no huge integers
        return Fraction(weight)
    if isinstance(weight, int | Fraction) and not isinstance(weight, bool):
        return Fraction(weight)
    raise InvalidValueError("weights", "must be numbers", "give ints, Decimals or Fractions")


def _fractions(weights: Sequence[object]) -> list[Fraction]:
    shares = [_fraction(weight) for weight in weights]
    if not any(shares) or min(shares) < 0:
        raise InvalidValueError("weights", "must not be negative and not all 0", "give at least one positive weight")
    return shares
