"""A mapping guessed from a file: by the names of its columns, confirmed by reading a sample of its cells.

A column is taken only if most of its sample is accepted by its field. What is left out is said, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.capture.cells import CellReader, is_missing
from mimcore.capture.column_kinds import ColumnKind, DateOrder
from mimcore.capture.csv_reader import Row
from mimcore.capture.mapping import ColumnMapping, ImportMapping
from mimcore.capture.match_key import as_match_key, default_key
from mimcore.capture.sniff import ColumnGuess, guess_column, header_key
from mimcore.capture.targets import EVENT_CONTACT, Declared, check_target, spec_of
from mimcore.capture.transforms import map_values, read_dates, split
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import FieldSpec, Kind

__all__ = ["propose_mapping"]

_SAMPLE = 200
_MANY = frozenset({"contact.emails", "contact.phones"})
_RECORD_DATE = re.compile(
    "(?:last)?(?:updated?|modified)(?:at|on)?|modifieddate|(?:zuletzt)?geandert(?:am)?|(?:sidst)?opdateret|uppdaterad"
    "|oppdatert|misajour|ultimaactualizacion"
)
_GENDERS = {
    **dict.fromkeys(("f", "female", "woman", "w", "weiblich", "frau", "k", "kvinde", "kvinna", "femme"), "female"),
    **dict.fromkeys(("m", "male", "man", "männlich", "mann", "mand", "homme", "hombre"), "male"),
    **dict.fromkeys(("nb", "non-binary", "non binary", "nonbinary", "non_binary", "divers", "x"), "non_binary"),
    **dict.fromkeys(("other", "andet", "annat", "autre"), "other"),
    **dict.fromkeys(("u", "0", "unknown", "not stated"), ""),
}  # fmt: skip


def propose_mapping(
    headers: Sequence[str],
    rows: Iterable[Row],
    *,
    zone: ZoneInfo,
    kind: str = "contacts",
    key: str | Sequence[str] | None = None,
    region: str | None = None,
    declared: Declared | None = None,
) -> tuple[ImportMapping, tuple[str, ...]]:
    """Guess which column becomes what.

    Args:
        headers: Names of the columns.
        rows: Rows; the first 200 are looked at.
        zone: Zone in which times without one are read.
        kind: `contacts`, or a kind of events.
        key: By what contacts are found; guessed unless given.
        region: ISO country of national phone numbers.
        declared: Custom attributes of the store; a column of the same name becomes one.

    Returns:
        The mapping, and a sentence for every column that was left out.

    Raises:
        InvalidValueError: If no column can serve as key.

    Examples:
        >>> rows = [Row(2, ("ana@acme.dk", "Danmark"))]
        >>> mapping, notes = propose_mapping(("E-mail", "Land"), rows, zone=ZoneInfo("UTC"))
        >>> [one.field for one in mapping.columns]
        ['contact.emails', 'contact.demographic.country']
    """
    sample = [row.values for row in islice(rows, _SAMPLE) if len(row.values) == len(headers)]
    columns: list[ColumnMapping] = []
    notes: list[str] = []
    for place, header in enumerate(headers):
        cells = [values[place] for values in sample]
        taken = {one.field for one in columns}
        found, why = _column(header, cells, kind, taken, zone, declared=declared or {})
        if found is not None:
            columns.append(found)
        elif why:
            notes.append(f"'{header}' is left out: {why}")
    columns = _without_whole_name(columns)
    if not columns:
        raise InvalidValueError("mapping", "cannot be guessed: no column is understood", "give mapping={column: field}")
    return ImportMapping(
        columns=tuple(columns),
        key=default_key(one.field for one in columns) if key is None else as_match_key(key),
        default_region=region,
    ), tuple(notes)


def _column(
    header: str, cells: Sequence[str], kind: str, taken: set[str], zone: ZoneInfo, *, declared: Declared
) -> tuple[ColumnMapping | None, str]:
    guess = guess_column(header, cells)
    target = _declared(header, kind, declared) or _target(header, guess, kind)
    if target is None:
        return None, "" if guess.kind is ColumnKind.EMPTY else "no field is known for it; give mapping= to take it"
    if target in taken and target not in _MANY:
        return None, f"another column is {target} already"
    spec = spec_of(target, declared)
    if spec is not None and spec.is_special_category:
        return None, "it is special-category data; map it yourself if you have a lawful basis"
    if guess.date_order is DateOrder.DMY_OR_MDY:
        return None, "its dates may be day first or month first; map it with read_dates('DMY') or read_dates('MDY')"
    try:
        column = ColumnMapping(column=header, field=target, transforms=_transforms(target, spec, guess, cells))
    except InvalidValueError as error:
        return None, error.reason
    accepted = _accepted(CellReader(column, zone, declared), spec, cells)
    return (column, "") if accepted > 0.5 else (None, f"only {accepted:.0%} of its cells fit {target}")


def _declared(header: str, kind: str, declared: Declared) -> str | None:
    """Return the custom attribute that a column is named after."""
    if kind != "contacts":
        return None
    return next((name for name, spec in declared.items() if header_key(spec.short) == header_key(header)), None)


def _target(header: str, guess: ColumnGuess, kind: str) -> str | None:
    if _RECORD_DATE.fullmatch(header_key(header)) and guess.date_order is not None:
        return "observed_at"
    if guess.field is None:
        return {ColumnKind.EMAIL: "contact.emails"}.get(guess.kind)
    try:
        target = check_target(guess.field)
    except InvalidValueError:
        return None
    is_wanted = target.startswith("event.") or target in EVENT_CONTACT if kind != "contacts" else True
    return target if is_wanted and (kind != "contacts" or not target.startswith("event.")) else None


def _transforms(target: str, spec: FieldSpec | None, guess: ColumnGuess, cells: Sequence[str]) -> tuple[Any, ...]:
    if guess.date_order is not None:
        return (read_dates({DateOrder.DMY: "DMY", DateOrder.MDY: "MDY"}.get(guess.date_order, "YMD")),)  # type: ignore[arg-type]
    if target == "contact.demographic.gender":
        return (map_values(_GENDERS),)
    if target in _MANY or (spec is not None and spec.kind in {Kind.TAGS, Kind.CODES, Kind.RECORDS}):
        separators = ";|" if target in _MANY else ";|,"
        used = [sign for sign in separators if sum(sign in cell for cell in cells) * 10 > len(cells)]
        return (split(used[0]),) if used else ()
    return ()


def _accepted(reader: CellReader, spec: FieldSpec | None, cells: Sequence[str]) -> float:
    """Return the share of filled cells that the field takes; 1 where none is filled."""
    filled = [cell for cell in cells if not is_missing(cell, reader.column.field)]
    return sum(_takes(reader, spec, cell) for cell in filled) / len(filled) if filled else 1.0


def _takes(reader: CellReader, spec: FieldSpec | None, cell: str) -> bool:
    try:
        value = reader(cell)
    except InvalidValueError:
        return False
    if spec is None or not spec.options or value is None:
        return True
    words: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)  # pyright: ignore[reportUnknownVariableType]
    return spec.vocabulary in {"country", "language"} or all(word in spec.options for word in words)


def _without_whole_name(columns: list[ColumnMapping]) -> list[ColumnMapping]:
    """Leave the whole name out where its parts have columns of their own."""
    fields = {one.field for one in columns}
    has_parts = {"contact.name.given", "contact.name.family"} <= fields
    return [one for one in columns if not (has_parts and one.field == "contact.name")]
