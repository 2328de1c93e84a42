from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.errors import InvalidValueError
from mimcore.values import CURRENCIES, Money, currency_code, exponent, money

# ISO 4217 list one, the currencies whose minor unit is not 1/100.
PUBLISHED = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
UNITS = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(("decimals", "codes"), PUBLISHED.items())
def test_the_published_exponents_are_used(decimals: int, codes: str) -> None:
    """Exactly the listed currencies have this many decimals."""
    assert [code for code, found in CURRENCIES.items() if found == decimals] == codes.split()


def test_every_other_currency_has_two_decimals() -> None:
    """165 currencies; a few well-known ones are looked at by name."""
    assert len(CURRENCIES) == 165
    assert {
        exponent(code)
        for code in ["DKK", "EUR", "USD", "GBP", "SEK", "NOK", "CHF", "MGA", "MRU", "AFN", "HUF", "TWD", "IDR"]
    } == {2}
    assert not CURRENCIES.keys() & {"XAU", "XTS", "XXX", "XDR", "DEM", "HRK"}


@pytest.mark.parametrize(
    ("amount", "currency", "units", "shown"),
    [
        ("249.00", "DKK", 24900, "DKK 249.00"), (249, "DKK", 24900, "DKK 249.00"), (Decimal("249.5"), "dkk", 24950, "DKK 249.50"),
        (500, "JPY", 500, "JPY 500"), ("500.00", "JPY", 500, "JPY 500"), ("1.234", "BHD", 1234, "BHD 1.234"), ("1.2345", "CLF", 12345, "CLF 1.2345"),
        ("-5000", "DKK", -500000, "DKK -5,000.00"), (1_234_567, "EUR", 123456700, "EUR 1,234,567.00"), ("0.01", "EUR", 1, "EUR 0.01"),
        (" +1 ", "EUR", 100, "EUR 1.00"), ("92233720368547758.07", "EUR", 2**63 - 1, "EUR 92,233,720,368,547,758.07"), (0, "EUR", 0, "EUR 0.00"),
    ],
)  # fmt: skip
def test_major_units_go_in_and_minor_units_are_stored(amount: str, currency: str, units: int, shown: str) -> None:
    """Hand-computed amounts in currencies of every exponent."""
    value = money(amount, currency)
    assert (value.minor_units, value.format(), str(value)) == (units, shown, shown)
    assert money(value.amount, currency) == value


