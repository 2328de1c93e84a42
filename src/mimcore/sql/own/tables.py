"""Maps of tables that are not mimcore's: which column holds which field, where events are, where the account is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.sql.selectable import FromClause
from sqlalchemy.sql.util import ClauseAdapter

from mimcore.display import Table
from mimcore.display.style import fragment
from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.rules.language.catalogue import FieldSpec, Kind, default_catalogue
from mimcore.rules.language.handles import Field
from mimcore.sql.own.columns import ColumnLike, Stored, StoredAs, as_column, as_currency, column_name, stored
from mimcore.sql.own.places import stored_place

__all__ = ["AccountColumns", "EventColumns", "TableColumns", "account_columns", "columns", "event_columns"]


@dataclass(frozen=True, eq=False)
class _Mapped:
    """A table with the fields that its columns hold; prints itself."""

    source: FromClause = field(repr=False)
    name: str
    fields: Mapping[str, Stored] = field(repr=False)
    """By canonical name of the field."""

    def __str__(self) -> str:
        """A table of fields and columns."""
        return str(self._table())

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        return fragment(self._table().html())

    def _table(self) -> Table:
        return Table.of(["field", "column", "holds"], [*self._rows()], title=self._title())

    def _title(self) -> str:
        return f"Columns of {self.name}"

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for name, one in self.fields.items():
            yield name, column_name(one.column), one.form


@dataclass(frozen=True, eq=False)
class EventColumns(_Mapped):
    """A table with one row for each event; made by `mim.event_columns`."""

    contact: ColumnElement[Any] = field(repr=False)
    kind: str | None
    """The one kind that all rows are, or None where a column tells."""

    @cached_property
    def aliases(self) -> tuple[EventColumns, EventColumns, EventColumns]:
        """The table under three names: a sequence of events asks it more than once."""
        first, second, third = (self._aliased(self.source.alias()) for _ in range(3))
        return first, second, third

    def _aliased(self, alias: FromClause) -> EventColumns:
        adapt = ClauseAdapter(alias).traverse
        fields = {name: one.adapted(adapt) for name, one in self.fields.items()}
        return replace(self, source=alias, fields=fields, contact=adapt(self.contact))

    def _title(self) -> str:
        return f"Events of {self.name}" + (f", all of kind {self.kind}" if self.kind else "")


@dataclass(frozen=True, eq=False)
class AccountColumns(_Mapped):
    """A table with one row for each account; made by `mim.account_columns`."""

    link: ColumnElement[bool] = field(repr=False)

    def _title(self) -> str:
        return f"Accounts of {self.name}"


@dataclass(frozen=True, eq=False)
class TableColumns(_Mapped):
    """A table of people, with what belongs to them; made by `mim.columns`, printed by `print`."""

    key: ColumnElement[Any] | None = field(repr=False)
    events: tuple[EventColumns, ...]
    account: AccountColumns | None
    custom: tuple[Field, ...] = ()

    def __str__(self) -> str:
        """The table of fields and columns, and those of events and accounts."""
        others = (*self.events, *(() if self.account is None else (self.account,)))
        return "\n\n".join([str(self._table()), *map(str, others)])


def columns(
    table: Any,
    mapping: Mapping[Any, ColumnLike | tuple[ColumnLike, ...]],
    *,
    folded: Mapping[Any, ColumnLike] | None = None,
    currencies: Mapping[Any, ColumnLike | str] | None = None,
    stored_as: Mapping[Any, StoredAs] | None = None,
    events: EventColumns | Iterable[EventColumns] = (),
    account: AccountColumns | None = None,
    key: ColumnLike | None = None,
) -> TableColumns:
    """Say which columns of your own tables hold which fields.

    Args:
        table: A mapped class, an alias of one, or a Core table.
        mapping: Field to column; any expression will do, also one over a table that your query joins. A location is
            three columns, of the whole numbers of `mim.location(latitude, longitude).units`.
        folded: Field to a column that holds `mim.fold(value)` of it. Text has to be compared folded, and no database
            folds as another does; without it a text field can only be asked whether it is known.
        currencies: Field of money to the column of its currency, or to the one currency of all rows.
        stored_as: What a column's type does not tell: `"folded"` (text: each value went through `mim.fold`), `"utc"` (a
            DateTime that holds UTC), `"microseconds"` (whole microseconds since 1970 UTC).
        events: What `mim.event_columns(...)` returned, once or for several tables.
        account: What `mim.account_columns(...)` returned.
        key: The person's id, to which events belong; the primary key unless given.

    Returns:
        The map that `mim.where` and `mim.to_sql` take.

    Raises:
        InvalidValueError: If a column cannot be compared as its field is; with field, column, reason and remedy.
        UnknownFieldError: If something mapped is not a field.

    Examples:
        >>> from sqlalchemy import Column, Date, MetaData, Table, Text
        >>> from mimcore import fields as f
        >>> customer = Table("customer", MetaData(), Column("country_code", Text), Column("born", Date))
        >>> print(columns(customer, {f.contact.country: customer.c.country_code, f.contact.age: customer.c.born}))
        Columns of customer
        field                        column                 holds
        ───────────────────────────  ─────────────────────  ──────────────
        contact.demographic.country  customer.country_code  codes
        contact.demographic.age      customer.born          dates of birth
    """
    source, name = _source(table)
    fields = _fields(mapping, folded, currencies, stored_as, ("contact", "account"))
    given = (events,) if isinstance(events, EventColumns) else tuple(events)
    return TableColumns(
        source,
        name,
        fields,
        _key(source, key),
        given,
        account,
        tuple(Field(one.spec) for one in fields.values()),
    )


def event_columns(
    table: Any,
    *,
    contact: ColumnLike,
    at: ColumnLike,
    kind: str | ColumnLike,
    value: ColumnLike | None = None,
    currency: ColumnLike | str | None = None,
    mapping: Mapping[Any, ColumnLike] | None = None,
    folded: Mapping[Any, ColumnLike] | None = None,
    stored_as: Mapping[Any, StoredAs] | None = None,
) -> EventColumns:
    """Say which columns of a table of your own hold events.

    Args:
        table: A mapped class, an alias of one, or a Core table.
        contact: The id of the person.
        at: The instant.
        kind: A declared kind of event that all rows are, or the column with the kind.
        value: The money that moved: whole minor units, or a Numeric of major units.
        currency: The column of its currency, or the one currency of all rows.
        mapping: Further fields: `{f.event.channel: Order.channel}`.
        folded: Folded text of a field: `{f.event.product: Order.product_folded}`.
        stored_as: As in `mim.columns`; `{f.event.at: "utc"}`.

    Returns:
        What `events=` of `mim.columns` takes.

    Raises:
        InvalidValueError: If a column cannot be compared as its field is.
        UnknownFieldError: If the kind is not declared, with the nearest one.

    Examples:
        >>> from sqlalchemy import Column, DateTime, Integer, MetaData, Numeric, Table
        >>> orders = Table(
        ...     "orders", MetaData(), Column("customer", Integer), Column("placed", DateTime), Column("total", Numeric)
        ... )
        >>> from mimcore import fields as f
        >>> bought = event_columns(
        ...     orders,
        ...     contact=orders.c.customer,
        ...     at=orders.c.placed,
        ...     kind="purchase",
        ...     value=orders.c.total,
        ...     currency="DKK",
        ...     stored_as={f.event.at: "utc"},
        ... )
        >>> bought.kind
        'purchase'
    """
    source, name = _source(table)
    specs = default_catalogue()
    own: dict[Any, Any] = {specs["event.at"]: at, **(mapping or {})}
    fixed = specs.event_kind(kind) if isinstance(kind, str) else None
    if fixed is None:
        own[specs["event.kind"]] = kind
    if value is not None:
        own[specs["event.value"]] = value
    currencies = {} if currency is None else {specs["event.value"]: currency}
    fields = _fields(own, folded, currencies, stored_as, ("event",))
    return EventColumns(source, name, fields, as_column(contact, "contact"), fixed)


def account_columns(
    table: Any,
    mapping: Mapping[Any, ColumnLike | tuple[ColumnLike, ...]],
    *,
    link: ColumnElement[bool],
    folded: Mapping[Any, ColumnLike] | None = None,
    currencies: Mapping[Any, ColumnLike | str] | None = None,
    stored_as: Mapping[Any, StoredAs] | None = None,
) -> AccountColumns:
    """Say which columns of a table of your own hold a person's account.

    Args:
        table: A mapped class, an alias of one, or a Core table.
        mapping: Field to column: `{f.account.employees: Company.staff}`.
        link: How a person's row names the account: `Customer.company_id == Company.id`.
        folded: As in `mim.columns`.
        currencies: As in `mim.columns`.
        stored_as: As in `mim.columns`.

    Returns:
        What `account=` of `mim.columns` takes.

    Raises:
        InvalidValueError: If a column cannot be compared as its field is.
    """
    source, name = _source(table)
    if not isinstance(link, ColumnElement):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
        raise InvalidValueError("link", "is no condition", "write Customer.company_id == Company.id")
    return AccountColumns(source, name, _fields(mapping, folded, currencies, stored_as, ("account",)), link)


def _source(table: Any) -> tuple[FromClause, str]:
    """Return what a mapped class, an alias or a table is selected from, and its name."""
    try:
        found: Any = inspect(table)
    except NoInspectionAvailable:
        found = None
    source: Any = getattr(found, "selectable", found)
    name: object = getattr(source, "description", None) or "the table"
    if not isinstance(source, FromClause):
        raise InvalidValueError("table", "is no table", "give a mapped class, an alias of one, or a Core table")
    return source, str(name)  # pyright: ignore[reportUnknownVariableType]


def _key(source: FromClause, key: ColumnLike | None) -> ColumnElement[Any] | None:
    """Return the person's id: what was given, or the one column of the primary key."""
    if key is not None:
        return as_column(key, "key")
    found = list(source.primary_key)
    return found[0] if len(found) == 1 else None


