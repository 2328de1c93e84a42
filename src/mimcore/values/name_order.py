"""Which words of a name are given names and which the family name; see `name_parsing` for the rest of the reading."""

from __future__ import annotations

import re
import unicodedata

from mimcore.values.name_case import PARTICLES, is_shouted, repaired
from mimcore.values.text import fold

__all__ = ["in_order"]

# Particles that are also given names or initials count only in small letters.
_SMALL_ONLY = frozenset(
    {"al", "ben", "bar", "do", "mac", "y", "e", "i", "op", "te", "lo", "and", "und", "av", "af", "ui"}
)
_JOINING = frozenset({"y", "e", "i"})
_GIVEN_AFTER = frozenset({"sir", "dame", "sister", "brother", "father"})
# First halves of Arabic given names: 'Abdul Salam' is one name.
_BOUND = frozenset({"abdul", "abdel", "abd", "abu", "عبد", "أبو", "ابو"})
# East Slavic lists write family name, given name, patronymic: 'Сидоров Иван Петрович'.
_PATRONYMIC = re.compile(r"(?:[оеёі]вич|[оеёії]вна|ічна|инична)$", re.IGNORECASE)
_KOREAN_DOUBLE = frozenset({"남궁", "황보", "제갈", "사공", "선우", "서문", "독고"})
_EAST_ASIAN = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC")
_HONORIFICS = ("様", "さん", "先生", "女士", "小姐", "씨", "님")


def in_order(segments: list[list[str]], titles: list[str]) -> tuple[list[str], list[str]]:
    """Split a name into given names and the words of the family name.

    Args:
        segments: The words between commas, without titles and suffixes; at least one word.
        titles: Codes of the titles found; a lone name after 'Mrs' is a family name, after 'Sir' a given one.

    Returns:
        Given names (the first one, then middle names) and family name; either may be empty.

    Examples:
        >>> in_order([["Jan", "van", "der", "Berg"]], []), in_order([["BERG", "Anna"]], [])
        ((['Jan'], ['van', 'der', 'Berg']), (['Anna'], ['Berg']))
    """
    first, *others = segments
    if others:
        given = [word for segment in others for word in segment]
        return _after_comma(given, first)
    if _is_east_asian(first):
        return _east_asian(first)
    if len(first) == 1:
        is_family = bool(titles) and titles[-1] not in _GIVEN_AFTER
        return ([], first) if is_family else (first, [])
    if len(first) == 3 and _PATRONYMIC.search(first[2]):
        return first[1:], first[:1]
    given, family = _shouted_family(first) or _by_particles(first)
    return _bound(given), family


def _after_comma(given: list[str], family: list[str]) -> tuple[list[str], list[str]]:
    """'Gogh, Vincent van' has its particle at the far end."""
    start = len(given)
    while start > 1 and given[start - 1].islower() and given[start - 1] in PARTICLES - _JOINING:
        start -= 1
    return _bound(given[:start]), given[start:] + _calmed(family)


def _calmed(family: list[str]) -> list[str]:
    shouted = all(word.isupper() or word.lower() in PARTICLES for word in family)
    return repaired(family, family=True) if shouted and any(is_shouted(word, least=3) for word in family) else family


def _bound(given: list[str]) -> list[str]:
    joins = len(given) > 1 and fold(given[0]) in _BOUND
    return [" ".join(given[:2]), *given[2:]] if joins else given


def _shouted_family(words: list[str]) -> tuple[list[str], list[str]] | None:
    """Read 'BERG Anna' and 'Anna BERG': capitals mark the family name where the rest is in mixed case."""
    start = len(words)
    while start > 0 and is_shouted(words[start - 1]):
        start -= 1
    if 0 < start < len(words) and not any(is_shouted(word) for word in words[:start]):
        return words[:start], repaired(words[start:], family=True)
    end = 0
    while end < len(words) and is_shouted(words[end], least=3):
        end += 1
    if 0 < end < len(words) and not any(is_shouted(word) for word in words[end:]):
        return words[end:], repaired(words[:end], family=True)
    return None


def _by_particles(words: list[str]) -> tuple[list[str], list[str]]:
    if words[0].islower() and words[0] in PARTICLES - _JOINING:
        return [], words
    start = _family_start(words)
    return words[:start], words[start:]


def _family_start(words: list[str]) -> int:
    """A particle in small letters opens the family name ('da Silva Santos'); else those right before the last word."""
    last = len(words) - 1
    for index in range(_after_devotional(words), last):
        if words[index].islower() and words[index] in PARTICLES - _JOINING:
            return index - 2 if index > 2 and words[index - 1] in _JOINING else index
    start = last
    while start > 1 and _is_particle(words[start - 1]):
        if words[start - 1] in _JOINING:
            return start - 2 if start > 2 else start
        start -= 1
    return start


def _after_devotional(words: list[str]) -> int:
    """Where a family name can begin: after 'María del Carmen' and 'María de los Ángeles', else after the first word."""
    if fold(words[0]) not in {"maría", "maria", "ma.", "ma"}:
        return 1
    second, third = (*words, "", "")[1:3]
    if second.lower() == "del":
        return 3
    return 4 if second.lower() == "de" and third.lower() in {"la", "los", "las"} else 1


def _is_particle(word: str) -> bool:
    key = word.lower()
    return key in PARTICLES and (word == key or key not in _SMALL_ONLY)


def _is_east_asian(words: list[str]) -> bool:
    return all(unicodedata.name(character, "").startswith(_EAST_ASIAN) for word in words for character in word)


def _east_asian(words: list[str]) -> tuple[list[str], list[str]]:
    """Family name first, except in katakana, which spells foreign names; written together, only Korean can be split."""
    kept = words[:-1] if len(words) > 1 and words[-1] in _HONORIFICS else words
    if len(kept) > 1:
        foreign = all(unicodedata.name(character, "").startswith("KATAKANA") for word in kept for character in word)
        return (kept[:-1], kept[-1:]) if foreign else (kept[1:], kept[:1])
    name = kept[0]
    family = 2 if name[:2] in _KOREAN_DOUBLE else 1
    is_korean = all(unicodedata.name(character, "").startswith("HANGUL") for character in name)
    return ([name[family:]], [name[:family]]) if is_korean and len(name) == family + 2 else (kept, [])