@pytest.mark.parametrize(
    ("amount", "currency", "field", "reason"),
    [
        (249.0, "DKK", "amount", "float"), ("249.005", "DKK", "amount", "more decimals"), ("0.5", "JPY", "amount", "more decimals"),
        ("1,234.50", "DKK", "amount", "not an amount"), ("1 234", "DKK", "amount", "not an amount"), ("1e3", "DKK", "amount", "not an amount"),
        ("NaN", "DKK", "amount", "not an amount"), (Decimal("NaN"), "DKK", "amount", "finite"), (Decimal("Infinity"), "DKK", "amount", "finite"),
        (Decimal("1e9999999"), "DKK", "amount", "within int64"), ("", "DKK", "amount", "not an amount"), (None, "DKK", "amount", "not an amount"),
        (True, "DKK", "amount", "not an amount"), ("9" * 10_000_000, "DKK", "amount", "not an amount"), (2**63, "JPY", "amount", "out of range"),
        ("92233720368547758.08", "EUR", "amount", "out of range"), ("1", "DKX", "currency", "not a known currency"), ("1", None, "currency", "must be"),
        ("1", "XAU", "currency", "not a known currency"), ("\u0661", "DKK", "amount", "not an amount"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(amount: object, currency: object, field: str, reason: str) -> None:
    """Floats, separators, lost decimals, overflow and unknown currencies raise; nothing is rounded."""
    with pytest.raises(InvalidValueError, match=reason) as caught:
        money(amount, currency)
    assert caught.value.field == field


def test_the_nearest_currency_is_named() -> None:
    """A typing error in a code gets the code that was probably meant."""
    with pytest.raises(InvalidValueError, match=r"did you mean 'DKK'"):
        currency_code("DKKK")


@pytest.mark.parametrize("units", [2**63, -(2**63) - 1, 1.0, "1", None, True])
def test_minor_units_are_an_int64(units: object) -> None:
    """Nothing else is converted."""
    with pytest.raises(InvalidValueError) as caught:
        Money(minor_units=units, currency="DKK")
    assert caught.value.field == "minor_units"


@given(UNITS, UNITS, st.integers(-1000, 1000))
def test_arithmetic_is_that_of_whole_numbers(left: int, right: int, factor: int) -> None:
    """+, -, negation, multiplication, sum and order agree with integers."""
    one, two = Money(minor_units=left, currency="DKK"), Money(minor_units=right, currency="DKK")
    assert (one + two).minor_units == left + right
    assert (one - two).minor_units == left - right
    assert (-one).minor_units == -left
    assert (one * factor) == (factor * one) == Money(minor_units=left * factor, currency="DKK")
    assert sum([one, two]) == one + two
    assert ((one < two), (one <= two), (one > two), (one >= two), (one == two)) == (
        left < right, left <= right, left > right, left >= right, left == right,
    )  # fmt: skip


def test_two_currencies_do_not_mix() -> None:
    """Arithmetic and order raise; equality is false."""
    kroner, euros = money(1, "DKK"), money(1, "EUR")
    for mix in (
        lambda: kroner + euros, lambda: kroner - euros, lambda: kroner < euros, lambda: kroner <= euros, lambda: kroner > euros,
        lambda: kroner >= euros, lambda: sum([kroner, euros]), lambda: kroner + 1, lambda: 1 + kroner, lambda: kroner < 5, lambda: kroner * 1.5,
        lambda: kroner * True, lambda: kroner * kroner,
    ):  # fmt: skip
        with pytest.raises(InvalidValueError):
            mix()
    assert kroner != euros
    assert len({kroner, euros, money("1.00", "DKK")}) == 2


def test_overflow_is_refused() -> None:
    """A sum beyond int64 raises instead of being stored wrongly."""
    with pytest.raises(InvalidValueError, match="at most"):
        Money(minor_units=2**63 - 1, currency="DKK") + Money(minor_units=1, currency="DKK")


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        ("100.00", [1, 1, 1], [3334, 3333, 3333]), ("0.05", [3, 7], [2, 3]), ("10", [0, 1], [0, 1000]), ("-100", [1, 1, 1], [-3334, -3333, -3333]),
        ("0", [1, 2], [0, 0]), ("1", [Decimal("0.5"), Fraction(1, 3), Decimal("0.25")], [46, 31, 23]), ("0.02", [1, 1, 1], [1, 1, 0]),
    ],
)  # fmt: skip
def test_an_amount_is_split_by_largest_remainders(amount: str, weights: list[int], parts: list[int]) -> None:
    """Hand-computed shares."""
    assert [part.minor_units for part in money(amount, "DKK").allocate(weights)] == parts


@given(UNITS, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_no_minor_unit_is_lost_in_a_split(units: int, weights: list[int]) -> None:
    """The parts add up, and each is less than one unit from its exact share."""
    value = Money(minor_units=units, currency="EUR")
    parts = value.allocate(weights)
    assert sum(part.minor_units for part in parts) == units
    assert all(
        abs(part.minor_units - Fraction(units * weight, sum(weights))) < 1
        for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize(
    "weights", [[], [0, 0], [1, -1], [1.5], ["1"], [True], [Decimal("NaN")], [Decimal("1e99999")], [None]]
)
def test_weights_must_make_sense(weights: list[object]) -> None:
    """Empty, negative, all-zero and non-numeric weights are refused."""
    with pytest.raises(InvalidValueError) as caught:
        money(1, "DKK").allocate(weights)
    assert caught.value.field == "weights"


@pytest.mark.parametrize("zero", ["0", "-0", "0.000", "0E-30", "0E+30", "0E+1000000"])
def test_zero_is_zero_however_it_is_written(zero: str) -> None:
    """A column of decimals with thirty places holds 0E-30; a huge exponent of it makes no huge number."""
    assert money(Decimal(zero), "DKK") == money(0, "DKK")
    assert money(100, "DKK").allocate([Decimal(zero), Decimal(1)]) == (money(0, "DKK"), money(100, "DKK"))


@pytest.mark.parametrize("none", ["NaN", "sNaN", "Infinity", "1E-30", "1E+30"])
def test_what_is_no_amount_is_refused(none: str) -> None:
    """A signalling NaN raises where it is compared."""
    with pytest.raises(InvalidValueError, match="must be finite"):
        money(Decimal(none), "DKK")
