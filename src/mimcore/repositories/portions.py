"""Cutting what is too much for one statement, one transaction or one file into portions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["portions"]

T = TypeVar("T")


def portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut into lists of at most `size` items; `itertools.batched` of Python 3.12, with lists.

    Args:
        items: Anything; it is read as the portions are.
        size: 1 or more.

    Examples:
        >>> list(portions("abcde", 2))
        [['a', 'b'], ['c', 'd'], ['e']]
    """
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion
