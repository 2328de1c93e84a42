"""Which column holds which field: short names, canonical names, or what the caller says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.rules.language.catalogue import Catalogue, FieldSpec
from mimcore.rules.writing.fields import Field, FrameColumn

__all__ = ["Naming", "checked_mapping"]


def checked_mapping(columns: Any) -> Mapping[str, Any]:
    """Return what `columns=` says, the names of columns first.

    Args:
        columns: As it was given; None is nothing.

    Raises:
        InvalidValueError: If it is something else, or written the other way round.
    """
    given: object = {} if columns is None else columns
    if not isinstance(given, Mapping):
        raise InvalidValueError("columns", "is no mapping", "write columns={'Land': f.contact.country}")
    mapping = cast("Mapping[object, Any]", given)
    for column, target in mapping.items():
        if isinstance(column, Field | FrameColumn):
            named = f"'{target}'" if isinstance(target, str) else "'…'"
            remedy = f"write the column first: columns={{{named}: f.{column.spec.entity}.{column.spec.short}}}"
            raise InvalidValueError("columns", "maps a field where the name of a column belongs", remedy)
        if not isinstance(column, str):
            raise InvalidValueError(
                "columns", "has a name that is no text", "write columns={'Land': f.contact.country}"
            )
    return cast("Mapping[str, Any]", mapping)


class Naming:
    """Finds the column of a field, or says which name was expected and which comes nearest."""

    def __init__(
        self, names: Iterable[str], columns: Mapping[str, Any] | None, catalogue: Catalogue, what: str = "the frame"
    ) -> None:
        """Read the caller's mapping.

        Args:
            names: The frame's columns.
            columns: Column name to field; the others are found by name.
            catalogue: The declared fields: tells where a short name is ambiguous.
            what: Name of the frame in an error.

        Raises:
            UnknownFieldError: If a mapped column is not in the frame.
            InvalidValueError: If a mapping is not a field, or two columns are mapped to one.
        """
        self.names = frozenset(names)
        self._catalogue = catalogue
        self._what = what
        self._mapped: dict[str, str] = {}
        self._separators: dict[str, str] = {}
        self._parts: dict[tuple[str, str], str] = {}
        for column, target in checked_mapping(columns).items():
            self._read(column, target)
        self._free = self.names - set(self._mapped.values()) - set(self._parts.values())

    def _read(self, column: str, target: Any) -> None:
        if column not in self.names:
            raise UnknownFieldError(f"{self._what} has no column '{column}'{nearest(column, self.names)}")
        if not isinstance(target, Field | FrameColumn):
            raise InvalidValueError(
                "columns", f"maps '{column}' to something that is not a field", "give f.contact.country or the like"
            )
        if isinstance(target, FrameColumn) and target.part is not None:
            self._parts[target.spec.name, target.part] = column
            return
        if target.spec.name in self._mapped:
            raise InvalidValueError("columns", f"map two columns to {target.spec.name}", "keep one of them")
        self._mapped[target.spec.name] = column
        if isinstance(target, FrameColumn) and target.separator is not None:
            self._separators[target.spec.name] = target.separator

    def candidates(self, spec: FieldSpec) -> tuple[str, ...]:
        """Names under which a field may stand, the surest first."""
        if spec.entity != "account":
            return (spec.name, f"{spec.entity}.{spec.short}", spec.short)
        prefixed = spec.short if spec.short.startswith("account_") else f"account_{spec.short}"
        alone = () if f"contact.{spec.short}" in self._catalogue else (spec.short,)
        return (spec.name, f"account.{spec.short}", prefixed, *alone)

    def find(self, spec: FieldSpec) -> str | None:
        """Return the column of a field, or None."""
        mapped = self._mapped.get(spec.name)
        return mapped or next((name for name in self.candidates(spec) if name in self._free), None)

    def column(self, spec: FieldSpec) -> str:
        """Return the column of a field.

        Raises:
            UnknownFieldError: If there is none, with the nearest name that is there.
        """
        found = self.find(spec)
        if found is None:
            raise self.absent(spec, self.candidates(spec)[-1])
        return found

    def absent(self, spec: FieldSpec, expected: str) -> UnknownFieldError:
        """Describe a column that is not there."""
        return UnknownFieldError(
            f"{self._what} has no column '{expected}' for {spec.name}{nearest(expected, self.names)}; rename it, or "
            "name it with columns={'…': field}"
        )

    def beside(self, spec: FieldSpec, suffix: str) -> str | None:
        """Return a companion column such as `<column>_currency` or `<short>_currency`, or None."""
        found = self.find(spec)
        stems = ([found] if found else []) + list(self.candidates(spec))
        return next((f"{stem}{suffix}" for stem in stems if f"{stem}{suffix}" in self.names), None)

    def part(self, spec: FieldSpec, part: str) -> str | None:
        """Return the column with one part of a location, mapped or by name where no column holds the whole, or None."""
        mapped = self._parts.get((spec.name, part))
        if mapped is not None or self.find(spec) is not None:
            return mapped
        plain = f"account_{part}" if spec.entity == "account" else part
        return self.beside(spec, f"_{part}") or (plain if plain in self._free else None)

    def separator(self, spec: FieldSpec) -> str | None:
        """Return the separator of a collection written as one text, or None."""
        return self._separators.get(spec.name)
