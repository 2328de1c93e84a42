"""How an attribute is declared once: the mark that stands in an annotation, and the field declarations read from it.

Columns, frame names, the typed field namespace, constructor signatures and `docs/fields.md` all derive from these.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeGuard, Union, cast, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.paths import reader
from mimcore.values.codes import COUNTRY_NAMES, LANGUAGE_NAMES, country, language
from mimcore.values.instants import as_zone
from mimcore.values.location import Location, read_location
from mimcore.values.model import FrozenModel
from mimcore.values.money import Money
from mimcore.values.text import clean

__all__ = [
    "Attribute",
    "Codes",
    "CountryCode",
    "LanguageCode",
    "LongText",
    "Place",
    "Records",
    "Tags",
    "Text",
    "ZoneName",
    "is_listed",
    "is_mapping",
    "listed",
    "specs_of",
]


@dataclass(frozen=True, slots=True)
class Attribute:
    """The declaration of one attribute, written beside its type."""

    description: str
    short: str = ""
    """Short name; the field's own name unless given."""
    pool: str = "permanent"
    """Base name of the half-life pool."""
    weight: float = 1.0
    """Weight in the decayed share."""
    is_personal: bool = False
    is_special_category: bool = False
    is_indexed: bool = False
    vocabulary: str = ""
    """Makes text a code: `country`, `language`, `key` or another name."""


def _text(limit: int, *, multiline: bool = False) -> BeforeValidator:
    return BeforeValidator(lambda value: clean(value, "", limit, multiline=multiline))


def _code(read: Callable[[str, str], str]) -> BeforeValidator:
    """Read a code; white space is a missing value, as it is in text."""

    def code(value: object) -> str | None:
        text = clean(str(value) if isinstance(value, ZoneInfo) else value, "", 200)
        return None if text is None else read(text, "")

    return BeforeValidator(code)


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell whether something is a mapping, for type checkers too."""
    return isinstance(value, Mapping)


def is_listed(value: object) -> TypeGuard[Sequence[Any]]:
    """Tell whether something is a list or tuple, for type checkers too; text is none."""
    return isinstance(value, list | tuple)


def _tags(value: object) -> object:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, AbstractSet):
        value = list(cast("AbstractSet[object]", value))
    if not is_listed(value):
        return () if value is None else value
    cleaned = [clean(one, "", 200) for one in value]
    return tuple(sorted({one for one in cleaned if one is not None}))


def _codes(value: object) -> object:
    if isinstance(value, AbstractSet):
        return tuple(sorted(str(one) for one in cast("AbstractSet[object]", value)))
    if is_listed(value):
        return tuple({str(one): one for one in value}.values())
    return listed(value)


def listed(value: object) -> object:
    """Make nothing an empty tuple, and one thing alone a tuple of one; for `BeforeValidator`."""
    if value is None:
        return ()
    return value if is_listed(value) else (value,)


Text = Annotated[str | None, _text(500)]
LongText = Annotated[str | None, _text(20_000, multiline=True)]
Tags = Annotated[tuple[str, ...], BeforeValidator(_tags)]
Codes = BeforeValidator(_codes)
"""Marks a tuple of codes: repeated ones count once, the order stays; one code alone and None are accepted."""
Records = BeforeValidator(listed)
"""Marks a tuple of records; one record alone and None are accepted."""
Place = Annotated[Location | None, BeforeValidator(read_location)]
CountryCode = Annotated[str | None, _code(country)]
LanguageCode = Annotated[str | None, _code(language)]
ZoneName = Annotated[str | None, _code(lambda name, field: str(as_zone(name, field)))]

_OPTIONS: dict[str, frozenset[str]] = {"country": frozenset(COUNTRY_NAMES), "language": frozenset(LANGUAGE_NAMES)}
_SCALARS: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    (float, Kind.NUMBER),
    (Money, Kind.MONEY),
    (Location, Kind.LOCATION),
    (datetime, Kind.INSTANT),
    (date, Kind.DATE),
    (str, Kind.TEXT),
)


def specs_of(model: type[FrozenModel], prefix: str, within: str | None = None) -> Iterator[FieldSpec]:
    """Read the declarations of a model, in order.

    Args:
        model: A model whose fields carry `Attribute` marks; fields without one are not attributes.
        prefix: Canonical name of what holds them, such as `contact.demographic`.
        within: The entity's attribute that is that holder; None for the entity itself.

    Yields:
        One declaration a field.
    """
    for name, info in model.model_fields.items():
        mark = next((part for part in info.metadata if isinstance(part, Attribute)), None)
        if mark is not None:
            yield _spec(f"{prefix}.{name}", name, info, mark, name if within is None else f"{within}.{name}")


def _spec(full: str, name: str, info: FieldInfo, mark: Attribute, path: str) -> FieldSpec:
    inner, is_many = _inner(info.annotation)
    kind, options = _kind(inner, mark, is_many=is_many)
    return FieldSpec(
        name=full,
        kind=kind,
        short=mark.short or name,
        read=reader(path),
        options=options,
        vocabulary=mark.vocabulary or (inner.__name__ if issubclass(inner, StrEnum) else ""),
        pool=mark.pool,
        weight=mark.weight,
        is_personal=mark.is_personal,
        is_special_category=mark.is_special_category,
        is_indexed=mark.is_indexed,
        lowest=_bound(info, "ge"),
        highest=_bound(info, "le"),
        record_fields=_parts(inner, full) if issubclass(inner, FrozenModel) and is_many else (),
        description=mark.description,
        path=path,
    )


def _bound(info: FieldInfo, side: str) -> float | None:
    """Return a bound that stands in the annotation, as pydantic reads it."""
    return next((getattr(part, side) for part in info.metadata if hasattr(part, side)), None)


def _parts(record: type[FrozenModel], full: str) -> tuple[FieldSpec, ...]:
    return tuple(specs_of(record, f"{full}[]"))


def _inner(annotation: Any) -> tuple[type, bool]:
    """Return the plain type inside an annotation, and whether there are many of it."""
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return next(_inner(part) for part in get_args(annotation) if part is not type(None))
    if origin is Annotated:
        return _inner(get_args(annotation)[0])
    if origin is tuple:
        return _inner(get_args(annotation)[0])[0], True
    return annotation, False


def _kind(inner: type, mark: Attribute, *, is_many: bool) -> tuple[Kind, frozenset[str] | None]:
    if issubclass(inner, StrEnum):
        return (Kind.CODES if is_many else Kind.CODE), frozenset(option.value for option in inner)
    if issubclass(inner, str) and mark.vocabulary:
        return (Kind.CODES if is_many else Kind.CODE), _OPTIONS.get(mark.vocabulary)
    if is_many:
        return (Kind.TAGS if issubclass(inner, str) else Kind.RECORDS), None
    return next(kind for scalar, kind in _SCALARS if issubclass(inner, scalar)), None
