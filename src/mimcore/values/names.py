"""A person's name in parts, with one canonical title, a form of address and a key for finding the same name again."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import ValidationInfo, field_validator, model_validator

from mimcore.errors import InvalidValueError
from mimcore.values.model import FrozenModel
from mimcore.values.name_case import PARTICLES
from mimcore.values.name_parsing import parse_name
from mimcore.values.salutations import address_form
from mimcore.values.text import clean, fold, squeezed
from mimcore.values.titles import as_suffix, as_title

__all__ = ["PersonName", "is_initial_of"]

MAX_PART_LENGTH = 100
_NAME_PARTS = ("given", "middle", "family")


def is_initial_of(short: str, long: str) -> bool:
    """Return whether one name is the initial of another, with or without its point.

    Examples:
        >>> is_initial_of("A.", "Ana"), is_initial_of("A", "Bo"), is_initial_of("An", "Ana")
        (True, False, False)
    """
    initial, whole = fold(short).rstrip("."), fold(long)
    return len(initial) == 1 and len(whole.rstrip(".")) > 1 and whole.startswith(initial)


class PersonName(FrozenModel):
    """The name of one person. Every part may be missing, but not both given and family name.

    Args:
        title: Canonical title code ('mrs', 'prof dr'); any spelling that `titles` knows is accepted.
        given: First name, at most 100 characters, as the person writes it.
        middle: Further given names.
        family: Family name with its particles ('van der Berg').
        suffix: 'Jr', 'III', 'PhD' …; known ones are brought to one spelling, others kept.

    Raises:
        InvalidValueError: If a part is refused, the title is unknown, or there is no name.

    Examples:
        >>> PersonName(title="Fru", given="Ana", family="Sørensen").salutation()
        'Mrs Sørensen'
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset(_NAME_PARTS)

    title: str | None = None
    given: str | None = None
    middle: str | None = None
    family: str | None = None
    suffix: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: object) -> object:
        return parse_name(data, "")._asdict() if isinstance(data, str) else data

    @field_validator(*_NAME_PARTS, mode="before")
    @classmethod
    def _check_part(cls, value: object, info: ValidationInfo) -> str | None:
        del info
        text = clean(value, "", MAX_PART_LENGTH)
        return None if text is None else " ".join(text.split())

    @field_validator("title", mode="before")
    @classmethod
    def _check_title(cls, value: object) -> str | None:
        text = clean(value, "", MAX_PART_LENGTH)
        return None if text is None else as_title(text, "")

    @field_validator("suffix", mode="before")
    @classmethod
    def _check_suffix(cls, value: object) -> str | None:
        text = clean(value, "", MAX_PART_LENGTH)
        words = [] if text is None else text.replace(",", " ").split()
        return " ".join(as_suffix(word) or word for word in words) or None  # commas alone say nothing

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if self.given is None and self.family is None:
            raise InvalidValueError(
                "name", "has neither given nor family name", "give one of them, or leave the name out"
            )
        return self

    @classmethod
    def parse(cls, text: object, *, field: str = "name") -> Self:
        """Read a name that was written as one text; see `name_parsing` for what is understood and what cannot be.

        Args:
            text: The name, at most 200 characters.
            field: Name used in an error.

        Returns:
            The name in parts. Names in one case ('ANNA BERG') get the usual capitals; nicknames in quotes or
            brackets are left out.

        Raises:
            InvalidValueError: If it is missing, or is an address, a company or several people.

        Examples:
            >>> name = PersonName.parse("Frau Prof. Dr. Anna von der Heide")
            >>> name.title, name.given, name.family
            ('mrs prof dr', 'Anna', 'von der Heide')
        """
        parts = parse_name(text, field)
        return cls(**parts._asdict())

    @property
    def full(self) -> str:
        """Given, middle and family name and suffix, without the title."""
        return " ".join(part for part in (self.given, self.middle, self.family, self.suffix) if part)

    @property
    def match_key(self) -> str:
        """Given and family name folded to letters and digits, for exact comparison; accents count.

        Examples:
            >>> PersonName(given="Jean-Pierre", family="O'Neill").match_key
            'jeanpierre|oneill'
        """
        return f"{squeezed(self.given)}|{squeezed(self.family)}"

    @property
    def initials(self) -> str:
        """First letters of given, middle and family name, particles left out.

        Examples:
            >>> PersonName(given="Vincent", middle="Willem", family="van Gogh").initials
            'VWG'
        """
        words = [word for part in _NAME_PARTS for word in str(getattr(self, part) or "").split()]
        kept = [word for word in words if word not in PARTICLES]
        return "".join(next((c for c in word if c.isalnum()), "") for word in kept or words).upper()

    def salutation(self, language: str = "en") -> str:
        """Return how a letter addresses the person: title and family name, else the given name.

        Args:
            language: ISO 639-1 code; languages without a table of forms are addressed as in English.

        Returns:
            For example 'Mrs Sørensen', 'Frau Prof. Dr. Berg' (German keeps all titles), 'Sir John'; without a title
            the given name, or the full name where that is missing.

        Examples:
            >>> PersonName(title="mrs", given="Ana", family="Sørensen").salutation("da")
            'Fru Sørensen'
        """
        if self.title is None:
            return self.given or self.full
        form, by_given_name = address_form(self.title, language)
        name = (self.given or self.family) if by_given_name else (self.family or self.given)
        return f"{form} {name}"
