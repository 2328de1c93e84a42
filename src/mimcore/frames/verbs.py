"""The verbs: filter, mask, verdict, count and classify, for Polars (eager and lazy) and pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import narwhals as nw
import polars as pl
from polars import selectors

from mimcore.errors import InvalidValueError
from mimcore.frames.columns import Columns
from mimcore.frames.companions import EventFrame, EventMeasures
from mimcore.frames.compiling import ROW, Compiler
from mimcore.frames.naming import Naming
from mimcore.frames.options import Options, binding_of
from mimcore.frames.tables import LazyTable, Table, guarded, open_table
from mimcore.rules.bound import negate
from mimcore.rules.fields import Field, FrameColumn
from mimcore.rules.lowering import bind
from mimcore.rules.nodes import Rule, as_rule

__all__ = ["classify", "count", "filter", "mask", "verdict"]

F = TypeVar("F")


def filter(  # noqa: A001 - the verb that every frame library uses
    frame: F,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
) -> F:
    """Return the rows of which a rule is true.

    Args:
        frame: A Polars DataFrame or LazyFrame, or a pandas DataFrame. Columns are named after the fields' short names
            (`country`) or canonical names; an account's are `account_country`; money has its currency in
            `<column>_currency`; lists hold interests, devices and the like. Empty text and NaN are missing.
        rule: Any rule without freshness and without static segments.
        columns: Column name to field, where a column is not named after its field.
        events: What `events(...)` returned, for rules that count or sum events.
        segments: Rules by key, for rules that refer to segments; None for a list kept by hand, which frames refuse.
        now: The instant of the question, aware; needed by rules about time or age.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        attributes: Custom attributes that the rule may mention, as `mim.attribute` returned them.

    Returns:
        The same kind of frame, in the same order and with the same index; a lazy frame stays lazy.

    Raises:
        UnknownFieldError: If a column is missing; with the nearest name.
        InvalidValueError: If a column does not fit its field; with column, reason and remedy.
        UnsupportedConditionError: If a condition cannot be asked of frames.
        MissingFactsError: If events, segments or `now` are needed and not given.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> people = pl.DataFrame({"id": [1, 2, 3], "country": ["DK", "SE", None]})
        >>> filter(people, f.contact.country != "SE")["id"].to_list()
        [1]
    """
    question = _ask(
        frame,
        {"mask": rule},
        {
            "columns": columns,
            "events": events,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
        },
    )
    if isinstance(question.table, LazyTable):
        return question.lazily_kept("mask")  # type: ignore[return-value]
    return question.table.keep(question.answers(is_verdict=False)["mask"])  # type: ignore[no-any-return]


def mask(
    frame: Any,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
) -> Any:
    """Return a boolean series: true for members, false for everybody else.

    Args:
        frame: As in `filter`, but not lazy.
        rule: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.

    Returns:
        A series of the frame's library, in its order and with its index.

    Raises:
        RuleError: As `filter`.
        InvalidValueError: As `filter`; also for a lazy frame.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> mask(pl.DataFrame({"country": ["DK", None]}), f.contact.country == "DK").to_list()
        [True, False]
    """
    question = _ask(
        frame,
        {"mask": rule},
        {
            "columns": columns,
            "events": events,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
        },
    )
    return question.table.series(question.answers(is_verdict=False)["mask"], is_verdict=False)


def verdict(
    frame: Any,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
) -> Any:
    """Return a boolean series with three answers: true, false, or missing where the rule cannot be decided.

    Args:
        frame: As in `filter`, but not lazy.
        rule: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.

    Returns:
        A nullable series of the frame's library, in its order and with its index.

    Raises:
        RuleError: As `filter`.
        InvalidValueError: As `filter`; also for a lazy frame.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> verdict(pl.DataFrame({"country": ["DK", "SE", None]}), f.contact.country == "DK").to_list()
        [True, False, None]
    """
    question = _ask(
        frame,
        {"verdict": rule},
        {
            "columns": columns,
            "events": events,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
        },
    )
    return question.table.series(question.answers(is_verdict=True)["verdict"], is_verdict=True)


def count(
    frame: Any,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
) -> int:
    """Return of how many rows a rule is true; a lazy frame is read for it.

    Args:
        frame: As in `filter`.
        rule: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.

    Raises:
        RuleError: As `filter`.
        InvalidValueError: As `filter`.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> count(pl.DataFrame({"country": ["DK", "SE", None]}), ~(f.contact.country == "DK"))
        1
    """
    question = _ask(
        frame,
        {"mask": rule},
        {
            "columns": columns,
            "events": events,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
        },
    )
    return int(question.answers(is_verdict=False)["mask"].sum())


def classify(
    frame: F,
    /,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    segments: Mapping[str, Rule | None] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    **rules: Rule,
) -> F:
    """Add one column for each rule, with true, false, or missing where it cannot be decided; in one pass.

    Args:
        frame: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.
        **rules: Name of the new column to rule.

    Returns:
        The same kind of frame with the columns added; a lazy frame stays lazy.

    Raises:
        RuleError: As `filter`.
        InvalidValueError: As `filter`; also if a column of that name exists.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> people = pl.DataFrame({"country": ["DK", None]})
        >>> classify(people, danes=f.contact.country == "DK", others=f.contact.country != "DK").rows()
        [('DK', True, False), (None, None, None)]
    """
    question = _ask(
        frame,
        rules,
        {
            "columns": columns,
            "events": events,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
        },
    )
    taken = sorted(set(rules) & set(question.table.names))
    if taken:
        raise InvalidValueError(f"column '{taken[0]}'", "stands in the frame already", "give the rule another name")
    if isinstance(question.table, LazyTable):
        return question.lazily_extended()  # type: ignore[return-value]
    return question.table.extended(question.answers(is_verdict=True))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Question:
    """Rules compiled for one frame."""

    table: Table
    columns: Columns
    events: EventMeasures | None
    sides: dict[str, tuple[nw.Expr, nw.Expr]]

    def _working(self, *, keeps_rows: bool) -> pl.LazyFrame:
        """Return the frame with the prepared columns, or those alone."""
        rows = self.table.lazy().with_row_index(ROW)
        prepared = rows.with_columns(**self.columns.made)
        joined = prepared if self.events is None else self.events.joined(prepared, self.table)
        return joined if keeps_rows else joined.select(pl.col("^__mim_.*$"))

    def _verdict(self, name: str) -> nw.Expr:
        yes, no = self.sides[name]
        return nw.when(yes | no).then(yes)

    def answers(self, *, is_verdict: bool) -> dict[str, pl.Series]:
        """Evaluate: members only, or all three answers."""
        asked = [(self._verdict(name) if is_verdict else sides[0]).alias(name) for name, sides in self.sides.items()]

        def evaluate() -> pl.DataFrame:
            return nw.from_native(self._working(keeps_rows=False)).select(*asked).to_native().collect()

        found = guarded("frame", evaluate)
        return {name: found[name] for name in self.sides}

    def lazily_kept(self, name: str) -> pl.LazyFrame:
        """Return the members of a lazy frame, unread."""
        return guarded(
            "frame",
            lambda: self._only(nw.from_native(self._working(keeps_rows=True)).filter(self.sides[name][0]).to_native()),
        )

    def lazily_extended(self) -> pl.LazyFrame:
        """Return a lazy frame with the answers, unread."""
        asked = [self._verdict(name).alias(name) for name in self.sides]
        return guarded(
            "frame", lambda: self._only(nw.from_native(self._working(keeps_rows=True)).with_columns(*asked).to_native())
        )

    def _only(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        return frame.drop(selectors.starts_with("__mim_"))


def _ask(frame: Any, rules: Mapping[str, Rule], options: Options) -> _Question:
    table, binding = open_table(frame), binding_of(options)
    catalogue = binding.catalogue
    columns = Columns(table, Naming(table.names, options.get("columns"), catalogue))
    companion = options.get("events")
    events = None if companion is None else EventMeasures(companion, catalogue)
    today = None if binding.now is None else binding.today("age")
    compiler = Compiler(columns, today, None if events is None else events.measure)
    sides: dict[str, tuple[nw.Expr, nw.Expr]] = {}
    for name, rule in rules.items():
        bound = bind(as_rule(rule, "rule"), binding)
        sides[name] = compiler.members(bound), compiler.members(negate(bound))
    question = _Question(table, columns, events, sides)
    if events is not None:
        events.joined(pl.LazyFrame(), table)  # only the check: it must fail now, not when a lazy frame is collected
    return question