def _fields(
    mapping: Mapping[Any, Any],
    folded: Mapping[Any, Any] | None,
    currencies: Mapping[Any, Any] | None,
    stored_as: Mapping[Any, StoredAs] | None,
    entities: tuple[str, ...],
) -> dict[str, Stored]:
    """Check every column; the arguments that say more about a field must be about a mapped one."""
    main, beside = _by_name(mapping, entities), _by_name(folded, entities)
    money, forms = _by_name(currencies, entities), _by_name(stored_as, entities)
    made = {**beside, **main}
    for name in (*money, *forms):
        if name not in made:
            raise UnknownFieldError(f"{name} is described, but no column holds it{nearest(name, made)}: map it first")
    return {name: _stored(spec, given, beside, money, forms) for name, (spec, given) in made.items()}


def _stored(spec: FieldSpec, given: Any, beside: Any, money: Any, forms: Any) -> Stored:
    name = spec.name
    if spec.kind is Kind.LOCATION:
        return stored_place(spec, given)
    return stored(
        spec,
        as_column(given, name),
        folded=as_column(beside[name][1], name) if name in beside else None,
        currency=as_currency(money[name][1], name) if name in money else None,
        form=forms[name][1] if name in forms else None,
    )


def _by_name(given: Mapping[Any, Any] | None, entities: tuple[str, ...]) -> dict[str, tuple[FieldSpec, Any]]:
    found: dict[str, tuple[FieldSpec, Any]] = {}
    for key, value in (given or {}).items():
        spec = key if isinstance(key, FieldSpec) else getattr(key, "spec", None)
        if not isinstance(spec, FieldSpec):
            raise UnknownFieldError("a column is mapped to something that is not a field: write f.contact.country")
        if spec.entity not in entities:
            raise UnknownFieldError(
                f"{spec.name} does not belong here: map fields of {' and '.join(f'{one}s' for one in entities)}"
            )
        found[spec.name] = (spec, value)
    return found
