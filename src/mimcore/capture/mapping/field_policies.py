"""Which of two values stands: one policy a field, declared with the mapping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mimcore.capture.mapping.targets import check_target
from mimcore.errors import InvalidValueError, nearest

__all__ = ["FieldPolicy", "Policies", "Sight", "as_policies", "as_policy"]

EVERY_FIELD = "*"


class FieldPolicy(StrEnum):
    """What an import may do to a value that is stored.

    Collections (interests, tags, addresses, numbers) are added to under the first and third policy, never taken from.
    """

    NEWEST_WINS = "newest_wins"
    """Replace it if the row was observed at the same time or later, or if nobody knows when the stored one was."""
    FILL_ONLY = "fill_only"
    """Leave it; write only where nothing is stored."""
    TRUSTED_WINS = "trusted_wins"
    """Replace it if the import's source is more reliable; among equals the newest wins."""
    NEVER = "never"
    """Do not touch the field of a contact that exists, stored or missing; new contacts get it."""


class Sight(NamedTuple):
    """Who said a stored value, and when.

    Attributes:
        at: Newest evidence in favour; None for an undated value.
        reliability: Of the source that brought it, 0-1.
    """

    at: datetime | None
    reliability: float


class Policies:
    """The policies of one import, by canonical target."""

    def __init__(self, default: FieldPolicy, by_target: Mapping[str, FieldPolicy]) -> None:
        """Hold them.

        Args:
            default: Of every target that has none of its own.
            by_target: Policy by target; `contact.name` speaks for its parts.
        """
        self._default, self._by_target = default, dict(by_target)
        self.weigh_sources = FieldPolicy.TRUSTED_WINS in {default, *by_target.values()}

    def of(self, field: str) -> FieldPolicy:
        """Return the policy of a field.

        Args:
            field: Canonical name.
        """
        found = self._by_target.get(field)
        if found is None and field.startswith("contact.name."):
            found = self._by_target.get("contact.name")
        return found or self._default

    def may_add(self, field: str, *, is_empty: bool) -> bool:
        """Tell whether a collection may grow.

        Args:
            field: Canonical name.
            is_empty: Whether nothing is stored.
        """
        policy = self.of(field)
        return policy is not FieldPolicy.NEVER and (is_empty or policy is not FieldPolicy.FILL_ONLY)

    def may_set(self, field: str, stored: Sight | None, new: Sight) -> bool:
        """Tell whether a single value may be written.

        Args:
            field: Canonical name.
            stored: Who said the stored value; None if nothing is stored.
            new: Who says the new one.
        """
        policy = self.of(field)
        if policy is FieldPolicy.NEVER or stored is None:
            return policy is not FieldPolicy.NEVER
        if policy is FieldPolicy.FILL_ONLY:
            return False
        if policy is FieldPolicy.TRUSTED_WINS and stored.reliability != new.reliability:
            return new.reliability > stored.reliability
        return stored.at is None or (new.at is not None and new.at >= stored.at)


def as_policy(given: object) -> FieldPolicy:
    """Return a policy by its name.

    Raises:
        InvalidValueError: If it is none, with the nearest one.

    Examples:
        >>> as_policy("fill_only").value
        'fill_only'
    """
    names = [one.value for one in FieldPolicy]
    if given not in names:
        raise InvalidValueError("policy", f"is not known{nearest(str(given), names)}", f"use one of {', '.join(names)}")
    return FieldPolicy(str(given))


def as_policies(given: str | Mapping[str, str]) -> tuple[FieldPolicy | None, dict[str, FieldPolicy]]:
    """Read policies as people write them.

    Args:
        given: One policy for every field, or policy by field with `*` for all others.

    Returns:
        The policy of every other field, if one is given, and those by canonical target.

    Raises:
        InvalidValueError: If a field or a policy is not known.

    Examples:
        >>> as_policies({"*": "fill_only", "contact.city": "newest_wins"})[1]
        {'contact.demographic.city': <FieldPolicy.NEWEST_WINS: 'newest_wins'>}
    """
    if not isinstance(given, Mapping):
        return as_policy(given), {}
    default = None if EVERY_FIELD not in given else as_policy(given[EVERY_FIELD])
    return default, {check_target(name): as_policy(one) for name, one in given.items() if name != EVERY_FIELD}
