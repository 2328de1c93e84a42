"""A name that is not there: which one was meant, said where an object is asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, NoReturn

from mimcore.errors import UnknownAttributeError, nearest

__all__ = ["OTHER_WORDS", "SaysWhatItHas", "meant", "shown"]

Words = Mapping[str, str | tuple[str, ...]]
OTHER_WORDS: Words = {
    **dict.fromkeys(("first_name", "firstname", "given_name"), ("given_name", "name")),
    **dict.fromkeys(("last_name", "lastname", "surname", "family_name"), ("family_name", "name")),
    "age": "birth_date",
    "dob": "birth_date",
    "birthday": "birth_date",
    "born": "birth_date",
    "zip": "postal_code",
    "zip_code": "postal_code",
    "postcode": "postal_code",
    "sex": "gender",
    "income": "annual_income",
    "job": "job_title",
    "position": "job_title",
    **dict.fromkeys(("email", "mail"), ("primary_email", "emails")),
    **dict.fromkeys(("phone", "mobile"), ("primary_phone", "phones")),
    "company": "account",
    "hobbies": "interests",
}
"""What people write for some of the declared names; of several, the first that is there."""


def shown(name: str) -> str:
    """Return a name that somebody wrote in a program, or dots where it is none that a message could hold."""
    return name if name.isprintable() and len(name) <= 80 else "…"


def meant(name: str, known: Iterable[str], *, words: Words = OTHER_WORDS) -> str:
    """Return a hint ` (did you mean 'x'?)`: another word for the same thing, else the nearest known name.

    Args:
        name: What was written. It must be a declared kind of name, never a personal value.
        known: What could have been meant.
        words: Known names, by other words for them.

    Examples:
        >>> meant("first_name", ["given_name", "family_name"])
        " (did you mean 'given_name'?)"
        >>> meant("contry", ["country", "city"])
        " (did you mean 'country'?)"
    """
    names, said = list(known), words.get(name, ())
    word = next((one for one in ((said,) if isinstance(said, str) else said) if one in names), "")
    return f" (did you mean '{word}'?)" if word else nearest(name, names)


class SaysWhatItHas:
    """An object that says what to write instead when it is asked for an attribute that it does not have."""

    __slots__ = ()

    _instead: ClassVar[Mapping[str, str]] = {}
    """What to write, by names that people try."""

    def _called(self) -> str:
        return type(self).__name__

    if not TYPE_CHECKING:  # a checker that saw this would accept every name

        def __getattr__(self, name: str) -> NoReturn:
            """Refuse a name that is not there.

            Raises:
                UnknownAttributeError: With what to write instead, or the nearest name.
            """
            kind = type(self)
            # Protocols that Python and notebooks look for are asked often, and nobody reads the answer.
            if name.startswith("_") or any(name in getattr(one, "__slots__", ()) for one in kind.__mro__):
                raise AttributeError(name)
            known = [one for one in dir(kind) if not one.startswith("_")]
            held = [one for one in getattr(self, "__dict__", ()) if not one.startswith("_")]
            said = self._instead.get(name)
            hint = f": write {said}" if said else nearest(name, [*known, *held])
            raise UnknownAttributeError(f"{self._called()} has no '{shown(name)}'{hint or _listed([*held, *known])}")


def _listed(names: Iterable[str]) -> str:
    return f"; it has {', '.join(sorted(names))}"
