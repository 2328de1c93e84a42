"""What a column is: judged by its name in common European languages and by a sample of its cells.

A name proposes, the cells confirm or refuse; cells alone decide only where they are unmistakable. A guess says how
sure it is and why, in words that hold no cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from mimcore.capture.mapping.column_kinds import (
    CHECKS,
    ColumnKind,
    DateOrder,
    best_date_order,
    has_time,
    is_blank,
    is_placeholder,
    is_web_address,
)
from mimcore.capture.mapping.header_names import FIELDS, PREFIXES
from mimcore.display import percent
from mimcore.values.match_keys import plain_letters
from mimcore.values.titles import title_of

__all__ = ["ColumnGuess", "guess_column", "header_key"]

_SURE = 0.95
_MOST = 0.8
_HALF = 0.5
_FEW_VALUES = 30
_COUNTRIES = 300
_WORDY = 40
_DAYS_AGO = re.compile("days(?:ago|since|old)|ageindays|tageseit|alterintagen|dagesiden|dagarsedan|joursdepuis")
_CONTENT_ORDER = (
    ColumnKind.EMAIL,
    ColumnKind.URL,
    ColumnKind.INSTANT,
    ColumnKind.BOOLEAN,
    ColumnKind.NUMBER,
    ColumnKind.MONEY,
    ColumnKind.PHONE,
)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column probably is.

    Attributes:
        kind: What its cells are.
        field: Canonical name of the field it fits, such as `contact.demographic.country`, or None.
        confidence: 0-1; below 0.5 somebody should look.
        why: The reason in words, without any cell.
        date_order: Order of day, month and year, for dates and instants.
    """

    kind: ColumnKind
    field: str | None
    confidence: float
    why: str
    date_order: DateOrder | None = None


def header_key(header: str) -> str:
    """Return the form in which names of columns are compared.

    Args:
        header: The name as it stands in the file.

    Examples:
        >>> header_key("E-Mail-Adresse"), header_key("Fødselsdato ")
        ('emailadresse', 'fodselsdato')
    """
    return plain_letters(header[:200])


def guess_column(header: str, cells: Sequence[str]) -> ColumnGuess:
    """Guess what a column is.

    Args:
        header: Its name.
        cells: A sample of its cells as text; blank ones and placeholders such as 'n/a' are passed over.

    Returns:
        The guess; `ColumnKind.EMPTY` if no cell says anything.

    Examples:
        >>> guess = guess_column("Land", ["Danmark", "DE", ""])
        >>> guess.kind.value, guess.field, guess.confidence
        ('country', 'contact.demographic.country', 0.95)
    """
    filled = [cell for cell in cells if not is_blank(cell) and not is_placeholder(cell)]
    named = (None, ColumnKind.DAYS_AGO) if _DAYS_AGO.search(header_key(header)) else _by_name(header)
    if not filled:
        field, confidence = (named[0], 0.3) if named else (None, 1.0)
        return ColumnGuess(ColumnKind.EMPTY, field, confidence, "no cell is filled")
    if named is not None:
        confirmed = _confirmed(named[0], named[1], filled)
        if confirmed is not None:
            return confirmed
    found = _by_content(filled)
    if named is not None:
        return ColumnGuess(
            found.kind,
            None,
            min(found.confidence, _HALF),
            f"the name says {named[1].value}, but {found.why}",
            found.date_order,
        )
    return found


def _by_name(header: str) -> tuple[str | None, ColumnKind] | None:
    """Look a name up, then without trailing digits, then without words that do not change its meaning."""
    key = header_key(header)
    table = _table()
    for candidate in (key, key.rstrip("0123456789")):
        rest = candidate
        while rest:
            if rest in table:
                return table[rest]
            rest = _without_prefix(rest)
    return None


def _without_prefix(key: str) -> str:
    return next((key.removeprefix(word) for word in PREFIXES if key.startswith(word) and key != word), "")


@cache
def _table() -> dict[str, tuple[str | None, ColumnKind]]:
    table: dict[str, tuple[str | None, ColumnKind]] = {}
    meaning: tuple[str | None, ColumnKind] = (None, ColumnKind.FREE_TEXT)
    for line in FIELDS.splitlines():
        if line.startswith(" "):
            table.update({name: meaning for name in line.split() if name not in table})
        else:
            field, kind = line.split()
            meaning = (None if field == "-" else field, ColumnKind(kind))
    return table


