"""A version of a record beside the one before it, with what differs: found once, for all that is written of it.

The row, the states of values, the change set and the event of one change all ask what is another value now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from mimcore.domain.entity import Entity
from mimcore.domain.plain import changed_parts, is_model, on_top, parts_of

__all__ = ["Revision", "first", "is_group", "revision"]

E = TypeVar("E", bound=Entity)
E_co = TypeVar("E_co", bound=Entity, covariant=True)


class Revision(NamedTuple, Generic[E_co]):
    """One change of one record, or its beginning.

    Attributes:
        old: The version before; None for a new record, which differs from an empty one.
        new: The version now.
        changed: The fields in which they differ; of a group, which of its own fields do. Nothing inside stands for the
            whole field.
    """

    old: E_co | None
    new: E_co
    changed: Mapping[str, Sequence[str]]

    def next(self) -> Revision[E_co]:
        """Return the same change as it is stored: the new version counts one more, and shares what is as it was."""
        if self.old is None:
            return self._replace(new=self.new.model_copy(update={"version": 1}))
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
    known = parts_of(new)
    return Revision(
        None, new, {name: tuple(parts_of(part)) if is_group(name, part) else () for name, part in known.items()}
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
    return Revision(old, new, {name: _inside(name, before[name], after[name]) for name in changed_parts(old, new)})


def _inside(name: str, was: Any, value: Any) -> Sequence[str]:
    return tuple(changed_parts(was, value)) if is_group(name, value) and type(was) is type(value) else ()


def is_group(name: str, part: object) -> bool:
    """Tell whether the parts of a field count one by one. A rule is whole: what names its conditions are defaults.

    Args:
        name: The field.
        part: What it holds.
    """
    return is_model(type(part)) and name != "rule"
