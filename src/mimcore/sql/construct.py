"""Objects built from trusted rows without validating again: what the database holds was validated when written."""

from __future__ import annotations

import types
from enum import StrEnum
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

__all__ = ["built", "enum_of", "model_of", "template"]

M = TypeVar("M", bound=BaseModel)

_set = object.__setattr__


def built(model: type[M], values: dict[str, Any], given: set[str]) -> M:
    """Return an object equal to the validated one with the same values.

    Pydantic's `model_construct` is slower than validating; this is five times faster.

    Args:
        model: The model; it must have no private attributes.
        values: A value for every field, in the order of the fields; the object takes the dict over.
        given: Names of the fields that differ from their default.

    Examples:
        >>> from mimcore.values.money import Money
        >>> made = built(Money, {"minor_units": 5, "currency": "DKK"}, {"minor_units", "currency"})
        >>> made == Money(minor_units=5, currency="DKK")
        True
    """
    one = model.__new__(model)
    _set(one, "__dict__", values)
    _set(one, "__pydantic_fields_set__", given)
    _set(one, "__pydantic_extra__", None)
    _set(one, "__pydantic_private__", None)
    return one


def template(model: type[BaseModel]) -> dict[str, Any]:
    """Return the default of every field, in order; None where a field has none or makes it anew."""
    return {
        name: None if info.is_required() or info.default_factory is not None else info.default
        for name, info in model.model_fields.items()
    }


def enum_of(annotation: Any) -> type[StrEnum] | None:
    """Return the enumeration inside an annotation such as `Channel | None` or `tuple[Channel, ...]`, if any."""
    inner = _inner(annotation)
    return inner if issubclass(inner, StrEnum) else None


def model_of(annotation: Any) -> type[BaseModel]:
    """Return the model inside an annotation such as `tuple[Device, ...]`.

    Raises:
        TypeError: If there is none.
    """
    inner = _inner(annotation)
    if issubclass(inner, BaseModel):
        return inner
    raise TypeError(f"{inner.__name__} is not a model")


def _inner(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return next(_inner(part) for part in get_args(annotation) if part is not type(None))
    if origin is not None:
        return _inner(get_args(annotation)[0])
    return annotation if isinstance(annotation, type) else object
