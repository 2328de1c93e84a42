"""By what a row finds the contact it is about: one declared key, or several parts that must all agree.

One part is looked up in the store (e-mail, phone, external id); further parts narrow what was found, so that a family
that shares a mailbox stays several people. A part that a row or a stored contact lacks never agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from mimcore.domain.contact import Contact
from mimcore.errors import InvalidValueError, nearest
from mimcore.values.match_keys import name_key

__all__ = ["KEY_FIELDS", "anchor_of", "as_match_key", "default_key", "finds_same", "missing_part", "narrowing_of"]

KEY_FIELDS: Mapping[str, str] = {
    "external_id": "contact.external_id",
    "email": "contact.emails",
    "phone": "contact.phones",
}
"""Parts that are looked up, with their target; the first one of a combination is the one that is looked up."""

_NARROWING: Mapping[str, tuple[str, ...]] = {
    "name": ("contact.name", "contact.name.given", "contact.name.family"),
    "birth_date": ("contact.demographic.birth_date",),
}
_ORDER = (*KEY_FIELDS, *_NARROWING)


def as_match_key(given: str | Iterable[str]) -> str:
    """Return a key in its canonical spelling.

    Args:
        given: `email`, `phone` or `external_id`; or several parts, as `"email+name"` or a list. `name` (given and
            family name, accents and case aside) and `birth_date` only narrow.

    Raises:
        InvalidValueError: If a part is not known, with the nearest one, or nothing in it can be looked up.

    Examples:
        >>> as_match_key("phone"), as_match_key("name + email"), as_match_key(["birth_date", "external_id"])
        ('phone', 'email+name', 'external_id+birth_date')
    """
    parts = given.split("+") if isinstance(given, str) else list(given)
    names = {str(part).strip() for part in parts}
    for name in sorted(names):
        if name not in _ORDER:
            raise InvalidValueError("key", f"is not known{nearest(name, _ORDER)}", f"use {', '.join(_ORDER)}")
    if not names & KEY_FIELDS.keys():
        raise InvalidValueError("key", "cannot be looked up", f"add one of {', '.join(KEY_FIELDS)}, as in email+name")
    return "+".join(name for name in _ORDER if name in names)


def anchor_of(key: str) -> str:
    """Return the part of a key that is looked up.

    Examples:
        >>> anchor_of("email+name")
        'email'
    """
    return key.partition("+")[0]


def narrowing_of(key: str) -> tuple[str, ...]:
    """Return the parts that narrow what was found.

    Examples:
        >>> narrowing_of("email+name"), narrowing_of("phone")
        (('name',), ())
    """
    return tuple(key.split("+")[1:])


def default_key(fields: Iterable[str]) -> str:
    """Return the first usable key of a file: e-mail, external id, phone.

    Args:
        fields: Targets of its columns.
    """
    known = set(fields)
    return next((key for key in ("email", "external_id", "phone") if KEY_FIELDS[key] in known), "email")


def unmapped_part(key: str, fields: Iterable[str]) -> tuple[str, str] | None:
    """Return the first part of a key that no column gives, with the target it needs; None if all are there.

    Args:
        key: Canonical key.
        fields: Targets of the columns.
    """
    known = set(fields)
    for part in key.split("+"):
        if part in KEY_FIELDS:
            if KEY_FIELDS[part] not in known:
                return part, KEY_FIELDS[part]
        elif not _is_given(part, known):
            return part, _NARROWING[part][0]
    return None


def missing_part(key: str, contact: Contact, source: str) -> str | None:
    """Return the first narrowing part that a row does not have, or None.

    Args:
        key: Canonical key.
        contact: What the row says.
        source: Key of the source of its external ids.
    """
    return next((part for part in narrowing_of(key) if not _values(part, contact, source)), None)


def finds_same(key: str, row: Contact, stored: Contact, source: str) -> bool:
    """Tell whether a stored contact, found by the first part of a key, agrees in all further ones.

    Args:
        key: Canonical key.
        row: What the row says.
        stored: The contact that was found.
        source: Key of the source of external ids.
    """
    return all(_values(part, row, source) & _values(part, stored, source) for part in narrowing_of(key))


def _is_given(part: str, known: set[str]) -> bool:
    whole, *pieces = _NARROWING[part]
    return whole in known or (bool(pieces) and set(pieces) <= known)


def _values(part: str, contact: Contact, source: str) -> frozenset[object]:
    """Return what a contact has for a part; of addresses and numbers those that are not retired."""
    if part == "name":
        found: object = name_key(contact.name)
        return frozenset() if found is None else frozenset({found})
    if part == "birth_date":
        born = contact.demographic.birth_date
        return frozenset() if born is None else frozenset({cast("object", born)})
    if part == "external_id":
        return frozenset(one.value for one in contact.external_ids if one.source == source)
    points = contact.emails if part == "email" else contact.phones
    return frozenset(point.match_key for point in points if not point.is_retired)
