"""A chart of sets that have members in common: a row for each combination, with a dot in each set that it is in.

It is Lex et al.'s UpSet ("UpSet: Visualization of Intersecting Sets", 2014), turned so that it fits a narrow page: sets
are columns with a letter each, combinations are rows with a bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from string import ascii_uppercase

from mimcore.display.markup import element
from mimcore.display.numbers import count
from mimcore.display.svg import WIDTH, Scale, Svg, finite, label
from mimcore.errors import InvalidValueError

__all__ = ["combinations"]

_ROW = 24.0
_COLUMN = 20.0
_DOT = 6.0
_MOST_SETS = 10
_NUMBER = 70.0


def combinations(title: str, sets: Iterable[tuple[str, int]], rows: Iterable[tuple[frozenset[int], int]]) -> Svg:
    """Draw how many are in exactly these sets and in no other, combination by combination, in the order given.

    Args:
        title: What the chart shows.
        sets: Name and size of each set, at most ten.
        rows: The places of the sets of a combination, and how many are in those only.

    Raises:
        InvalidValueError: There are too many sets, a count is negative, or a place is none.

    Examples:
        >>> print(combinations("Overlap", [("danes", 5), ("vips", 3)], [(frozenset({0}), 4), (frozenset({0, 1}), 1)]))
        Overlap
        A danes 5; B vips 3; only A 4; A and B 1
    """
    named, found = list(sets), list(rows)
    _check(named, found)
    if not named:
        return Svg(title, "no data", 24, label(0, 16, "no data", WIDTH, soft=True))
    left = _COLUMN * len(named) + 10
    scale = Scale(0, max(1, *(number for _, number in found), 1), left, WIDTH - _NUMBER)
    body = [label(_middle(index), 14, ascii_uppercase[index], _COLUMN, anchor="middle") for index in range(len(named))]
    for place, (inside, number) in enumerate(found):
        body += _row(22 + place * _ROW, inside, number, len(named), scale)
    bottom = 30 + len(found) * _ROW
    names = [f"{ascii_uppercase[index]} {name} {count(size)}" for index, (name, size) in enumerate(named)]
    body += [label(0, bottom + 14 + 20 * index, words, WIDTH, soft=True) for index, words in enumerate(names)]
    words = [*names, *(f"{_told(inside)} {count(number)}" for inside, number in found)]
    return Svg(title, "; ".join(words), bottom + 20 * len(named) + 4, "".join(body))


def _check(sets: Sequence[tuple[str, int]], rows: Sequence[tuple[frozenset[int], int]]) -> None:
    if len(sets) > _MOST_SETS:
        raise InvalidValueError("sets", "are too many to tell apart", f"draw at most {_MOST_SETS}")
    numbers = [size for _, size in sets] + [number for _, number in rows]
    finite(numbers)
    if any(number < 0 for number in numbers):
        raise InvalidValueError("sets", "must not be negative", "give how many there are")
    if any(not inside or not inside <= set(range(len(sets))) for inside, _ in rows):
        raise InvalidValueError("rows", "name a set that is not there", "give the places of sets, from 0")


def _told(inside: frozenset[int]) -> str:
    letters = [ascii_uppercase[index] for index in sorted(inside)]
    return f"only {letters[0]}" if len(letters) == 1 else " and ".join(letters)


def _middle(index: int) -> float:
    return _COLUMN * index + _COLUMN / 2


def _row(top: float, inside: frozenset[int], number: int, sets: int, scale: Scale) -> list[str]:
    """Draw the dots of one combination, joined by a line, and its bar."""
    y = top + _ROW / 2
    ends = sorted(inside)
    joined = (
        [element("path", d=f"M{_middle(ends[0]):.2f} {y}H{_middle(ends[-1]):.2f}", class_="mim-line")]
        if len(ends) > 1
        else []
    )
    dots = [
        element("circle", cx=_middle(index), cy=y, r=_DOT, class_="mim-full")
        if index in inside
        else element("circle", cx=_middle(index), cy=y, r=3, class_="mim-lost")
        for index in range(sets)
    ]
    start, end = scale(0), scale(number)
    bar = element("rect", x=start, y=y - 7, width=end - start, height=14, class_="mim-full") if number else ""
    return [*joined, *dots, bar, label(end + 8, y + 4.5, count(number), _NUMBER - 8)]
