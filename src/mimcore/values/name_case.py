"""Letter case of names: repair of 'BERG ANNA' and 'anna berg', which say nothing about how the name is written."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["PARTICLES", "is_shouted", "letters", "repaired"]

_WORDS = """
    van von vom der den de del della dello dei degli di da do dos das du des la le las los el ter ten te zu zum zur af
    av bin ibn bint st st. san santa sainte ap abu al ben bar mac ó ní nic ui 't 's op dal dalla lo d' de' de’ d’
    and und y e i بن ابن بنت
"""
PARTICLES = frozenset(_WORDS.split())
"""Words that belong to the family name after them."""

_LOWERED = PARTICLES - {
    "st",
    "st.",
    "san",
    "santa",
    "sainte",
    "bin",
    "ibn",
    "mac",
    "ó",
    "ní",
    "ui",
    "abu",
    "ben",
    "bar",
    "al",
    "e",
    "i",
}
_VOWELS = frozenset("aeiouyæøœ")
_PART = re.compile(r"[^\W\d_]+")


def letters(word: str) -> str:
    """Return only the letters of a word.

    Args:
        word: Any text.

    Examples:
        >>> letters("O'Brien-2")
        'OBrien'
    """
    return "".join(character for character in word if character.isalpha())


def is_shouted(word: str, *, least: int = 2) -> bool:
    """Whether a word is written in capitals and is no set of initials.

    Args:
        word: One word of a name.
        least: How many letters it needs.

    Examples:
        >>> is_shouted("BERG"), is_shouted("J.R.R."), is_shouted("JRR", least=3), is_shouted("Berg")
        (True, False, False, False)
    """
    text = letters(word)
    return len(text) >= least and text.isupper() and "." not in word and (_has_vowel(text) or len(text) > 3)


def repaired(words: list[str], *, family: bool = False) -> list[str]:
    """Give words that were written in one case the usual capitals.

    Args:
        words: Words of a name, all capitals or all small letters.
        family: Whether they are a family name, which may start with a particle.

    Returns:
        The same words; initials stay, particles become small unless first, 'MCDONALD' becomes 'McDonald'.

    Examples:
        >>> repaired(["LUDWIG", "VAN", "O'BRIEN-MCDONALD"])
        ['Ludwig', 'van', "O'Brien-McDonald"]
    """
    last = len(words) - 1
    return [
        _repaired_word(word, small=(index > 0 or family) and not (word in "Yy" and index < 2), last=index == last)
        for index, word in enumerate(words)
    ]


def _has_vowel(text: str) -> bool:
    """Whether Latin text has a vowel; text in other scripts counts as having one."""
    plain = unicodedata.normalize("NFD", text.lower())
    return any(character in _VOWELS or character > "\u036f" for character in plain)


def _repaired_word(word: str, *, small: bool, last: bool) -> str:
    lower = word.replace("İ", "i").lower()
    if lower in _LOWERED and small and not last:
        return lower
    text = letters(word)
    is_initials = len(text) == 2 and text.isupper() and not _has_vowel(text)
    if len(text) == 1 or "." in word[:-1] or (is_initials and not last):
        return word.upper()
    return _PART.sub(lambda part: _capital(part[0], whole=lower), lower)


def _capital(part: str, *, whole: str) -> str:
    if part == "s" and whole.endswith(("'s", "’s")):
        return part
    if part.startswith("mc") and len(part) > 3:
        return "Mc" + part[2:].capitalize()
    return part[0].upper() + part[1:]
