"""Reading a person's name that was written as one text.

What it knows: titles and suffixes (`titles`), 'Family, Given', particles ('van der'), 'BERG Anna' and 'Anna BERG',
names in one case, nicknames in quotes or brackets and maiden names (both left out), Chinese, Japanese and Korean
order, and Russian lists ('Сидоров Иван Петрович'). What it cannot know: two family names without a hyphen
('García Márquez': the first becomes a middle name), and a family name written first in Latin letters without
capitals or comma ('Nagy László'). Give the parts then.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from mimcore.errors import InvalidValueError
from mimcore.values.name_case import PARTICLES, is_shouted, letters, repaired
from mimcore.values.text import clean, fold
from mimcore.values.titles import as_suffix, is_plain_word_suffix, join_titles, leading_titles

__all__ = ["NameParts", "parse_name"]

MAX_LENGTH = 200
_REMEDY = "give it like 'Mrs Ana Sørensen', or give its parts"
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»]*[\"“”„«»]|\([^()]*\)|\[[^\[\]]*\]|(?<!\S)['‘][^'‘’]+['’](?!\S)")
_BIRTH_NAMES = frozenset({"née", "nee", "né", "geb", "geb.", "geborene", "född", "født", "roz.", "z d."})
_TWO_PERSONS = frozenset({"&", "+", "and", "und", "og", "och", "et"})
_COMPANIES = """
    inc incorporated ltd limited llc llp plc corp corporation company gmbh mbh kg kgaa ohg ag a/s aps ab oy oyj bv nv
    sarl srl spa eurl sl oü sia doo kft zrt sro pty sas holding holdings group gruppe gruppen foundation university
    universität stiftung verein enterprises industries
