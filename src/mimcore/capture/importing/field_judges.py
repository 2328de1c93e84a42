"""What a model makes of a value of one field, asked for that field alone: its own declaration judges, nothing else.

Making a whole model to learn what becomes of one value costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from mimcore.values.names import PersonName

__all__ = ["Judge", "checks_of", "judge_of"]

Judge = Callable[[Any], Any]
"""Returns what becomes of a value; raises a ValueError if it is refused."""


def judge_of(model: type[BaseModel], name: str) -> Judge | None:
    """Return what judges values of one field, or None if it cannot be asked alone.

    Args:
        model: A group of attributes, a name, or an entity.
        name: The field.

    Examples:
        >>> from mimcore.domain.groups import Demographic
        >>> judge_of(Demographic, "city")("  Aarhus ")
        'Aarhus'
    """
    if model is PersonName:
        return _of_name(name)
    found: Any = model.__pydantic_decorators__
    if any(name in one.info.fields or "*" in one.info.fields for one in found.field_validators.values()):
        return None
    info = model.model_fields[name]
    annotated: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return TypeAdapter(annotated, config=ConfigDict(allow_inf_nan=False)).validator.validate_python


def _of_name(part: str) -> Judge:
    """Return what judges a part of a name; a name needs one of two parts, so the other one is lent."""
    lent = "given" if part == "family" else "family"

    def judge(value: Any) -> Any:
        return getattr(PersonName(**{lent: "x", part: value}), part)

    return judge


def checks_of(model: type[BaseModel]) -> tuple[Callable[[Any], Any], ...] | None:
    """Return what a model checks of its values together, or None if it does more than check.

    Args:
        model: A group of attributes.

    Examples:
        >>> from mimcore.domain.groups import Demographic, Employment
        >>> len(checks_of(Demographic)), checks_of(Employment)
        (1, ())
    """
    found: Any = model.__pydantic_decorators__
    validators = [*found.model_validators.values()]
    if any(one.info.mode != "after" for one in validators) or found.root_validators:
        return None
    return tuple(one.func for one in validators)
