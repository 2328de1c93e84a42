"""Column types whose values mean the same on every engine: instants, ids, JSON. Conversions in bulk are in `codec`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ARRAY, TIMESTAMP, BigInteger, Dialect, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TEXT
from sqlalchemy.types import TypeDecorator, TypeEngine

from mimcore.errors import InvalidValueError
from mimcore.values.instants import from_microseconds, to_microseconds

__all__ = ["Guid", "Ids", "Json", "UtcMicroseconds", "Values", "json_text", "stored", "word"]


def json_text(value: Any) -> str:
    """Return JSON that is the same for equal values: keys sorted, no spaces, no escapes but the needed ones.

    Args:
        value: Plain data: mappings, lists, tuples, text, numbers, booleans, None.

    Raises:
        InvalidValueError: If it holds NaN, an infinity, or something JSON has no form for.

    Examples:
        >>> json_text({"b": (1, 2), "a": "Ø"})
        '{"a":"Ø","b":[1,2]}'
    """
    try:
        return to_json(value).decode() if _is_easy(value) else "".join(_encode(value, 0))
    except (TypeError, ValueError, RecursionError):
        pass
    raise InvalidValueError("json", "cannot be written as JSON", "NaN, infinities and objects are refused")


def _is_easy(value: Any) -> bool:
    """Tell whether pydantic's writer gives the same text, five times as fast: names in order, no number with a point.

    It sorts nothing, writes NaN as null, and 1e-05 with one digit less.
    """
    kind = _type(value)
    if kind is dict:
        names = list(value)
        if names != sorted(names):
            return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _EASY
    for one in value:
        inner = _type(one)
        if inner is not str and inner not in _EASY and not _is_easy(one):
            return False
    return True


_type: Callable[[Any], type[Any]] = type
_EASY = frozenset({str, type(None), bool, int})


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError


def word() -> TypeEngine[str]:
    """Return the type of text: compared and ordered by code points on every engine, whatever a database's language is.

    PostgreSQL orders by the rules of a language otherwise, and differently on the next machine.
    """
    return Text().with_variant(TEXT(collation="C"), "postgresql")


def _encoder() -> Callable[[Any, int], Iterable[str]]:
    """Return what `JSONEncoder.encode` makes anew for every document where it is written in C."""
    own = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_plain)
    encoder: Any = json.encoder
    if encoder.c_make_encoder is None:
        return lambda value, _: own.iterencode(value)
    separators = (own.key_separator, own.item_separator)
    made: Callable[[Any, int], Iterable[str]] = encoder.c_make_encoder(
        None, _plain, encoder.encode_basestring, None, *separators, own.sort_keys, own.skipkeys, own.allow_nan
    )
    return made


_encode = _encoder()


class UtcMicroseconds(TypeDecorator[datetime]):
    """An instant: whole microseconds since 1970-01-01 UTC on SQLite, `timestamptz` on PostgreSQL.

    SQLAlchemy's own `DateTime(timezone=True)` drops the offset on SQLite. Naive datetimes are refused.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        wanted = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn an aware datetime into what is stored."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise InvalidValueError("instant", "has no time zone", "give an aware datetime")
        return value.astimezone(UTC) if dialect.name == "postgresql" else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Turn what is stored into an aware datetime in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else from_microseconds(value)


class Guid(TypeDecorator[UUID]):
    """An id: 16 bytes on SQLite, `uuid` on PostgreSQL; ordered by bytes, which for UUIDv7 is the order of time."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Turn an id into what is stored."""
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        """Turn what is stored into an id."""
        return value if value is None or dialect.name == "postgresql" else UUID(bytes=value)


class Ids(TypeDecorator[bytes]):
    """Any number of ids as one parameter, 16 bytes each: joined on SQLite, an array on PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type of the engine."""
        return dialect.type_descriptor(ARRAY(Uuid()) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        """Write the ids as the engine takes them."""
        if value is None or dialect.name != "postgresql":
            return value
        return [UUID(bytes=value[at : at + 16]) for at in range(0, len(value), 16)]


class Json(TypeDecorator[Any]):
    """Plain data: canonical JSON text on SQLite, JSONB on PostgreSQL; NaN and infinities are refused."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Check, and write as text where the engine has no JSON of its own."""
        text = None if value is None else json_text(value)
        return value if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read the text back."""
        return value if value is None or dialect.name == "postgresql" else json.loads(value)


class Values(TypeDecorator[Any]):
    """Any number of values as one parameter: a JSON list on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        """Hold values of a type.

        Args:
            item: Type of the column that they are compared with.
        """
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type of the engine."""
        return dialect.type_descriptor(ARRAY(_array_item(self.item)) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write the values as the engine takes them."""
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else json_text([stored(one) for one in value])


def _array_item(item: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the engine's type for one value; text has no collation of its own inside an array."""
    if isinstance(item, UtcMicroseconds):
        return TIMESTAMP(timezone=True)
    return TEXT() if isinstance(item, Text) else item


def stored(value: Any) -> Any:
    """Return a constant as SQLite, and a record in JSON, hold it: an instant in microseconds, a date as ISO text.

    Args:
        value: The constant.
    """
    if isinstance(value, datetime):
        return to_microseconds(value)
    return value.isoformat() if isinstance(value, date) else value
