"""Postal addresses: checked lightly, kept as written, with a key that finds the same address again.

Only the country is normalised, to its ISO code. Whether a street or postal code exists is not checked: no register
of the world's addresses ships with a library, and a too strict pattern would refuse people who do get their mail.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import ValidationInfo, field_validator, model_validator

from mimcore.errors import InvalidValueError
from mimcore.values import codes
from mimcore.values.model import FrozenModel
from mimcore.values.text import clean, squeezed

__all__ = ["PostalAddress"]

_MAX_LENGTHS = {"street": 200, "street2": 200, "postal_code": 20, "city": 100, "region": 100}


class PostalAddress(FrozenModel):
    """Where mail reaches somebody. Every part may be missing, but not all of them.

    Args:
        street: Street and house number, or box; at most 200 characters.
        street2: Second line (care of, building, floor); at most 200.
        postal_code: As the country writes it; upper case, single spaces; at most 20.
        city: City or post town; at most 100.
        region: State, province or county; at most 100.
        country: ISO 3166-1 alpha-2; names are accepted (`codes.country`).

    Raises:
        InvalidValueError: If a part is refused or all are missing.

    Examples:
        >>> PostalAddress(street="Nørregade 7", postal_code="1165", city="København", country="Danmark").one_line
        'Nørregade 7, 1165 København, DK'
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"street", "street2", "postal_code", "city"})

    street: str | None = None
    street2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None

    @field_validator("street", "street2", "postal_code", "city", "region", mode="before")
    @classmethod
    def _check_text(cls, value: object, info: ValidationInfo) -> str | None:
        name = str(info.field_name)
        text = clean(value, "", _MAX_LENGTHS[name])
        if text is None:
            return None
        text = " ".join(text.split())
        return text.upper() if name == "postal_code" else text

    @field_validator("country", mode="before")
    @classmethod
    def _check_country(cls, value: object) -> str | None:
        return None if clean(value, "", codes.MAX_LENGTH) is None else codes.country(value, "")

    @model_validator(mode="after")
    def _check_not_empty(self) -> PostalAddress:
        if not any((self.street, self.street2, self.postal_code, self.city, self.region, self.country)):
            raise InvalidValueError("address", "has no part", "give at least one, or leave the address out")
        return self

    @property
    def match_key(self) -> str | None:
        """Key of the same delivery point: country, postal code (else city) and street, folded, letters and digits.

        None without a street, or without both postal code and city: a town is not an address.

        Examples:
            >>> PostalAddress(street="Nørregade 7, 2. tv", postal_code="1165", country="DK").match_key
            'dk|1165|nørregade72tv'
        """
        place = squeezed(self.postal_code) or squeezed(self.city)
        street = squeezed(self.street) + squeezed(self.street2)
        return f"{squeezed(self.country)}|{place}|{street}" if place and street else None

    @property
    def one_line(self) -> str:
        """The address on one line, parts that are missing left out."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        parts = (self.street, self.street2, town, self.region, self.country)
        return ", ".join(part for part in parts if part)
