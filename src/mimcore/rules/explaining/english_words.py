"""The words that every sentence about a rule is made of: fields, values, lists, spans of days."""

from __future__ import annotations

from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.language.rule import MoneyLiteral, Scalar

__all__ = ["COMPARISONS", "amount", "chance", "days", "field_name", "listed", "plain_number", "span"]

COMPARISONS = {
    "at_least": "is at least",
    "more_than": "is more than",
    "at_most": "is at most",
    "less_than": "is less than",
}
_OWNERS = {"account": "the account's ", "any_account": "any account's "}


def field_name(name: str) -> str:
    """Return a field as people call it: `city`, `the account's employees`."""
    catalogue = default_catalogue()
    if name not in catalogue:
        return name.rpartition(".")[2].replace("_", " ")
    spec = catalogue[name]
    return f"{_OWNERS.get(spec.entity, '')}{spec.short.replace('_', ' ')}"


def amount(value: Scalar) -> str:
    """Return a literal as people write it."""
    if isinstance(value, MoneyLiteral):
        from mimcore.values.money import Money

        return Money(minor_units=value.minor_units, currency=value.currency).format()
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def plain_number(number: float) -> str:
    """Return a number without a needless `.0`."""
    return str(int(number)) if number == int(number) else str(number)


def chance(probability: float) -> str:
    """Return a probability as a percentage, not rounded: whoever reads a rule must be able to write it again.

    Examples:
        >>> chance(0.8), chance(0.995)
        ('80%', '99.5%')
    """
    return f"{plain_number(round(100 * probability, 6))}%"


def listed(values: tuple[Scalar, ...]) -> str:
    """Return literals as a list with "or"; a long one is cut short."""
    shown = [amount(value) for value in values[:12]] + (["…"] if len(values) > 12 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def days(number: int) -> str:
    """Return a window of days, behind "within the last": `day`, `7 days`."""
    return "day" if number == 1 else f"{number} days"


def span(number: int) -> str:
    """Return a length of days: `1 day`, `7 days`."""
    return f"{number} day{'s' * (number != 1)}"
