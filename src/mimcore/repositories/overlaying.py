"""Laying a given contact over a stored one: what is given counts, what is missing erases nothing, lists unite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.points import ContactPoint
from mimcore.values.names import PersonName

__all__ = ["overlaid", "place", "renamed", "united"]

P = TypeVar("P", bound=ContactPoint)
_FIELDS = tuple(spec for spec in CONTACT_FIELDS if not spec.is_derived)


def overlaid(stored: Contact, given: Contact) -> Contact:
    """Return a stored contact with everything that a given one knows.

    Single values and parts of the name are replaced. Addresses, numbers, account links, ids, tags and other lists are
    added to; the stored ones keep their ids, their states and their order, so that the primary address stays the
    primary one. Custom attributes are joined by name. The status stays.

    Args:
        stored: The stored contact.
        given: What is known now; its id and version do not matter.

    Returns:
        The same contact; equal to `stored` if nothing is new.

    Raises:
        InvalidValueError: If the values do not fit together.

    Examples:
        >>> old = Contact(name="Ana Berg", city="Odense", tags=["vip"])
        >>> new = overlaid(old, Contact(city="Aarhus", tags=["golf"]))
        >>> new.name.full, new.demographic.city, new.tags
        ('Ana Berg', 'Aarhus', ('golf', 'vip'))
    """
    changes: dict[str, Any] = {}
    for spec in _FIELDS:
        new = spec.read(given)
        if new is None or new == ():
            continue
        old = spec.read(stored)
        value = united(old, new) if spec.is_collection else new
        if value != old:
            place(changes, spec.name, value)
    changes.update((name, value) for name, value in _grown(stored, given) if value != getattr(stored, name))
    if "name" in changes:
        changes["name"] = renamed(stored.name, changes["name"])
    if any(stored.custom.get(name) != value for name, value in given.custom.items()):
        changes["custom"] = dict(given.custom)
    return stored.evolve(**changes) if changes else stored


def place(changes: dict[str, Any], name: str, value: Any) -> None:
    """Put a value where `evolve` expects it: in its group, or on its own."""
    _, head, *inner = name.split(".")
    if inner:
        changes.setdefault(head, {})[inner[0]] = value
    else:
        changes[head] = value


def renamed(stored: PersonName | None, parts: Mapping[str, Any]) -> PersonName:
    """Return a name with some of its parts replaced."""
    known = {} if stored is None else {name: getattr(stored, name) for name in type(stored).model_fields}
    return PersonName(**{**known, **parts})


def _grown(stored: Contact, given: Contact) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield what is no declared field and only grows."""
    yield "emails", _joined(stored.emails, given.emails)
    yield "phones", _joined(stored.phones, given.phones)
    yield "accounts", _links(stored.accounts, given.accounts)
    yield "external_ids", united(stored.external_ids, given.external_ids)


def _joined(stored: tuple[P, ...], given: tuple[P, ...]) -> tuple[P, ...]:
    """Return the points that are in use; `evolve` keeps the retired ones. A given one is in use again."""
    wanted = {point.match_key: point for point in given if not point.is_retired}
    kept = [
        point.evolve(is_retired=False) if point.is_retired and point.match_key in wanted else point for point in stored
    ]
    known = {point.match_key for point in stored}
    new = [point for key, point in wanted.items() if key not in known]
    if not new and tuple(kept) == stored:
        return stored
    return (*(point for point in kept if not point.is_retired), *new)


def _links(stored: tuple[AccountLink, ...], given: tuple[AccountLink, ...]) -> tuple[AccountLink, ...]:
    """Add links to accounts that the contact has no link to; the first current one is primary."""
    links = list(stored)
    for link in given:
        if any(one.account_id == link.account_id for one in links):
            continue
        is_first = all(one.end_on is not None for one in links)
        links.append(link if link.end_on is not None else link.evolve(is_primary=is_first))
    return tuple(links)


def united(old: tuple[Any, ...], new: Iterable[Any]) -> tuple[Any, ...]:
    """Return the old ones and those of the new ones that are not among them."""
    added = tuple(one for one in new if one not in old)
    return (*old, *added) if added else old
