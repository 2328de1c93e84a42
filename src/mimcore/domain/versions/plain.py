"""Records as plain JSON values, written by hand for speed: what pydantic writes in mode `json` without defaults.

Pydantic's serialiser walks every declared field of every group; most fields of most records are at their default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from mimcore.values.mapping import FrozenMapping

__all__ = ["changed_parts", "is_model", "known_parts", "on_top", "parts_of", "plain", "plain_part", "same"]

M = TypeVar("M", bound=BaseModel)
Dump = Callable[[Any], Any]
_type: Callable[[Any], type[Any]] = type


def plain(value: Any) -> Any:
    """Return a value as JSON has it: models as mappings of what is not at its default, tuples as lists, dates as text.

    Args:
        value: A field's value: a model, a tuple, an enumeration, an instant in UTC, text, a number …

    Examples:
        >>> from mimcore.values.money import Money
        >>> plain((Money(minor_units=5, currency="DKK"),)) == [{"minor_units": 5, "currency": "DKK"}]
        True
    """
    kind = _type(value)
    return value if kind is str else (_DUMPS.get(kind) or _learnt(kind))(value)


def parts_of(model: BaseModel, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the fields of a model that are not at their default, as they are.

    Args:
        model: A record, or a group of it.
        names: The fields that are asked for; all unless given.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> parts_of(Demographic(country="DK"))
        {'country': 'DK'}
    """
    values = model.__dict__
    return {name: values[name] for name in known_parts(model, names)}


def known_parts(model: BaseModel, names: Iterable[str] | None = None) -> list[str]:
    """Return the names of the fields of a model that are not at their default.

    Args:
        model: A record, or a group of it.
        names: The fields that are asked for; all unless given.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> known_parts(Demographic(country="DK"))
        ['country']
    """
    defaults = _DEFAULTS.get(type(model)) or _defaults(type(model))
    values = model.__dict__
    return [
        name
        for name in (values if names is None else names)
        if (value := values[name]) is not (default := defaults[name])
        and (default is None or default is _NOTHING or not same(value, default))
    ]


def plain_part(model: BaseModel, name: str) -> Any:
    """Return one field of a model as a plain value; None if it is at its default.

    Args:
        model: A record, or a group of it.
        name: The field.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> plain_part(Demographic(country="DK"), "country"), plain_part(Demographic(country="DK"), "city")
        ('DK', None)
    """
    default = (_DEFAULTS.get(type(model)) or _defaults(type(model)))[name]
    value = model.__dict__[name]
    if value is default or (default is not None and default is not _NOTHING and same(value, default)):
        return None
    return value if type(value) is str else plain(value)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal; a model's own comparison is three times slower than that of its fields.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> same(Demographic(country="DK"), Demographic(country="DK"))
        True
    """
    if one is other:
        return True
    kind = _type(one)
    theirs: Any = other
    if kind is not _type(other):
        return bool(one == other)
    if kind is str:
        return bool(one == theirs)
    if kind is tuple:
        return len(one) == len(theirs) and all(map(same, one, theirs))
    return bool(one.__dict__ == other.__dict__ if is_model(kind) else one == other)


def is_model(kind: type[Any]) -> bool:
    """Tell whether a type is a model; asking pydantic again for every value takes longer than comparing it.

    Args:
        kind: The type of a value.

    Examples:
        >>> is_model(int)
        False
    """
    known = _MODELS.get(kind)
    if known is None:
        known = _MODELS[kind] = issubclass(kind, BaseModel)
    return known


_MODELS: dict[type[Any], bool] = {}


def changed_parts(old: BaseModel, new: BaseModel) -> list[str]:
    """Return the names of the fields in which two versions of one model differ.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> changed_parts(Demographic(country="DK"), Demographic(country="SE"))
        ['country']
    """
    before = old.__dict__
    return [name for name, value in new.__dict__.items() if value is not (was := before[name]) and not same(value, was)]


def on_top(old: M, new: M, names: Iterable[str], **others: Any) -> M:
    """Return the new version with the very parts of the old one where they are equal: comparing again is nearly free.

    Args:
        old: The old version.
        new: The new version.
        names: The fields in which they differ, from `changed_parts`.
        **others: Fields that have yet another value.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> old, new = Demographic(country="DK"), Demographic(country="SE", city="Lund")
        >>> on_top(old, new, changed_parts(old, new)) == new
        True
    """
    parts = new.__dict__
    return old.model_copy(update={**{name: parts[name] for name in names}, **others})


def _defaults(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the default of every field; what is required or made anew has none, which equals nothing."""
    found = _DEFAULTS[kind] = {
        name: _NOTHING if info.is_required() or info.default_factory is not None else info.default
        for name, info in kind.model_fields.items()
    }
    return found


_NOTHING = object()
_DEFAULTS: dict[type[BaseModel], dict[str, Any]] = {}


def _model_dump(kind: type[BaseModel]) -> Dump:
    """Return what writes models of a type: their fields in order of names, as JSON text has them."""
    fields = sorted(_defaults(kind).items())

    def dump(model: BaseModel) -> dict[str, Any]:
        values = model.__dict__
        return {
            name: value if type(value) is str else plain(value)
            for name, default in fields
            if (value := values[name]) is not default
            and (default is None or default is _NOTHING or not same(value, default))
        }

    return dump


def _itself(value: Any) -> Any:
    return value


def _instant(value: datetime) -> str:
    if value.tzinfo is UTC:
        return f"{value.replace(tzinfo=None).isoformat()}Z"
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


_DUMPS: dict[type, Dump] = {
    str: _itself,
    int: _itself,
    float: _itself,
    bool: _itself,
    type(None): _itself,
    UUID: str,
    datetime: _instant,
    date: date.isoformat,
    tuple: lambda values: [plain(one) for one in values] if values and type(values[0]) is not str else [*values],
    FrozenMapping: lambda values: {name: plain(one) for name, one in values.items()},
}


def _learnt(kind: type) -> Dump:
    """Find out how values of a new type are written: enumerations and models."""
    dump: Dump
    if issubclass(kind, BaseModel):
        dump = _model_dump(kind)
    elif issubclass(kind, Enum):
        dump = str if issubclass(kind, StrEnum) else {one: one.value for one in kind}.__getitem__
    else:
        raise TypeError(kind.__name__)
    _DUMPS[kind] = dump
    return dump
