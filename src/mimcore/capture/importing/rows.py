"""From one row to what it says about a contact, its account, its consent, or an account; or why it is refused.

A row is taken over whole or not at all. Not here: whom the row is about (`record_import`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.importing.ordinary_columns import columns_of
from mimcore.capture.importing.ordinary_rows import OrdinaryReader
from mimcore.capture.importing.rejects import Reject, RowProblem
from mimcore.capture.mapping.cells import CellReader
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.match_key import CONTACT, anchor_of, key_words
from mimcore.capture.mapping.targets import DEAL_MOMENTS, LOCATION_HALVES, Declared, short_of
from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.points import EmailPoint, PhonePoint
from mimcore.errors import InvalidValueError, Problem
from mimcore.values.codes import country
from mimcore.values.names import PersonName
from mimcore.values.phone import PhoneNumber

__all__ = ["Candidate", "RowReader", "RowValues"]

_MOMENTS = frozenset({"observed_at", "event.at", "contact.acquisition.at", *DEAL_MOMENTS})
R_co = TypeVar("R_co", bound=Contact | Account, covariant=True)
Clamp = Callable[[Any, str], datetime]
"""Reads an instant that must not lie in the future; `Origin.moment`."""


@dataclass(frozen=True, slots=True)
class RowValues:
    """The values of one row by target; several columns of one target are one tuple. Personal: never printed."""

    number: int
    line: int
    by_field: Mapping[str, Any] = field(repr=False)
    columns: Mapping[str, Sequence[str]] = field(repr=False)
    observed_at: datetime | None = None

    def reject(self, problems: Sequence[Problem], code: str = "invalid_value") -> Reject:
        """Refuse the row for problems whose fields are targets."""
        told = (RowProblem(self._column(one.field), code, one.reason, one.remedy) for one in problems)
        return Reject(self.number, self.line, tuple(told))

    def _column(self, path: str) -> str:
        """Find the column behind a field as an entity names it: `city` for `contact.demographic.city`."""
        for target, columns in self.columns.items():
            inner = target.partition(".")[2]
            if path in {target, inner, short_of(target)} or (path and f"{inner}.".startswith(f"{path}.")):
                return ", ".join(columns)
        return ""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[R_co]):
    """What a row says.

    Attributes:
        record: The contact or account that the row is about as a new record, if it turns out to be one.
        account: The account that a row about a contact names, or None.
        key: Match key by which an existing record is found.
        consents: Purposes with whether the row permits or forbids contact.
        cells: What the row was read from.
    """

    number: int
    line: int
    record: R_co = field(repr=False)
    account: Account | None = field(repr=False)
    key: str = field(repr=False)
    key_column: str
    observed_at: datetime | None
    consents: Mapping[str, bool]
    cells: Sequence[str] = field(default=(), repr=False)


class RowReader:
    """Reads the rows of one file under one mapping.

    Attributes:
        zone: The store's zone.
    """

    def __init__(
        self,
        mapping: ImportMapping,
        headers: Sequence[str],
        zone: ZoneInfo,
        source: str,
        declared: Declared | None = None,
    ) -> None:
        """Prepare the columns.

        Args:
            mapping: Which column becomes what.
            headers: Columns of the file.
            zone: The store's zone.
            source: Key of the source under which external ids are kept.
            declared: Custom attributes of the store.
        """
        self._mapping, self.zone, self._source = mapping, zone, source
        places = {name: place for place, name in enumerate(headers)}
        self._cells = [(places.get(one.column, -1), CellReader(one, zone, declared)) for one in mapping.columns]
        # The country decides how a national phone number is read, so phones come last.
        self._cells.sort(key=lambda pair: pair[1].column.field == "contact.phones")
        columns = columns_of(self._cells, _account_of) if mapping.about == CONTACT else None
        self._key_column = ", ".join(one.column or "constant" for one in mapping.of_field(mapping.key_field))
        self._ordinary = (
            None
            if columns is None
            else OrdinaryReader(
                columns, width=len(headers), key_field=mapping.key_field, region=mapping.default_region, source=source
            )
        )

    def read(
        self, number: int, row: Row, clamp: Clamp, observed_at: datetime | None
    ) -> Candidate[Contact | Account] | Reject:
        """Read a row about a contact or an account: the short way if nothing in it is refused, else with words for it.

        Args:
            number: Number of the row, from 0.
            row: The row.
            clamp: Refuses instants in the future.
            observed_at: When the file was observed, for rows without a time of their own.
        """
        known = None if self._ordinary is None else self._ordinary.read(row, clamp, observed_at)
        if known is not None:
            contact, account, key, seen, consents = known
            return Candidate(number, row.line, contact, account, key, self._key_column, seen, consents, row.values)
        values = self.values(number, row, clamp, observed_at)
        return values if isinstance(values, Reject) else self.candidate(values)

    def values(self, number: int, row: Row, clamp: Clamp, observed_at: datetime | None) -> RowValues | Reject:
        """Read all mapped cells of a row.

        Args:
            number: Number of the row, from 0.
            row: The row.
            clamp: Refuses instants in the future.
            observed_at: When the file was observed, for rows without a time of their own.
        """
        if row.problem is not None:
            return Reject(
                number,
                row.line,
                (RowProblem(row.problem.field, "unreadable_row", row.problem.reason, row.problem.remedy),),
            )
        found: dict[str, Any] = {}
        columns: dict[str, list[str]] = {}
        problems: list[RowProblem] = []
        for place, cell in self._cells:
            target = cell.column
            try:
                value = self._refined(target.field, cell(row.values[place] if place >= 0 else ""), found, clamp)
            except InvalidValueError as error:
                problems += [
                    RowProblem(target.column, "invalid_value", one.reason, one.remedy) for one in error.problems
                ]
                continue
            columns.setdefault(target.field, []).append(target.column or "constant")
            if value is not None:
                found[target.field] = (*found[target.field], *value) if target.field in found else value
        if problems:
            return Reject(number, row.line, tuple(problems))
        return RowValues(number, row.line, found, columns, found.pop("observed_at", observed_at))

    def _refined(self, target: str, value: Any, found: Mapping[str, Any], clamp: Clamp) -> Any:
        """Finish what needs other cells of the row, the zone or the clock."""
        if value is None:
            return None
        if target == "contact.emails":  # a point of its own for each row: cells are remembered, identities are not
            return tuple(EmailPoint(email=one) for one in value)
        if target == "contact.phones":
            region = found.get("contact.demographic.country") or self._mapping.default_region
            return tuple(PhonePoint(phone=PhoneNumber.parse(one, region=region, field="")) for one in value)
        if target.endswith(".country"):
            return country(value, "")
        return clamp(value, "") if target in _MOMENTS else value

    def candidate(self, values: RowValues) -> Candidate[Contact | Account] | Reject:
        """Make a contact or an account of the values of a row.

        Args:
            values: Values by target.
        """
        key_column = ", ".join(values.columns.get(self._mapping.key_field, ()))
        key = self.key_of(values)
        try:
            record, account = (None, None) if key is None else self._record(values)
        except InvalidValueError as error:
            return values.reject(error.problems)
        if isinstance(record, Account):  # its own spelling of the key counts, as in the store
            key = next(iter(key_words(anchor_of(self._mapping.key), record, self._source)), None)
        if key is None or record is None:
            reason = f"is empty, and rows are matched by {self._mapping.key}"
            problem = RowProblem(key_column, "missing_key", reason, "fill it in, or choose another key")
            return Reject(values.number, values.line, (problem,))
        consents = {
            name.partition(".")[2]: value for name, value in values.by_field.items() if name.startswith("consent.")
        }
        return Candidate(values.number, values.line, record, account, key, key_column, values.observed_at, consents)

    def key_of(self, values: RowValues) -> str | None:
        """Return the match key of a row, or None if its cell is empty: the first address or number counts."""
        value = values.by_field.get(self._mapping.key_field)
        if not value:
            return None
        return value if isinstance(value, str) else value[0].match_key

    def _record(self, values: RowValues) -> tuple[Contact | Account, Account | None]:
        if self._mapping.about == CONTACT:
            return self._contact(values), _account_of(values.by_field)
        arguments = _account_arguments(values.by_field)
        if (own_id := arguments.pop("external_id", None)) is not None:
            arguments["external_ids"] = ((self._source, own_id),)
        return Account(**arguments), None

    def _contact(self, values: RowValues) -> Contact:
        given = {name: value for name, value in values.by_field.items() if name.startswith("contact.")}
        arguments: dict[str, Any] = {}
        for target, value in given.items():
            if target.startswith("contact.name."):
                arguments.setdefault("parts", {})[target.rpartition(".")[2]] = value
            elif target.startswith("contact.custom."):
                arguments.setdefault("custom", {})[target.removeprefix("contact.custom.")] = value
            elif target.endswith(LOCATION_HALVES):
                arguments.setdefault("location", {})[short_of(target)] = value
            elif target.startswith("contact.social_profiles."):
                arguments["social_profiles"] = (*arguments.get("social_profiles", ()), *value)
            elif target == "contact.external_id":
                arguments["external_ids"] = ((self._source, value),)
            else:
                arguments[short_of(target)] = value
        if "age_band" in arguments and values.observed_at is not None:
            arguments.setdefault("age_band_on", values.observed_at.astimezone(self.zone).date())
        return Contact(**_named(arguments))


def _account_of(values: Mapping[str, Any]) -> Account | None:
    is_named = "account.name" in values or "account.domain" in values
    return Account(**_account_arguments(values)) if is_named else None


def _account_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for target, value in values.items():
        if not target.startswith("account."):
            continue
        if target.startswith("account.social_profiles."):
            arguments["social_profiles"] = (*arguments.get("social_profiles", ()), *value)
            continue
        if target.startswith("account.custom."):
            arguments.setdefault("custom", {})[target.removeprefix("account.custom.")] = value
        elif target.endswith(LOCATION_HALVES):
            arguments.setdefault("location", {})[short_of(target)] = value
        else:
            arguments["name" if target == "account.name" else short_of(target)] = value
    return arguments


def _named(arguments: dict[str, Any]) -> dict[str, Any]:
    """Join the parts of a name with a whole name, if both are given."""
    parts = arguments.pop("parts", None)
    if parts is None:
        return arguments
    whole: PersonName | None = arguments.get("name")
    known = {} if whole is None else {name: getattr(whole, name) for name in PersonName.model_fields}
    joined: dict[str, Any] = {**known, **parts}
    if joined.get("given") or joined.get("family"):
        arguments["name"] = joined
    return arguments
