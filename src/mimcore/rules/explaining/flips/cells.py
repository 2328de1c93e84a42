"""The values that a single-valued field could take: one for each cell that the conditions on it tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

from mimcore.rules.explaining.english_words import plain_number
from mimcore.rules.explaining.flips.options import Cell, Option, Options, Unit
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import (
    BornBy,
    Clock,
    Comparison,
    EverHeld,
    FieldPair,
    Leaf,
    Member,
    MonthDay,
    Near,
    TextMatch,
)
from mimcore.values.instants import MICROSECOND
from mimcore.values.location import location
from mimcore.values.money import Money
from mimcore.values.text import fold

__all__ = ["Present", "scalar_options"]

_OTHER = ("something else", "another one", "not named", "0")
_MOST_PATTERNS = 4
_STEPS: dict[Kind, Any] = {
    Kind.INTEGER: 1,
    Kind.MONEY: 1,
    Kind.DATE: timedelta(days=1),
    Kind.AGE: timedelta(days=1),
    Kind.INSTANT: MICROSECOND,
}


@dataclass(frozen=True, slots=True)
class Present:
    """What stands in the field now, and when that is.

    Attributes:
        value: The value; None where nothing is known.
        others: The values of the fields that it is compared with.
        now: The instant of the question; None where the rule asks nothing of time.
        spelling: Gives a folded literal the spelling that the rule has.
    """

    value: Any
    others: tuple[Any, ...] = ()
    now: datetime | None = None
    spelling: Callable[[Any], Any] = str


def scalar_options(unit: Unit, leaves: Sequence[Leaf], present: Present) -> Options:
    """Return the values that a field could take instead.

    Args:
        unit: The field.
        leaves: All conditions on it.
        present: What stands in it.
    """
    spec = unit.spec
    if spec is None:
        raise AssertionError(unit.name)
    made = _by_kind(spec, leaves, present)
    if present.value is not None:
        made = Options([*made.options, Option(_held(spec, None), is_missing=True, cost=1.0)], made.is_complete)
    return made


def _held(spec: FieldSpec, value: Any) -> dict[str, Any]:
    """An age is a birth date, read as bounds."""
    if spec.kind is not Kind.AGE:
        return {spec.name: value}
    return {spec.name: None if value is None else (value, value), "contact.demographic.birth_date": value}


def _by_kind(spec: FieldSpec, leaves: Sequence[Leaf], present: Present) -> Options:
    match spec.kind:
        case Kind.BOOLEAN:
            return Options([Option({spec.name: one}, value=one) for one in (True, False)])
        case Kind.TEXT | Kind.CODE:
            return _words(spec, leaves, present)
        case Kind.MONEY:
            return _money(spec, leaves, present)
        case Kind.LOCATION:
            return _places(spec, [leaf for leaf in leaves if isinstance(leaf, Near)])
        case _:
            points = set(_points(leaves, present))
            odd = any(isinstance(leaf, MonthDay | Clock) for leaf in leaves)
            start = _start(spec, present)
            return Options(list(_ordered(spec, points, present, start)), not odd or len(leaves) == 1)


# --- ordered values --------------------------------------------------------------------------------------------------


def _points(leaves: Iterable[Leaf], present: Present) -> Iterator[Any]:
    """The values at which some condition turns."""
    for leaf in leaves:
        match leaf:
            case Comparison(value=value) | EverHeld(value=value):
                yield value
            case Member(values=values):
                yield from values
            case BornBy(cutoff=cutoff):
                yield cutoff
            case MonthDay(ranges=ranges):
                yield from _month_days(ranges, present)
            case Clock():
                yield from _clock(leaf, present)
            case FieldPair():
                yield from (one for one in present.others if one is not None)
            case _:
                pass


def _month_days(ranges: Iterable[tuple[int, int]], present: Present) -> Iterator[date]:
    for low, high in ranges:
        for month_day in (low, high):
            try:
                yield date(2000 if present.value is None else present.value.year, month_day // 100, month_day % 100)
            except ValueError:
                continue


def _clock(leaf: Clock, present: Present) -> Iterator[Any]:
    start = present.value or present.now or datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(days=1) if leaf.part == "weekday" else timedelta(hours=1)
    if leaf.spec.kind is Kind.DATE and isinstance(start, datetime):
        start = start.date()
    yield from (start + step * number for number in range(7 if leaf.part == "weekday" else 24))


def _ordered(spec: FieldSpec, points: set[Any], present: Present, start: Any) -> Iterator[Option]:
    """One value for each point and each gap between; two for a gap, where fields are compared with each other."""
    ends = [None, *sorted(points), None]
    for index, (low, high) in enumerate(pairwise(ends)):
        if index:
            yield _option(spec, low, start, Cell(2 * index - 1, low, low, has_low=True, has_high=True))
        cell = Cell(2 * index, low, high)
        values = dict.fromkeys(_inside(spec, cell, present, start))
        for value in list(values)[: None if present.others else 1]:
            yield _option(spec, value, start, cell)


def _option(spec: FieldSpec, value: Any, start: Any, cell: Cell) -> Option:
    return Option(_held(spec, value), value=value, cell=cell, cost=_distance(value, start))


def _inside(spec: FieldSpec, cell: Cell, present: Present, start: Any) -> Iterator[Any]:
    """Values strictly inside a gap, the one nearest to the current value first; none in a gap without any."""
    step = _STEPS.get(spec.kind)
    low: Any = cell.low
    high: Any = cell.high
    if low is None and high is None:
        yield start or 1
    elif step is None:
        yield _between(low, high)
    else:
        first = None if low is None else _moved(low, step)
        last = None if high is None else _moved(high, -step)
        ends = [end for end in (first, last) if end is not None and _lies(end, low, high)]
        yield from sorted(ends, key=lambda end: _distance(end, start))
        if present.others:
            beyond = [
                _moved(first, step) if first is not None else None,
                _moved(last, -step) if last is not None else None,
            ]
            yield from (end for end in beyond if end is not None and _lies(end, low, high))


def _between(low: Any, high: Any) -> float:
    """A number strictly between two, of which one may be open."""
    if low is None:
        return float(high) - 1
    return float(low) + 1 if high is None else (float(low) + float(high)) / 2


def _lies(value: Any, low: Any, high: Any) -> bool:
    return (low is None or value > low) and (high is None or value < high)


def _moved(value: Any, step: Any) -> Any:
    try:
        return value + step
    except OverflowError:
        return None


def _start(spec: FieldSpec, present: Present) -> Any:
    """What steps are measured from: the value, or where there is none, now and 0."""
    if present.value is not None and not isinstance(present.value, Money):
        return present.value
    now = present.now or datetime(2026, 1, 1, tzinfo=UTC)
    return {Kind.INSTANT: now, Kind.DATE: now.date(), Kind.AGE: now.date()}.get(spec.kind, 0)


def _distance(value: Any, start: Any) -> float:
    gap = value - start
    return float(abs(gap / timedelta(days=1) if isinstance(gap, timedelta) else gap))


def _money(spec: FieldSpec, leaves: Sequence[Leaf], present: Present) -> Options:
    """Cells for each currency by itself; money of another currency is as good as missing."""
    known: list[Money] = [one for one in (present.value, *present.others) if one is not None]
    pairs = [(leaf.currency, leaf.value) for leaf in leaves if isinstance(leaf, Comparison)]
    pairs += [(one.currency, one.minor_units) for one in present.others if one is not None]
    currencies = dict.fromkeys([*(one.currency for one in known), *(code for code, _ in pairs if code)])
    found: list[Option] = []
    for number, currency in enumerate(currencies or ("EUR",)):
        points = {value for code, value in pairs if code == currency}
        start = present.value.minor_units if present.value and present.value.currency == currency else 0
        found += [
            Option(
                {spec.name: Money(minor_units=one.value, currency=currency)},
                value=Money(minor_units=one.value, currency=currency),
                cell=_priced(one.cell, currency, number),
                cost=one.cost,
            )
            for one in _ordered(spec, points, present, start)
            if one.cell is not None and abs(one.value) < 2**63
        ]
    return Options(found)


def _priced(cell: Cell, currency: str, number: int) -> Cell:
    low, high = (None if end is None else Money(minor_units=end, currency=currency) for end in (cell.low, cell.high))
    return Cell(cell.place + 10_000 * number, low, high, cell.has_low, cell.has_high)


# --- places ----------------------------------------------------------------------------------------------------------


def _places(spec: FieldSpec, leaves: Sequence[Near]) -> Options:
    """The middle of each circle, and what lies furthest from it; where circles may meet, these are mere examples."""
    if not leaves:
        return Options([Option({spec.name: location(0, 0)}, "were known")])
    options: list[Option] = []
    for leaf in leaves:
        inside, away = leaf.centre, leaf.centre.antipode
        circle = f"{plain_number(leaf.km)} km from {inside}"
        said = (f"were at most {circle}", f"were more than {circle}")
        if len(leaves) > 1:
            said = (f"were such as {inside}", f"were such as {away}")
        options += [Option({spec.name: at}, words, value=at) for at, words in zip((inside, away), said, strict=True)]
    return Options(options, len(leaves) == 1)


# --- words -----------------------------------------------------------------------------------------------------------


def _words(spec: FieldSpec, leaves: Sequence[Leaf], present: Present) -> Options:
    """Each value that is named, texts that fit the patterns in every combination, and one that nobody names."""
    patterns = list(dict.fromkeys(leaf for leaf in leaves if isinstance(leaf, TextMatch)))
    change = fold if spec.kind is Kind.TEXT else str
    named = dict.fromkeys(change(str(one)) for one in _points(leaves, present))
    made = dict.fromkeys(change(one) for one in _fitting(patterns))
    options = [Option({spec.name: one}, value=one) for one in named if spec.options is None or one in spec.options]
    options += [
        Option({spec.name: one}, f"were such as “{present.spelling(one)}”", 0.1 * len(one), one)
        for one in made
        if one not in named
    ]
    free = sorted(spec.options) if spec.options is not None else _OTHER
    other = next((one for one in free if one not in {*named, *made} and one != present.value), None)
    if other is not None:
        options.append(Option({spec.name: other}, value=other, is_other=True, cost=0.5))
    return Options(options, len(patterns) <= 1)


def _fitting(patterns: Sequence[TextMatch]) -> Iterator[str]:
    for size in range(1, min(len(patterns), _MOST_PATTERNS) + 1):
        for some in combinations(patterns, size):
            for between in ("", " "):
                yield between.join(_example(one) for one in sorted(some, key=_order))
    for pattern in patterns:
        yield f"{_example(pattern)}x"
        yield f"x{_example(pattern)}"


def _order(pattern: TextMatch) -> int:
    return {"starts_with": 0, "ends_with": 2}.get(pattern.mode, 1)


def _example(pattern: TextMatch) -> str:
    """A text that fits one pattern: of `*` nothing, of `?` one letter."""
    if pattern.mode != "matches":
        return pattern.needle
    made, taken = "", iter(pattern.needle)
    for character in taken:
        if character == "\\":
            made += next(taken, "")
        else:
            made += {"*": "", "?": "x"}.get(character, character)
    return made
