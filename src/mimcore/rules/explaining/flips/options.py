"""What could be changed about a contact, and the ways to change each: the vocabulary of the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mimcore.rules.language.catalogue import FieldSpec

__all__ = ["Cell", "Choice", "Option", "Options", "Unit"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that may change by itself: a field's value, the events of a kind, a consent, a place on a list.

    Attributes:
        part: Whose it is, or what sort of thing.
        name: Canonical name of the field, kind of event, key of the list …
        spec: The field, if it is one.
        is_past: Whether it is a birth date or the past, which people do not change.
    """

    part: Literal["contact", "account", "event", "events", "accounts", "state", "points", "list", "permission"]
    name: str
    spec: FieldSpec | None = None
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Values between two bounds that no condition tells apart; None has no end, an excluded bound is not in it.

    Attributes:
        place: Where it stands among its neighbours; cells that touch have neighbouring places.
    """

    place: int
    low: Any = None
    high: Any = None
    has_low: bool = False
    has_high: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One way to change a unit.

    Attributes:
        payload: What makes it so: values by field, events to add, a new state …
        phrase: How it is said, where the value alone does not say it.
        cost: How large the step is; the smaller of two equal changes is proposed.
        value: The field's new value, or how many more.
        cell: The values that would do as well, for ordered fields.
        is_other: Whether it stands for any value that no condition names.
        is_missing: Whether it takes a value away.
        is_past: Whether it undoes what has happened.
    """

    payload: Any
    phrase: str = ""
    cost: float = 0.0
    value: Any = None
    cell: Cell | None = None
    is_other: bool = False
    is_missing: bool = False
    is_past: bool = False


Choice = Mapping[int, int]
"""The units that are changed, with the option of each, by their places."""


@dataclass(frozen=True, slots=True)
class Options:
    """All ways to change one unit.

    Attributes:
        options: The ways.
        is_complete: Whether they reach every combination of answers that any change of the unit reaches.
    """

    options: Sequence[Option]
    is_complete: bool = True
