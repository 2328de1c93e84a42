"""What a column may become: the declared fields, and a few targets that are more than one field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from mimcore.domain.catalogue import catalogue
from mimcore.domain.consent import PURPOSES
from mimcore.domain.custom.attributes import CustomSpec
from mimcore.domain.vocabularies import SocialNetwork
from mimcore.errors import InvalidValueError, nearest
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.identifiers import is_key
from mimcore.values.unknown_names import meant

__all__ = [
    "ACCOUNT_NAMES",
    "DEAL",
    "DEAL_MOMENTS",
    "EVENT_CONTACT",
    "LOCATION_HALVES",
    "SPECIAL",
    "Declared",
    "check_declared",
    "check_target",
    "declared_in",
    "short_of",
    "spec_of",
]

Declared = Mapping[str, CustomSpec]
"""The fields of a store's custom attributes by canonical name."""

DEAL_MOMENTS = ("deal.created_at", "deal.entered_at", "deal.modified_at")
"""When a deal was made, came into its stage, was changed: never in the future, unlike the day on which it may close."""

DEAL = (
    "deal.id",
    "deal.stage",
    "deal.is_won",
    "deal.value",
    "deal.currency",
    "deal.closed_at",
    "deal.name",
    "deal.pipeline",
    "deal.type",
    *DEAL_MOMENTS,
)
"""What a deal is told by; see `deals`."""

SPECIAL = (
    "contact.name",
    "contact.emails",
    "contact.phones",
    "contact.external_id",
    "account.external_id",
    "observed_at",
    "event.currency",
    *DEAL,
)
"""Targets that are no single field; an external id is the one in the import's source."""

ACCOUNT_NAMES = ("account.name", "account.domain")
"""What tells which account a row about a contact names."""

EVENT_CONTACT = ("contact.emails", "contact.phones", "contact.external_id")
"""What tells whose event a row is."""

_ALIASES = {
    "contact.email": "contact.emails",
    "contact.primary_email": "contact.emails",
    "contact.phone": "contact.phones",
    "contact.primary_phone": "contact.phones",
    "contact.external_ids": "contact.external_id",
    "account.external_ids": "account.external_id",
}
_OTHER_WORDS = {
    **dict.fromkeys(("consent", "contact.consent", "consents", "opt_in", "contact.opt_in"), "consent.newsletter"),
    **dict.fromkeys(("contact.newsletter", "contact.consent.newsletter"), "consent.newsletter"),
    **dict.fromkeys(("event.id", "purchase.id", "order.id"), "event.external_id"),
    **dict.fromkeys(("event.amount", "event.price", "purchase.value"), "event.value"),
    **dict.fromkeys(("event.date", "purchase.at"), "event.at"),
}
"""What people write for targets that are not near in letters."""
LOCATION_HALVES = (".latitude", ".longitude")
"""Ends of the targets that hold one location together: `contact.demographic.location.latitude`."""

_CUSTOM = ("contact.custom.", "account.custom.", "event.properties.")


@cache
def _known() -> tuple[str, ...]:
    fields = [spec.name for spec in catalogue if not spec.is_derived]
    profiles = [f"{one}.social_profiles.{network.value}" for one in ("contact", "account") for network in SocialNetwork]
    halves = [f"{one.name}{half}" for one in catalogue if one.kind is Kind.LOCATION for half in LOCATION_HALVES]
    return (*SPECIAL, *fields, *halves, *profiles, *(f"consent.{key}" for key in PURPOSES))


def check_target(name: str) -> str:
    """Return the canonical name of what a column shall become.

    Args:
        name: Canonical or short name of a field (`contact.country`), `contact.name`, `contact.emails`,
            `contact.phones`, `contact.location.latitude` and `….longitude`, `contact.external_id`,
            `account.external_id`, `contact.social_profiles.<network>`, `contact.custom.<name>` (of accounts, too),
            `event.properties.<name>`, `event.currency`, `deal.stage` and its siblings, `consent.<purpose>` or
            `observed_at`.

    Raises:
        InvalidValueError: If there is no such target, with the nearest one.

    Examples:
        >>> check_target("contact.country"), check_target("contact.email")
        ('contact.demographic.country', 'contact.emails')
    """
    if name in _ALIASES:
        return _ALIASES[name]
    whole, dot, half = name.rpartition(".")
    if f".{half}" in LOCATION_HALVES and whole in catalogue:
        name = f"{catalogue[whole].name}{dot}{half}"
    if name in catalogue and not catalogue[name].is_derived and catalogue[name].name in _known():
        return catalogue[name].name
    if name in _known() or any(name.startswith(one) and len(name) > len(one) for one in _CUSTOM):
        return name
    shown = name if is_key(name) else "…"
    shorts = [f"{spec.entity}.{spec.short}" for spec in catalogue]
    known = [*_known(), *shorts, *_ALIASES]
    hint = meant(name, known, words={one.partition(".")[2]: one for one in reversed(known)} | _OTHER_WORDS)
    remedy = "see docs/fields.md for the fields, docs/importing.md for the other targets"
    raise InvalidValueError(shown, f"is not a target for a column{hint}", remedy)


def spec_of(target: str, declared: Declared | None = None) -> FieldSpec | None:
    """Return the field of a target, or None for one that is no single field.

    Args:
        target: Canonical name.
        declared: Custom attributes of the store.
    """
    if declared and target in declared:
        return declared[target]
    if target not in catalogue:
        return None
    return catalogue[target]


def declared_in(work: UnitOfWork) -> Declared:
    """Return the custom attributes of a store.

    Args:
        work: An open unit of work.
    """
    return {one.field_name: one.spec for one in work.transaction.attributes.all()}


def check_declared(targets: Iterable[str], declared: Declared) -> None:
    """Refuse targets that are custom attributes which the store has not declared.

    Args:
        targets: Canonical names.
        declared: Custom attributes of the store.

    Raises:
        InvalidValueError: With the nearest declared name.
    """
    for target in targets:
        if target.startswith(_CUSTOM[:2]) and target not in declared:
            shown = target if len(target) <= 120 and target.isprintable() else "…"
            reason = f"is not an attribute that this store has declared{nearest(target, declared)}"
            raise InvalidValueError(shown, reason, 'declare it: store.attributes.declare(mim.attribute("…"))')


def short_of(target: str) -> str:
    """Return the argument name of a target: the last part of a field's place in its entity.

    Examples:
        >>> short_of("contact.demographic.country")
        'country'
    """
    spec = spec_of(target)
    return target.rpartition(".")[2] if spec is None or spec.kind is Kind.RECORDS else spec.short
