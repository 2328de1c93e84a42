"""A mapping guessed from a file: by the names of its columns, confirmed by reading a sample of its cells.

A column is taken only if most of its sample is accepted by its field. What is left out is said, with the reason; where
two columns could both be the key, neither is. Not here: what a name means (`sniff`), the exports of well-known
programs (`presets`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.capture.files.csv_reader import Row
from mimcore.capture.mapping.amounts import CURRENCY_OF, check_currencies
from mimcore.capture.mapping.cells import CellReader, is_missing
from mimcore.capture.mapping.column_mapping import ColumnMapping
from mimcore.capture.mapping.guesses import UNKNOWN, Guess, guesses_of
from mimcore.capture.mapping.import_mapping import ImportMapping, about_of
from mimcore.capture.mapping.match_key import CONTACT, as_match_key, key_targets
from mimcore.capture.mapping.targets import ACCOUNT_NAMES, Declared, spec_of
from mimcore.display.numbers import percent
from mimcore.display.tables import Column, Table
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import FieldSpec

__all__ = ["ColumnProposal", "Proposal", "Proposer", "propose_mapping", "sample_of"]

_SAMPLE = 200
_MANY = frozenset({"contact.emails", "contact.phones"})
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What is proposed for one column.

    Attributes:
        column: Its name in the file.
        field: The target, or None if it is left out.
        confidence: 0-1; below 0.5 nothing is taken.
        why: The reason in words, without any cell.
    """

    column: str
    field: str | None
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that was guessed, with what is said about every column.

    Attributes:
        mapping: The mapping.
        columns: What is proposed for each column, in the order of the file.
        preset: Name of the program's export that was recognised, or an empty text.
        remarks: What else should be known.
    """

    mapping: ImportMapping
    columns: tuple[ColumnProposal, ...]
    preset: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out and why: a sentence for every column, one for all those that no field is known for."""
        left = [one for one in self.columns if one.field is None and one.why]
        unknown = [f"'{one.column}'" for one in left if one.why == UNKNOWN]
        told = [f"'{one.column}' is left out: {one.why}" for one in left if one.why != UNKNOWN]
        several = [f"no field is known for {', '.join(unknown)}; give mapping= to take what is wanted"]
        return (*self.remarks, *told, *(several if unknown else []))

    def table(self) -> Table:
        """Return the columns that are taken, with how sure each guess is and why."""
        steps = {(one.column, one.field): ", ".join(step.do for step in one.transforms) for one in self.mapping.columns}
        taken = [(one, one.field, steps.get((one.column, one.field), "")) for one in self.columns if one.field]
        rows = [(one.column, shown(field), percent(one.confidence), one.why, did) for one, field, did in taken]
        headings = [Column("column"), Column("field"), Column("sure", "right"), Column("why"), Column("changed by")]
        width = len(headings) if any(steps.values()) else len(headings) - 1
        title = "What becomes of the columns (guessed)"
        return Table.of(headings[:width], [row[:width] for row in rows], title=title)


def shown(target: str) -> str:
    """Return the short name of a target, which a mapping takes as well.

    Args:
        target: Canonical name.

    Examples:
        >>> shown("contact.demographic.country"), shown("contact.emails"), shown("account.name")
        ('contact.country', 'contact.emails', 'account.name')
    """
    spec = spec_of(target)
    short = target if spec is None else f"{spec.entity}.{spec.short}"
    return short if len(short) < len(target) else target


