"""A mapping that never changes, so that frozen models can hold one and still be hashed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeGuard, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = ["FrozenMapping", "is_frozen_mapping"]

V = TypeVar("V")


def _thawed(value: object) -> object:
    if is_frozen_mapping(value):
        return dict(value)
    return {} if value is None else value


def is_frozen_mapping(value: object) -> TypeGuard[FrozenMapping[Any]]:
    """Tell whether a value is a frozen mapping, so that checkers know what it holds."""
    return isinstance(value, FrozenMapping)


class FrozenMapping(Mapping[str, V], Generic[V]):
    """An immutable, hashable mapping from names to values, in order of names.

    Examples:
        >>> FrozenMapping({"b": 1, "a": 2})
        FrozenMapping({'a': 2, 'b': 1})
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        """Copy the items.

        Args:
            items: Any mapping with text keys.
        """
        self._items: dict[str, V] = dict(sorted((items or {}).items()))

    def __getitem__(self, key: str) -> V:
        """Return the value of a name."""
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, sorted."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._items)

    def __hash__(self) -> int:
        """Hash names and values."""
        return hash(tuple(self._items.items()))

    def __repr__(self) -> str:
        """Show names and values."""
        return f"FrozenMapping({self._items!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate like a dict, then freeze; serialise as a dict."""
        arguments = getattr(source, "__args__", (Any,))
        inner = core_schema.dict_schema(
            core_schema.str_schema(min_length=1, max_length=80), handler.generate_schema(arguments[0])
        )
        return core_schema.no_info_before_validator_function(
            _thawed,
            core_schema.no_info_after_validator_function(cls, inner),
            serialization=core_schema.plain_serializer_function_ser_schema(dict),
        )
