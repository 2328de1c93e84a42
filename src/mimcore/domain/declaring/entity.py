"""What every aggregate shares: identity, version, and change by `evolve`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import BeforeValidator, Field

from mimcore.domain.declaring.attributes import is_mapping
from mimcore.errors import InvalidValueError
from mimcore.values.identifiers import as_id, check_key, new_id
from mimcore.values.mapping import is_frozen_mapping
from mimcore.values.model import FrozenModel

__all__ = ["CLEAR", "Clear", "Entity", "Group", "Key", "Reference", "as_stored", "check_source", "is_as_stored"]


_as_stored: ContextVar[bool] = ContextVar("as_stored", default=False)  # pydantic's own context ends at our __init__


@contextmanager
def as_stored() -> Generator[None]:
    """Make objects of what was judged when it was stored: a rule that came later refuses no old record."""
    token = _as_stored.set(True)
    try:
        yield
    finally:
        _as_stored.reset(token)


def is_as_stored() -> bool:
    """Tell whether a stored record is being made again."""
    return _as_stored.get()


class Clear:
    """The mark that erases a value: `evolve(city=CLEAR)`. The erasure is recorded; None is not an erasure."""

    def __repr__(self) -> str:
        """Its name."""
        return "CLEAR"


CLEAR: Final = Clear()

Key = Annotated[str, BeforeValidator(lambda value: check_key(value, ""))]
"""A short declared name: a-z, 0-9, dot, dash, underscore."""

Reference = Annotated[UUID, BeforeValidator(lambda value: as_id(value, ""))]
"""The id of another aggregate; the object itself is accepted."""


class Group(FrozenModel):
    """A group of attributes inside an entity; a part of it can change while the rest stays."""

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with changes; `CLEAR` sets a field back to missing."""
        return super().evolve(**_resolved(type(self), changes, self))


class Entity(FrozenModel):
    """An aggregate root: a frozen object with an id and a version.

    Attributes:
        id: UUIDv7; made when the object is made.
        version: Counts the stored changes; 0 until the object is stored.
    """

    id: Annotated[UUID, BeforeValidator(lambda value: as_id(value, ""))] = Field(default_factory=new_id)
    version: Annotated[int, Field(ge=0)] = 0

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with changes, validated.

        A mapping given for a group merges into the group, a group object replaces it, and `CLEAR` erases. The same
        holds for named values such as `custom`, where `CLEAR` as a value erases one of them.

        Args:
            **changes: New values by field name.

        Returns:
            A new object with the same id and version.

        Raises:
            InvalidValueError: If a value is refused, or a field is not declared.
        """
        return super().evolve(**_resolved(type(self), changes, self))


_SAYS_NOTHING = ("is None, which says nothing", "leave it out to keep the value, or give mim.CLEAR to erase it")


def _resolved(model: type[FrozenModel], changes: Mapping[str, Any], current: FrozenModel) -> dict[str, Any]:
    resolved: dict[str, Any] = {}
    for name, value in changes.items():
        if isinstance(value, Clear):
            resolved[name] = _default(model, name)
        elif value is None and getattr(current, name, None) is not None:
            # A service passes None for what it was not told; that must not erase what is known.
            raise InvalidValueError(name, *_SAYS_NOTHING)
        elif is_mapping(value) and isinstance(group := getattr(current, name, None), Group):
            resolved[name] = _within(name, group, value)
        elif is_mapping(value) and not is_frozen_mapping(value):
            resolved[name] = _joined(getattr(current, name, None), value)
        else:
            resolved[name] = value
    return resolved


def _joined(held: object, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    if not is_frozen_mapping(held):
        return changes
    for key, value in changes.items():
        if value is None and held.get(key) is not None:
            raise InvalidValueError(key, *_SAYS_NOTHING)
    return {key: value for key, value in {**held, **changes}.items() if not isinstance(value, Clear)}


def _within(name: str, group: Group, changes: Mapping[str, Any]) -> Group:
    try:
        return group.evolve(**changes)
    except InvalidValueError as error:
        problems = [problem.inside(name) for problem in error.problems]
    raise InvalidValueError.of(problems)


def _default(model: type[FrozenModel], name: str) -> Any:
    info = model.model_fields.get(name)
    if info is None:
        return None
    if info.is_required():
        raise InvalidValueError(name, "is required and cannot be cleared", "give another value")
    return info.get_default(call_default_factory=True)


def given(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given to a constructor; `CLEAR` counts as left out: a new object has nothing to erase."""
    return {name: value for name, value in data.items() if not isinstance(value, Clear)}


def check_source(value: object) -> str:
    """Return the key of a source, given as the object or its key.

    Raises:
        InvalidValueError: If it is not a key.
    """
    return check_key(getattr(value, "key", value), "source")
