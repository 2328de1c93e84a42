"""What a call was given, checked by its form: a whole number, a share, names in a list, a path, a function."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from operator import index
from pathlib import Path
from typing import Any, TypeVar, cast

from mimcore.errors import InvalidValueError

__all__ = ["check_called", "check_probability", "given_list", "given_mapping", "given_path", "whole_number"]

T = TypeVar("T")
_NAMES = "give a list of names, such as ['city', 'country']"


def whole_number(given: object, field: str, remedy: str, *, least: int = 1, most: int | None = None) -> int:
    """Return a whole number within its bounds.

    Args:
        given: What was given.
        field: Name of the parameter.
        remedy: What would be right, such as `give 1 to 10 000`.
        least: Smallest number.
        most: Greatest number; none unless given.

    Raises:
        InvalidValueError: If it is no whole number, or out of range.

    Examples:
        >>> whole_number(5, "limit", "give 1 or more")
        5
    """
    number = None if isinstance(given, bool | str | bytes) else _index(given)
    if number is None:
        raise InvalidValueError(field, "is no whole number", remedy)
    if number < least or (most is not None and number > most):
        raise InvalidValueError(field, "is out of range", remedy)
    return number


def _index(given: Any) -> int | None:
    try:
        return index(given)  # numbers of numpy and its like are whole numbers as well
    except TypeError:
        return None


def check_probability(given: object, field: str) -> None:
    """Refuse what is no probability.

    Args:
        given: What was given.
        field: Name of the parameter.

    Raises:
        InvalidValueError: If it is no number, or out of range.
    """
    number: Any = given
    try:
        is_within = not isinstance(given, bool) and bool(0 <= number <= 1)
    except TypeError:
        reason = "is no number"
    else:
        if is_within:
            return
        reason = "is out of range"
    raise InvalidValueError(field, reason, "give a probability between 0 and 1")


def given_list(given: Iterable[T], field: str, remedy: str = _NAMES) -> tuple[T, ...]:
    """Return what stands in a list; a text is none, though Python takes it for a list of letters.

    Args:
        given: What was given.
        field: Name of the parameter.
        remedy: What would be right.

    Raises:
        InvalidValueError: If it is one text, or no list.

    Examples:
        >>> given_list(["city"], "columns")
        ('city',)
        >>> given_list("city", "columns")
        Traceback (most recent call last):
        mimcore.errors.InvalidValueError: columns: is one text — give a list of names, such as ['city', 'country']
    """
    listed: object = given
    if isinstance(listed, str | bytes):
        raise InvalidValueError(field, "is one text", remedy)
    if not isinstance(listed, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InvalidValueError(field, "is no list", remedy)
    return tuple(given)


def given_mapping(given: Mapping[str, T], field: str, remedy: str) -> Mapping[str, T]:
    """Return a mapping.

    Args:
        given: What was given.
        field: Name of the parameter.
        remedy: What would be right.

    Raises:
        InvalidValueError: If it is none.
    """
    said: object = given
    if not isinstance(said, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InvalidValueError(field, "is no mapping", remedy)
    return given


def given_path(given: object, field: str) -> Path:
    """Return a path.

    Args:
        given: What was given.
        field: Name of the parameter.

    Raises:
        InvalidValueError: If it is none.
    """
    if isinstance(given, str | os.PathLike):
        try:
            return Path(cast("str", given))
        except TypeError:  # a path of bytes
            pass
    raise InvalidValueError(field, "is no path", "give it as text, or as a pathlib.Path")


def check_called(given: object, field: str, remedy: str) -> None:
    """Refuse what cannot be called.

    Args:
        given: What was given.
        field: Name of the parameter.
        remedy: What would be right.

    Raises:
        InvalidValueError: If it is no function.
    """
    if not callable(given):
        raise InvalidValueError(field, "cannot be called", remedy)