def _confirmed(field: str | None, kind: ColumnKind, filled: Sequence[str]) -> ColumnGuess | None:
    """Return what the name proposes, as sure as the cells allow; None if they speak against it."""
    order: DateOrder | None = None
    share: float | None
    if kind is ColumnKind.DATE:
        order, share = best_date_order(filled)
        is_instant = sum(map(has_time, filled)) * 2 > len(filled)
        kind = ColumnKind.INSTANT if is_instant else ColumnKind.DATE
    else:
        share = _share(CHECKS.get(kind), filled)
    if field == "contact.employment.title" and (_share(_is_title, filled) or 0) > _HALF:
        return ColumnGuess(kind, "contact.name.title", _MOST, "most cells are titles such as Mrs or Dr")
    if share is None:
        return None if _contradicts(kind, filled) else ColumnGuess(kind, field, _MOST, "its name is known")
    if share < _HALF:
        return None
    why = f"its name means {kind.value} and {percent(share, 0)} of the cells are"
    return ColumnGuess(kind, field, round(_SURE * (0.5 + share / 2), 2), why, order)


def _share(check: Callable[[str], bool] | None, filled: Sequence[str]) -> float | None:
    if check is None:
        return None
    counts = Counter(filled)  # each different cell is judged once: some checks are slow to say no
    return sum(number for cell, number in counts.items() if check(cell)) / len(filled)


def _is_title(cell: str) -> bool:
    return title_of(cell) is not None


def _contradicts(kind: ColumnKind, filled: Sequence[str]) -> bool:
    """Tell whether cells are unmistakably something else than the unchecked kind that the name means."""
    unlike = {ColumnKind.EMAIL, ColumnKind.URL}
    if kind in {ColumnKind.GIVEN_NAME, ColumnKind.FAMILY_NAME}:
        unlike |= {ColumnKind.NUMBER, ColumnKind.PHONE}
    return any((_share(CHECKS[other], filled) or 0) > _HALF for other in unlike)


def _by_content(filled: Sequence[str]) -> ColumnGuess:
    """Judge by the cells alone."""
    order, share = best_date_order(filled)
    if share >= _MOST:
        kind = ColumnKind.INSTANT if sum(map(has_time, filled)) * 2 > len(filled) else ColumnKind.DATE
        # Eight bare digits are a date only if a name says so.
        if not all(cell.strip().isdigit() for cell in filled):
            return ColumnGuess(
                kind, None, round(_MOST * share, 2), f"{percent(share, 0)} of the cells are dates", order
            )
    for kind in _CONTENT_ORDER:
        part = _share(CHECKS[kind], filled) or 0.0
        if part >= _MOST and _is_credible(kind, filled):
            return ColumnGuess(kind, None, round(_MOST * part, 2), f"{percent(part, 0)} of the cells are {kind.value}")
    return _by_shape(filled)


def _is_credible(kind: ColumnKind, filled: Sequence[str]) -> bool:
    """Hold back where a shape is shared: bare digits are numbers, not phones; one word repeated is no yes-or-no."""
    if kind is ColumnKind.BOOLEAN:
        return len({cell.strip().casefold() for cell in filled}) <= 2
    if kind is ColumnKind.PHONE:
        return sum(cell.lstrip().startswith(("+", "0", "(")) for cell in filled) * 2 > len(filled)
    if kind is ColumnKind.URL:
        return sum(map(is_web_address, filled)) * 2 > len(filled)
    if kind is ColumnKind.NUMBER:
        # A leading zero belongs to a code or a phone, and a leading plus to a phone.
        zeros = sum(re.match(r"\s*(?:0\d|\+)", cell) is not None for cell in filled)
        return zeros * 10 < len(filled)
    return True


def _by_shape(filled: Sequence[str]) -> ColumnGuess:
    distinct = {cell.strip().casefold() for cell in filled}
    if _are_countries(sorted(distinct)):
        return ColumnGuess(ColumnKind.COUNTRY, "contact.demographic.country", 0.6, "nearly all values are countries")
    if len(distinct) <= min(_FEW_VALUES, len(filled) / 2):
        return ColumnGuess(ColumnKind.CODE, None, _HALF, f"only {len(distinct)} different values")
    if len(distinct) == len(filled) and all(re.fullmatch(r"[\w-]*\d[\w-]*", cell.strip()) for cell in filled):
        return ColumnGuess(ColumnKind.IDENTIFIER, None, _HALF, "every cell differs and looks like a number or key")
    is_wordy = sum(map(len, filled)) / len(filled) > _WORDY
    return ColumnGuess(ColumnKind.FREE_TEXT, None, 0.4, "long texts" if is_wordy else "many different texts")


def _are_countries(distinct: Sequence[str]) -> bool:
    """Tell whether values are countries; two or three letters alone could be anything, and a dozen tell the rest."""
    if max(map(len, distinct)) <= 3 or len(distinct) > _COUNTRIES:
        return False
    check = CHECKS[ColumnKind.COUNTRY]
    return all((_share(check, part) or 0) >= _SURE for part in (distinct[:12], distinct))