"""
_COMPANY_WORDS = frozenset(_COMPANIES.split())
_COMPANY_IF_CAPITALS = frozenset({"SA", "AS", "SE", "CO"})
# Particles that are also given names or initials count only in small letters.
_SMALL_ONLY = frozenset({"al", "ben", "bar", "do", "mac", "y", "e", "i", "op", "te", "lo", "and", "av", "af", "ui"})
_JOINING = frozenset({"y", "e", "i"})
# East Slavic lists write family name, given name, patronymic: 'Сидоров Иван Петрович'.
_PATRONYMIC = re.compile(r"(?:[оеёі]вич|[оеёії]вна|ічна|инична)$", re.IGNORECASE)
_GIVEN_AFTER = frozenset({"sir", "dame", "sister", "brother", "father"})


class NameParts(NamedTuple):
    """The parts of a name; None where there is none."""

    title: str | None
    given: str | None
    middle: str | None
    family: str | None
    suffix: str | None


def parse_name(value: object, field: str) -> NameParts:
    """Read a name.

    Args:
        value: The name as somebody wrote it, at most 200 characters.
        field: Name used in an error.

    Returns:
        Its parts.

    Raises:
        InvalidValueError: If it is missing, has no letters, or is an address, a company or several people.

    Examples:
        >>> parse_name("Berg, Fru Anna Maria", "name")
        NameParts(title='mrs', given='Anna', middle='Maria', family='Berg', suffix=None)
    """
    text = clean(value, field, MAX_LENGTH)
    if text is None:
        raise InvalidValueError(field, "is missing", _REMEDY)
    _refuse_addresses(text, field)
    segments = [segment.split() for segment in _plain(text).split(",") if segment.strip()]
    titles, suffixes, rest = _without_affixes(segments)
    _refuse_others([word for segment in segments for word in segment], field)
    if not any(letters(word) for words in rest for word in words):
        raise InvalidValueError(field, "has no name in it", _REMEDY)
    given, family = _split(_cased(rest), titles, foreign_order="・" not in text)
    return NameParts(join_titles(titles) or None, _text(given[:1]), _text(given[1:]), _text(family), _text(suffixes))


def _plain(text: str) -> str:
    """Drop nicknames, brackets and birth names; one kind of comma and of space."""
    text = _QUOTED.sub(" ", text).replace("\uff0c", ",").replace("、", ",").replace("・", " ").replace(";", ",")
    kept: list[str] = []
    for word in text.split():
        if fold(word) in _BIRTH_NAMES and kept:
            break
        kept.append(word.strip('"“”„«»()[]'))
    return " ".join(kept)


def _refuse_addresses(text: str, field: str) -> None:
    if "@" in text or "://" in text or fold(text).startswith("www."):
        raise InvalidValueError(field, "looks like an address, not a name", _REMEDY)


def _refuse_others(words: list[str], field: str) -> None:
    """Companies and couples are no person; guessing which of them is meant would invent people."""
    keys = [fold(word).strip(".") for word in words]
    if any(key in _TWO_PERSONS for key in keys):
        raise InvalidValueError(field, "names more than one person or a company", "give one person")
    shouted = all(word.isupper() for word in words)
    legal = [key.replace(".", "") in _COMPANY_WORDS for key in keys]
    capital = [word.replace(".", "").replace("/", "") in _COMPANY_IF_CAPITALS and not shouted for word in words]
    if len(words) > 1 and (legal[-1] or capital[-1] or any(_is_legal_form(key) for key in keys[1:])):
        raise InvalidValueError(field, "looks like a company", "add it as an account, or give the parts of the name")


def _is_legal_form(key: str) -> bool:
    return key.replace(".", "") in {"inc", "ltd", "llc", "gmbh", "corp", "plc", "aps", "a/s", "sarl"}


def _without_affixes(segments: list[list[str]]) -> tuple[list[str], list[str], list[list[str]]]:
    """Take titles and suffixes from the segments between commas."""
    titles: list[str] = []
    suffixes: list[str] = []
    rest: list[list[str]] = []
    for index, words in enumerate(segments):
        found, left = leading_titles(words, alone=index > 0 and len(words) == 1)
        titles += found
        left, ending = _without_suffixes(left, after_comma=index > 0)
        suffixes += ending
        if left:
            rest.append(left)
    return titles, suffixes, rest


def _without_suffixes(words: list[str], *, after_comma: bool) -> tuple[list[str], list[str]]:
    alone = [as_suffix(word) for word in words]
    if after_comma and all(alone):
        return [], [suffix for suffix in alone if suffix]
    found: list[str] = []
    rest = list(words)
    while len(rest) > 1:
        suffix = as_suffix(rest[-1])
        if suffix is None or is_plain_word_suffix(rest[-1], len(rest)):
            break
        found.insert(0, suffix)
        rest.pop()
    return rest, found


def _cased(segments: list[list[str]]) -> list[list[str]]:
    """Repair names that are written in one case throughout."""
    words = [word for segment in segments for word in segment if len(letters(word)) > 1]
    text = "".join(letters(word) for word in words)
    one_case = text.isupper() or text.islower()
    if not one_case or (len(words) == 1 and not is_shouted(words[0], least=3) and text.isupper()):
        return segments
    return [repaired(segment, family=index == 0 and len(segments) > 1) for index, segment in enumerate(segments)]


def _split(segments: list[list[str]], titles: list[str], *, foreign_order: bool) -> tuple[list[str], list[str]]:
    """Return the given names (the first, then middle names) and the words of the family name."""
    first, *others = segments
    if others:
        given = [word for segment in others for word in segment]
        return _after_comma(given, first)
    if len(first) == 1:
        is_family = bool(titles) and titles[-1] not in _GIVEN_AFTER
        return ([], first) if is_family else (first, [])
    if foreign_order and len(first) == 2 and all(_is_cjk(word) for word in first):
        return first[1:], first[:1]
    if len(first) == 3 and _PATRONYMIC.search(first[2]):
        return first[1:], first[:1]
    return _shouted_family(first) or _by_particles(first)


def _after_comma(given: list[str], family: list[str]) -> tuple[list[str], list[str]]:
    """'Gogh, Vincent van' has its particle at the far end."""
    start = len(given)
    while start > 1 and given[start - 1].islower() and given[start - 1] in PARTICLES:
        start -= 1
    return given[:start], given[start:] + _calmed(family)


def _calmed(family: list[str]) -> list[str]:
    shouted = all(word.isupper() or word.lower() in PARTICLES for word in family)
    return repaired(family, family=True) if shouted and any(is_shouted(word, least=3) for word in family) else family


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
    if words[0].islower() and words[0] in PARTICLES:
        return [], words
    start = len(words) - 1
    while start > 1 and _is_particle(words[start - 1]):
        joins = words[start - 1] in _JOINING and start > 2
        start -= 2 if joins else 1
    return words[:start], words[start:]


def _is_particle(word: str) -> bool:
    key = word.lower()
    return key in PARTICLES and (word == key or key not in _SMALL_ONLY)


def _is_cjk(word: str) -> bool:
    return all(
        unicodedata.name(character, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA")) for character in word
    )


def _text(words: list[str]) -> str | None:
    return " ".join(words) or None
