"""Which types stand inside the annotations of a model: what a row's cells become."""

from __future__ import annotations

import types
from enum import StrEnum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

__all__ = ["enum_of", "model_of"]


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
