"""What the Python engine reads: a contact and, where a rule needs them, its events, account, lists and value states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from mimcore.errors import MissingFactsError
from mimcore.rules.lowering.bound import (
    Among,
    AnyAccount,
    Bound,
    Changed,
    CountAccounts,
    Dated,
    EventLeaf,
    EverHeld,
    FieldPair,
    Follows,
    Fresh,
    FreshPoint,
    Leaf,
    Listed,
    Permitted,
    Regular,
    Restarted,
    Sampled,
    leaves,
)

__all__ = ["ABSENT", "Absent", "Facts", "PastValue", "SourcedState", "ValueState", "needs", "require"]


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


@runtime_checkable
class SourcedState(ValueState, Protocol):
    """A state that also knows where its value came from; explanations say it where it is known."""

    @property
    def source(self) -> str:
        """Key of the source that brought the value."""
        ...

    @property
    def observed_at(self) -> datetime | None:
        """When the source saw it; None for an undated value."""
        ...

    @property
    def confirmed_at(self) -> datetime | None:
        """Newest evidence in favour, if there is any."""
        ...


@dataclass(frozen=True, slots=True)
class PastValue:
    """A value that was recorded and then replaced or cleared.

    Attributes:
        field: Canonical name of the field.
        value: What it held; never None.
        after: What came in its place; None where it was cleared.
        at: When the new value was observed, aware.
        is_change: Whether the person changed; not for the correction of a typing error, a merge, or an import undone.
    """

    field: str
    value: object
    after: object
    at: datetime
    is_change: bool = True


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
        accounts: All active accounts that it is linked to now, the primary one included.
        listed_in: Keys of the static segments that list it.
        states: Per field name, how trustworthy the stored value is; of each current address and phone number under its
            place in the list, such as `contact.emails.0`.
        history: The values that were replaced or cleared, in any order.
        permissions: Pairs of channel and purpose for which it may be written to, by the one consent decision.
        permissions_end: When a consent next ends by itself; None if none does.
        now: The instant of evaluation, aware; needed only by rules about time.
    """

    contact: object
    events: Sequence[object] | Absent = ABSENT
    account: object | None = ABSENT
    accounts: Sequence[object] | Absent = ABSENT
    listed_in: frozenset[str] | Absent = ABSENT
    states: Mapping[str, ValueState] | Absent = ABSENT
    history: Sequence[PastValue] | Absent = ABSENT
    permissions: frozenset[tuple[str, str]] | Absent = ABSENT
    permissions_end: datetime | None = None
    now: datetime | None = None


def needs(bound: Bound) -> frozenset[str]:
    """Return which companions a bound rule reads, by their names in `Facts`."""
    return frozenset(name for leaf in leaves(bound, outer=True) for name in _needed(leaf))


def _needed(leaf: Leaf) -> tuple[str, ...]:
    match leaf:
        case EventLeaf() | Follows() | Regular() | Restarted():
            return ("events",)
        case AnyAccount() | CountAccounts():
            return ("accounts",)
        case Changed() | EverHeld():
            return ("history",)
        case Permitted():
            return ("permissions",)
        case Listed():
            return ("listed_in",)
        case Fresh() | FreshPoint() | Dated():
            return ("states",)
        case Sampled() | Among():
            return ()
        case FieldPair(spec, _, other):
            return ("account",) if "account" in {spec.entity, other.entity} else ()
        case _:
            return ("account",) if leaf.spec.entity == "account" else ()


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
