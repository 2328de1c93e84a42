"""ISO 4217: the currencies in use and how many decimals each has (list one, as published by SIX).

Metals, test codes and units without a minor unit (XAU, XTS, XXX, XDR …) are left out: no amount can be stored in them.
"""

from __future__ import annotations

from mimcore.errors import InvalidValueError, nearest

__all__ = ["CURRENCIES", "currency_code", "exponent"]

_BY_EXPONENT = {
    0: """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
    """,
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED
    VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: """
    BHD IQD JOD KWD LYD OMR TND
    """,
    4: """
    CLF UYW
    """,
}

CURRENCIES: dict[str, int] = dict(
    sorted((code, decimals) for decimals, codes in _BY_EXPONENT.items() for code in codes.split())
)
"""ISO 4217 code to the number of decimals (10 ** decimals minor units make one major unit)."""


def currency_code(value: object, field: str = "currency") -> str:
    """Check a currency and return its code in upper case.

    Args:
        value: ISO 4217 code; case and surrounding spaces do not matter.
        field: Name used in an error.

    Returns:
        The code.

    Raises:
        InvalidValueError: If it is missing or unknown; the message has the nearest code where a letter is too many.

    Examples:
        >>> currency_code("dkk")
        'DKK'
    """
    if not isinstance(value, str):
        raise InvalidValueError(field, "must be a currency code", "use ISO 4217, for example 'DKK'")
    code = value[:20].strip().upper()
    if code in CURRENCIES:
        return code
    # Among codes of three letters everything is near: a guess would mislead.
    hint = nearest(code, CURRENCIES) if len(code) == 4 else ""
    raise InvalidValueError(field, f"is not a known currency{hint}", "use ISO 4217, for example 'DKK'")


def exponent(currency: str) -> int:
    """Return how many decimals a currency has.

    Args:
        currency: A code as `currency_code` returns it.

    Returns:
        0 to 4.

    Raises:
        InvalidValueError: If the currency is unknown.

    Examples:
        >>> exponent("JPY"), exponent("DKK"), exponent("BHD")
        (0, 2, 3)
    """
    decimals = CURRENCIES.get(currency)
    return CURRENCIES[currency_code(currency)] if decimals is None else decimals
