"""Custom attributes: what an application declares beside the built-in fields, and what a value of each kind must be.

A declaration becomes a `FieldSpec` (`CustomSpec`), so that rules, imports, frames and freshness treat the attribute
like a built-in one. The handles that build rules are in `fields`; keeping declarations is the store's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mimcore.domain.catalogue import catalogue
from mimcore.domain.contact import Contact
from mimcore.domain.custom.values import checked_value
from mimcore.domain.declaring.attributes import is_listed, listed
from mimcore.errors import InvalidValueError, Problem, nearest
from mimcore.rules.language.catalogue import COLLECTIONS, FieldSpec, Kind
from mimcore.values.instants import Instant
from mimcore.values.model import FrozenModel
from mimcore.values.text import clean

__all__ = ["CUSTOM_KINDS", "MAX_OPTIONS", "CustomAttribute", "CustomSpec", "checked", "custom_specs", "widened"]

CUSTOM_KINDS = (
    Kind.TEXT,
    Kind.CODE,
    Kind.BOOLEAN,
    Kind.INTEGER,
    Kind.NUMBER,
    Kind.DATE,
    Kind.INSTANT,
    Kind.TAGS,
    Kind.CODES,
)
"""Kinds that a custom attribute may have; money and records are built-in fields only."""

MAX_OPTIONS = 500
"""Most options of one attribute."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WITH_OPTIONS = frozenset({Kind.CODE, Kind.CODES})
_MOMENTS = frozenset({Kind.DATE, Kind.INSTANT})
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "contact": ("acquisition", "demographic", "psychographic", "technology", "employment", "preferences"),
    "account": ("firmographic", "technology", "key_account"),
}


def _checked_name(value: object) -> str:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise InvalidValueError("", "is not a name", "use 1-40 of a-z, 0-9 and '_', a letter first, such as 'loyalty_tier'")


def _checked_options(value: object) -> object:
    options = [clean(one, "", 80) for one in value] if is_listed(value) else listed(value)
    if not is_listed(options):
        return options
    if None in options or len(set(options)) < len(options):
        raise InvalidValueError("", "hold an empty or a repeated one", "list every option once")
    return tuple(options)


class CustomAttribute(FrozenModel):
    """The declaration of one custom attribute. `mim.attribute(...)` makes it together with its handle.

    Attributes:
        name: Short name, unique among the fields of its entity: the key in `custom` and the name of a frame's column.
        entity: `contact` or `account`.
        kind: How values behave in rules; one of `CUSTOM_KINDS`.
        options: Accepted codes in the order of declaration; none for other kinds.
        group: Group of built-in attributes that it is shown beside, or None.
        half_life_days: Half-life of its freshness in days, a pool of its own; None for what does not go stale.
        is_indexed: Whether the database keeps an index for rules about it.
        description: What it means, for people.
        is_personal: Whether values are personal data.
        is_special_category: Whether values are special-category data (GDPR, article 9).
        declared_at: When the store learnt of it, UTC; None before. Nothing was collected before that.
        version: Counts the changes of the declaration; 0 until it is stored.

    Examples:
        >>> tier = CustomAttribute(name="tier", kind="code", options=["gold", "silver"], half_life_days=365)
        >>> tier.field_name, tier.pool
        ('contact.custom.tier', 'custom.tier')
    """

    name: Annotated[str, BeforeValidator(_checked_name)]
    entity: Literal["contact", "account"] = "contact"
    kind: Kind = Kind.TEXT
    options: Annotated[tuple[str, ...], BeforeValidator(_checked_options), Field(max_length=MAX_OPTIONS)] = ()
    group: str | None = None
    half_life_days: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    is_indexed: bool = False
    description: Annotated[str, Field(max_length=500)] = ""
    is_personal: bool = False
    is_special_category: bool = False
    declared_at: Instant | None = None
    version: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind not in CUSTOM_KINDS:
            raise InvalidValueError("kind", "is for built-in fields only", f"use one of {', '.join(CUSTOM_KINDS)}")
        if bool(self.options) is not (self.kind in _WITH_OPTIONS):
            wanted = "list the accepted codes" if not self.options else "leave them out, or use kind='code'"
            raise InvalidValueError("options", f"do not go with the kind {self.kind.value}", wanted)
        if self.group is not None and self.group not in _GROUPS[self.entity]:
            raise InvalidValueError(
                "group", f"is not a group of the {self.entity}", f"use one of {', '.join(_GROUPS[self.entity])}"
            )
        if f"{self.entity}.{self.name}" in catalogue or self.name in _RESERVED:
            raise InvalidValueError("name", f"is taken by a built-in field of the {self.entity}", "choose another name")
        return self

    @property
    def field_name(self) -> str:
        """Canonical name in rules, for example `contact.custom.loyalty_tier`."""
        return f"{self.entity}.custom.{self.name}"

    @property
    def pool(self) -> str:
        """The half-life pool: its own, or `permanent` for what does not go stale."""
        if self.half_life_days is None:
            return "permanent"
        return f"custom.{self.name}" if self.entity == "contact" else f"custom.account.{self.name}"

    @property
    def is_collection(self) -> bool:
        """Whether a record may have many values of it."""
        return self.kind in COLLECTIONS

    @property
    def spec(self) -> CustomSpec:
        """The field that rules, frames and stores know the attribute by."""
        return _spec(self)  # pyright: ignore[reportArgumentType] - frozen models are hashable

    def value(self, given: object) -> Any:
        """Return a value as it is stored, typed and cleaned; None for nothing (empty text, an empty list).

        Args:
            given: What somebody wants to store; a date or an instant may be ISO text.

        Raises:
            InvalidValueError: If it is not of the attribute's kind, or not one of its options.
        """
        return checked_value(self.kind, self.options, given, f"custom.{self.name}")


