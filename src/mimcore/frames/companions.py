"""Events in a frame of their own, counted and summed for each contact, and joined to the people by id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import polars as pl

from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.frames.columns import Columns
from mimcore.frames.compiling import ROW, Compiler
from mimcore.frames.naming import Naming
from mimcore.frames.tables import Table, open_table
from mimcore.rules.bound import Comparison, EventLeaf
from mimcore.rules.catalogue import Catalogue, FieldSpec, default_catalogue
from mimcore.rules.fields import Field
from mimcore.values.currencies import CURRENCIES

__all__ = ["EventFrame", "EventMeasures", "events"]

KEY = "__mim_key"


@dataclass(frozen=True, slots=True)
class EventFrame:
    """A frame with one row for each event, and what its columns mean."""

    frame: Any = field(repr=False)
    contact: str
    columns: dict[str, str]
    """Short name of the event's field to column."""
    constants: dict[str, str]
    """Short name of the event's field to the one value of all rows."""
    key: str | None = None


def events(
    frame: Any,
    *,
    contact: str,
    at: str,
    kind: str | None = None,
    value: str | None = None,
    currency: str | None = None,
    product: str | None = None,
    channel: str | None = None,
    campaign: str | None = None,
    quantity: str | None = None,
    is_gift: str | None = None,
    refund_of: str | None = None,
    external_id: str | None = None,
    key: str | None = None,
) -> EventFrame:
    """Say what the columns of a frame of events mean.

    Args:
        frame: One row for each event; Polars or pandas.
        contact: Column with the id of the contact.
        at: Column with the instant, with a time zone.
        kind: A declared kind of event that all rows are, or the column with the kind; the column `kind` unless given.
        value: Column with the money that moved, in major units.
        currency: An ISO code that all rows have, or the column with the codes.
        product: Column with the product.
        channel: Column with the channel.
        campaign: Column with the key of the campaign.
        quantity: Column with the quantity.
        is_gift: Column with true for gifts.
        refund_of: Column with the id of the refunded purchase.
        external_id: Column with the id of the event in its source.
        key: Column of the people's frame that holds the contact's id: `id`, or the name in `contact`, unless given.

    Returns:
        What `events=` of the other functions takes.

    Raises:
        UnknownFieldError: If a column is not in the frame, with the nearest name.
        InvalidValueError: If the frame is not one.

    Examples:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"CustomerID": [1, 1], "Day": ["2026-01-02", "2026-02-03"]})
        >>> orders = orders.with_columns(pl.col("Day").str.to_datetime(time_zone="UTC"))
        >>> events(orders, contact="CustomerID", at="Day", kind="purchase").constants
        {'kind': 'purchase'}
    """
    names = open_table(frame, "events").names
    given = {
        "at": at,
        "value": value,
        "product": product,
        "channel": channel,
        "campaign": campaign,
        "quantity": quantity,
        "is_gift": is_gift,
        "refund_of": refund_of,
        "external_id": external_id,
    }
    columns = {short: _existing(column, names) for short, column in given.items() if column is not None}
    constants: dict[str, str] = {}
    _placed("kind", kind, default_catalogue().event_kinds, columns, constants, names)
    _placed("currency", currency, frozenset(CURRENCIES), columns, constants, names)
    return EventFrame(frame, _existing(contact, names), columns, constants, key)


def _existing(column: str, names: tuple[str, ...]) -> str:
    if column not in names:
        raise UnknownFieldError(f"the events have no column '{column}'{nearest(column, names)}")
    return column


def _placed(  # noqa: PLR0917 - private, called twice
    short: str,
    given: str | None,
    constants: frozenset[str],
    columns: dict[str, str],
    fixed: dict[str, str],
    names: tuple[str, ...],
) -> None:
    """Tell whether a name is one value of all rows or a column."""
    if given is None:
        columns |= {short: short} if short in names else {}
    elif given in constants:
        fixed[short] = given
    else:
        columns[short] = _existing(given, names)


