"""A proposed change in plain English: which values would do, and by when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from mimcore.rules.explaining.finding_words import called, value_words
from mimcore.rules.explaining.flips.options import Cell, Option, Unit
from mimcore.rules.language.catalogue import FieldSpec, Kind

__all__ = ["moment", "phrase_of", "sentence"]

_WITH = frozenset({"events", "accounts", "permission"})
_SHOWN = 6


def phrase_of(
    unit: Unit, chosen: Option, others: Sequence[Option], failing: Sequence[Option], spelling: Callable[[Any], Any]
) -> str:
    """Return what would be so, such as `country were SE or NO`.

    Args:
        unit: What changes.
        chosen: The option that was chosen.
        others: All options that would do, the chosen one included.
        failing: Those that would not.
        spelling: Gives a folded literal the spelling that the rule has.
    """
    if unit.spec is None:
        return chosen.phrase
    name = called(unit.spec)
    if unit.part == "state":
        return f"{name} were {chosen.phrase}"
    if chosen.phrase:
        return f"{name} {chosen.phrase}"
    if chosen.is_missing:
        return f"{name} were not known"
    known = [one for one in others if not one.is_missing]
    if chosen.cell is not None:
        return f"{name} were {_range(unit.spec, _run(chosen.cell, known))}"
    return f"{name} were {_set(unit.spec, known, [one for one in failing if not one.is_missing], spelling)}"


def _set(spec: FieldSpec, known: Sequence[Option], failing: Sequence[Option], spelling: Callable[[Any], Any]) -> str:
    named = [value_words(spec, spelling(one.value)) for one in known if not one.is_other]
    if not any(one.is_other for one in known):
        return _or(named)
    refused = [value_words(spec, spelling(one.value)) for one in failing if not one.is_other]
    if not refused:
        return "known"
    return f"not {refused[0]}" if len(refused) == 1 else f"neither {' nor '.join(refused[:_SHOWN])}"


def _or(words: Sequence[str]) -> str:
    *first, last = [*words[:_SHOWN], *(["…"] if len(words) > _SHOWN else [])]
    return f"{', '.join(first)} or {last}" if first else last


def _run(cell: Cell, known: Sequence[Option]) -> Cell:
    """The cells round one without a gap, as one."""
    cells = {one.cell.place: one.cell for one in known if one.cell is not None}
    first = last = cell.place
    while first - 1 in cells or (first - 2 in cells and _is_empty_between(cells[first - 2], cells[first])):
        first -= 1 if first - 1 in cells else 2
    while last + 1 in cells or (last + 2 in cells and _is_empty_between(cells[last], cells[last + 2])):
        last += 1 if last + 1 in cells else 2
    low, high = cells[first], cells[last]
    return Cell(first, low.low, high.high, low.has_low, high.has_high)


def _is_empty_between(low: Cell, high: Cell) -> bool:
    """Whether two points have nothing between them, as 2 and 3 among whole numbers."""
    if not (low.has_high and high.has_low):
        return False
    steps: dict[type, Any] = {int: 1, date: timedelta(days=1)}
    end: Any = low.high
    step = next((one for kind, one in steps.items() if type(end) is kind), None)
    return step is not None and end + step == high.low


def _range(spec: FieldSpec, cell: Cell) -> str:
    low, high, has_low, has_high = _closed(spec, cell)
    words = [None if end is None else value_words(_plain(spec), end) for end in (low, high)]
    is_moment = spec.kind in {Kind.DATE, Kind.INSTANT, Kind.AGE}
    if low is None and high is None:
        return "known"
    if low == high:
        return str(words[0])
    if low is not None and high is not None:
        inclusive = (
            ""
            if has_low and has_high
            else " (the ends excluded)"
            if not has_low and not has_high
            else " (one end excluded)"
        )
        return f"between {words[0]} and {words[1]}{inclusive}"
    if low is not None:
        at_least, more = ("on or after", "after") if is_moment else ("at least", "more than")
        return f"{at_least if has_low else more} {words[0]}"
    at_most, less = ("on or before", "before") if is_moment else ("at most", "less than")
    return f"{at_most if has_high else less} {words[1]}"


def _plain(spec: FieldSpec) -> FieldSpec:
    """An age is told as a birth date."""
    return replace(spec, kind=Kind.DATE) if spec.kind is Kind.AGE else spec


def _closed(spec: FieldSpec, cell: Cell) -> tuple[Any, Any, bool, bool]:
    """Bounds that belong to the range, where values come in steps: more than 2 is at least 3."""
    steps: dict[Kind, Any] = {Kind.INTEGER: 1, Kind.DATE: timedelta(days=1), Kind.AGE: timedelta(days=1)}
    step = steps.get(spec.kind)
    if step is None:
        return cell.low, cell.high, cell.has_low, cell.has_high
    low = cell.low + step if cell.low is not None and not cell.has_low else cell.low
    high = cell.high - step if cell.high is not None and not cell.has_high else cell.high
    return low, high, True, True


def sentence(verb: str, units: Sequence[Unit], phrases: Sequence[str], until: datetime | None) -> str:
    """Return the whole proposal: `would enter with 1 more purchase before 9 April 2026`.

    Args:
        verb: enter or leave.
        units: What changes.
        phrases: How, in the same order.
        until: The first instant at which it would be too late.
    """
    pairs = list(zip(units, phrases, strict=True))
    given = [phrase.removeprefix("with ") for unit, phrase in pairs if unit.part in _WITH]
    conditions = [phrase for unit, phrase in pairs if unit.part not in _WITH]
    said = [f"with {' and '.join(given)}".replace("with without", "without")] if given else []
    said += [f"if {' and '.join(conditions)}"] if conditions else []
    late = "" if until is None else f" before {moment(until)}"
    return f"would {verb} {' and '.join(said)}{late}"


def moment(at: datetime) -> str:
    """Return an instant as it is said: the day alone at midnight, and never the microsecond after.

    Examples:
        >>> from datetime import UTC
        >>> moment(datetime(2026, 4, 9, tzinfo=UTC)), moment(datetime(2026, 4, 9, 10, 12, 0, 1, tzinfo=UTC))
        ('9 April 2026', '9 April 2026 10:12 UTC')
    """
    on = f"{at.day} {at:%B %Y}"
    return on if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{on} {at:%H:%M} UTC"
