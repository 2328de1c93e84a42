"""What contacts are sorted by: single-valued fields and measures over events, up or down; and the order it makes.

Text sorts by its folded form in code point order, dates and numbers by value, age by the earliest possible birth date,
money by currency first and then by amount. Missing values come last in both directions; ties are broken by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from mimcore.errors import RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import BoundAll, EventLeaf, IsKnown, Literal
from mimcore.values.text import fold

__all__ = [
    "ByEvents",
    "ByField",
    "EventsKey",
    "FieldKey",
    "Order",
    "Place",
    "Sort",
    "SortKey",
    "Sortable",
    "bind_order",
    "comes_after",
    "directions",
    "in_order",
    "order_text",
    "place_reader",
    "reading_of",
    "sort_keys",
]

MAX_KEYS = 8
Place = tuple[Any, ...]
"""The values a contact is sorted by, in order; None where missing."""


@dataclass(frozen=True, slots=True)
class FieldKey:
    """Sort by the value of a field."""

    spec: FieldSpec

    @property
    def text(self) -> str:
        """The same text for the same key."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class EventsKey:
    """Sort by the number of a contact's events, or by the sum of their money.

    Attributes:
        kind: Declared kind of event.
        within_days: Window; None for all.
        condition: Which events count.
        is_total: Whether money is added up.
        currency: Currency of a total; None where the events' only one shall be found out.
    """

    kind: str
    within_days: int | None
    condition: nodes.Rule | None
    is_total: bool
    currency: str | None = None

    @property
    def text(self) -> str:
        """The same text for the same key."""
        condition = "" if self.condition is None else self.condition.model_dump_json(exclude_none=True)
        return f"{self.kind}|{self.within_days}|{self.is_total}|{self.currency}|{condition}"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One thing to sort by, and in which direction.

    Examples:
        >>> import mimcore as mim
        >>> key = -mim.fields.contact.country
        >>> key.is_descending, (-key).is_descending
        (True, False)
    """

    by: FieldKey | EventsKey
    is_descending: bool = False

    def __neg__(self) -> SortKey:
        """The other direction."""
        return replace(self, is_descending=not self.is_descending)


class Sortable(Protocol):
    """What can be sorted by: a handle of a single-valued field, a measure over events, a sort key."""

    def sort_key(self) -> SortKey:
        """Return it as an ascending key."""
        ...


Sort = SortKey | Sortable
"""One thing to sort by: `f.contact.country`, `-f.contact.purchases.count()`."""


@dataclass(frozen=True, slots=True)
class ByField:
    """A bound key: a field's value."""

    spec: FieldSpec
    is_descending: bool


@dataclass(frozen=True, slots=True)
class ByEvents:
    """A bound key: a measure over events; what the leaf compares with does not matter."""

    leaf: EventLeaf
    is_descending: bool


Order = tuple[ByField | ByEvents, ...]
"""What a query is sorted by, before the id; empty for the order of ids."""


def sort_keys(sort: Sort | Sequence[Sort] | None) -> tuple[SortKey, ...]:
    """Read what a caller gave.

    Args:
        sort: One key, or several, the most important first.

    Raises:
        RuleTypeError: If one of them cannot be sorted by, or there are more than eight.

    Examples:
        >>> import mimcore as mim
        >>> [key.by.text for key in sort_keys(mim.fields.contact.city)]
        ['contact.demographic.city']
    """
    given: list[Any] = [] if sort is None else [*sort] if isinstance(sort, list | tuple) else [sort]
    if len(given) > MAX_KEYS:
        raise RuleTypeError(f"at most {MAX_KEYS} keys can be sorted by: the id breaks the last ties anyway")
    return tuple(_sort_key(one) for one in given)


def _sort_key(one: Any) -> SortKey:
    if isinstance(one, SortKey):
        return one
    make = getattr(one, "sort_key", None)
    if make is None:
        raise RuleTypeError(
            "only single-valued fields, counts and totals of events can be sorted by: "
            "sort=f.contact.city, sort=-f.contact.purchases.count()"
        )
    key: SortKey = make()
    return key


def order_text(keys: Iterable[SortKey]) -> str:
    """Return a text that is the same for the same sort."""
    return "\n".join(f"{'-' if key.is_descending else '+'}{key.by.text}" for key in keys)


def bind_order(
    keys: Iterable[SortKey], binding: Binding, currencies: Callable[[EventLeaf], frozenset[str]] | None = None
) -> Order:
    """Make a sort concrete.

    Args:
        keys: What to sort by.
        binding: Instant and fields.
        currencies: Returns the currencies of the events behind a total, where its key names none.

    Raises:
        RuleTypeError: If a total of events in several currencies names none of them, or a field is no contact's.
    """
    return tuple(
        ByField(_sortable(key.by.spec), key.is_descending)
        if isinstance(key.by, FieldKey)
        else ByEvents(_leaf(key.by, binding, currencies), key.is_descending)
        for key in keys
    )


