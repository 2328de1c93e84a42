"""Which fields, sources and kinds of interactions nobody reads, how many, how old, and what they cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from textwrap import fill
from typing import Any, Literal

from mimcore.display import Table, age_in_words, number, percent, plural
from mimcore.display.framing import Framed, Framer, unframed
from mimcore.display.markup import element, escape
from mimcore.display.numbers import MISSING
from mimcore.display.style import fragment
from mimcore.domain.catalogue import catalogue
from mimcore.domain.freshness import FreshnessState
from mimcore.errors import InvalidValueError
from mimcore.quality.costs import Amount, prices
from mimcore.quality.tallies import Ages, tallied
from mimcore.quality.usage.last_use import last_uses
from mimcore.quality.usage.readers import Reader
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Use", "UseReport", "use_of_data"]

What = Literal["field", "source", "interaction"]
_KINDS: tuple[What, ...] = ("field", "source", "interaction")
_NOT_STORED = (
    "KPIs, scores, reports and what an audience prints are not stored: "
    "name yours with readers=, your forms with forms=."
)
_PAGE = 2000
_WATCHES = "quality rule"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Use:
    """How much there is of a field, a source or a kind of interaction, and who reads it.

    Attributes:
        name: The field, source or kind.
        values: How many values, or interactions, there are.
        unread: How many of them nobody reads; of a source some may be read and others not.
        readers: Who reads it, as `segment danes`.
        median_age_days: Days since the values were seen, the interactions happened last; None where nobody knows.
        last_use: When something last ceased to read it; None if it is read, or never was.
        cost: What the values cost, where the cost of their sources is known.
    """

    name: str
    values: int
    unread: int
    readers: tuple[str, ...] = ()
    median_age_days: float | None = None
    last_use: datetime | None = None
    cost: float | None = None

    @property
    def is_read(self) -> bool:
        """Whether anybody reads any of it."""
        return self.unread < self.values

    @property
    def is_only_watched(self) -> bool:
        """Whether only rules of quality read it: somebody cares for it, and nobody does anything with it."""
        return bool(self.readers) and all(one.startswith(_WATCHES) for one in self.readers)

    @property
    def cost_per_value(self) -> float | None:
        """What one value cost; None where that is not known."""
        return None if self.cost is None or not self.values else self.cost / self.values


@dataclass(frozen=True, slots=True)
class UseReport(Framed):
    """The use of data at an instant.

    Attributes:
        at: The instant.
        fields: What nobody reads first, the most values in front.
        sources: Likewise.
        interactions: Kinds of interactions, likewise.
        readers: How many readers there are, by kind; a kind that is not here was not looked at.
        currency: Of costs; empty for plain units, or without any.
    """

    at: datetime
    fields: tuple[Use, ...]
    sources: tuple[Use, ...]
    interactions: tuple[Use, ...]
    readers: Mapping[str, int]
    currency: str = ""
    framer: Framer = field(default=unframed, repr=False, compare=False)

    @property
    def unread_share(self) -> float | None:
        """Share of all values that nobody reads, 0-1; None without values."""
        values = sum(one.values for one in self.fields)
        return sum(one.unread for one in self.fields) / values if values else None

    @property
    def unread(self) -> tuple[Use, ...]:
        """Fields that nobody reads, the most values first."""
        return tuple(one for one in self.fields if not one.is_read)

    def of(self, what: What = "field") -> tuple[Use, ...]:
        """Return what is known of one kind of thing.

        Args:
            what: field, source or interaction.

        Raises:
            InvalidValueError: If it is none of these.
        """
        found = {"field": self.fields, "source": self.sources, "interaction": self.interactions}
        if what not in found:
            raise InvalidValueError("what", "is nothing that is used", f"use one of {', '.join(found)}")
        return found[what]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a field, source and kind of interaction, in plain values."""
        return [{"what": what, **_row(one)} for what in _KINDS for one in self.of(what)]

    def table(self, what: What = "field") -> Table:
        """What there is of one kind of thing, and who reads it.

        Args:
            what: field, source or interaction.
        """
        uses = self.of(what)
        columns: dict[str, list[object]] = {
            what: [_short(one.name) if what == "field" else one.name for one in uses],
            "values": [one.values for one in uses],
        }
        if what == "source":
            columns["unread"] = [percent(one.unread / one.values) for one in uses]
        columns["age"] = [_age(one) for one in uses]
        if any(one.cost is not None for one in uses):
            columns["cost each"] = [number(one.cost_per_value) for one in uses]
        columns |= {"last use": [_last(one) for one in uses], "read by": [_named(one) for one in uses]}
        rows = list(zip(*columns.values(), strict=True))
        return Table.of(columns, rows, title=f"Use of data, by {what}", caption=self._caption(what))

    def _caption(self, what: What) -> str:
        share = f"{percent(self.unread_share)} of all values are read by nobody" if what == "field" else ""
        is_priced = self.currency and any(one.cost is not None for one in self.of(what))
        return "; ".join(part for part in (share, f"costs in {self.currency}" if is_priced else "") if part)

    @property
    def looked_at(self) -> str:
        """Which readers were looked at, and which there are none of, in a sentence."""
        looked = ", ".join(plural(many, kind) for kind, many in self.readers.items())
        return f"Readers looked at: {looked or 'none'}. {_NOT_STORED}"

    def __str__(self) -> str:
        """The tables as text."""
        tables = [str(self.table(what)) for what in _KINDS if self.of(what)]
        return "\n\n".join([*tables, fill(self.looked_at, 80)])

    def _repr_html_(self) -> str:
        tables = "".join(self.table(what).html() for what in _KINDS if self.of(what))
        return fragment(tables + element("p", escape(self.looked_at)))


