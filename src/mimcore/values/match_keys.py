"""Keys built from several values: records that share one may be the same person; none of them proves it.

Every function is pure and returns None where a part is missing, so that records never match by what they lack.
"""

from __future__ import annotations

import unicodedata
from typing import Protocol

from mimcore.values.email import EmailAddress
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber
from mimcore.values.text import fold

__all__ = ["email_key", "name_key", "name_phone_key", "name_postal_key", "phone_key", "plain_letters", "skeleton"]

_LETTERS = str.maketrans(
    {
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "ð": "d",
        "đ": "d",
        "þ": "th",
        "ł": "l",
        "\u0131": "i",
        "ħ": "h",
        "ŋ": "n",
    }
)
# The look-alikes of small Latin letters met most in UTS 39's confusables: Cyrillic, Greek, Armenian, digits.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u04cf\u056f"
    "\u0578\u0581\u057d\u03bd\u03bf\u03c1\u03c4\u03c5\u03b9\u03ba01",
    "aceopxyijsdqwhlqnguvoptuikol",
)


class PostalDistrict(Protocol):
    """What somebody's postal district is known by."""

    @property
    def country(self) -> str | None:
        """ISO code."""
        ...

    @property
    def postal_code(self) -> str | None:
        """As the country writes it."""
        ...


def plain_letters(text: str) -> str:
    """Return the folded text with letters and digits only, accents removed.

    Args:
        text: Any text.

    Returns:
        The plain text; 'Sørensen' and 'SORENSEN' give the same.

    Examples:
        >>> plain_letters("Åse Sørensen-Łukasz")
        'asesorensenlukasz'
    """
    folded = fold(text)
    letters = folded if folded.isascii() else unicodedata.normalize("NFD", folded.translate(_LETTERS))
    return letters if letters.isalnum() else "".join(filter(str.isalnum, letters))


def skeleton(text: str) -> str:
    """Return a key under which texts that look alike are equal; a hint for review, never a reason to merge or block.

    Args:
        text: Any text.

    Returns:
        The folded text with common look-alikes (after UTS 39) replaced by Latin letters.

    Examples:
        >>> skeleton("p\u0430ypal") == skeleton("paypal")
        True
    """
    return fold(text).translate(_LOOK_ALIKES)


def email_key(email: EmailAddress | None) -> str | None:
    """Return the key of one mailbox; None for a role mailbox, which identifies nobody.

    Args:
        email: The address, or None.

    Returns:
        The key.

    Examples:
        >>> email_key(EmailAddress(address="a.na@gmail.com")), email_key(EmailAddress(address="info@acme.dk"))
        ('ana@gmail.com', None)
    """
    return None if email is None or email.is_role else email.match_key


def phone_key(phone: PhoneNumber | None) -> str | None:
    """Return the key of one phone number.

    Args:
        phone: The number, or None.

    Returns:
        The key.

    Examples:
        >>> phone_key(PhoneNumber(e164="+4532123456"))
        '+4532123456'
    """
    return None if phone is None else phone.match_key


def name_phone_key(name: PersonName | None, phone: PhoneNumber | None) -> str | None:
    """Return the key of a person at a phone: given and family name, accents removed, and the number.

    Args:
        name: The name; both given and family name are needed.
        phone: The number.

    Returns:
        The key, or None.

    Examples:
        >>> name_phone_key(PersonName(given="Ana", family="Sørensen"), PhoneNumber(e164="+4532123456"))
        'ana|sorensen|+4532123456'
    """
    who = name_key(name)
    return f"{who}|{phone.match_key}" if who and phone else None


def name_postal_key(name: PersonName | None, address: PostalDistrict | None) -> str | None:
    """Return the key of a person in a postal district: given and family name, country and postal code.

    Args:
        name: The name; both given and family name are needed.
        address: The address, or whatever else has a country and a postal code; the latter is needed.

    Returns:
        The key, or None.

    Examples:
        >>> from mimcore.values.address import PostalAddress
        >>> name_postal_key(PersonName(given="Ana", family="Berg"), PostalAddress(postal_code="DK-1165", country="DK"))
        'ana|berg|dk|1165'
    """
    who = name_key(name)
    if not who or address is None or address.postal_code is None:
        return None
    country = (address.country or "").lower()
    code = plain_letters(address.postal_code)
    return f"{who}|{country}|{code.removeprefix(country) or code}"


def name_key(name: PersonName | None) -> str | None:
    """Return the key of a name: given and family name, accents and case aside. It narrows; alone it proves nothing.

    Args:
        name: The name; both given and family name are needed.

    Returns:
        The key, or None.

    Examples:
        >>> name_key(PersonName(given="Ana", family="Sørensen")), name_key(PersonName(given="Ana"))
        ('ana|sorensen', None)
    """
    if name is None or name.given is None or name.family is None:
        return None
    given, family = plain_letters(name.given), plain_letters(name.family)
    return f"{given}|{family}" if given and family else None
