"""The verbs: filter, mask, verdict, count and classify, for every kind of frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from mimcore.errors import InvalidValueError
from mimcore.frames.companions import AccountFrame, EventFrame
from mimcore.frames.options import Segment
from mimcore.frames.questions import ask
from mimcore.rules.language.nodes import Rule
from mimcore.rules.writing.fields import Field, FrameColumn

__all__ = ["classify", "count", "filter", "mask", "verdict"]

F = TypeVar("F")


def filter(  # noqa: A001 - the verb that every frame library uses
    frame: F,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    accounts: AccountFrame | None = None,
    segments: Mapping[str, Segment] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    half_lives: Mapping[str, float] | None = None,
) -> F:
    """Return the rows of which a rule is true.

    Args:
        frame: A Polars DataFrame or LazyFrame, a pandas DataFrame, a PyArrow table, a DuckDB relation or a Spark
            DataFrame. Columns are named after the fields' short names (`country`) or canonical names; an account's are
            `account_country`; money has its currency in `<column>_currency`; lists hold interests, devices and the
            like. Empty text and NaN are missing. DuckDB and Spark need folded text beside the text: `city_folded`.
        rule: Any rule; about freshness where `<column>_fresh_key` and `<column>_fresh_pool` stand beside the column, as
            `store.contacts.to_frame(freshness=True)` gives them.
        columns: Column name to field, where a column is not named after its field.
        events: What `events(...)` returned, for rules about events.
        accounts: What `accounts(...)` returned, for rules about all accounts of a contact.
        segments: By key, for rules that refer to segments: a rule, or the ids of those who are listed; None for a list
            that is not at hand, which is refused.
        now: The instant of the question, aware; needed by rules about time or age.
        zone: IANA name of the zone in which dates are local; UTC unless given.
        attributes: Custom attributes that the rule may mention, as `mim.attribute` returned them.
        half_lives: Half-life in days by pool, as `store.quality.half_lives()` tells, for rules about freshness; the
            published ones for pools that are not given.

    Returns:
        The same kind of frame, in the same order and with the same index; a lazy frame stays lazy.

    Raises:
        UnknownFieldError: If a column is missing; with the nearest name.
        InvalidValueError: If a column does not fit its field; with column, reason and remedy.
        UnsupportedConditionError: If a condition cannot be asked of frames.
        MissingFactsError: If events, segments, columns of freshness or `now` are needed and not given.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> people = pl.DataFrame({"id": [1, 2, 3], "country": ["DK", "SE", None]})
        >>> filter(people, f.contact.country != "SE")["id"].to_list()
        [1]
    """
    question = ask(
        frame,
        {"mask": rule},
        {
            "columns": columns,
            "events": events,
            "accounts": accounts,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
            "half_lives": half_lives,
        },
        "verdict",
    )
    return question.table.kept(question.working(), question.answers["mask"])  # type: ignore[no-any-return]


def mask(
    frame: Any,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    accounts: AccountFrame | None = None,
    segments: Mapping[str, Segment] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    half_lives: Mapping[str, float] | None = None,
) -> Any:
    """Return a boolean series: true for members, false for everybody else.

    Args:
        frame: As in `filter`, but not lazy.
        rule: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        accounts: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.
        half_lives: As in `filter`.

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
    question = ask(
        frame,
        {"mask": rule},
        {
            "columns": columns,
            "events": events,
            "accounts": accounts,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
            "half_lives": half_lives,
        },
        "mask",
    )
    return question.table.series(question.working(), question.answers["mask"], is_verdict=False)


def verdict(
    frame: Any,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    accounts: AccountFrame | None = None,
    segments: Mapping[str, Segment] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    half_lives: Mapping[str, float] | None = None,
) -> Any:
    """Return a boolean series with three answers: true, false, or missing where the rule cannot be decided.

    Args:
        frame: As in `filter`, but not lazy.
        rule: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        accounts: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.
        half_lives: As in `filter`.

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
    question = ask(
        frame,
        {"verdict": rule},
        {
            "columns": columns,
            "events": events,
            "accounts": accounts,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
            "half_lives": half_lives,
        },
        "verdict",
    )
    return question.table.series(question.working(), question.answers["verdict"], is_verdict=True)


def count(
    frame: Any,
    rule: Rule,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    accounts: AccountFrame | None = None,
    segments: Mapping[str, Segment] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    half_lives: Mapping[str, float] | None = None,
) -> int:
    """Return of how many rows a rule is true; a lazy frame is read for it.

    Args:
        frame: As in `filter`.
        rule: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        accounts: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.
        half_lives: As in `filter`.

    Raises:
        RuleError: As `filter`.
        InvalidValueError: As `filter`.

    Examples:
        >>> import polars as pl
        >>> from mimcore import fields as f
        >>> count(pl.DataFrame({"country": ["DK", "SE", None]}), ~(f.contact.country == "DK"))
        1
    """
    question = ask(
        frame,
        {"mask": rule},
        {
            "columns": columns,
            "events": events,
            "accounts": accounts,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
            "half_lives": half_lives,
        },
        "verdict",
    )
    return question.table.number(question.working(), question.answers["mask"])


def classify(
    frame: F,
    /,
    *,
    columns: Mapping[str, Field | FrameColumn] | None = None,
    events: EventFrame | None = None,
    accounts: AccountFrame | None = None,
    segments: Mapping[str, Segment] | None = None,
    now: datetime | None = None,
    zone: str | ZoneInfo | None = None,
    attributes: Iterable[Field] = (),
    half_lives: Mapping[str, float] | None = None,
    **rules: Rule,
) -> F:
    """Add one column for each rule, with true, false, or missing where it cannot be decided; in one pass.

    Args:
        frame: As in `filter`.
        columns: As in `filter`.
        events: As in `filter`.
        accounts: As in `filter`.
        segments: As in `filter`.
        now: As in `filter`.
        zone: As in `filter`.
        attributes: As in `filter`.
        half_lives: As in `filter`.
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
    question = ask(
        frame,
        rules,
        {
            "columns": columns,
            "events": events,
            "accounts": accounts,
            "segments": segments,
            "now": now,
            "zone": zone,
            "attributes": attributes,
            "half_lives": half_lives,
        },
        "verdict",
    )
    taken = sorted(set(rules) & set(question.table.names))
    if taken:
        raise InvalidValueError(f"column '{taken[0]}'", "stands in the frame already", "give the rule another name")
    return question.table.extended(question.working(), question.answers)  # type: ignore[no-any-return]
