"""Which half-life a value has: published defaults, those of a store's own, and the one way from a value to its pool."""

from __future__ import annotations

from collections.abc import Container, Mapping

from mimcore.rules.language.pools import attribute_of, divided, divisions, undivided

__all__ = [
    "DEFAULT_HALF_LIVES",
    "PRIOR_CHECKS",
    "attribute_of",
    "divided",
    "divisions",
    "half_life_of",
    "pool_for",
    "pool_of",
    "settled_pool",
    "undivided",
]

PERMANENT_DAYS = 1_000_000.0
DEFAULT_HALF_LIVES: Mapping[str, float] = {
    "b2b.email": 969.0,
    "b2b.job_title": 710.0,
    "b2b.employer": 1019.0,
    "b2b.phone": 1135.0,
    "b2b.address": 2403.0,
    "b2b.company_name": 12532.0,
    "b2b.person_name": 6535.0,
    "b2c.email": 1276.0,
    "b2c.phone": 3036.0,
    "b2c.address": 2173.0,
    "b2c.job_title": 710.0,
    "b2c.employer": 1019.0,
    "b2c.company_name": 12532.0,
    "b2c.person_name": 6535.0,
    "survey": 365.0,
    "device": 993.0,
    "unknown": 993.0,
    "permanent": PERMANENT_DAYS,
}
"""Half-life in days per pool: h = ln 2 / λ with λ = −ln(1 − yearly decay rate).

Business e-mail 22.5 %/year (HubSpot, MarketingSherpa), job title 25-35 %, employer 22 % (BLS tenure), phones 15-20 %,
postal addresses 11 % (US Census), names 3.8 % (Target Marketing 2001), consumer e-mail 15-20 % (Loqate); survey
answers, mobile phones and business addresses are judgement. Every store may replace them.
"""

PRIOR_CHECKS: Mapping[str, float] = {
    "b2b.email": 10.0,
    "b2b.job_title": 5.0,
    "b2b.employer": 10.0,
    "b2b.phone": 3.0,
    "b2b.address": 2.0,
    "b2b.company_name": 2.0,
    "b2b.person_name": 3.0,
    "b2c.email": 3.0,
    "b2c.phone": 2.0,
    "b2c.address": 10.0,
    "b2c.job_title": 5.0,
    "b2c.employer": 10.0,
    "b2c.company_name": 2.0,
    "b2c.person_name": 3.0,
}
"""How many observed changes a default half-life is worth when a store learns its own; 1 for every other pool."""

_SPLIT_POOLS = frozenset(name.partition(".")[2] for name in DEFAULT_HALF_LIVES if "." in name)


def pool_of(base: str, *, is_business: bool) -> str:
    """Return the half-life pool of an attribute: business and consumer data age differently.

    Args:
        base: The attribute's declared pool.
        is_business: Whether the contact belongs to an account.

    Examples:
        >>> pool_of("email", is_business=True), pool_of("survey", is_business=True)
        ('b2b.email', 'survey')
    """
    return f"{'b2b' if is_business else 'b2c'}.{base}" if base in _SPLIT_POOLS else base


def settled_pool(pool: str, attribute: str, source: str, known: Container[str]) -> str:
    """Return the pool whose half-life holds for a value: the smallest part that has one of its own.

    The source's part of the attribute comes first, then the attribute's, then the whole pool; a pool that is not known
    at all is `unknown`. Wherever a value gets its pool, this says which.

    Args:
        pool: The value's pool, whole or a part.
        attribute: Canonical field name; `contact.emails` and `contact.phones` for contact points.
        source: Key of the source that brought the value.
        known: Pools that have a half-life.

    Examples:
        >>> own = {*DEFAULT_HALF_LIVES, "b2c.email/contact.emails@fair"}
        >>> settled_pool("b2c.email", "contact.emails", "fair", own)
        'b2c.email/contact.emails@fair'
        >>> settled_pool("b2c.email", "contact.emails", "web", own)
        'b2c.email'
    """
    found = next((one for one in divisions(divided(pool, attribute, source)) if one in known), None)
    return "unknown" if found is None else found


def pool_for(base: str, *, is_business: bool, attribute: str, source: str, known: Container[str]) -> str:
    """Return the pool of a value that has just arrived.

    Args:
        base: The attribute's declared pool.
        is_business: Whether the contact belongs to an account.
        attribute: Canonical field name; `contact.emails` and `contact.phones` for contact points.
        source: Key of the source that brings the value.
        known: Pools that have a half-life.

    Examples:
        >>> pool_for("email", is_business=True, attribute="contact.emails", source="fair", known=DEFAULT_HALF_LIVES)
        'b2b.email'
    """
    return settled_pool(pool_of(base, is_business=is_business), attribute, source, known)


def half_life_of(pool: str, half_lives: Mapping[str, float]) -> float | None:
    """Return the half-life in days that holds for a pool: its own, or that of the greater one it is a part of.

    Args:
        pool: Pool, whole or a part.
        half_lives: Half-life in days by pool.
    """
    return next((half_lives[one] for one in divisions(pool) if one in half_lives), None)
