"""Ids of a record in other systems: by source, more than one where records were unified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from mimcore.domain.declaring.attributes import is_listed, is_mapping, listed
from mimcore.domain.declaring.entity import Clear, Key
from mimcore.values.model import FrozenModel
from mimcore.values.text import clean

__all__ = ["ExternalId", "ExternalIds", "merged_ids"]


class ExternalId(FrozenModel):
    """The id of a record in another system.

    Attributes:
        source: Key of the system.
        value: The id there, at most 200 characters.
    """

    pii_fields: ClassVar[frozenset[str]] = frozenset({"value"})

    source: Key
    value: Annotated[str, BeforeValidator(lambda value: clean(value, "", 200))]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        return {"source": given[0], "value": given[1]} if is_listed(given) and len(given) == 2 else given


def _pairs(value: object) -> object:
    return tuple(value.items()) if is_mapping(value) else listed(value)


ExternalIds = Annotated[tuple[ExternalId, ...], BeforeValidator(_pairs), Field(max_length=100)]
"""Ids by source; a mapping is read."""


def merged_ids(current: Iterable[ExternalId], given: Mapping[str, Any]) -> tuple[ExternalId, ...]:
    """Add ids to those at hand. An id is never replaced, since the other system's old record still bears it.

    Args:
        current: The ids so far.
        given: New ids by source; `CLEAR` removes all of a source.

    Raises:
        InvalidValueError: If a source is not a key, or an id is empty or too long.

    Examples:
        >>> [one.source for one in merged_ids([ExternalId(source="crm", value="7")], {"crm": "7", "web": "x"})]
        ['crm', 'web']
    """
    kept = [one for one in current if not isinstance(given.get(one.source), Clear)]
    known = {(one.source, one.value) for one in kept}
    wanted = {source: value for source, value in given.items() if not isinstance(value, Clear)}
    new = (ExternalId(source=source, value=value) for source, value in wanted.items())
    return (*kept, *(one for one in new if (one.source, one.value) not in known))