@dataclass
class Proposer:
    """Takes columns one after the other, each only if its cells agree.

    Attributes:
        cells: The sample of each column, by name.
        currency: Of amounts that name none.
    """

    cells: Mapping[str, Sequence[str]]
    zone: ZoneInfo
    declared: Declared
    currency: str | None = None
    mappings: list[ColumnMapping] = field(default_factory=list[ColumnMapping])
    proposals: list[ColumnProposal] = field(default_factory=list[ColumnProposal])

    def leave(self, column: str, why: str, confidence: float = 0.0) -> None:
        """Leave a column out.

        Args:
            column: Its name.
            why: The reason; empty where nothing is lost.
            confidence: How sure that is.
        """
        self.proposals.append(ColumnProposal(column, None, confidence, why))

    def take(self, column: str, target: str, transforms: tuple[Any, ...], confidence: float, why: str) -> bool:
        """Take a column for a target, unless the target is taken or the cells do not fit.

        Args:
            column: Its name.
            target: Canonical name of the field.
            transforms: What its cells need.
            confidence: How sure the guess is.
            why: The reason.

        Returns:
            Whether it was taken.
        """
        if target not in _MANY and target in {one.field for one in self.mappings}:
            self.leave(column, f"another column is {target} already")
            return False
        spec = spec_of(target, self.declared)
        if spec is not None and spec.is_special_category:
            self.leave(column, "it is special-category data; map it yourself if you have a lawful basis")
            return False
        try:
            mapping = ColumnMapping(column=column, field=target, transforms=transforms)
            if target not in CURRENCY_OF:
                check_currencies([mapping])
        except InvalidValueError as error:
            self.leave(column, f"{error.reason}; {error.remedy}")
            return False
        accepted = _accepted(CellReader(mapping, self.zone, self.declared), spec, self.cells[column])
        if accepted <= _MOSTLY:
            self.leave(column, f"only {percent(accepted, 0)} of its cells fit {target}")
            return False
        self.mappings.append(mapping)
        self.proposals.append(ColumnProposal(column, target, round(min(confidence, accepted), 2), why))
        return True

    def finish(
        self,
        key: str | Sequence[str] | None,
        region: str | None,
        preset: str = "",
        remarks: Iterable[str] = (),
        prefers: Sequence[str] = (),
    ) -> Proposal:
        """Choose the key and return the whole.

        Args:
            key: By what contacts are found; the best filled column that can be one unless given.
            region: ISO country of national phone numbers.
            preset: Name of the export that was recognised.
            remarks: What else should be known.
            prefers: Parts of a key in the order in which they are tried; the usual one unless given.

        Raises:
            InvalidValueError: If no column is understood, or none can serve as key.
        """
        self._without_whole_name()
        self._without_currency()
        self._without_company()
        if not self.mappings:
            reason = "cannot be guessed: no column is understood"
            raise InvalidValueError("mapping", reason, "give mapping={column: field}")
        about = about_of(one.field for one in self.mappings)
        chosen = self._best_key(about, prefers) if key is None else as_match_key(key, about)
        mapping = ImportMapping(columns=tuple(self.mappings), key=chosen, default_region=region)
        order = {name: place for place, name in enumerate(self.cells)}
        told = sorted(self.proposals, key=lambda one: order[one.column])
        return Proposal(mapping, tuple(told), preset, tuple(remarks))

    def _without_whole_name(self) -> None:
        """Leave the whole name out where its parts have columns of their own."""
        fields = {one.field for one in self.mappings}
        if {"contact.name.given", "contact.name.family"} <= fields and "contact.name" in fields:
            self.mappings = [one for one in self.mappings if one.field != "contact.name"]
            whole = next(one for one in self.proposals if one.field == "contact.name")
            self.proposals.remove(whole)
            self.leave(whole.column, "its parts have columns of their own")

    def _without_currency(self) -> None:
        """Leave amounts out whose currency nothing tells: a column for it may have been found after them."""
        fields = {one.field for one in self.mappings}
        for one in [one for one in self.mappings if one.field == "event.value" and "event.currency" not in fields]:
            try:
                check_currencies([one])
            except InvalidValueError as error:
                self._take_back(one, f"{error.reason}; {error.remedy}")

    def _without_company(self) -> None:
        """Leave out what a company is like where no column tells which company it is."""
        fields = {one.field for one in self.mappings}
        if about_of(fields) == CONTACT and not fields & set(ACCOUNT_NAMES):
            for one in [one for one in self.mappings if one.field.startswith("account.")]:
                self._take_back(one, "it is a company's, and no column tells the company's name or domain")

    def _take_back(self, mapping: ColumnMapping, why: str) -> None:
        self.mappings.remove(mapping)
        self.proposals = [one for one in self.proposals if (one.column, one.field) != (mapping.column, mapping.field)]
        if mapping.column not in {one.column for one in self.proposals}:
            self.leave(mapping.column, why)

    def _best_key(self, about: str, prefers: Sequence[str]) -> str:
        """Return the first of e-mail, external id and phone that fills nine of ten rows, else the best filled.

        Of accounts it is the first of domain, external id and name.
        """
        shares: dict[str, float] = {}
        targets = key_targets(about)
        for name in prefers or targets:
            target = targets[name]
            columns = [self.cells[one.column] for one in self.mappings if one.field == target]
            rows = list(zip(*columns, strict=True))
            filled = sum(any(not is_missing(cell, target) for cell in row) for row in rows)
            if columns:
                shares[name] = filled / len(rows) if rows else 1.0
        good = [name for name, share in shares.items() if share >= 0.9]
        if not shares:
            raise self._no_key(targets)
        return good[0] if good else max(shares, key=shares.__getitem__)

    def _no_key(self, targets: Mapping[str, str]) -> InvalidValueError:
        """Say what was left out that might have been the key, and why."""
        left = [
            f"'{one.column}': {one.why}" for one in self.proposals if one.field is None and one.why not in {"", UNKNOWN}
        ]
        likely = f" ({'; '.join(left[:3])})" if left else ""
        *first, last = targets.values()
        reason = f"cannot be guessed: no column becomes {', '.join(first)} or {last}{likely}"
        return InvalidValueError("key", reason, "give mapping={column: field} with one of them, or kind= for events")


