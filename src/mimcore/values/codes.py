"""Countries and languages: from what people write to ISO 3166-1 alpha-2 and ISO 639-1 codes.

Codes and names are public facts, not personal values, so an error may name the nearest one that exists, though it
never repeats what was written.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from mimcore.errors import InvalidValueError
from mimcore.values.countries import COUNTRY_ALIASES, COUNTRY_NAMES, COUNTRY_THREE_LETTERS
from mimcore.values.languages import LANGUAGE_ALIASES, LANGUAGE_NAMES, LANGUAGE_THREE_LETTERS
from mimcore.values.text import clean, fold

__all__ = ["COUNTRY_NAMES", "LANGUAGE_NAMES", "country", "country_name", "language", "language_name"]

MAX_LENGTH = 100
_TAG = re.compile(r"([a-z]{2,3})[-_][a-z0-9_.@-]+")


def country(text: object, field: str = "country") -> str:
    """Return the ISO 3166-1 alpha-2 code of a country.

    Args:
        text: A two- or three-letter code, the English name, or a common European name; case does not matter.
        field: Name used in an error.

    Returns:
        The code in upper case.

    Raises:
        InvalidValueError: If it is missing or unknown; the message has the nearest country.

    Examples:
        >>> country("Dänemark"), country("dk"), country("DNK"), country("UK")
        ('DK', 'DK', 'DK', 'GB')
    """
    key = _key(text, field, "use ISO 3166-1, for example 'DK'")
    code = _country_keys().get(key)
    if code is None:
        raise InvalidValueError(field, "is not a known country", _hint(key, _country_keys(), COUNTRY_NAMES, "'DK'"))
    return code


def country_name(code: str) -> str:
    """Return the English name of a country.

    Args:
        code: Anything that `country` accepts.

    Returns:
        The name.

    Raises:
        InvalidValueError: If the country is unknown.

    Examples:
        >>> country_name("DK")
        'Denmark'
    """
    return COUNTRY_NAMES[country(code)]


def language(text: object, field: str = "language") -> str:
    """Return the ISO 639-1 code of a language.

    Args:
        text: A two- or three-letter code, a tag such as 'da-DK' (its region is dropped), or a name; case does not
            matter.
        field: Name used in an error.

    Returns:
        The code in lower case.

    Raises:
        InvalidValueError: If it is missing or unknown; the message has the nearest language.

    Examples:
        >>> language("Danish"), language("dansk"), language("da_DK")
        ('da', 'da', 'da')
    """
    key = _key(text, field, "use ISO 639-1, for example 'da'")
    tag = _TAG.fullmatch(key)
    code = _language_keys().get(key) or (_language_keys().get(tag[1]) if tag else None)
    if code is None:
        raise InvalidValueError(field, "is not a known language", _hint(key, _language_keys(), LANGUAGE_NAMES, "'da'"))
    return code


def language_name(code: str) -> str:
    """Return the English name of a language.

    Args:
        code: Anything that `language` accepts.

    Returns:
        The name.

    Raises:
        InvalidValueError: If the language is unknown.

    Examples:
        >>> language_name("da")
        'Danish'
    """
    return LANGUAGE_NAMES[language(code)]


def _key(text: object, field: str, remedy: str) -> str:
    cleaned = clean(text, field, MAX_LENGTH)
    if cleaned is None:
        raise InvalidValueError(field, "is missing", remedy)
    return fold(cleaned)


@cache
def _country_keys() -> dict[str, str]:
    return _keys(COUNTRY_NAMES, COUNTRY_THREE_LETTERS, COUNTRY_ALIASES)


@cache
def _language_keys() -> dict[str, str]:
    return _keys(LANGUAGE_NAMES, LANGUAGE_THREE_LETTERS, LANGUAGE_ALIASES)


def _keys(names: dict[str, str], three: dict[str, str], aliases: dict[str, str]) -> dict[str, str]:
    """Fold everything that names an entry; official codes and names win over aliases."""
    keys = {fold(alias): code for alias, code in (*aliases.items(), *three.items())}
    keys |= {fold(name): code for code, name in names.items()}
    return keys | {fold(code): code for code in names}


def _hint(key: str, keys: dict[str, str], names: dict[str, str], example: str) -> str:
    # Between codes of two or three letters everything is near: only names are compared.
    matches = get_close_matches(key, [name for name in keys if len(name) > 3], n=1, cutoff=0.7) if len(key) > 3 else []
    if not matches:
        return f"use an ISO code, for example {example}"
    code = keys[matches[0]]
    return f"did you mean '{code}' ({names[code]})?"
