"""A segment against everybody: in what its members differ, the clearest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mimcore.display import Column, Svg, Table, bars, count, number, percent, utc_minute
from mimcore.display.markup import element, escape
from mimcore.display.style import fragment
from mimcore.segments.comparing.figures import Quantiles, ValueShare
from mimcore.values.rates import Interval

__all__ = ["AttributeProfile", "SegmentProfile"]

_ATTRIBUTES = 10
_VALUES = 4
_BARS = 10


@dataclass(frozen=True, slots=True)
class AttributeProfile:
    """One attribute.

    Attributes:
        field: Canonical name of the field.
        label: What it is called; with the currency, where it is money.
        known: Of how many members it is known.
        missing: Share of the members of whom it is not known; for words, of those who have none.
        everybody_missing: The same of everybody.
        difference: How far the segment is from everybody, 0 to 1.
        is_clear: Whether that is more than chance would bring.
        shares: The values with their shares, those that differ most first; empty for numbers.
        quantiles: Quarters of the members' numbers; None for values.
        everybody: Quarters of everybody's.
        is_date: Whether the numbers are days.
    """

    field: str
    label: str
    known: int
    missing: float
    everybody_missing: float
    difference: float
    is_clear: bool
    shares: tuple[ValueShare, ...] = ()
    quantiles: Quantiles | None = None
    everybody: Quantiles | None = None
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class SegmentProfile:
    """In what the members of a segment differ from everybody; it prints itself as text and HTML.

    Attributes:
        name: The segment's key, or its rule in plain English.
        at: The instant.
        members: How many members there are.
        everyone: How many active contacts there are, the members among them.
        attributes: The attributes, clear differences first, then the greatest first.
        too_few: Names of the fields that are known of too few members to tell anything.
        least: How many are enough.
    """

    name: str
    at: datetime
    members: int
    everyone: int
    attributes: tuple[AttributeProfile, ...]
    too_few: tuple[str, ...]
    least: int

    def __getitem__(self, name: str) -> AttributeProfile:
        """Return an attribute by the name of its field, canonical or short."""
        return next(one for one in self.attributes if name in {one.field, one.field.rpartition(".")[2]})

    def __iter__(self) -> Iterator[AttributeProfile]:
        """Each attribute."""
        return iter(self.attributes)

    def table(self, *, attributes: int | None = None, values: int | None = None) -> Table:
        """A line for each attribute, and below it one for each value.

        Args:
            attributes: At most so many attributes; all of them unless given.
            values: At most so many values of each; all of them unless given.
        """
        rows = [row for one in self.attributes[:attributes] for row in _rows(one, values)]
        columns = [Column(name, "right") for name in ("segment", "95 %", "everybody", "lift")]
        size = f"{count(self.members)} of {count(self.everyone)} contacts"
        caption = f"{size} · * differs clearly · {utc_minute(self.at)}"
        return Table.of(("attribute", *columns), rows, title=f"{self.name} against everybody", caption=caption)

    def chart(self) -> Svg:
        """The lifts of the values that differ clearly, with everybody as the line."""
        items = [
            (f"{one.label}: {share.value}", share.lift)
            for one in self.attributes
            for share in one.shares
            if share.is_clear and share.value is not None and share.lift is not None
        ]
        return bars(
            "Lift against everybody",
            items[:_BARS],
            shown=lambda lift: f"{lift:.1f}×",
            target=1,
            target_name="everybody",
        )

    def _below(self) -> list[str]:
        rest = len(self.attributes) - _ATTRIBUTES
        more = [f"… {count(rest)} more attributes in .attributes"] if rest > 0 else []
        few = f"known of fewer than {self.least} members: {count(len(self.too_few))} fields, in .too_few"
        return [*more, *([few] if self.too_few else [])]

    def __str__(self) -> str:
        """The first attributes as text."""
        return "\n".join((str(self.table(attributes=_ATTRIBUTES, values=_VALUES)), *self._below()))

    def _repr_html_(self) -> str:
        notes = "".join(element("p", escape(line)) for line in self._below())
        return fragment(self.table(attributes=_ATTRIBUTES, values=_VALUES).html() + notes + self.chart().html())


def _rows(one: AttributeProfile, values: int | None) -> Iterator[tuple[object, ...]]:
    mark = " *" if one.is_clear else ""
    if one.quantiles is not None and one.everybody is not None:
        shown: Callable[[float], str] = _day if one.is_date else number
        yield f"{one.label}{mark}", "", "", "", ""
        between = one.quantiles.median_between
        told = "" if between is None else f"{shown(between[0])} to {shown(between[1])}"
        yield "  median", shown(one.quantiles.median), told, shown(one.everybody.median), ""
        yield "  quarters", _quarters(one.quantiles, shown), "", _quarters(one.everybody, shown), ""
    else:
        yield f"{one.label}{mark}", "", "", "", ""
        yield from (_share_row(share) for share in one.shares[:values])
    if one.missing or one.everybody_missing:
        yield "  not known", percent(one.missing), "", percent(one.everybody_missing), ""


def _share_row(share: ValueShare) -> tuple[object, ...]:
    name = "all others" if share.value is None else share.value
    lift = "" if share.lift is None else f"{share.lift:.1f}×"
    mark = " *" if share.is_clear else ""
    return f"  {name}{mark}", percent(share.share), _between(share.interval), percent(share.everybody), lift


def _between(interval: Interval) -> str:
    return f"{interval.lower * 100:.0f}–{interval.upper * 100:.0f} %"


def _quarters(found: Quantiles, shown: Callable[[float], str]) -> str:
    return f"{shown(found.low)} to {shown(found.high)}"


def _day(ordinal: float) -> str:
    return date.fromordinal(round(ordinal)).isoformat()


def ranked(attributes: Sequence[AttributeProfile]) -> tuple[AttributeProfile, ...]:
    """Return attributes in the order in which they are told: clear ones first, then the greatest difference."""
    return tuple(sorted(attributes, key=lambda one: (not one.is_clear, -one.difference, one.field)))
