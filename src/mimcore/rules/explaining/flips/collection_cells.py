"""What a collection could hold instead: words or records that conditions ask for, put in or taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from mimcore.display import count
from mimcore.rules.evaluation.value_tests import normal, value_test
from mimcore.rules.explaining.finding_words import joined
from mimcore.rules.explaining.flips.imagined import Imagined
from mimcore.rules.explaining.flips.options import Option, Options, Unit
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bound import Elements, Leaf, Overlap, RecordMatch
from mimcore.values.instants import MICROSECOND

__all__ = ["collection_options"]

_MOST_GROUPS = 7
_MOST_ELEMENTS = 200
_FILLER = "another "
"""Begins the words that stand for any others."""


def collection_options(
    unit: Unit, leaves: Sequence[Leaf], current: Sequence[Any], spelling: Callable[[Any], Any]
) -> Options:
    """Return what a collection could hold instead.

    Args:
        unit: The field.
        leaves: All conditions on it.
        current: What it holds now.
        spelling: Gives a folded word the spelling that the rule has.
    """
    spec = unit.spec
    if spec is None:
        raise AssertionError(unit.name)
    return (
        _records(spec, leaves, tuple(current)) if spec.kind is Kind.RECORDS else _words(spec, leaves, current, spelling)
    )


# --- words -----------------------------------------------------------------------------------------------------------


def _words(spec: FieldSpec, leaves: Sequence[Leaf], current: Sequence[str], spelling: Callable[[Any], Any]) -> Options:
    """Any combination of the groups of words that the conditions do not tell apart, and more or fewer others."""
    change = normal(spec)
    asked = [frozenset(leaf.values) for leaf in leaves if isinstance(leaf, Overlap)]
    groups: dict[tuple[bool, ...], list[str]] = {}
    named = frozenset[str]().union(*asked)
    for word in sorted(named):
        groups.setdefault(tuple(word in some for some in asked), []).append(str(spelling(word)))
    kept = [word for word in current if change(word) not in named]
    is_complete = len(groups) <= _MOST_GROUPS and not any(isinstance(leaf, Elements) for leaf in leaves)
    few = list(groups.values())[:_MOST_GROUPS]
    held = [[word for word in current if change(word) in set(map(change, group))] for group in few]
    options = [
        _changed(spec, current, [*base, *(word for some in chosen for word in some)])
        for base in _sizes(leaves, current, kept)
        for chosen in product(*(_held_or_not(group, now) for group, now in zip(few, held, strict=True)))
    ]
    return Options([one for one in options if one.cost], is_complete)


def _held_or_not(group: list[str], now: list[str]) -> tuple[list[str], list[str]]:
    return now or group[:1], []


def _sizes(leaves: Sequence[Leaf], current: Sequence[str], kept: list[str]) -> Iterator[list[str]]:
    """The words that nobody asks for, as many as are there, none, or so many that a count turns."""
    yield kept
    if kept:
        yield []
    wanted = {leaf.value + more for leaf in leaves if isinstance(leaf, Elements) for more in (-1, 0, 1)}
    for number in sorted({one - (len(current) - len(kept)) for one in wanted} | wanted | {1}):
        if 0 < number <= _MOST_ELEMENTS:
            yield (kept + [f"{_FILLER}{index}" for index in range(number)])[:number]


def _changed(spec: FieldSpec, current: Sequence[str], wanted: list[str]) -> Option:
    change = normal(spec)
    before, after = {change(word): word for word in current}, {change(word): word for word in wanted}
    more = [word for key, word in after.items() if key not in before]
    fewer = [word for key, word in before.items() if key not in after]
    said = [f"included {_named(more)}"] if more else []
    said += [f"did not include {_named(fewer)}"] if fewer else []
    return Option({spec.name: tuple(dict.fromkeys(wanted))}, " and ".join(said), len(more) + len(fewer), tuple(wanted))


def _named(words: list[str]) -> str:
    """The words, those that stand for any others only by their number."""
    named = [word for word in words if not word.startswith(_FILLER)]
    others = len(words) - len(named)
    return " and ".join([*([joined(named)] if named else []), *([f"{others} more"] if others else [])])


# --- records ---------------------------------------------------------------------------------------------------------


def _records(spec: FieldSpec, leaves: Sequence[Leaf], current: tuple[Any, ...]) -> Options:
    asked = list(dict.fromkeys(leaf.where for leaf in leaves if isinstance(leaf, RecordMatch | Elements)))
    counts = [leaf.value for leaf in leaves if isinstance(leaf, Elements)]
    options = [_more(spec, current, where, number) for where in asked for number in _numbers(counts, len(current))]
    if not asked:
        options += [_more(spec, current, (), 1)]
    for where in asked:
        fits = value_test(RecordMatch(spec, where))
        others = tuple(one for one in current if not fits(Imagined(None, {spec.name: (one,)})))
        gone = len(current) - len(others)
        options += [Option({spec.name: others}, f"did not include {_asked(where)}", gone, others)] if gone else []
    options += [Option({spec.name: ()}, "were none", len(current) + 0.5, ())] if current else []
    return Options(options, len(asked) <= 1)


def _numbers(counts: Sequence[int], held: int) -> list[int]:
    wanted = {1, *(value + more - less for value in counts for more in (0, 1) for less in range(held + 1))}
    return sorted(number for number in wanted if 0 < number <= _MOST_ELEMENTS)


def _more(spec: FieldSpec, current: tuple[Any, ...], where: Any, number: int) -> Option:
    record = Imagined(None, {inner.name: _reached(inner, op, value) for inner, op, value in where})
    made = (*current, *[record] * number)
    what = _asked(where) if number == 1 else f"{count(number)} more {_asked(where).removeprefix('one ')}"
    return Option({spec.name: made}, f"included {what}", number, made)


def _reached(inner: FieldSpec, op: str, value: Any) -> Any:
    """A value for which one condition on a record is true."""
    if op in {"eq", "le", "ge"}:
        return value
    if inner.kind in {Kind.INTEGER, Kind.NUMBER}:
        return value + (1 if op == "gt" else -1)
    from datetime import timedelta

    step = timedelta(days=1) if inner.kind is Kind.DATE else MICROSECOND
    return value + (step if op == "gt" else -step)


def _asked(where: Any) -> str:
    words = [f"{inner.short.replace('_', ' ')} {value}" for inner, op, value in where if op == "eq"]
    return f"one with {' and '.join(words)}" if words else "one more"