def sample_of(headers: Sequence[str], rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return the cells of the first 200 sound rows by column.

    Args:
        headers: Names of the columns.
        rows: The rows.
    """
    first = [row.values for row in islice(rows, _SAMPLE) if row.problem is None and len(row.values) == len(headers)]
    return {name: [values[place] for values in first] for place, name in enumerate(headers)}


def propose_mapping(
    headers: Sequence[str],
    rows: Iterable[Row],
    *,
    zone: ZoneInfo,
    kind: str = "contacts",
    key: str | Sequence[str] | None = None,
    region: str | None = None,
    declared: Declared | None = None,
    currency: str | None = None,
) -> Proposal:
    """Guess which column becomes what.

    Args:
        headers: Names of the columns.
        rows: Rows; the first 200 are looked at.
        zone: Zone in which times without one are read.
        kind: `contacts`, `accounts`, or a kind of events.
        key: By what contacts are found; guessed unless given.
        region: ISO country of national phone numbers.
        declared: Custom attributes of the store; a column of the same name becomes one.
        currency: ISO currency of amounts that name none.

    Returns:
        The mapping, with confidence and reason of every guess.

    Raises:
        InvalidValueError: If no column can serve as key.

    Examples:
        >>> rows = [Row(2, ("ana@acme.dk", "Danmark"))]
        >>> found = propose_mapping(("E-mail", "Land"), rows, zone=ZoneInfo("UTC"))
        >>> [(one.field, one.confidence) for one in found.columns]
        [('contact.emails', 0.95), ('contact.demographic.country', 0.95)]
    """
    cells = sample_of(headers, rows)
    proposer = Proposer(cells, zone, declared or {})
    for guess in guesses_of(cells, kind, declared or {}, currency):
        _propose(proposer, guess)
    return proposer.finish(key, region)


def _propose(proposer: Proposer, guess: Guess) -> None:
    if guess.target is None:
        proposer.leave(guess.column, guess.why, guess.confidence)
        return
    proposer.take(guess.column, guess.target, guess.transforms, guess.confidence, guess.why)


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
