"""Where the compiler finds a field's value: mimcore's own tables, the columns of an event or an account.

A map gives columns as rules compare them: text folded (see `mimcore.values.text.fold`), money in minor units, lists as
JSON. What a map does not have it refuses with `UnsupportedConditionError`, when the rule is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NoReturn, Protocol

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.sql.selectable import FromClause

from mimcore.domain.segment import listed_as
from mimcore.errors import UnsupportedConditionError
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import EventLeaf, Follows, Regular, Restarted
from mimcore.sql.conditions.event_questions import Condition, EventQuestions, EventRows, Window
from mimcore.sql.conditions.freshness_tests import Compare, Cutoffs, FreshnessTests, KeyTest
from mimcore.sql.expressions.elements import ONE, among_ids
from mimcore.sql.tables import schema, schema_segments
from mimcore.sql.tables.columns import compared_column, stored_column, unit_columns
from mimcore.sql.tables.custom_elements import custom_value, is_custom

__all__ = ["AccountMap", "ColumnMap", "Columns", "ContactMap", "EventMap", "Test"]

Test = ColumnElement[bool]


class ColumnMap(Protocol):
    """Binds fields to columns."""

    def value(self, spec: FieldSpec) -> ColumnElement[Any]:
        """Return what rules compare: folded text, minor units, the JSON list of a collection."""
        ...

    def currency(self, spec: FieldSpec) -> ColumnElement[str]:
        """Return the currency beside a field of money."""
        ...

    def amount(self, spec: FieldSpec, currency: str) -> ColumnElement[Any]:
        """Return a field of money so that it is compared with minor units of a currency."""
        ...

    def units(self, spec: FieldSpec) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
        """Return the three whole numbers of a location, see `mimcore.values.location`."""
        ...

    def presence(self, spec: FieldSpec) -> ColumnElement[Any]:
        """Return what is NULL (of a collection: or empty) where the field has no value."""
        ...

    def blank(self, spec: FieldSpec) -> Test | None:
        """Return where something is stored that counts as missing; None where that cannot be."""
        ...

    def birth_bounds(self, spec: FieldSpec) -> tuple[ColumnElement[date], ColumnElement[date]]:
        """Return earliest and latest possible birth date; both missing where nothing is known."""
        ...

    def on_account(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Return whether there is an active primary account for which a test is true."""
        ...

    def on_accounts(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Return whether there is an active account, linked to now, for which a test is true; never missing."""
        ...

    def count_accounts(self, test: Callable[[ColumnMap], Test]) -> ColumnElement[int]:
        """Return how many active accounts, linked to now, a test is true for; never missing."""
        ...

    def measure(self, leaf: EventLeaf, condition: Condition) -> ColumnElement[Any]:
        """Return what a leaf measures; of an average, the sign of its difference from the leaf's value."""
        ...

    def happened(self, leaf: Follows | Regular | Restarted, condition: Condition) -> Test:
        """Return whether events follow each other as a leaf says; never missing."""
        ...

    def window(self, spec: FieldSpec) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last instant that a field can hold here, where that is known."""
        ...

    def sample_key(self) -> ColumnElement[int]:
        """Return the contact's stored 31-bit key; never missing."""
        ...

    def among(self, ids: bytes) -> Test:
        """Return whether the contact is one of those with the given ids, 16 bytes each; never missing."""
        ...

    def listed(self, segment: str) -> Test:
        """Return whether a static segment lists the contact; never missing."""
        ...

    def freshness(self, spec: FieldSpec, test: KeyTest) -> Test:
        """Return whether a test of pool and key is true for the field's value."""
        ...

    def fresh(self, spec: FieldSpec, cutoffs: Cutoffs, compare: Compare) -> Test:
        """Return whether the key of the field's value compares so with the cutoff of its pool."""
        ...

    def point_freshness(self, points: str, test: KeyTest) -> Test:
        """Return whether a test of pool and key is true for any current address or number; never missing."""
        ...


class Columns:
    """A map that has columns only; companions are refused."""

    def __init__(self, table: FromClause, what: str) -> None:
        """Look into a table.

        Args:
            table: The table.
            what: How it is called in a refusal.
        """
        self._table, self._what = table, what

    def _column(self, spec: FieldSpec, name: str) -> ColumnElement[Any]:
        column = self._table.c.get(name)
        return self._refuse(spec.name) if column is None else column

    def _refuse(self, what: str) -> NoReturn:
        raise UnsupportedConditionError(f"{what} has no column in {self._what}: leave the condition out, or map it")

    def value(self, spec: FieldSpec) -> ColumnElement[Any]:
        """Return the compared column of a field, or the value inside the JSON of a custom attribute."""
        return custom_value(self._table, spec) if is_custom(spec) else self._column(spec, compared_column(spec))

    def currency(self, spec: FieldSpec) -> ColumnElement[str]:
        """Return the currency beside a field of money."""
        return self._column(spec, f"{spec.short}_currency")

    def amount(self, spec: FieldSpec, currency: str) -> ColumnElement[Any]:
        """Return the minor units."""
        del currency
        return self.value(spec)

    def units(self, spec: FieldSpec) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
        """Return the columns beside a location."""
        x, y, z = (self._column(spec, name) for name in unit_columns(spec))
        return x, y, z

    def presence(self, spec: FieldSpec) -> ColumnElement[Any]:
        """Return the compared column."""
        return self.value(spec)

    def blank(self, spec: FieldSpec) -> Test | None:
        """Nothing is stored for missing values."""
        del spec
        return None

    def birth_bounds(self, spec: FieldSpec) -> tuple[ColumnElement[date], ColumnElement[date]]:
        """Return the columns `born_from` and `born_to`."""
        return self._column(spec, "born_from"), self._column(spec, "born_to")

    def on_account(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Refuse."""
        del test
        self._refuse("the account")

    def on_accounts(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Refuse."""
        del test
        self._refuse("the accounts")

    def count_accounts(self, test: Callable[[ColumnMap], Test]) -> ColumnElement[int]:
        """Refuse."""
        del test
        self._refuse("the accounts")

    def measure(self, leaf: EventLeaf, condition: Condition) -> ColumnElement[Any]:
        """Refuse."""
        del leaf, condition
        self._refuse("the count of events")

    def happened(self, leaf: Follows | Regular | Restarted, condition: Condition) -> Test:
        """Refuse."""
        del leaf, condition
        self._refuse("the sequence of events")

    def window(self, spec: FieldSpec) -> tuple[datetime | None, datetime | None]:
        """Nothing is known about values."""
        del spec
        return None, None

    def sample_key(self) -> ColumnElement[int]:
        """Refuse."""
        self._refuse("the key of samples")

    def among(self, ids: bytes) -> Test:
        """Refuse."""
        del ids
        self._refuse("the contact's id")

    def listed(self, segment: str) -> Test:
        """Refuse."""
        del segment
        self._refuse("the list of a segment")

    def freshness(self, spec: FieldSpec, test: KeyTest) -> Test:
        """Refuse."""
        del test
        self._refuse(f"the freshness of {spec.name}")

    def fresh(self, spec: FieldSpec, cutoffs: Cutoffs, compare: Compare) -> Test:
        """Refuse."""
        del cutoffs, compare
        self._refuse(f"the freshness of {spec.name}")

    def point_freshness(self, points: str, test: KeyTest) -> Test:
        """Refuse."""
        del test
        self._refuse(f"the freshness of {points}")


class AccountMap(Columns):
    """The columns of an account."""

    def __init__(self, table: FromClause) -> None:
        """Look into a table.

        Args:
            table: `mim_account` or an alias of it.
        """
        super().__init__(table, "the table of accounts")

    def on_account(self, test: Callable[[ColumnMap], Test]) -> Test:
        """The account at hand is the one that is asked."""
        return test(self)


class EventMap(Columns):
    """The columns of an event."""

    def __init__(self, table: FromClause, window: tuple[datetime | None, datetime | None] = (None, None)) -> None:
        """Look into a table.

        Args:
            table: `mim_interaction` or an alias of it.
            window: Between which instants the events lie that are looked at.
        """
        super().__init__(table, "the table of interactions")
        self._window = window

    def window(self, spec: FieldSpec) -> tuple[datetime | None, datetime | None]:
        """The time of the event is inside the window."""
        return self._window if spec.short == "at" else (None, None)


class _Interactions:
    """Mimcore's own table of events, under one alias."""

    def __init__(self, table: FromClause, tenant: str) -> None:
        self.table, self._tenant = table, tenant
        self.contact, self.at = table.c.contact_id, table.c.at

    def is_of(self, kind: str) -> Test:
        return and_(self.table.c.tenant == self._tenant, self.table.c.kind == kind)

    def whole(self, spec: FieldSpec, currency: str | None) -> ColumnElement[int]:
        del currency
        return self.table.c[stored_column(spec)]

    def is_in(self, currency: str) -> Test:
        return self.table.c.value_currency == currency

    def columns(self, window: Window) -> ColumnMap:
        return EventMap(self.table, window)


class ContactMap(Columns):
    """Mimcore's own tables: everything a rule can ask."""

    def __init__(
        self,
        tenant: str,
        table: FromClause = schema.contact,
        fresh: FreshnessTests | None = None,
    ) -> None:
        """Look into a tenant's contacts.

        Args:
            tenant: Whose records count.
            table: `mim_contact` or an alias of it.
            fresh: Tests of freshness on that table, by what an engine knows of it; plain ones unless given.
        """
        super().__init__(table, "the table of contacts")
        self._tenant, self._fresh = tenant, fresh or FreshnessTests(tenant, table)
        self._events = EventQuestions(table.c.id, self._rows)

    def on_account(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Look into the active primary account."""
        account = _ACCOUNT
        joined = self._primary(account)
        return exists(select(ONE).select_from(account).where(joined, test(AccountMap(account))))

    def account_columns(self) -> ColumnMap:
        """Return the columns of accounts, to ask which there are."""
        return AccountMap(schema.account)

    def of_account(self, read: Callable[[ColumnMap], ColumnElement[Any]]) -> ColumnElement[Any]:
        """Return a value of the active primary account; missing where there is none."""
        account = _ACCOUNT
        value = read(AccountMap(account))
        return select(value).select_from(account).where(self._primary(account)).scalar_subquery()

    def _primary(self, account: FromClause) -> Test:
        return and_(
            account.c.tenant == self._tenant,
            account.c.id == self._table.c.primary_account_id,
            account.c.status == "active",
        )

    def on_accounts(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Look into the active accounts of current links."""
        found = self._linked(test)
        return exists(select(ONE).select_from(_JOINED).where(found))

    def count_accounts(self, test: Callable[[ColumnMap], Test]) -> ColumnElement[int]:
        """Count the active accounts of current links; a contact has one such link to an account."""
        found = self._linked(test)
        return select(func.count()).select_from(_JOINED).where(found).scalar_subquery()

    def _linked(self, test: Callable[[ColumnMap], Test]) -> Test:
        return and_(
            _LINK.c.tenant == self._tenant,
            _LINK.c.contact_id == self._table.c.id,
            _LINK.c.end_on.is_(None),
            _LINKED.c.status == "active",
            test(AccountMap(_LINKED)),
        )

    def measure(self, leaf: EventLeaf, condition: Condition) -> ColumnElement[Any]:
        """Measure the contact's events of a kind inside the window."""
        return self._events.measure(leaf, condition)

    def happened(self, leaf: Follows | Regular | Restarted, condition: Condition) -> Test:
        """Look for events that follow each other."""
        return self._events.happened(leaf, condition)

    def _rows(self, kind: str, place: int) -> EventRows:
        del kind  # all kinds stand in one table
        return _Interactions(_EVENTS[place], self._tenant)

    def sample_key(self) -> ColumnElement[int]:
        """Return the stored key."""
        return self._table.c.sample_key

    def among(self, ids: bytes) -> Test:
        """Compare the contact's id."""
        return among_ids(self._table.c.id, ids)

    def listed(self, segment: str) -> Test:
        """Look into the lists of segments."""
        member, own = _MEMBER, _SEGMENT
        key, kind = listed_as(segment)
        segment_id = select(own.c.id).where(own.c.tenant == self._tenant, own.c.key == key).scalar_subquery()
        on_list = and_(member.c.tenant == self._tenant, member.c.segment_id == segment_id, member.c.kind == kind)
        return self._table.c.id.in_(select(member.c.contact_id).where(on_list))

    def freshness(self, spec: FieldSpec, test: KeyTest) -> Test:
        """Look at the contact's own key columns where it has them, else into the states."""
        return self._fresh.of(spec, test)

    def fresh(self, spec: FieldSpec, cutoffs: Cutoffs, compare: Compare) -> Test:
        """Read the ranges from the index where that pays."""
        return self._fresh.in_ranges(spec, cutoffs, compare)

    def point_freshness(self, points: str, test: KeyTest) -> Test:
        """Look into the states of the points that are not retired."""
        return self._fresh.of_points(points, test)


# Made once: an alias makes an object for every column. Subqueries may share one, since none stands inside another.
_ACCOUNT, _LINK, _LINKED = (one.alias() for one in (schema.account, schema.contact_account, schema.account))
_JOINED = _LINK.join(_LINKED, and_(_LINKED.c.tenant == _LINK.c.tenant, _LINKED.c.id == _LINK.c.account_id))
_MEMBER, _SEGMENT = schema_segments.segment_member.alias(), schema_segments.segment.alias()
_EVENTS = tuple(schema.interaction.alias() for _ in range(3))
