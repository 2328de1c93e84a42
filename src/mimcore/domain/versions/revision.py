"""A version of a record beside the one before it, with what differs: found once, for all that is written of it.

The row, the states of values, the change set and the event of one change all ask what is another value now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from mimcore.domain.declaring.entity import Entity
from mimcore.domain.versions.plain import changed_parts, is_model, known_parts, on_top
from mimcore.values.construct import built

__all__ = ["SHAPES", "Revision", "Shape", "first", "is_group", "revision"]

E = TypeVar("E", bound=Entity)
E_co = TypeVar("E_co", bound=Entity, covariant=True)


class Shape(dict[str, tuple[str, ...]]):
    """Which fields a change touches; of a group, which of its own. Nothing inside stands for the whole field.

    Most records of a batch share one: what follows from it alone is found once, so it is a key, and never changes.
    """

    __slots__ = ("_hash",)

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        """Copy the fields."""
        super().__init__(fields)
        self._hash = hash(tuple(self.items()))

    def __hash__(self) -> int:  # type: ignore[override]
        """Hash the fields, once."""
        return self._hash


class Revision(NamedTuple, Generic[E_co]):
    """One change of one record, or its beginning.

    Attributes:
        old: The version before; None for a new record, which differs from an empty one.
        new: The version now.
        changed: The fields in which they differ.
    """

    old: E_co | None
    new: E_co
    changed: Shape

    def next(self) -> Revision[E_co]:
        """Return the same change as it is stored: the new version counts one more, and shares what is as it was."""
        if self.old is None:
            values, given = {**self.new.__dict__, "version": 1}, {*self.new.model_fields_set, "version"}
            return Revision(None, built(type(self.new), values, given), self.changed)
        return self._replace(new=on_top(self.old, self.new, self.changed, version=self.old.version + 1))


def first(new: E) -> Revision[E]:
    """Return how a record begins.

    Args:
        new: The record.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> first(Contact(country="DK", owner="Bo")).changed
        {'id': (), 'demographic': ('country',), 'owner': ()}
    """
    values = new.__dict__
    known = ((name, values[name]) for name in known_parts(new))
    return Revision(
        None, new, _shared({name: tuple(known_parts(part)) if is_group(name, part) else () for name, part in known})
    )


def revision(old: E, new: E) -> Revision[E]:
    """Compare two versions of a record.

    Args:
        old: The version before.
        new: The version now.

    Examples:
        >>> from mimcore.domain.contact import Contact
        >>> one = Contact(country="DK", owner="Bo")
        >>> revision(one, one.evolve(city="Odense", owner="Ida")).changed
        {'demographic': ('city',), 'owner': ()}
    """
    before, after = old.__dict__, new.__dict__
    return Revision(
        old, new, _shared({name: _inside(name, before[name], after[name]) for name in changed_parts(old, new)})
    )


def _inside(name: str, was: Any, value: Any) -> tuple[str, ...]:
    return tuple(changed_parts(was, value)) if is_group(name, value) and type(was) is type(value) else ()


def _shared(fields: dict[str, tuple[str, ...]]) -> Shape:
    """Return the one shape of these fields; beyond so many sorts of changes, they are no longer remembered."""
    key = tuple(fields.items())
    known = _SHAPES.get(key)
    if known is None:
        if len(_SHAPES) >= SHAPES:
            _SHAPES.clear()
        known = _SHAPES[key] = Shape(fields)
    return known


SHAPES = 2000
"""How many shapes, and what follows from them, are kept in mind."""
_SHAPES: dict[tuple[tuple[str, tuple[str, ...]], ...], Shape] = {}


def is_group(name: str, part: object) -> bool:
    """Tell whether the parts of a field count one by one. A rule is whole: what names its conditions are defaults.

    Args:
        name: The field.
        part: What it holds.
    """
    return is_model(type(part)) and name != "rule"
