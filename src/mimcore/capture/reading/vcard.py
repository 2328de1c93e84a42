"""vCards (2.1, 3.0, 4.0) as rows: one card is one row, numbered by the line where it begins.

Columns are always the same, and `presets` knows them. E-mail addresses and phone numbers stand in one cell each, the
preferred one first; of addresses and companies the preferred one is taken, and the notes say how many have more.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO, TextIO

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.files.csv_text import Bytes, settle_encoding
from mimcore.capture.reading.row_source import FileRows, row_of
from mimcore.capture.reading.text_lines import text_lines
from mimcore.capture.reading.vcard_lines import Property, logical_lines, parted, property_of
from mimcore.errors import CaptureError, Problem

__all__ = ["HEADERS", "read_vcards"]

_WHAT = "vCards"
_NAME = ("N.family", "N.given", "N.middle", "N.prefix", "N.suffix")
_ADDRESS = {"ADR.street": 2, "ADR.city": 3, "ADR.region": 4, "ADR.postal_code": 5, "ADR.country": 6}
_LISTS = ("EMAIL", "TEL", "CATEGORIES")
_SINGLE = ("FN", "ORG", "TITLE", "BDAY", "NOTE", "URL", "UID", "LANG", "GENDER", "REV")
HEADERS = ("FN", *_NAME, *_LISTS, *_SINGLE[1:], *_ADDRESS)
"""The columns of every vCard file."""
_KNOWN = frozenset({*_LISTS, *_SINGLE, "N", "ADR", "KIND"})
_STRUCTURE = frozenset({"VERSION", "PRODID"})
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")
_INSTANT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?")
_TOLD = 10

Card = list[Property]


def read_vcards(path_or_stream: str | os.PathLike[str] | BinaryIO | TextIO, *, encoding: str | None = None) -> FileRows:
    r"""Open a file of vCards.

    Args:
        path_or_stream: A path, a binary stream or a text stream.
        encoding: Python codec name; by default the byte-order mark, then UTF-8, then Windows-1252 decide. A CHARSET
            of vCard 2.1 is followed in any case.

    Returns:
        The source: `headers`, `notes`, and rows by iteration. A card that is broken is a row with a problem.

    Raises:
        CaptureError: If the file cannot be opened, or holds no card.

    Examples:
        >>> import io
        >>> file = io.BytesIO(b"BEGIN:VCARD\nVERSION:4.0\nFN:Ana Berg\nEMAIL:ana@acme.dk\nEND:VCARD\n")
        >>> [dict(zip(HEADERS, row.values))["EMAIL"] for row in read_vcards(file)]
        ['ana@acme.dk']
    """
    data = Bytes(path_or_stream)
    codec, notes = settle_encoding(data, "utf-8" if data.is_text else encoding)
    told = Counter[str]()
    cards = 0
    for _, card in _cards(data, codec):
        cards += 1
        if not isinstance(card, Problem):
            told.update(_left_out(card))
    if not cards:
        raise CaptureError(f"{data.name} holds no vCard (BEGIN:VCARD … END:VCARD)")

    def rows(headers: tuple[str, ...]) -> Iterator[Row]:
        return (_row(line, card, headers) for line, card in _cards(data, codec))

    return FileRows(data, HEADERS, rows, notes=[*notes, *_notes(told)])


def _cards(data: Bytes, codec: str) -> Iterator[tuple[int, Card | Problem]]:
    """Yield each card with the line where it begins, and what is no card with the reason."""
    begun, card, problem = 0, Card(), None
    for number, line in logical_lines(_stripped(data, codec)):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            if begun:
                yield begun, _endless()
            begun, card, problem = number, [], None
        elif not begun:
            if word:
                yield number, Problem("", "stands outside a card", "put it between BEGIN:VCARD and END:VCARD")
        elif word == "END:VCARD":
            yield begun, problem or card
            begun = 0
        elif word:
            found = property_of(line)
            problem = problem or _trouble(found, number)
            card += [found] if found is not None else []
    if begun:
        yield begun, _endless()


def _stripped(data: Bytes, codec: str) -> Iterator[tuple[int, str]]:
    return ((number, (line or "").rstrip("\r\n")) for number, line in text_lines(data, codec, _WHAT, None))


def _endless() -> Problem:
    return Problem("", "is a card without END:VCARD", "the file may be cut off; add the missing lines")


def _trouble(found: Property | None, number: int) -> Problem | None:
    if found is None:
        return Problem("", f"has no property on line {number}", "write NAME:value, and begin folded lines with a space")
    if found.name == "KIND" and found.value.strip().lower() == "group":
        return Problem("", "is a list of cards, no contact", "leave it out")
    return None


def _row(line: int, card: Card | Problem, headers: tuple[str, ...]) -> Row:
    if isinstance(card, Problem):
        return Row(line, (), card)
    cells = dict.fromkeys(HEADERS, "")
    for name in _SINGLE:
        cells[name] = _single(name, _best(card, name))
    for name in _LISTS:
        cells[name] = _joined(name, card)
    for name, part in zip(_NAME, _parts(_best(card, "N"), len(_NAME)), strict=True):
        cells[name] = part
    address = _parts(_best(card, "ADR"), 7)
    cells.update({name: address[place] for name, place in _ADDRESS.items()})
    return row_of(line, [cells[name] for name in HEADERS], headers)


def _best(card: Card, name: str) -> Property | None:
    """Return the preferred property of a name, the first among equals."""
    return min((one for one in card if one.name == name), key=lambda one: one.rank, default=None)


def _parts(found: Property | None, number: int) -> list[str]:
    given = [] if found is None else parted(found.value, ";")
    return [part.replace("\n", ", ") for part in (*given, *([""] * number))][:number]


def _single(name: str, found: Property | None) -> str:
    if found is None:
        return ""
    value = parted(found.value, ";")[0] if name in {"ORG", "GENDER"} else parted(found.value, "\0")[0]
    if name == "BDAY":
        return _birthday(found)
    if name == "REV" and (instant := _INSTANT.fullmatch(value)) is not None:
        year, month, day, hour, minute, second, zone = instant.groups()
        return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone or ''}"
    return value


def _birthday(found: Property) -> str:
    """Return the day as ISO date; one without a year is none (Apple writes 1604 for it)."""
    value = found.value.strip()
    day = _DAY.fullmatch(value)
    if value.startswith("--") or (day is not None and day[1] in found.parameters.get("X-APPLE-OMIT-YEAR", ())):
        return ""
    return value if day is None else f"{day[1]}-{day[2]}-{day[3]}"


def _joined(name: str, card: Card) -> str:
    found = sorted((one for one in card if one.name == name and not _is_fax(one)), key=lambda one: one.rank)
    values = (value for one in found for value in _values(name, one))
    return ";".join(dict.fromkeys(value for value in values if value))


def _values(name: str, found: Property) -> Sequence[str]:
    if name == "CATEGORIES":
        return parted(found.value, ",")
    value = parted(found.value, "\0")[0]
    scheme, _, rest = value.partition(":")
    return [rest.partition(";")[0] if scheme.lower() in {"tel", "mailto"} else value]


def _is_fax(found: Property) -> bool:
    return found.name == "TEL" and bool({"FAX", "PAGER"} & set(found.parameters.get("TYPE", ())))


def _left_out(card: Card) -> Iterator[str]:
    """Yield what a card says that no column has."""
    names = Counter(one.name for one in card)
    yield from (name for name in names if name not in _KNOWN and name not in _STRUCTURE)
    yield from (f"further {name}" for name in ("ADR", "ORG", "TITLE", "URL") if names[name] > 1)
    if any(map(_is_fax, card)):
        yield "fax and pager numbers"
    birthday = _best(card, "BDAY")
    if birthday is not None and not _birthday(birthday):
        yield "birthdays without a year"


def _notes(told: Counter[str]) -> Iterator[str]:
    if told:
        listed = ", ".join(f"{what} ({cards})" for what, cards in told.most_common(_TOLD))
        more = f" and {len(told) - _TOLD} more kinds" if len(told) > _TOLD else ""
        yield f"left out, with the number of cards: {listed}{more}"
