"""The way from an object to the value of a field, declared as attribute names: `demographic.country`, `name?.given`.

A path is written in the declarations and never comes from a rule or a document, because whoever walks a path that a
user gave reaches `__class__` and from there everything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from keyword import iskeyword
from operator import attrgetter
from typing import Any

from mimcore.errors import InvalidValueError

__all__ = ["attribute_name", "reader", "steps"]


def attribute_name(name: object, field: str) -> str:
    """Return the name of an attribute, or refuse it.

    Args:
        name: What somebody declares.
        field: Name used in an error.

    Raises:
        InvalidValueError: If it is no plain identifier, a keyword, or begins with an underscore.

    Examples:
        >>> attribute_name("country_code", "country")
        'country_code'
    """
    if isinstance(name, str) and name.isidentifier() and not name.startswith("_") and not iskeyword(name):
        same = unicodedata.normalize("NFKC", name)  # as Python reads identifiers in source, and getattr does not
        if same == name:
            return name
    raise InvalidValueError(field, "is not the name of an attribute", "give one such as 'country_code', no path")


def steps(path: str) -> tuple[tuple[str, bool], ...]:
    """Take a path apart: every attribute, and whether what it holds may be None where the path goes on.

    Raises:
        InvalidValueError: If a part is no plain attribute name.

    Examples:
        >>> steps("name?.given")
        (('name', True), ('given', False))
    """
    parts = [(part.removesuffix("?"), part.endswith("?")) for part in path.split(".")]
    return tuple((attribute_name(name, "path"), is_optional) for name, is_optional in parts)


def reader(path: str) -> Callable[[Any], Any]:
    """Return what reads a path from an object: None where an optional part is.

    Args:
        path: Attribute names between dots; `?` behind one that may be None.
    """
    before, optional, after = path.partition("?.")
    reach = attrgetter(".".join(name for name, _ in steps(before)))
    if not optional:
        return reach
    beyond = reader(after)
    return lambda owner: None if (found := reach(owner)) is None else beyond(found)
