"""Names of half-life pools: which values decay alike.

A pool such as `b2c.email` is published, or declared with a custom attribute. Learnt from a store's own checks, it may
be divided: by attribute, `survey/contact.psychographic.interests`, and by source, `b2c.email/contact.emails@fair`. The
name of a part says which values belong to it, so that nothing else has to be stored about that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["FRESH_KEY", "FRESH_POOL", "PRIMARY_FIELDS", "attribute_of", "concerns", "divided", "divisions", "undivided"]

FRESH_KEY, FRESH_POOL = "_fresh_key", "_fresh_pool"
"""What the names of the columns end with that tell in a data frame how fresh the values of another one are."""

PRIMARY_FIELDS: Mapping[str, str] = {
    "contact.emails": "contact.primary_email",
    "contact.phones": "contact.primary_phone",
}
"""The field that stands for all values of an attribute of contact points."""
_ATTRIBUTES = {field: attribute for attribute, field in PRIMARY_FIELDS.items()}


def attribute_of(field: str) -> str:
    """Return the attribute under which a field's values have an age: contact points have one each.

    Args:
        field: Canonical name of a field.

    Examples:
        >>> attribute_of("contact.primary_email"), attribute_of("contact.demographic.city")
        ('contact.emails', 'contact.demographic.city')
    """
    return _ATTRIBUTES.get(field, field)


def divided(pool: str, attribute: str, source: str | None = None) -> str:
    """Return the name of a part of a pool: an attribute's values, or those that one source brought.

    Args:
        pool: Name of the whole pool, or of any part of it.
        attribute: Canonical name, `contact.emails` and `contact.phones` for contact points.
        source: Key of a source.

    Examples:
        >>> divided("b2c.email", "contact.emails", "fair")
        'b2c.email/contact.emails@fair'
    """
    name = f"{undivided(pool)}/{attribute}"
    return name if source is None else f"{name}@{source}"


def undivided(pool: str) -> str:
    """Return the name of the whole pool that a part belongs to; a whole pool's own.

    Examples:
        >>> undivided("b2c.email/contact.emails@fair"), undivided("b2c.email")
        ('b2c.email', 'b2c.email')
    """
    return pool.partition("/")[0]


def divisions(pool: str) -> Iterator[str]:
    """Yield a pool and the greater ones that it is a part of, the smallest first.

    Examples:
        >>> list(divisions("b2c.email/contact.emails@fair"))
        ['b2c.email/contact.emails@fair', 'b2c.email/contact.emails', 'b2c.email']
    """
    yield pool
    if "@" in pool:
        yield pool.rpartition("@")[0]
    if "/" in pool:
        yield undivided(pool)


def concerns(pool: str, attribute: str) -> bool:
    """Tell whether values of an attribute may belong to a pool: to a whole one, or to a part of this attribute.

    Examples:
        >>> concerns("b2c.email", "contact.emails"), concerns("survey/contact.hobbies", "contact.emails")
        (True, False)
    """
    _, mark, part = pool.partition("/")
    return not mark or part.partition("@")[0] == attribute
