"""Reading a file that an export has written, so that it can be imported again exactly as it went out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from mimcore.capture.exporting.arrow_tables import read_parquet_rows
from mimcore.capture.exporting.columns import money_pair
from mimcore.capture.exporting.writing import check_form
from mimcore.capture.files.csv_reader import read_csv
from mimcore.capture.mapping.column_mapping import ColumnMapping
from mimcore.capture.mapping.exact_cells import LIST_SIGN, text_of
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.match_key import ACCOUNT, CONTACT, as_match_key, key_targets
from mimcore.capture.mapping.transforms import Exact
from mimcore.capture.reading.tabular import TextRows
from mimcore.capture.snapshots.schema import account_name
from mimcore.domain.catalogue import ACCOUNT_FIELDS, catalogue
from mimcore.errors import CaptureError, InvalidValueError, nearest
from mimcore.rules.language.catalogue import Kind
from mimcore.values.text import fold

__all__ = ["ExportedFile", "read_export"]

_KEYS: Mapping[str, Mapping[str, Sequence[str]]] = {
    CONTACT: {"email": ("emails", "primary_email"), "phone": ("phones", "primary_phone")},
    ACCOUNT: {"domain": ("domain",), "name": ("account_name",)},
}
_ENTITIES = {"contacts": CONTACT, "accounts": ACCOUNT}
_BESIDE = {account_name(spec): spec.name for spec in ACCOUNT_FIELDS}
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of records, ready to be imported: `store.plan_import(back.rows, mapping=back.mapping, source=…)`.

    Attributes:
        rows: Its rows as text; they can be gone through again and again.
        mapping: Which column becomes what, exactly.
        left_out: Columns that cannot be imported: what is derived, and ids in other systems.
    """

    rows: TextRows = field(repr=False)
    mapping: ImportMapping
    left_out: tuple[str, ...]


def read_export(path: str | os.PathLike[str], *, kind: str = "contacts", key: str | None = None) -> ExportedFile:
    """Read a file that `store.contacts.export` or `store.accounts.export` has written: CSV, JSON Lines or Parquet.

    Args:
        path: The file.
        kind: `contacts` or `accounts`.
        key: By what records are found: `email`, `phone`, or of accounts `domain`, `name`; or `external_id`, the id of
            the record that was exported, kept under the source of the import. The first one that the file has unless
            given; refused if records share it, which would come back as one.

    Returns:
        Rows and mapping for `store.plan_import`.

    Raises:
        CaptureError: If it cannot be read.
        InvalidValueError: If it has no column for the key, or two for one field, or if no key was given and records
            share what they would be found by.
    """
    if kind not in _ENTITIES:
        raise InvalidValueError("kind", f"is not exported{nearest(kind, _ENTITIES)}", "give 'contacts' or 'accounts'")
    place, entity = Path(path), _ENTITIES[kind]
    names, rows = _opened(place)
    used, currencies = _key(names, key, entity), _currencies(names, entity)
    if key is None and (number := _sharing(names, rows, _KEYS[entity].get(used, ()))):
        reason = f"is not given, and {number:,} records share their {used} with another: they would come back as one"
        raise InvalidValueError("key", reason, f"give key='external_id', or key='{used}' if they are one")
    targets = {name: _target(name, used, entity) for name in names if name not in currencies}
    chosen = {name: target for name, target in targets.items() if target is not None}
    columns = tuple(ColumnMapping(column=name, field=target, transforms=(Exact(),)) for name, target in chosen.items())
    left_out = tuple(name for name, target in targets.items() if target is None and name != "id")
    mapping = ImportMapping(columns=columns, key=used)
    text = TextRows(place.name, list(chosen), _joined(names, list(chosen), currencies, rows))
    return ExportedFile(text, mapping, left_out)


def _key(names: Sequence[str], key: str | None, entity: str) -> str:
    known = _KEYS[entity]
    usable = [one for one, columns in known.items() if set(columns) & set(names)]
    if key is None:
        return usable[0] if usable and usable[0] != "name" else "external_id"
    chosen = as_match_key(key, entity)
    lacking = next((part for part in chosen.split("+") if part in known and part not in usable), None)
    if lacking is not None:
        raise InvalidValueError("key", f"is {lacking}, but the file has no such column", f"export {known[lacking][0]}")
    return chosen


def _sharing(names: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]], columns: Sequence[str]) -> int:
    """Count the rows that hold a part of what an earlier row holds in the column that records are found by."""
    column = next((one for one in columns if one in names), None)
    if column is None:
        return 0
    place, seen, sharing = names.index(column), set[int](), 0
    for row in rows():
        parts = {hash(part) for part in _listed(text_of(row[place]))}
        sharing += not seen.isdisjoint(parts)
        seen |= parts
    return sharing


