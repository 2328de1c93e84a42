"""What the Python engine reads: a contact and, where a rule needs them, its events, account, lists and value states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from mimcore.errors import MissingFactsError
from mimcore.rules.bound import Bound, Dated, EventLeaf, Fresh, Listed, leaves

__all__ = ["ABSENT", "Absent", "Facts", "ValueState", "require"]


class ValueState(Protocol):
    """How trustworthy a stored value is: its half-life pool and key, both None while it is undated."""

    @property
    def pool(self) -> str:
        """Name of the half-life pool."""
        ...

    @property
    def key(self) -> int | None:
        """K = ref_at + h·log2(p_ref) in microseconds; None for an undated value."""
        ...


class Absent:
    """Marks data that was not given, as opposed to data that is empty."""

    def __repr__(self) -> str:
        """A short mark."""
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything known about one contact when a rule is evaluated in Python.

    What is left out is absent, never empty: a rule that needs it is refused.

    Attributes:
        contact: The contact.
        events: Its interactions; an empty sequence means there are none.
        account: Its primary account; None means it has none.
        listed_in: Keys of the static segments that list it.
        states: Per field name, how trustworthy the stored value is.
        now: The instant of evaluation, aware; needed only by rules about time.
    """

    contact: object
    events: Sequence[object] | Absent = ABSENT
    account: object | None = ABSENT
    listed_in: frozenset[str] | Absent = ABSENT
    states: Mapping[str, ValueState] | Absent = ABSENT
    now: datetime | None = None


def needs(bound: Bound) -> frozenset[str]:
    """Return which companions a bound rule reads: events, account, listed_in, states."""
    found: set[str] = set()
    for leaf in leaves(bound):
        match leaf:
            case EventLeaf():
                found.add("events")
            case Listed():
                found.add("listed_in")
            case Fresh() | Dated():
                found.add("states")
            case _ if leaf.spec.entity == "account":
                found.add("account")
            case _:
                pass
    return frozenset(found)


def require(bound: Bound, facts: Facts) -> None:
    """Refuse facts that lack what the rule reads.

    Raises:
        MissingFactsError: Naming what is missing.
    """
    absent = sorted(name for name in needs(bound) if getattr(facts, name) is ABSENT)
    if absent:
        raise MissingFactsError(
            f"the rule reads {', '.join(absent)}: give Facts({', '.join(f'{name}=…' for name in absent)})"
        )
