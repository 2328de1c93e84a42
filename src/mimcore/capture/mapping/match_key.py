"""By what a row finds the record it is about: one declared key, or several parts that must all agree.

One part is looked up in the store (a contact's e-mail, an account's domain, an external id); further parts narrow what
was found, so that a family that shares a mailbox stays several people. A part that a row or a stored record lacks never
agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.errors import InvalidValueError, nearest
from mimcore.values.match_keys import name_key
from mimcore.values.text import fold

__all__ = [
    "ACCOUNT",
    "CONTACT",
    "anchor_of",
    "as_match_key",
    "default_key",
    "finds_same",
    "key_targets",
    "key_words",
    "missing_part",
    "narrowing_of",
    "spelled_key",
    "unmapped_part",
]

CONTACT, ACCOUNT = "contact", "account"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a key of one kind of records may be made of.

    Attributes:
        looked_up: Parts that are looked up, with their target, the usual one first.
        narrowing: Parts that only narrow, with the targets of which the first is enough, or all the others.
    """

    looked_up: Mapping[str, str]
    narrowing: Mapping[str, tuple[str, ...]]


_PARTS: Mapping[str, _Parts] = {
    CONTACT: _Parts(
        {"email": "contact.emails", "external_id": "contact.external_id", "phone": "contact.phones"},
        {
            "name": ("contact.name", "contact.name.given", "contact.name.family"),
            "birth_date": ("contact.demographic.birth_date",),
        },
    ),
    ACCOUNT: _Parts(
        {"domain": "account.domain", "external_id": "account.external_id", "name": "account.name"},
        {"country": ("account.firmographic.country",)},
    ),
}
_ORDER = ("external_id", "email", "phone", "domain", "name", "birth_date", "country")
"""Of the parts that can be looked up, the first one is."""


def spelled_key(given: str | Iterable[str]) -> str:
    """Return a key in its canonical spelling, whatever its parts are; `as_match_key` judges them.

    Args:
        given: One part, or several as `"email+name"` or a list.
    """
    parts = given.split("+") if isinstance(given, str) else list(given)
    names = {str(part).strip() for part in parts}
    return "+".join([*(name for name in _ORDER if name in names), *sorted(names.difference(_ORDER))])


def as_match_key(given: str | Iterable[str], about: str = CONTACT) -> str:
    """Return a key in its canonical spelling.

    Args:
        given: Of contacts: `email`, `phone` or `external_id`; or several parts, as `"email+name"` or a list. `name`
            (given and family name, accents and case aside) and `birth_date` only narrow. Of accounts: `domain`,
            `external_id` or `name` (case aside), or several; `country` only narrows.
        about: `contact` or `account`.

    Raises:
        InvalidValueError: If a part is not known, with the nearest one, or nothing in it can be looked up.

    Examples:
        >>> as_match_key("phone"), as_match_key("name + email"), as_match_key(["birth_date", "external_id"])
        ('phone', 'email+name', 'external_id+birth_date')
        >>> as_match_key("country+name", "account")
        'name+country'
    """
    key, parts = spelled_key(given), _PARTS[about]
    known = [name for name in _ORDER if name in parts.looked_up or name in parts.narrowing]
    for name in key.split("+"):
        if name not in known:
            raise InvalidValueError("key", f"is not known{nearest(name, known)}", f"use {', '.join(known)}")
    if not set(key.split("+")) & parts.looked_up.keys():
        usable = [name for name in known if name in parts.looked_up]
        raise InvalidValueError("key", "cannot be looked up", f"add one of {', '.join(usable)}, as in email+name")
    return key


def key_targets(about: str) -> Mapping[str, str]:
    """Return the parts by which records can be looked up, the usual one first, with their targets.

    Args:
        about: `contact` or `account`.

    Examples:
        >>> list(key_targets("account"))
        ['domain', 'external_id', 'name']
    """
    return _PARTS[about].looked_up


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


def default_key(fields: Iterable[str], about: str = CONTACT) -> str:
    """Return the first usable key of a file: e-mail, external id, phone; of accounts domain, external id, name.

    Args:
        fields: Targets of its columns.
        about: `contact` or `account`.
    """
    known, targets = set(fields), key_targets(about)
    return next((part for part, target in targets.items() if target in known), next(iter(targets)))


def unmapped_part(key: str, fields: Iterable[str], about: str = CONTACT) -> tuple[str, str] | None:
    """Return the first part of a key that no column gives, with the target it needs; None if all are there.

    Args:
        key: Canonical key.
        fields: Targets of the columns.
        about: `contact` or `account`.
    """
    known, parts = set(fields), _PARTS[about]
    for part in key.split("+"):
        whole, *pieces = (parts.looked_up[part],) if part in parts.looked_up else parts.narrowing[part]
        if whole not in known and not (pieces and set(pieces) <= known):
            return part, whole
    return None


def key_words(part: str, record: Contact | Account, source: str) -> Sequence[str]:
    """Return the words under which a record is looked up by one part; none if it lacks the part.

    Args:
        part: A part that is looked up.
        record: The record; of addresses and numbers those count that are not retired.
        source: Key of the source of external ids.
    """
    if part == "external_id":
        return [one.value for one in record.external_ids if one.source == source]
    if isinstance(record, Account):
        word = record.domain if part == "domain" else None if record.name is None else fold(record.name)
        return [] if word is None else [word]
    points = record.emails if part == "email" else record.phones
    return [point.match_key for point in points if not point.is_retired]


def missing_part(key: str, record: Contact | Account, source: str) -> str | None:
    """Return the first narrowing part that a row does not have, or None.

    Args:
        key: Canonical key.
        record: What the row says.
        source: Key of the source of its external ids.
    """
    return next((part for part in narrowing_of(key) if not _values(part, record, source)), None)


def finds_same(key: str, row: Contact | Account, stored: Contact | Account, source: str) -> bool:
    """Tell whether a stored record, found by the first part of a key, agrees in all further ones.

    Args:
        key: Canonical key.
        row: What the row says.
        stored: The record that was found.
        source: Key of the source of external ids.
    """
    return all(_values(part, row, source) & _values(part, stored, source) for part in narrowing_of(key))


def _values(part: str, record: Contact | Account, source: str) -> frozenset[object]:
    """Return what a record has for a part."""
    if part in key_targets(ACCOUNT if isinstance(record, Account) else CONTACT):
        return frozenset(key_words(part, record, source))
    found: object
    if isinstance(record, Account):
        found = record.firmographic.country
    else:
        found = name_key(record.name) if part == "name" else record.demographic.birth_date
    return frozenset() if found is None else frozenset({found})
