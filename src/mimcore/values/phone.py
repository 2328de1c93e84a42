"""Phone numbers in E.164, checked against the numbering plan of their country.

A number is stored as '+' and digits; how it was typed does not matter. Only numbers that the plan calls valid are
accepted, no merely possible ones. Extensions are refused, not dropped: the bare number would reach somebody else.
No look-up is made whether a number is in use. The plans come from `phonenumbers` (or `phonenumberslite`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import field_validator, model_validator

from mimcore.errors import InvalidValueError
from mimcore.values.construct import built
from mimcore.values.countries import COUNTRY_NAMES
from mimcore.values.model import FrozenModel
from mimcore.values.phone_plans import ordinary_e164
from mimcore.values.text import clean

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as ParsedNumber

__all__ = ["PhoneNumber"]

MAX_TYPED_LENGTH = 64
_E164 = re.compile(r"\+[1-9][0-9]{4,14}")
_REMEDY = "write it like '+45 32 12 34 56'"


class PhoneNumber(FrozenModel):
    """One phone number that its numbering plan calls valid.

    Args:
        e164: '+', calling code and number, digits only, at most 15 of them. Use `parse` for anything else.

    Raises:
        InvalidValueError: If it is not a valid number; the message never holds it.

    Examples:
        >>> PhoneNumber(e164="+4532123456").international
        '+45 32 12 34 56'
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"e164"})

    e164: str

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: object) -> object:
        return {"e164": normalise_phone(data, None, "")} if isinstance(data, str) else data

    @field_validator("e164", mode="before")
    @classmethod
    def _check(cls, value: object) -> str:
        if isinstance(value, str) and _E164.fullmatch(value) and normalise_phone(value, None, "") == value:
            return value
        raise InvalidValueError("", "is not a number in E.164", "use PhoneNumber.parse(text, region='DK')")

    @classmethod
    def parse(cls, text: object, *, region: str | None = None, field: str = "phone") -> Self:
        """Read a number as somebody typed it.

        Args:
            text: The number, at most 64 characters.
            region: ISO country whose national format is meant when the number has no '+'.
            field: Name used in an error.

        Returns:
            The number.

        Raises:
            InvalidValueError: If it is missing, national without a region, invalid, or has an extension.

        Examples:
            >>> PhoneNumber.parse("32 12 34 56", region="DK").e164
            '+4532123456'
        """
        return built(cls, {"e164": normalise_phone(text, region, field)}, {"e164"})

    @property
    def region(self) -> str | None:
        """ISO 3166-1 country of the number, or None (satellite, toll-free and territories without a code)."""
        code = _library().region_code_for_number(_parsed(self.e164))
        return code if code in COUNTRY_NAMES else None

    @property
    def is_valid(self) -> bool:
        """Whether the numbering plan of today still calls it valid: plans change after a number was stored."""
        if ordinary_e164(self.e164, None) == self.e164:
            return True
        return bool(_library().is_valid_number(_parsed(self.e164)))

    @property
    def match_key(self) -> str:
        """The key of the same number however it was typed: E.164."""
        return self.e164

    @property
    def international(self) -> str:
        """The number as people read it, for example '+45 32 12 34 56'."""
        library = _library()
        return str(library.format_number(_parsed(self.e164), library.PhoneNumberFormat.INTERNATIONAL))


def normalise_phone(value: object, region: str | None, field: str) -> str:
    """Check a number and return it in E.164; see `PhoneNumber.parse`.

    Args:
        value: The number as typed.
        region: ISO country of a national number, or None.
        field: Name used in an error.

    Returns:
        The number in E.164.

    Raises:
        InvalidValueError: If it is refused.

    Examples:
        >>> normalise_phone("+45 (32) 12 34 56", None, "phone")
        '+4532123456'
    """
    text = clean(value, field, MAX_TYPED_LENGTH)
    if text is None:
        raise InvalidValueError(field, "is missing", _REMEDY)
    country = None if region is None else _known_region(_library(), region, field)
    if country is None and not text.startswith(("+", "\uff0b", "tel:+")):
        raise InvalidValueError(
            field, "is a national number of an unknown country", "give the country or start with '+'"
        )
    return ordinary_e164(text, country) or library_e164(text, country, field)


def library_e164(text: str, country: str | None, field: str) -> str:
    """Return the verdict of `phonenumbers`: the slow, complete path behind `normalise_phone`.

    Args:
        text: A number that is not empty.
        country: A region that the library knows, or None for an international number.
        field: Name used in an error.

    Returns:
        The number in E.164.

    Raises:
        InvalidValueError: If the library refuses it, or finds an extension.

    Examples:
        >>> library_e164("tel:+45-32-12-34-56", None, "phone")
        '+4532123456'
    """
    library = _library()
    try:
        number = library.parse(text, country)
    except library.NumberParseException:
        number = None
    if number is None:
        raise InvalidValueError(field, "is not a phone number", _REMEDY)
    return _checked(library, number, field)


def _checked(library: Any, number: ParsedNumber, field: str) -> str:
    if number.extension:
        raise InvalidValueError(field, "has an extension", "keep the extension elsewhere, give the number alone")
    if not library.is_valid_number(number):
        raise InvalidValueError(field, _reason(library, number), _REMEDY)
    return str(library.format_number(number, library.PhoneNumberFormat.E164))


def _reason(library: Any, number: ParsedNumber) -> str:
    results = library.ValidationResult
    reasons = {
        results.TOO_SHORT: "is too short for its country",
        results.TOO_LONG: "is too long for its country",
        results.INVALID_LENGTH: "has a length that its country does not use",
        results.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
        results.INVALID_COUNTRY_CODE: "has an unknown calling code",
    }
    return reasons.get(library.is_possible_number_with_reason(number), "is not a number of its country's plan")


def _known_region(library: Any, region: str, field: str) -> str | None:
    country = region.strip().upper()
    if country in library.SUPPORTED_REGIONS:
        return country
    if country in COUNTRY_NAMES:  # Antarctica has no numbers of its own: people there have international ones
        return None
    raise InvalidValueError(field, "has a region that is not a country code", "use ISO 3166-1, for example 'DK'")


def _parsed(e164: str) -> ParsedNumber:
    number: ParsedNumber = _library().parse(e164, None)
    return number


@cache
def _library() -> Any:
    import phonenumbers  # lazily: `import mimcore` must stay light

    return phonenumbers
