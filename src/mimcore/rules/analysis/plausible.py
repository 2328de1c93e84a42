"""Which values a contact may really have, as far as that can be told without the entities: wrong only by being careful.

A value that is not plausible can still occur: then the analysis says "undecided" where it would say "no".
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.instants import as_zone
from mimcore.values.text import fold

__all__ = ["ENTANGLED", "EVENT_ONLY", "REQUIRED", "other_codes", "plausible"]

ENTANGLED = (
    frozenset(f"contact.demographic.{name}" for name in ("age", "birth_date", "birth_year", "age_band", "age_band_on")),
)
"""Fields that follow from one another: only one of them may need a value in an example."""

REQUIRED = frozenset({"account.name"})
"""Fields that no entity lacks."""

EVENT_ONLY = frozenset({"event.kind", "event.at", "event.refund_of", "event.value", "event.external_id"})
"""Fields of events whose values depend on the kind or the window."""

_LONGEST = 200
_DECADES = range(1900, 2100)
_EMAIL = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*@([a-z0-9]+\.)+(com|org|net|dk|de|se)")
_WORDS = re.compile(r"[a-z]+( [a-z]+)*")
_NOTHING = re.compile(r"(?!)")
_FORMATS = {
    "contact.primary_email": _EMAIL,
    "contact.primary_phone": _NOTHING,
    "contact.name.title": _NOTHING,
    "contact.name.suffix": _NOTHING,
    "contact.name.given": _WORDS,
    "contact.name.middle": _WORDS,
    "contact.name.family": _WORDS,
}
_CODES = {
    "key": re.compile(r"[a-z][a-z0-9_-]{0,30}"),
    "domain": re.compile(r"([a-z0-9]{1,20}\.){1,3}(com|org|net|dk|de|se)"),
}


def plausible(spec: FieldSpec, value: Any) -> bool:
    """Tell whether an entity surely accepts a value of a field.

    Args:
        spec: The field.
        value: A text, number, date, instant; text is folded.
    """
    match spec.kind:
        case Kind.TEXT | Kind.TAGS:
            return _text(spec, value)
        case Kind.CODE | Kind.CODES:
            return _code(spec, value)
        case Kind.INTEGER | Kind.NUMBER:
            above = spec.lowest is None or spec.lowest <= value
            return above and (spec.highest is None or value <= spec.highest)
        case Kind.DATE | Kind.INSTANT:
            return isinstance(value, date | datetime) and value.year in _DECADES
        case _:
            return True


def _text(spec: FieldSpec, text: str) -> bool:
    if len(text) > _LONGEST or not text.isprintable() or fold(text) != text:
        return False
    wanted = _FORMATS.get(spec.name)
    return wanted is None or wanted.fullmatch(text) is not None


def _code(spec: FieldSpec, code: str) -> bool:
    if spec.options is not None:
        return code in spec.options
    if spec.vocabulary == "zone":
        try:
            return str(as_zone(code)) == code
        except InvalidValueError:
            return False
    wanted = _CODES.get(spec.vocabulary)
    return wanted is not None and wanted.fullmatch(code) is not None


def other_codes(spec: FieldSpec) -> list[str]:
    """Return codes that stand for "another one", where a vocabulary has no list of options."""
    match spec.vocabulary:
        case "zone":
            return ["UTC", "Europe/Copenhagen", "America/New_York", "Asia/Kolkata", "Africa/Cairo"]
        case "domain":
            return [f"other{number}.com" for number in range(50)]
        case _:
            return [f"other{number}" for number in range(50)]