def _listed(text: str) -> list[str]:
    try:
        parts: list[Any] = json.loads(text) if text.startswith("[") else text.split(LIST_SIGN)
    except ValueError:  # the import will say what is wrong with that cell
        parts = [text]
    return [folded for one in parts if (folded := fold(str(one)))]


def _target(name: str, key: str, entity: str) -> str | None:
    if entity == CONTACT and name in {"emails", "phones", "primary_email", "primary_phone"}:
        return f"contact.{name}"
    if name == "id":
        return key_targets(entity)["external_id"] if "external_id" in key.split("+") else None
    if name == "external_ids":
        return None
    if f"{entity}.{name}" in catalogue:
        spec = catalogue[f"{entity}.{name}"]
        return None if spec.is_derived else spec.name
    if entity == ACCOUNT:
        return name if name.startswith("account.custom.") else f"account.custom.{name}"
    if name in _BESIDE:
        return _BESIDE[name]
    if name.startswith(("contact.custom.", "account.custom.")):
        return name
    is_beside = name.startswith("account_")
    return f"account.custom.{name.removeprefix('account_')}" if is_beside else f"contact.custom.{name}"


def _currencies(names: Sequence[str], entity: str) -> dict[str, str]:
    """Return the amounts by the name of the column with their currency."""
    money = [one for one in names if _is_money(one, entity)]
    return {money_pair(one): one for one in money if money_pair(one) in names}


def _is_money(name: str, entity: str) -> bool:
    canonical = f"account.{name}" if entity == ACCOUNT else _BESIDE.get(name, f"contact.{name}")
    return canonical in catalogue and catalogue[canonical].kind is Kind.MONEY


def _joined(
    names: Sequence[str],
    chosen: Sequence[str],
    currencies: Mapping[str, str],
    rows: Callable[[], Iterable[Sequence[Any]]],
) -> Callable[[], Iterable[Sequence[str]]]:
    """Put an amount and its currency into one cell, and leave the rest of the columns away."""
    places = {name: place for place, name in enumerate(names)}
    beside = {amount: currency for currency, amount in currencies.items()}

    def cell(row: Sequence[Any], name: str) -> str:
        text = text_of(row[places[name]])
        return f"{text} {row[places[beside[name]]]}" if name in beside and text else text

    return lambda: ([cell(row, name) for name in chosen] for row in rows())


# --- the forms --------------------------------------------------------------------------------------------------------


def _opened(place: Path) -> tuple[Sequence[str], Callable[[], Iterable[Sequence[Any]]]]:
    form = check_form(place, None)
    if form == "csv":
        return _csv(place)
    reason = ""
    try:
        if form == "parquet":
            names, _ = read_parquet_rows(place)
            return names, lambda: read_parquet_rows(place)[1]
        if form == "jsonl":
            return _json_names(place), lambda: _json_rows(place)
    except OSError as error:
        reason = error.strerror or "the system gave no reason"
    if reason:
        raise CaptureError(f"{place.name} cannot be read: {reason}")
    raise InvalidValueError("path", "is an Arrow file, which is not imported", "export it as .parquet or .jsonl")


def _csv(place: Path) -> tuple[Sequence[str], Callable[[], Iterable[Sequence[Any]]]]:
    is_for_people = _begins_with_mark(place)
    source = read_csv(place, encoding="utf-8-sig" if is_for_people else "utf-8", unguards=is_for_people)

    def rows() -> Iterator[Sequence[str]]:
        for row in source:
            if row.problem is not None:
                raise CaptureError(f"{place.name}, line {row.line}: {row.problem}")
            yield row.values

    return source.headers, rows


def _begins_with_mark(place: Path) -> bool:
    """Only files for spreadsheets begin with a byte-order mark: in them, a quote stands before what looks risky."""
    try:
        with place.open("rb") as file:
            return file.read(len(_MARK)) == _MARK
    except OSError as error:
        reason = error.strerror or "the system gave no reason"
    raise CaptureError(f"{place.name} cannot be read: {reason}")


def _json_names(place: Path) -> Sequence[str]:
    first = next(iter(_json_lines(place)), None)
    if first is None:
        raise CaptureError(f"{place.name} has no line from which its columns could be read")
    return list(first)


def _json_rows(place: Path) -> Iterator[Sequence[Any]]:
    names: list[str] | None = None
    for number, record in enumerate(_json_lines(place), start=1):
        names = list(record) if names is None else names
        if list(record) != names:
            raise CaptureError(f"{place.name}, line {number}: has other columns than the first line")
        yield list(record.values())


def _json_lines(place: Path) -> Iterator[dict[str, Any]]:
    with place.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            try:
                record: object = json.loads(line)
            except ValueError:
                record = None
            if not isinstance(record, dict):
                raise CaptureError(f"{place.name}, line {number}: is not a JSON object")
            yield cast("dict[str, Any]", record)
