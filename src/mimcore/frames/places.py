"""Locations in a frame: text, two columns of degrees, or the whole numbers that distances are measured with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import narwhals as nw

from mimcore.errors import UnknownFieldError
from mimcore.frames.columns import Columns
from mimcore.frames.notation import Native
from mimcore.rules.language.catalogue import FieldSpec, Kind

__all__ = ["AXES", "DEGREES", "Places"]

AXES = ("x", "y", "z")
DEGREES = ("latitude", "longitude")


class Places:
    """One field that holds locations."""

    def __init__(self, columns: Columns, spec: FieldSpec) -> None:
        """Look for its columns.

        Args:
            columns: Where the prepared columns go.
            spec: The field.
        """
        self._columns, self._spec = columns, spec
        self._naming, self._say = columns.naming, columns.table.notation

    def near(self, units: tuple[int, int, int], limit: int) -> nw.Expr:
        """Tell whether the squared distance is small enough: below 2⁵³, so exact in a column of floats too.

        Args:
            units: The whole numbers of a point.
            limit: The greatest squared distance.
        """
        gaps = [own - at for own, at in zip(self._units(), units, strict=True)]
        x, y, z = (gap * gap for gap in gaps)
        return x + y + z <= limit

    def is_known(self) -> nw.Expr:
        """Tell whether there is a location; that needs none of the whole numbers."""
        numbers = self._beside() or self._degrees()
        names, kind = (numbers, Kind.NUMBER) if numbers else ((self._naming.column(self._spec),), Kind.CODE)
        known = [~self._given(name, kind).is_null() for name in names]
        return nw.all_horizontal(*known, ignore_nulls=False)

    def _given(self, name: str, kind: Kind) -> nw.Expr:
        return self._columns.prepared((self._spec.name, name), lambda: self._columns.raw(name, self._spec, kind))

    def _units(self) -> Iterator[nw.Expr]:
        for number, axis in enumerate(AXES):
            yield self._columns.prepared((self._spec.name, axis), lambda number=number: self.vector[number])  # type: ignore[misc]

    @cached_property
    def vector(self) -> tuple[Native, ...]:
        """The whole numbers of a location, as they stand in the frame or as they are worked out.

        Raises:
            UnsupportedConditionError: If they do not stand there, and the engine's sines are not Python's.
            UnknownFieldError: If no column holds the location.
        """
        ready, degrees = self._beside(), self._degrees()
        if ready:
            return tuple(self._columns.raw(name, self._spec, Kind.INTEGER) for name in ready)
        if degrees is None:
            name = self._naming.column(self._spec)
            return self._say.units_of_text(self._columns.raw(name, self._spec, Kind.CODE), name)
        latitude, longitude = (self._columns.raw(name, self._spec, Kind.NUMBER) for name in degrees)
        return self._say.units_of_degrees(latitude, longitude, degrees[0])

    @property
    def stem(self) -> str:
        """What the names of the columns of whole numbers start with."""
        return self._naming.find(self._spec) or self._naming.candidates(self._spec)[-1]

    @property
    def is_here(self) -> bool:
        """Whether some column holds it, and not yet as whole numbers."""
        return not self._beside() and (self._degrees() is not None or self._naming.find(self._spec) is not None)

    def _beside(self) -> tuple[str, ...]:
        found = [self._naming.beside(self._spec, f"_{axis}") for axis in AXES]
        return tuple(name for name in found if name is not None) if None not in found else ()

    def _degrees(self) -> tuple[str, str] | None:
        """Return the columns of degrees: those that are mapped, or those of that name where no text is found."""
        latitude, longitude = (self._naming.part(self._spec, part) for part in DEGREES)
        if latitude is not None and longitude is not None:
            return latitude, longitude
        if (latitude is None) is not (longitude is None):
            given, lacking = ("latitude", "longitude") if longitude is None else ("longitude", "latitude")
            raise UnknownFieldError(
                f"column '{latitude or longitude}' holds the {given} of {self._spec.name}, and none its {lacking}; "
                f"name it with columns={{'…': f.{self._spec.name}.{lacking}()}}"
            )
        return None
