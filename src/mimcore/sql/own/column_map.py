"""The column map of somebody else's tables, for one question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, exists, select, true, type_coerce

from mimcore.errors import UnsupportedConditionError, nearest
from mimcore.rules.language.catalogue import FieldSpec, Kind, default_catalogue
from mimcore.rules.lowering.bound import EventLeaf, Follows, Regular, Restarted
from mimcore.sql.conditions.column_map import ColumnMap, Columns, Test
from mimcore.sql.conditions.event_questions import Condition, EventQuestions, Window
from mimcore.sql.expressions.elements import ONE
from mimcore.sql.expressions.stored_forms import BirthYear, ReadyAge
from mimcore.sql.own.columns import Stored
from mimcore.sql.own.tables import AccountColumns, EventColumns, TableColumns

__all__ = ["OwnMap"]

_BORN, _YEAR = "contact.demographic.birth_date", "contact.demographic.birth_year"


class _OwnColumns(Columns):
    """The mapped columns of one table."""

    def __init__(self, mapped: TableColumns | EventColumns | AccountColumns) -> None:
        super().__init__(mapped.source, f"the map of table '{mapped.name}'")
        self._mapped = mapped

    def _stored(self, spec: FieldSpec) -> Stored:
        found = self._mapped.fields.get(spec.name)
        return self._unmapped(spec) if found is None else found

    def _unmapped(self, spec: FieldSpec) -> NoReturn:
        hint = nearest(spec.short, self._mapped.source.c.keys())
        raise UnsupportedConditionError(
            f"{spec.name} has no column in {self._what}{hint}: map it, or leave the condition out"
        )

    def value(self, spec: FieldSpec) -> ColumnElement[Any]:
        """Return a column as rules compare it; text must be folded."""
        found = self._stored(spec)
        if found.compared is not None:
            return found.compared
        raise UnsupportedConditionError(
            f"{spec.name} has no folded text in {self._what}, and no database folds as another does: add a column that "
            "holds mim.fold(value), and name it in folded={…}; if this column holds it, say stored_as={…: 'folded'}"
        )

    def units(self, spec: FieldSpec) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
        """Return the three columns of a location."""
        x, y, z = self._stored(spec).units
        return x, y, z

    def presence(self, spec: FieldSpec) -> ColumnElement[Any]:
        """Return the column as it was given."""
        return self._stored(spec).presence

    def blank(self, spec: FieldSpec) -> Test | None:
        """Return where empty text or the like is stored."""
        return None if spec.kind is Kind.AGE else self._stored(spec).blank

    def amount(self, spec: FieldSpec, currency: str) -> ColumnElement[Any]:
        """Return the money column itself, so that an index on it is used."""
        return self._stored(spec).amount(currency)

    def currency(self, spec: FieldSpec) -> ColumnElement[str]:
        """Return the currency column, or the one currency."""
        found = self._stored(spec).currency
        return self._unmapped(spec) if found is None else found


class OwnMap(_OwnColumns):
    """A table of people, with their events and their account."""

    def __init__(self, mapped: TableColumns, today: date | None) -> None:
        """Look into a table.

        Args:
            mapped: What `mim.columns` returned.
            today: The local date of the question, which ready ages count from.
        """
        super().__init__(mapped)
        self._people, self._today = mapped, today

    def birth_bounds(self, spec: FieldSpec) -> tuple[ColumnElement[date], ColumnElement[date]]:
        """Return the bounds that a date of birth, a year of birth or a ready age gives."""
        ready, born, year = (self._people.fields.get(name) for name in (spec.name, _BORN, _YEAR))
        if ready is not None:
            return self._of_age(ready)
        if born is not None and year is not None:
            raise UnsupportedConditionError(
                f"{spec.name} could come of the date or the year of birth in {self._what}: map it to one of them"
            )
        if born is not None:
            return born.column, born.column
        if year is None:
            self._unmapped(spec)
        return type_coerce(year.column, BirthYear(is_last=False)), type_coerce(year.column, BirthYear(is_last=True))

    def _of_age(self, ready: Stored) -> tuple[ColumnElement[date], ColumnElement[date]]:
        column = ready.column
        if ready.form == "whole years" and self._today is not None:
            column = type_coerce(column, ReadyAge(self._today))
        return column, column

    def on_account(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Look into the account's table; without one, at the columns of the person's own row."""
        account = self._people.account
        if account is None:
            return test(self)
        found = select(ONE).select_from(account.source).where(account.link, test(_OwnColumns(account)))
        return exists(found.correlate_except(account.source))

    def on_accounts(self, test: Callable[[ColumnMap], Test]) -> Test:
        """Refuse: a map knows one account of a person."""
        del test
        self._refuse("any account but the primary one")

    def count_accounts(self, test: Callable[[ColumnMap], Test]) -> ColumnElement[int]:
        """Refuse: a map knows one account of a person."""
        del test
        self._refuse("any account but the primary one")

    def measure(self, leaf: EventLeaf, condition: Condition) -> ColumnElement[Any]:
        """Measure the person's events of a kind inside the window."""
        return self._questions().measure(leaf, condition)

    def happened(self, leaf: Follows | Regular | Restarted, condition: Condition) -> Test:
        """Look for events that follow each other."""
        return self._questions().happened(leaf, condition)

    def _questions(self) -> EventQuestions:
        return EventQuestions(self._key(), lambda kind, place: _Events(self._events_of(kind).aliases[place]))

    def _key(self) -> ColumnElement[Any]:
        key = self._people.key
        if key is None:
            raise UnsupportedConditionError(f"{self._what} does not tell the person's id: give key= to mim.columns")
        return key

    def _events_of(self, kind: str) -> EventColumns:
        """Return the table that is all of the kind, or the one in which a column tells the kind."""
        events = self._people.events
        found = [one for one in events if one.kind == kind] or [one for one in events if one.kind is None]
        if len(found) == 1:
            return found[0]
        told = "is held by more than one table" if found else "is held by no table"
        raise UnsupportedConditionError(
            f"an event of kind {kind} {told} in {self._what}: give events=[mim.event_columns(…, kind='{kind}')]"
        )


class _EventMap(_OwnColumns):
    """The columns of one event."""

    def __init__(self, mapped: EventColumns, window: Window) -> None:
        super().__init__(mapped)
        self._window = window

    def window(self, spec: FieldSpec) -> tuple[datetime | None, datetime | None]:
        """The time of the event is inside the window."""
        return self._window if spec.short == "at" else (None, None)


class _Events(_OwnColumns):
    """A table of events under one alias."""

    def __init__(self, mapped: EventColumns) -> None:
        super().__init__(mapped)
        self._events = mapped
        self.table, self.contact = mapped.source, mapped.contact
        self.at = self.value(default_catalogue()["event.at"])

    def is_of(self, kind: str) -> Test:
        """Compare the kind, unless the whole table is of it."""
        return true() if self._events.kind else self.value(default_catalogue()["event.kind"]) == kind

    def whole(self, spec: FieldSpec, currency: str | None) -> ColumnElement[int]:
        """Return whole numbers: of money, minor units."""
        return self.value(spec) if currency is None else self._stored(spec).minor_units(currency)

    def is_in(self, currency: str) -> Test:
        """Compare the currency."""
        return self.currency(default_catalogue()["event.value"]) == currency

    def columns(self, window: Window) -> ColumnMap:
        """Return the map of one event's columns."""
        return _EventMap(self._events, window)