def _sortable(spec: FieldSpec) -> FieldSpec:
    if spec.kind is Kind.LOCATION:
        raise RuleTypeError(f"{spec.name} is a location: people are sorted by values that have an order")
    if spec.is_collection:
        raise RuleTypeError(f"{spec.name} is a collection: people are sorted by single values")
    if spec.entity not in {"contact", "account"}:
        raise RuleTypeError(f"{spec.name} is a field of events: sort by a count or a total of them")
    return spec


def _leaf(key: EventsKey, binding: Binding, currencies: Callable[[EventLeaf], frozenset[str]] | None) -> EventLeaf:
    if not key.is_total:
        return _bound(key, binding, 0)
    if key.currency is not None:
        return _bound(key, binding, nodes.MoneyLiteral(minor_units=0, currency=key.currency))
    found = frozenset[str]() if currencies is None else currencies(_bound(replace(key, is_total=False), binding, 0))
    if len(found) > 1:
        raise RuleTypeError(
            f"a total of {key.kind} events cannot be sorted by: they are in several currencies; name one: "
            "total(currency='DKK')"
        )
    currency = next(iter(found), "XXX")
    counted = _bound(replace(key, is_total=False), binding, 0)
    return replace(counted, measure="total", currency=currency, of=binding.catalogue["event.value"])


def _bound(key: EventsKey, binding: Binding, value: Any) -> EventLeaf:
    test = nodes.EventTest(
        op="event_total" if key.is_total else "event_count",
        kind=key.kind,
        within_days=key.within_days,
        where=key.condition,  # type: ignore[arg-type]
        comparison="at_least",
        value=value,
    )
    bound = bind(test, binding)
    if isinstance(bound, Literal) and isinstance(bound.leaf, EventLeaf):
        return bound.leaf
    raise AssertionError(bound)


def reading_of(order: Order) -> BoundAll:
    """Return a condition that reads what an order reads, for those who gather facts."""
    return BoundAll(
        tuple(Literal(IsKnown(term.spec)) if isinstance(term, ByField) else Literal(term.leaf) for term in order)
    )


def directions(order: Order) -> tuple[bool, ...]:
    """Return for every value of a place whether it descends."""
    found: list[bool] = []
    for term in order:
        if isinstance(term, ByField) and term.spec.kind is Kind.MONEY:
            found += (False, term.is_descending)
        elif isinstance(term, ByField) and term.spec.kind is Kind.AGE:
            found.append(not term.is_descending)
        else:
            found.append(term.is_descending)
    return tuple(found)


def place_reader(order: Order, measured: Callable[[EventLeaf], Callable[[Any], int]]) -> Callable[[Any], Place]:
    """Return what reads the place of a contact from the facts about it.

    Args:
        order: Bound order.
        measured: Compiles a measure over events (`evaluation.measured`).
    """
    readers = [_field_reader(term.spec) if isinstance(term, ByField) else _one(measured(term.leaf)) for term in order]
    return lambda facts: tuple(value for read in readers for value in read(facts))


def _one(read: Callable[[Any], Any]) -> Callable[[Any], Place]:
    return lambda facts: (read(facts),)


def _field_reader(spec: FieldSpec) -> Callable[[Any], Place]:
    read = spec.read
    missing: Place = (None, None) if spec.kind is Kind.MONEY else (None,)
    shown = _SHOWN.get(spec.kind, lambda value: (value,))

    def place(facts: Any) -> Place:
        owner = facts.contact if spec.entity == "contact" else facts.account
        value = None if owner is None else read(owner)
        return missing if value is None else shown(value)

    return place


_SHOWN: dict[Kind, Callable[[Any], Place]] = {
    Kind.TEXT: lambda value: (fold(value),),
    Kind.CODE: lambda value: (str(value),),
    Kind.AGE: lambda bounds: (bounds[0],),
    Kind.MONEY: lambda money: (money.currency, money.minor_units),
}


def in_order(places: Iterable[tuple[Place, UUID]], order: Order) -> list[tuple[Place, UUID]]:
    """Sort places as a store does: key by key, missing last, ties by id.

    Args:
        places: Place and id of every contact.
        order: Bound order.
    """
    found = sorted(places, key=lambda one: one[1].int)
    for index, is_descending in reversed(list(enumerate(directions(order)))):
        known = [one for one in found if one[0][index] is not None]
        known.sort(key=lambda one: one[0][index], reverse=is_descending)
        found = known + [one for one in found if one[0][index] is None]
    return found


def comes_after(one: tuple[Place, UUID], other: tuple[Place, UUID], order: Order) -> bool:
    """Tell whether one place comes after another one in an order."""
    for mine, theirs, is_descending in zip(one[0], other[0], directions(order), strict=True):
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            return mine is None
        return bool((mine < theirs) if is_descending else (mine > theirs))
    return one[1].int > other[1].int
