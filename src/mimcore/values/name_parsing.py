"""Reading a person's name that was written as one text.

What it knows: titles and suffixes (`titles`), 'Family, Given', particles ('van der'), 'BERG Anna' and 'Anna BERG',
names in one case, nicknames in quotes or brackets and maiden names (both left out), Chinese, Japanese and Korean
order, and Russian lists ('Сидоров Иван Петрович'). What it cannot know: two family names without a hyphen
('García Márquez': the first becomes a middle name), and a family name written first in Latin letters without
capitals or comma ('Nagy László'). Give the parts then.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mimcore.errors import InvalidValueError
from mimcore.values.name_case import PARTICLES, is_shouted, letters, repaired
from mimcore.values.name_order import in_order
from mimcore.values.text import clean, fold
from mimcore.values.titles import as_suffix, is_plain_word_suffix, join_titles, leading_titles, title_of

__all__ = ["NameParts", "parse_name"]

MAX_LENGTH = 200
_REMEDY = "give it like 'Mrs Ana Sørensen', or give its parts"
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»]*[\"“”„«»]|\([^()]*\)|\[[^\[\]]*\]|(?<!\S)['‘][^'‘’]+['’](?!\S)")
_PH_D = re.compile(r"\bph\.? d\b\.?", re.IGNORECASE)
# Commas of other scripts and ';' are commas, the middle dot of katakana is a space, direction marks are nothing.
_SEPARATORS = str.maketrans({"\uff0c": ",", "、": ",", "،": ",", ";": ",", "・": " ", "\u200e": None, "\u200f": None})
_ACRONYM = re.compile(r"[A-Z]{2,5}\Z")
_TRAILING_TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr", "prof"})
_BIRTH_NAMES = frozenset({"née", "nee", "né", "geb", "geb.", "geborene", "född", "født", "roz.", "z d."})
_TWO_PERSONS = frozenset({"&", "+", "and", "und", "og", "och", "et"})
_COMPANIES = """
    inc incorporated ltd limited llc llp plc corp corporation company gmbh mbh kg kgaa ohg ag a/s aps ab oy oyj bv nv
    sarl srl spa eurl sl oü sia doo kft zrt sro pty sas holding holdings group gruppe gruppen foundation university
    universität stiftung verein enterprises industries
"""
_COMPANY_WORDS = frozenset(_COMPANIES.split())
_COMPANY_IF_CAPITALS = frozenset({"SA", "AS", "SE", "CO"})


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
    given, family = in_order(_cased(rest), titles)
    return NameParts(join_titles(titles) or None, _text(given[:1]), _text(given[1:]), _text(family), _text(suffixes))


def _plain(text: str) -> str:
    """Drop nicknames, brackets and birth names; one kind of comma and of space."""
    text = _PH_D.sub("PhD", _QUOTED.sub(" ", text)).translate(_SEPARATORS)
    kept: list[str] = []
    for word in text.split():
        if fold(word) in _BIRTH_NAMES and kept:
            break
        kept.append(word.strip('"“”„«»()[]'))
    return " ".join(
        word for word in kept if word in {"&", "+"} or "," in word or any(character.isalnum() for character in word)
    )


def _refuse_addresses(text: str, field: str) -> None:
    if "@" in text or "://" in text or fold(text).startswith("www."):
        raise InvalidValueError(field, "looks like an address, not a name", _REMEDY)


def _refuse_others(words: list[str], field: str) -> None:
    """Companies and couples are no person; guessing which of them is meant would invent people."""
    keys = [fold(word).strip(".") for word in words]
    joined = [key in _TWO_PERSONS and before not in PARTICLES for before, key in zip(["", *keys], keys, strict=False)]
    if any(joined):
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
    shouted = all(word.isupper() for words in segments[:1] for word in words)
    whole = len(segments[0]) > 1 if segments else False
    for index, words in enumerate(segments):
        found, left = leading_titles(words, alone=index > 0 and len(words) == 1)
        titles += found
        left, ending = _without_suffixes(left, after_comma=index > 0, shouted=shouted)
        if index > 0:
            left = _without_trailing_titles(left, titles)
            left, unknown = _without_acronyms(left, allowed=not shouted and (whole or index > 1))
            ending += unknown
        suffixes += ending
        if left:
            rest.append(left)
    return titles, suffixes, rest


def _without_trailing_titles(words: list[str], titles: list[str]) -> list[str]:
    """'Doe, Jane Mrs.' has its title last; adds it to `titles`."""
    code = title_of(words[-1]) if len(words) > 1 else None
    if code not in _TRAILING_TITLES:
        return words
    titles.append(code)
    return words[:-1]


def _without_acronyms(words: list[str], *, allowed: bool) -> tuple[list[str], list[str]]:
    """'John Doe, CLU, CFP': letters after a whole name are distinctions even if the table does not know them."""
    is_acronyms = allowed and all(_ACRONYM.match(word) or as_suffix(word) for word in words)
    return ([], [as_suffix(word) or word for word in words]) if is_acronyms else (words, [])


def _without_suffixes(words: list[str], *, after_comma: bool, shouted: bool) -> tuple[list[str], list[str]]:
    alone = [as_suffix(word) for word in words]
    if after_comma and all(alone):
        return [], [suffix for suffix in alone if suffix]
    found: list[str] = []
    rest = list(words)
    while len(rest) > 1:
        suffix = as_suffix(rest[-1])
        if suffix is None or is_plain_word_suffix(rest[-1], 0 if after_comma or shouted else len(rest)):
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


def _text(words: list[str]) -> str | None:
    return " ".join(words) or None
