"""Places on the globe: latitude and longitude, and the whole numbers that every engine measures distances with.

A distance is measured on a sphere with the mean radius of the earth. No two engines agree on the last bit of a sine, so
the point is brought once, in Python, to whole numbers: its unit vector in steps of 2⁻²⁵ (19 cm on the ground). Their
differences, squared and summed, stay below 2⁵³, so int64 and float64 alike give the one exact result. What is rounded
away moves a distance by less than 50 cm; that the earth is no sphere moves it by up to 0.6 per cent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, cast

from pydantic import BeforeValidator, Field

from mimcore.errors import InvalidValueError
from mimcore.values.model import FrozenModel

__all__ = ["EARTH_RADIUS_KM", "HALF_ROUND_KM", "Location", "circle", "location", "read_location", "units_of_text"]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""
HALF_ROUND_KM = 20_016
"""Nothing on the sphere is further away than this: half its circumference, rounded up."""

_STEPS = 2**25
_DECIMALS = 9
_DEGREES = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,30})?"
_PAIR = re.compile(rf"\s*({_DEGREES})\s*[,;\s]\s*({_DEGREES})\s*")
_REMEDY = "write latitude and longitude in degrees, like '55.676, 12.568'"


def _degrees(value: object) -> object:
    """Refuse what only looks like a number, and round to a tenth of a millimetre; 0.0 and −0.0 are one place."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValueError("", "is not a number of degrees", "give degrees, such as 55.676")
    return round(float(value), _DECIMALS) + 0.0 if math.isfinite(value) else value


class Location(FrozenModel):
    """A point on the globe, in degrees (WGS 84) to nine decimals. Where a person lives is personal: `repr` masks it.

    Args:
        latitude: Degrees north, −90 to 90.
        longitude: Degrees east, −180 to 180.

    Raises:
        InvalidValueError: If one is not a number inside its bounds.

    Examples:
        >>> Location(latitude=55.676, longitude=12.568).text
        '55.676,12.568'
    """

    pii_fields = frozenset({"latitude", "longitude"})

    latitude: Annotated[float, BeforeValidator(_degrees), Field(ge=-90, le=90)]
    longitude: Annotated[float, BeforeValidator(_degrees), Field(ge=-180, le=180)]

    @property
    def text(self) -> str:
        """Both numbers with a comma between them, from which the same point is read again."""
        return f"{_written(self.latitude)},{_written(self.longitude)}"

    @property
    def units(self) -> tuple[int, int, int]:
        """The unit vector in whole steps of 2⁻²⁵: what distances are measured with, on every engine.

        Examples:
            >>> location(0, 0).units, location(90, 0).units, location(0, 180).units
            ((33554432, 0, 0), (0, 0, 33554432), (-33554432, 0, 0))
        """
        latitude, longitude = math.radians(self.latitude), math.radians(self.longitude)
        across = math.cos(latitude)
        vector = (across * math.cos(longitude), across * math.sin(longitude), math.sin(latitude))
        x, y, z = (round(part * _STEPS) for part in vector)
        return x, y, z

    @property
    def antipode(self) -> Location:
        """The point on the other side of the globe.

        Examples:
            >>> print(location(55.5, 12.25).antipode)
            -55.5, -167.75
        """
        turned = self.longitude - 180 if self.longitude > 0 else self.longitude + 180
        return Location(latitude=-self.latitude, longitude=turned)

    def __str__(self) -> str:
        """Both numbers, as they are written."""
        return f"{_written(self.latitude)}, {_written(self.longitude)}"


def _written(degrees: float) -> str:
    """Write degrees without an exponent and without needless zeros."""
    return f"{degrees:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def location(latitude: float, longitude: float) -> Location:
    """Return a point on the globe, for contacts and accounts, and for the middle of a circle in a rule.

    Args:
        latitude: Degrees north, −90 to 90.
        longitude: Degrees east, −180 to 180.

    Raises:
        InvalidValueError: If one is not a number inside its bounds.

    Examples:
        >>> import mimcore as mim
        >>> print(mim.fields.contact.location.within_km(mim.location(55.676, 12.568), 25))
        location is at most 25 km from 55.676, 12.568
    """
    return Location(latitude=latitude, longitude=longitude)


def read_location(value: object) -> object:
    """Read a location from text, a pair or a mapping; blank text is missing. For `BeforeValidator`.

    Args:
        value: What a constructor was given.

    Raises:
        InvalidValueError: If text does not hold two numbers, or one is outside its bounds.

    Examples:
        >>> read_location("55.676, 12.568") == read_location((55.676, 12.568)) == location(55.676, 12.568)
        True
    """
    if isinstance(value, str):
        return _from_text(value) if value.strip() else None
    if isinstance(value, list | tuple):
        pair = cast("Sequence[object]", value)
        if len(pair) != 2:
            raise InvalidValueError("", "is not a pair of numbers", "give latitude and longitude")
        return Location.model_validate({"latitude": pair[0], "longitude": pair[1]})
    return Location.model_validate(value) if isinstance(value, Mapping) else value


def _from_text(text: str) -> Location:
    found = _PAIR.fullmatch(text)
    if found is None:
        raise InvalidValueError("", "is not a pair of degrees", _REMEDY)
    return Location(latitude=float(found[1]), longitude=float(found[2]))


def units_of_text(text: str) -> tuple[int, int, int] | None:
    """Return the whole numbers of a location written as text; None for blank text.

    Args:
        text: Latitude and longitude in degrees.

    Raises:
        InvalidValueError: If it holds none.
    """
    found = read_location(text)
    return found.units if isinstance(found, Location) else None


def circle(centre: Location, km: float) -> tuple[tuple[int, int, int], int, bool]:
    """Return what "at most so far from a point" is asked as: from where to measure, up to which square, and which side.

    The squared chord of d is 4·sin²(d / 2R). It says little of distances near the other end of the globe, so a circle
    that reaches round more than half of it is asked as what lies outside a circle round the antipode.

    Args:
        centre: The point.
        km: Kilometres along the sphere, at least 0.

    Returns:
        Whole numbers to measure from; the greatest squared distance from there; whether inside means further away.

    Examples:
        >>> circle(location(0, 0), 0), circle(location(0, 0), 20_016)
        (((33554432, 0, 0), 0, False), ((-33554432, 0, 0), -1, True))
    """
    x, y, z = centre.units
    rest = math.pi * EARTH_RADIUS_KM - km
    if km <= rest:
        return (x, y, z), math.floor(_squared_chord(km)), False
    return (-x, -y, -z), math.ceil(_squared_chord(max(0.0, rest))) - 1, True


def _squared_chord(km: float) -> float:
    return 4 * math.sin(km / (2 * EARTH_RADIUS_KM)) ** 2 * _STEPS**2
