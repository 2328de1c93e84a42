"""Conditions on events: what each contact's events come to, computed where the events are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from mimcore.frames.columns import Columns
from mimcore.frames.companions import EventFrame
from mimcore.frames.compiling import Compiler
from mimcore.frames.forms import comparable, compared
from mimcore.frames.measures import Measures, People
from mimcore.frames.naming import Naming
from mimcore.frames.tables import open_table
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind
from mimcore.rules.lowering.bound import Comparison, EventLeaf, Follows, Literal, Pattern, Regular, Restarted
from mimcore.rules.writing.fields import Field
from mimcore.values.instants import to_microseconds

__all__ = ["EventMeasures", "event_columns"]

_NEVER = -(2**62)
"""Earlier than any instant, and far enough from every other that no window reaches it."""
_AT, _BEFORE, _IS_SECOND = "__mim_at", "__mim_before", "__mim_second"


def event_columns(companion: EventFrame, catalogue: Catalogue) -> Columns:
    """Open a frame of events.

    Args:
        companion: What `events` returned.
        catalogue: The declared fields.
    """
    table = open_table(companion.frame, "events")
    mapped = {
        column: Field(catalogue[f"event.{short}"]) for short, column in companion.columns.items() if short != "currency"
    }
    naming = _EventNaming(table.names, mapped, catalogue, companion.columns.get("currency"))
    return Columns(table, naming, companion.constants, "e")


@dataclass(frozen=True, slots=True)
class EventMeasures:
    """Compiles conditions on events.

    Attributes:
        measures: Where it is collected what is computed.
        catalogue: The declared fields.
    """

    measures: Measures
    catalogue: Catalogue

    @classmethod
    def opened(cls, companion: EventFrame, catalogue: Catalogue, people: People) -> EventMeasures:
        """Open a frame of events for the people that are asked."""
        columns = event_columns(companion, catalogue)
        return cls(Measures(columns, companion.contact, people, "event"), catalogue)

    @property
    def _columns(self) -> Columns:
        return self.measures.columns

    def answer(self, leaf: EventLeaf | Follows | Regular | Restarted) -> nw.Expr:
        """Return the answer to a condition over the people's joined columns."""
        match leaf:
            case EventLeaf(measure="average"):
                return self._average(leaf)
            case EventLeaf():
                return compared(self._measured(leaf), leaf.op, leaf.value)
            case Follows():
                return self._follows(leaf)
            case Regular():
                return self._regular(leaf)
            case Restarted():
                return self._restarted(leaf)

    def _visible(self, pattern: Pattern, start: datetime | None, end: datetime) -> nw.Expr:
        """Tell which events count; never missing."""
        at = self._at()
        tests = [self._is_kind(pattern.kind), at <= to_microseconds(end)]
        if start is not None:
            tests.append(at >= to_microseconds(start))
        if pattern.where is not None:
            tests.append(Compiler(self._columns).verdict(pattern.where))
        return nw.all_horizontal(*tests, ignore_nulls=False).fill_null(value=False)

    def _at(self) -> nw.Expr:
        return self._columns.scalar(self.catalogue["event.at"])

    def _is_kind(self, kind: str) -> nw.Expr:
        fixed = self._columns.constants.get("kind")
        if fixed is not None:
            return self._columns.flag(fixed == kind)
        return Compiler(self._columns).verdict(Literal(Comparison(self.catalogue["event.kind"], "eq", kind)))

    def _counted(self, leaf: EventLeaf) -> nw.Expr:
        return self._visible(Pattern(leaf.kind, leaf.where), leaf.start, leaf.end)

    def _measured(self, leaf: EventLeaf) -> nw.Expr:
        counted = self._counted(leaf)
        match leaf.measure:
            case "count":
                return self.measures.of(counted.cast(nw.Int64), "sum").fill_null(0)
            case "first" | "last":
                return self.measures.of(nw.when(counted).then(self._at()), "min" if leaf.measure == "first" else "max")
            case "total":
                return self.measures.of(nw.when(counted).then(self._wide(leaf)), "sum").fill_null(0)
            case _:
                way = "min" if leaf.measure == "minimum" else "max"
                return self.measures.of(nw.when(counted).then(self._amount(leaf)), way)

    def _average(self, leaf: EventLeaf) -> nw.Expr:
        """Compare without dividing: total · scale with value · number."""
        counted, amount, value = self._counted(leaf), self._wide(leaf), comparable(leaf.value)
        number = self.measures.of(nw.when(counted & ~amount.is_null()).then(self._columns.wide_one()), "sum")
        total = self.measures.of(nw.when(counted).then(amount), "sum")
        return nw.when(number > 0).then(compared(total * leaf.scale, leaf.op, number * value))

    def _of(self, leaf: EventLeaf) -> FieldSpec:
        if leaf.of is None:
            raise AssertionError(leaf.measure)
        return leaf.of

    def _amount(self, leaf: EventLeaf) -> nw.Expr:
        of = self._of(leaf)
        return self._columns.amount(of, str(leaf.currency)) if of.kind is Kind.MONEY else self._columns.scalar(of)

    def _wide(self, leaf: EventLeaf) -> nw.Expr:
        of = self._of(leaf)
        if of.kind is Kind.MONEY:
            return self._columns.wide_amount(of, str(leaf.currency))
        return self._columns.wide_number(of)

    def _follows(self, leaf: Follows) -> nw.Expr:
        """For each instant with a second event: the latest first one strictly before it."""
        first, then = (self._visible(one, leaf.start, leaf.end) for one in (leaf.first, leaf.then))
        at = self._at()
        marked = self.measures.rows().select(
            nw.col(self.measures.key),
            at.alias(_AT),
            nw.when(first).then(at).otherwise(nw.lit(_NEVER)).alias(_BEFORE),
            then.cast(nw.Int64).alias(_IS_SECOND),
        )
        instants = marked.group_by(self.measures.key, _AT).agg(nw.col(_BEFORE).max(), nw.col(_IS_SECOND).max())
        latest = nw.col(_BEFORE).cum_max().over(self.measures.key, order_by=_AT)
        before = nw.col(_BEFORE).shift(1).over(self.measures.key, order_by=_AT)
        walked = instants.with_columns(latest.alias(_BEFORE)).with_columns(before.alias(_BEFORE))
        fits = (nw.col(_IS_SECOND) == 1) & (nw.col(_AT) - nw.col(_BEFORE) <= leaf.within_us)
        return self._happened(walked, fits)

    def _restarted(self, leaf: Restarted) -> nw.Expr:
        counted, at = self._visible(leaf.events, None, leaf.end), self._at()
        instants = self._distinct(counted, at.alias(_AT))
        before = nw.col(_AT).shift(1).over(self.measures.key, order_by=_AT)
        walked = instants.with_columns(before.alias(_BEFORE))
        fits = (nw.col(_AT) >= to_microseconds(leaf.start)) & (nw.col(_AT) - nw.col(_BEFORE) > leaf.gap_us)
        return self._happened(walked, fits)

    def _happened(self, rows: nw.LazyFrame[Any], fits: nw.Expr) -> nw.Expr:
        found = self.measures.apart(rows, fits.fill_null(value=False).cast(nw.Int64))
        return found.fill_null(0) > 0

    def _regular(self, leaf: Regular) -> nw.Expr:
        end = to_microseconds(leaf.end)
        block = self._columns.block(self.catalogue["event.at"], end, leaf.period_us)
        counted = self._visible(leaf.events, None, leaf.end) & (block < leaf.periods)
        held = self._distinct(counted.fill_null(value=False), block.alias(_AT))
        return self.measures.apart(held, nw.col(_IS_SECOND), "sum").fill_null(0) >= leaf.at_least

    def _distinct(self, counted: nw.Expr, what: nw.Expr) -> nw.LazyFrame[Any]:
        """Return the different instants or blocks of each contact, with a 1 beside each."""
        rows = self.measures.rows().filter(counted)
        marked = rows.select(nw.col(self.measures.key), what, counted.cast(nw.Int64).alias(_IS_SECOND))
        return marked.group_by(self.measures.key, _AT).agg(nw.col(_IS_SECOND).max())


class _EventNaming(Naming):
    """Events may keep the currency in any column."""

    def __init__(
        self, names: tuple[str, ...], columns: dict[str, Field], catalogue: Catalogue, currency: str | None
    ) -> None:
        super().__init__(names, columns, catalogue, "the frame of events")
        self._currency = currency

    def beside(self, spec: FieldSpec, suffix: str) -> str | None:
        if suffix == "_currency" and self._currency is not None:
            return self._currency
        return super().beside(spec, suffix)
