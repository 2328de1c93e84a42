"""Fields that hold a point on the globe: asked how far away it is."""

from __future__ import annotations

from typing import NoReturn

from mimcore.errors import RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Field, FrameColumn
from mimcore.rules.language.rule import Rule
from mimcore.values.location import Location

__all__ = ["LocationField"]


class LocationField(Field):
    """A point on the globe, in degrees. Ask how far it is from another one."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def within_km(self, centre: Location, km: float) -> Rule:
        """The location is at most so many kilometres from a point, along the sphere; unknown where it is missing.

        Args:
            centre: The point, `mim.location(55.676, 12.568)`.
            km: Kilometres, 0 to 20,016 (half round the earth); the distance itself counts as inside.

        Raises:
            RuleTypeError: If the point is no location.
        """
        if not isinstance(centre, Location):  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
            raise RuleTypeError(f"{self!r}.within_km needs a point: give mim.location(latitude, longitude)")
        return nodes.Distance(field=self.spec.name, latitude=centre.latitude, longitude=centre.longitude, km=km)

    def latitude(self) -> FrameColumn:
        """Say that a frame's column holds the degrees north, beside another one with `longitude()`.

        Examples:
            >>> import mimcore as mim
            >>> mim.fields.contact.location.latitude().part
            'latitude'
        """
        return FrameColumn(self.spec, part="latitude")

    def longitude(self) -> FrameColumn:
        """Say that a frame's column holds the degrees east, beside another one with `latitude()`."""
        return FrameColumn(self.spec, part="longitude")

    def __eq__(self, value: object) -> NoReturn:
        """Refuse: two measurements of one place are hardly ever equal."""
        raise RuleTypeError(f"{self!r} is a location: use .within_km(mim.location(latitude, longitude), km)")

    __ne__ = __eq__

    def __neg__(self) -> NoReturn:
        """Refuse: a location has no order."""
        raise RuleTypeError(f"{self!r} is a location: people are sorted by single values that have an order")