@dataclass(frozen=True, slots=True)
class CustomSpec(FieldSpec):
    """The field of a custom attribute, with its declaration."""

    declaration: CustomAttribute | None = None


_RESERVED = frozenset({*Contact.model_fields, "account", "age"})
"""Names that mean something else where values are given or shown by short names."""


@lru_cache(maxsize=4096)
def _spec(attribute: CustomAttribute) -> CustomSpec:
    name, many = attribute.name, attribute.is_collection

    def read(owner: Any) -> Any:
        value = owner.custom.get(name)
        if value is None:
            return () if many else None
        # What was put together from a change set holds dates and instants as text.
        return attribute.value(value) if isinstance(value, str) and attribute.kind in _MOMENTS else value

    return CustomSpec(
        name=attribute.field_name,
        kind=attribute.kind,
        short=name,
        read=read,
        options=frozenset(attribute.options) or None,
        vocabulary=name if attribute.options else "",
        pool=attribute.pool,
        is_personal=attribute.is_personal,
        is_special_category=attribute.is_special_category,
        is_indexed=attribute.is_indexed,
        description=attribute.description,
        declaration=attribute,
    )


def custom_specs(attributes: Iterable[CustomAttribute]) -> tuple[CustomSpec, ...]:
    """Return the fields of declarations, in order."""
    return tuple(one.spec for one in attributes)


def checked(custom: Mapping[str, Any], declared: Mapping[str, CustomAttribute], entity: str) -> dict[str, Any]:
    """Return the values of an entity's `custom` as they are stored; what is nothing is left out.

    Args:
        custom: Values by name.
        declared: Declarations of the entity, by name.
        entity: `contact` or `account`.

    Raises:
        InvalidValueError: If a name is not declared (with the nearest one), or a value does not fit.

    Examples:
        >>> declared = {"points": CustomAttribute(name="points", kind="integer"), "club": CustomAttribute(name="club")}
        >>> checked({"points": 7, "club": "  "}, declared, "contact")
        {'points': 7}
    """
    unknown = [name for name in custom if name not in declared]
    if unknown:
        raise _undeclared(unknown[0], declared, entity)
    values = {name: declared[name].value(value) for name, value in custom.items()}
    return {name: value for name, value in values.items() if value is not None}


def _undeclared(name: str, declared: Mapping[str, CustomAttribute], entity: str) -> InvalidValueError:
    """Say what is near and not what was given: a name that nobody declared may be anything, personal data too."""
    reason = f"has a name that this store has not declared for {entity}s{nearest(name, declared)}"
    how = 'mim.attribute("…")' if entity == "contact" else 'mim.attribute("…", entity="account")'
    return InvalidValueError("custom", reason, f"declare it with store.attributes.declare({how})")


def widened(stored: CustomAttribute, given: CustomAttribute) -> CustomAttribute:
    """Return the stored declaration with what another one of the same name adds: options, an index, protection.

    Args:
        stored: The declaration that the store has.
        given: What is declared now.

    Returns:
        The stored declaration itself if nothing is added, else its next version.

    Raises:
        InvalidValueError: If the two contradict each other; every contradiction is named.

    Examples:
        >>> old = CustomAttribute(name="tier", kind="code", options=["gold"], version=1)
        >>> widened(old, CustomAttribute(name="tier", kind="code", options=["silver", "gold"])).options
        ('silver', 'gold')
    """
    problems = [
        Problem(name, reason, "declare it as it is stored, or take another name")
        for name, reason in _contradictions(stored, given)
    ]
    if problems:
        raise InvalidValueError.of(problems)
    wider = {
        "options": given.options,
        "description": given.description or stored.description,
        **{name: getattr(stored, name) or getattr(given, name) for name in _ONE_WAY},
    }
    joined = stored.evolve(**wider)
    return stored if joined == stored else joined.evolve(version=stored.version + 1)


_ONE_WAY = ("is_indexed", "is_personal", "is_special_category")
_FIXED = {"kind": "another kind", "group": "another group", "half_life_days": "another half-life"}


def _contradictions(stored: CustomAttribute, given: CustomAttribute) -> Iterable[tuple[str, str]]:
    for name, what in _FIXED.items():
        old, new = getattr(stored, name), getattr(given, name)
        if old != new:
            yield name, f"of '{stored.name}' is stored as {_named(old)}, and declared as {what}: {_named(new)}"
    missing = [option for option in stored.options if option not in given.options]
    if missing and given.options:
        yield "options", f"of '{stored.name}' lack '{missing[0]}', which the store accepts: options are only ever added"


def _named(value: object) -> str:
    return "none" if value is None else str(value)