class EventMeasures:
    """Computes every event condition of a question in one pass over the events."""

    def __init__(self, companion: EventFrame, catalogue: Catalogue) -> None:
        """Open the frame of events.

        Args:
            companion: What `events` returned.
            catalogue: The declared fields.
        """
        self._companion = companion
        self._catalogue = catalogue
        self._table: Table = open_table(companion.frame, "events")
        self._columns = Columns(self._table, self._naming(), companion.constants)
        self._compiler = Compiler(self._columns)
        self._flags: dict[EventLeaf, nw.Expr] = {}

    def _naming(self) -> Naming:
        mapped = {
            column: Field(self._catalogue[f"event.{short}"])
            for short, column in self._companion.columns.items()
            if short != "currency"
        }
        return _EventNaming(self._table.names, mapped, self._catalogue, self._companion.columns.get("currency"))

    def measure(self, leaf: EventLeaf) -> nw.Expr:
        """Return the people's column with the count or total of a condition."""
        if leaf not in self._flags:
            self._flags[leaf] = self._contribution(leaf)
        return nw.col(self._name(leaf))

    def _name(self, leaf: EventLeaf) -> str:
        return f"__mim_event_{list(self._flags).index(leaf)}"

    def _contribution(self, leaf: EventLeaf) -> nw.Expr:
        """What each event adds: 1 or its minor units where it is visible and `where` is true, else 0."""
        at = self._columns.scalar(self._catalogue["event.at"])
        tests = [self._is_kind(leaf.kind), (at <= leaf.end).fill_null(value=False)]
        if leaf.start is not None:
            tests.append((at >= leaf.start).fill_null(value=False))
        if leaf.where is not None:
            tests.append(self._compiler.members(leaf.where))
        counted = nw.all_horizontal(*tests, ignore_nulls=True)
        if leaf.measure == "count":
            return counted.cast(nw.Int64)
        amount = self._columns.amount(self._catalogue["event.value"], str(leaf.currency))
        return nw.when(counted).then(amount.fill_null(0)).otherwise(nw.lit(0, nw.Int64))

    def _is_kind(self, kind: str) -> nw.Expr:
        fixed = self._companion.constants.get("kind")
        if fixed is not None:
            return nw.col(ROW) >= 0 if fixed == kind else nw.col(ROW) < 0
        answer: nw.Expr = self._compiler.members(_kind_is(self._catalogue["event.kind"], kind))
        return answer

    def joined(self, people: pl.LazyFrame, table: Table) -> pl.LazyFrame:
        """Join the measures to the people; who has no events has 0.

        Args:
            people: The working frame.
            table: The people's frame, which holds the key.
        """
        if not self._flags:
            return people
        mine = self._key_column(table)
        contact = self._companion.contact
        left, right = _key(table, mine), _key(self._table, contact)
        if left.is_text is not right.is_text:
            raise InvalidValueError(
                f"column '{contact}'", f"and the people's '{mine}' are not of one type", "cast one of them"
            )
        totals = self._totals(right.expression)
        names = [self._name(leaf) for leaf in self._flags]
        joined = people.with_columns(left.expression.alias(KEY)).join(totals, on=KEY, how="left", maintain_order="left")
        return joined.with_columns(pl.col(names).fill_null(0)).drop(KEY)

    def _totals(self, key: pl.Expr) -> pl.LazyFrame:
        rows = self._table.lazy().with_row_index(ROW).select(ROW, key.alias(KEY), *self._columns.made.values())
        flags = [flag.alias(self._name(leaf)) for leaf, flag in self._flags.items()]
        flagged = nw.from_native(rows).select(nw.col(KEY), *flags).to_native()
        return flagged.group_by(KEY).agg(pl.all().sum())

    def _key_column(self, table: Table) -> str:
        asked = (self._companion.key,) if self._companion.key else ("id", self._companion.contact)
        found = next((name for name in asked if name in table.names), None)
        if found is None:
            raise UnknownFieldError(
                f"the frame has no column '{asked[-1]}' to join events to{nearest(asked[-1], table.names)}; give key="
            )
        table.dtype(found)
        return found


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


@dataclass(frozen=True, slots=True)
class _Key:
    expression: pl.Expr
    is_text: bool


def _key(table: Table, name: str) -> _Key:
    dtype = table.dtype(name)
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return _Key(pl.col(name).cast(pl.String), is_text=True)
    if dtype.is_numeric() or isinstance(dtype, pl.Null):
        return _Key(pl.col(name).cast(pl.Int64), is_text=False)
    raise InvalidValueError(
        f"column '{name}'", f"is of type {dtype}, which is no id", "give ids as text or whole numbers"
    )


def _kind_is(spec: FieldSpec, kind: str) -> Any:
    from mimcore.rules.bound import Literal

    return Literal(Comparison(spec, "eq", kind))
