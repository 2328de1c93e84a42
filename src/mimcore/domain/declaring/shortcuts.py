"""Short names: `country=` for `demographic.country`. One table, read from the groups themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from mimcore.domain.declaring.attributes import Attribute, is_mapping
from mimcore.domain.declaring.entity import Entity, Group
from mimcore.errors import UnknownAttributeError
from mimcore.values.unknown_names import meant, shown

__all__ = ["elsewhere", "routed", "short_names"]

_ELSEWHERE: Mapping[str, str] = {
    "age": "age_on(day)",
    "email": "primary_email",
    "phone": "primary_phone",
    "first_name": "name.given",
    "given_name": "name.given",
    "last_name": "name.family",
    "family_name": "name.family",
    "account": "primary_account_id",
    "acquired": "acquisition",
    "metadata": "custom",
}
"""Where else a value stands, by what people try."""


@cache
def short_names(model: type[Entity]) -> Mapping[str, tuple[str, str]]:
    """Return, for every short name of an entity, its group and its name inside the group."""
    found: dict[str, tuple[str, str]] = {}
    for group_name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Group):
            for name, inner in info.annotation.model_fields.items():
                mark = next((part for part in inner.metadata if isinstance(part, Attribute)), None)
                short = (mark.short if mark else "") or name
                if short not in model.model_fields:
                    found[short] = (group_name, name)
    return found


def routed(model: type[Entity], data: Mapping[str, Any], *, merge: bool = False) -> dict[str, Any]:
    """Move values given by short name into their groups.

    Args:
        model: The entity.
        data: Values by field name or short name; `acquired` stands for `acquisition`.
        merge: Whether the groups merge into those at hand (a change) or start empty (a new object).

    Returns:
        Values by field name; a group with short values becomes a mapping of its parts.
    """
    table, plain, inside = short_names(model), dict[str, Any](), dict[str, dict[str, Any]]()
    for name, value in data.items():
        if name == "acquired" and "acquisition" in model.model_fields:
            plain["acquisition"] = value
        elif name in model.model_fields or name not in table:
            plain[name] = value
        else:
            group, inner = table[name]
            inside.setdefault(group, {})[inner] = value
    for group, values in inside.items():
        plain[group] = _joined(plain.get(group), values, merge=merge)
    return plain


def elsewhere(record: Entity, name: str) -> UnknownAttributeError:
    """Return the error for an attribute that an entity does not have, with the place where the value stands.

    Args:
        record: The entity.
        name: What was asked for.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> print(elsewhere(Contact(), "country"))
        Contact has no 'country': write contact.demographic.country
    """
    return UnknownAttributeError(_told(type(record), name))


# Libraries ask any object for `keys`, `to_dict` and the like, over and over, and nobody reads the answer.
@lru_cache(maxsize=1024)
def _told(kind: type[Entity], name: str) -> str:
    table = short_names(kind)
    group, inner = table.get(name, ("", ""))
    place = f"{group}.{inner}" if group else _ELSEWHERE.get(name, "")
    known = [*kind.model_fields, *table]
    hint = f": write {kind.__name__.lower()}.{place}" if place else meant(name, known)
    return f"{kind.__name__} has no '{shown(name)}'{hint}"


def _joined(given: Any, values: dict[str, Any], *, merge: bool) -> Any:
    if isinstance(given, Group):
        return given.evolve(**values)
    if is_mapping(given):
        return {**given, **values}
    return values if merge or given is None else given