def _short(name: str) -> str:
    """Return how a field is called among those of its entity."""
    short = catalogue[name].short if name in catalogue else name.rpartition(".")[2]
    return f"account.{short}" if name.startswith("account.") else short


def _age(one: Use) -> str:
    return MISSING if one.median_age_days is None else age_in_words(round(one.median_age_days))


def _last(one: Use) -> str:
    if one.is_read:
        return "in use"
    return "never" if one.last_use is None else f"{one.last_use:%Y-%m-%d}"


def _named(one: Use) -> str:
    if not one.readers:
        return "through its values" if one.is_read else "nobody"
    first, *others = one.readers
    return f"{first} and {len(others)} more" if others else first


def _row(one: Use) -> dict[str, Any]:
    return {
        "name": one.name,
        "values": one.values,
        "unread": one.unread,
        "readers": len(one.readers),
        "is_only_watched": one.is_only_watched,
        "median_age_days": one.median_age_days,
        "last_use": one.last_use,
        "cost": one.cost,
    }


class _Readers:
    """Who reads what, by name."""

    def __init__(self, readers: Iterable[Reader]) -> None:
        self.all = tuple(readers)
        self.attributes = _index(self.all, lambda one: one.attributes)
        self.kinds = _index(self.all, lambda one: one.event_kinds)
        self.sources = _index(self.all, lambda one: one.sources)

    def counted(self) -> dict[str, int]:
        return dict(Counter(one.kind for one in self.all))


def _index(readers: Iterable[Reader], of: Callable[[Reader], Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for one in readers:
        for name in of(one):
            found[name][f"{one.kind} {one.name}"] = None
    return {name: tuple(names) for name, names in found.items()}


@dataclass(slots=True)
class _Pile:
    """What is added up under a name."""

    values: int = 0
    unread: int = 0
    cost: float | None = None
    ages: list[Ages] = field(default_factory=list[Ages])

    def add(self, values: int, *, is_read: bool, cost: float | None, ages: Ages) -> None:
        self.values += values
        self.unread += 0 if is_read else values
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost * values
        self.ages.append(ages)


def use_of_data(
    work: UnitOfWork, now: datetime, readers: Iterable[Reader], costs: Mapping[str, Amount], framer: Framer
) -> UseReport:
    """Return which data is read, and by whom.

    Args:
        work: Open unit of work.
        now: Instant at which ages are counted.
        readers: Everything that reads.
        costs: What a source cost altogether, by its key.
        framer: Makes frames of the report.
    """
    read, before = _Readers(readers), last_uses(work)
    priced = prices(costs, None)
    cells, _ = tallied(_states(work), work.transaction.freshness.half_lives(), now, {})
    brought = Counter[str]()
    for cell, tally in cells.items():
        brought[cell.source] += tally.values
    events = work.transaction.interactions.kinds()
    for _, source, many, _ in events:
        brought[source] += many
    each = {source: priced.of[source] / many for source, many in brought.items() if source in priced.of and many}
    fields, sources = defaultdict[str, _Pile](_Pile), defaultdict[str, _Pile](_Pile)
    for cell, tally in cells.items():
        is_read = cell.attribute in read.attributes or cell.source in read.sources
        for piles, name in ((fields, cell.attribute), (sources, cell.source)):
            piles[name].add(tally.values, is_read=is_read, cost=each.get(cell.source), ages=tally.ages)
    kinds = _kinds(events, read, each, now, sources)
    return UseReport(
        now,
        _ordered(_used(name, pile, read.attributes, before.attributes) for name, pile in fields.items()),
        _ordered(_used(name, pile, read.sources, {}) for name, pile in sources.items()),
        _ordered(_used(name, pile, read.kinds, before.kinds) for name, pile in kinds.items()),
        read.counted(),
        priced.currency,
        framer,
    )


def _states(work: UnitOfWork) -> Iterable[FreshnessState]:
    """Yield the states of the values of contacts, then of accounts."""
    freshness = work.transaction.freshness
    yield from freshness.all()
    for page in portions((one.id for one in work.transaction.accounts.all()), _PAGE):
        for states in freshness.of(page).values():
            yield from states


def _kinds(
    events: Iterable[tuple[str, str, int, datetime]],
    read: _Readers,
    each: Mapping[str, float],
    now: datetime,
    sources: defaultdict[str, _Pile],
) -> dict[str, _Pile]:
    """Add up interactions by kind, and to what their sources brought."""
    kinds = defaultdict[str, _Pile](_Pile)
    for kind, source, many, newest in events:
        ages = Ages()
        ages.add((now - newest) / _DAY)
        is_read = kind in read.kinds or source in read.sources
        for pile in (kinds[kind], sources[source]):
            pile.add(many, is_read=is_read, cost=each.get(source), ages=ages if pile is kinds[kind] else Ages())
    return kinds


def _used(name: str, pile: _Pile, readers: Mapping[str, tuple[str, ...]], before: Mapping[str, datetime]) -> Use:
    is_read = pile.unread < pile.values
    return Use(
        name,
        pile.values,
        pile.unread,
        readers.get(name, ()),
        Ages.median(pile.ages),
        None if is_read else before.get(name),
        pile.cost,
    )


def _ordered(uses: Iterable[Use]) -> tuple[Use, ...]:
    return tuple(sorted(uses, key=lambda one: (one.is_read, -one.unread, -one.values, one.name)))
