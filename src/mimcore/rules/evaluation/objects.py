"""`mim.objects`: fields as attributes of an application's own objects, so that rules can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Generic, TypeVar

from mimcore.errors import InvalidValueError, RuleSyntaxError, RuleTypeError, UnknownFieldError, nearest
from mimcore.rules.language.catalogue import Catalogue, FieldSpec, Kind, default_catalogue
from mimcore.rules.language.handles import Field
from mimcore.rules.language.paths import attribute_name
from mimcore.values.location import Location
from mimcore.values.money import Money

__all__ = ["ObjectFields", "objects"]

T = TypeVar("T")
_BIRTH, _AGE = "contact.demographic.birth_date", "contact.demographic.age"
_CHECKED_FIRST = 100


@dataclass(frozen=True, slots=True)
class ObjectFields(Generic[T]):
    """What `mim.objects` returned: which attribute of a class stands for which field.

    Attributes:
        owner: The class.
        catalogue: The mapped fields, read from its objects.
    """

    owner: type[T]
    catalogue: Catalogue

    def check(self, people: Iterable[object], *, all_of_them: bool = False) -> None:
        """Refuse values that a rule would misread: text where a collection belongs, a time without a zone.

        Args:
            people: Objects of the class.
            all_of_them: Whether all are looked at; else the first hundred, which finds what is wrong with a class.

        Raises:
            InvalidValueError: Naming the attribute, never its value.
        """
        read = [(spec, attrgetter(spec.path or spec.exact_path or "")) for spec in self.catalogue]
        for one in people if all_of_them else islice(people, _CHECKED_FIRST):
            if not isinstance(one, self.owner):
                raise RuleTypeError(f"objects are mapped for {self.owner.__name__}; a {type(one).__name__} is none")
            for spec, value_of in read:
                value = value_of(one)
                if value is not None and not _FITS[spec.kind][1](value):
                    attribute = spec.path or spec.exact_path or ""
                    raise InvalidValueError(
                        attribute, f"does not fit {spec.name}", f"let it hold {_FITS[spec.kind][0]}, or None"
                    )


class _Mapped(Catalogue):
    """The mapped fields; the message about another one says what to do."""

    def __init__(self, owner: type[Any], specs: Iterable[FieldSpec]) -> None:
        super().__init__(specs)
        self._owner = owner
        self.learn(default_catalogue())

    def __getitem__(self, name: str) -> FieldSpec:
        if name not in self and name in (declared := default_catalogue()):
            raise UnknownFieldError(
                f"{declared[name].name} is not mapped to an attribute of {self._owner.__name__}: "
                "name it in mim.objects(...)"
            )
        return super().__getitem__(name)


def objects(owner: type[T], fields: Mapping[Field, str]) -> ObjectFields[T]:
    """Say which attributes of a class hold which fields, so that rules can be asked of its objects.

    Objects are read as they are. None is a missing value, and so are blank text and NaN; a collection that is None is
    empty. An `age` may be a whole number; without it, ages are derived from `birth_date`.

    Args:
        owner: The class, with or without `__slots__`: a data class, a pydantic model, a named tuple, a row class.
        fields: Attribute names by field. Fields are those of contacts, or what `mim.attribute` returned.

    Returns:
        What `mim.select(..., objects=…)` takes.

    Raises:
        InvalidValueError: If a name is no attribute of the class, or no plain name.
        RuleTypeError: If a field cannot stand in one attribute.

    Examples:
        >>> from dataclasses import dataclass
        >>> import mimcore as mim
        >>> @dataclass
        ... class Customer:
        ...     land: str | None
        >>> mapped = mim.objects(Customer, {mim.fields.contact.country: "land"})
        >>> mim.select(mim.fields.contact.country == "DK", [Customer("DK"), Customer(None)], objects=mapped)
        [Customer(land='DK')]
    """
    names = _attributes_of(owner)
    specs = [_spec(field, _checked(name, field, owner, names)) for field, name in fields.items()]
    return ObjectFields(owner, _Mapped(owner, [*specs, *_ages(specs)]))


def _checked(name: object, field: object, owner: type[Any], names: frozenset[str] | None) -> str:
    if not isinstance(field, Field):
        raise RuleSyntaxError("mim.objects maps fields to attributes: {f.contact.country: 'country_code'}")
    checked = attribute_name(name, field.spec.name)
    if names is not None and checked not in names:
        raise InvalidValueError(
            field.spec.name, f"stands in no attribute of that name in {owner.__name__}{nearest(checked, names)}"
        )
    return checked


def _spec(field: Field, attribute: str) -> FieldSpec:
    spec = field.spec
    if spec.entity != "contact" or spec.kind is Kind.RECORDS:
        raise RuleTypeError(f"{spec.name} cannot stand in one attribute: map single values and collections of contacts")
    kind = Kind.INTEGER if spec.kind is Kind.AGE else spec.kind
    read = _READERS.get(kind, attrgetter)(attribute)
    return replace(spec, kind=kind, read=read, path=attribute, exact_path=None, is_unchecked=True)


def _ages(specs: list[FieldSpec]) -> Iterator[FieldSpec]:
    """Yield the age that a mapped birth date decides, unless an age is mapped itself."""
    mapped = {spec.name: spec for spec in specs}
    if _BIRTH in mapped and _AGE not in mapped:
        born = mapped[_BIRTH].read

        def read(owner: Any) -> Any:
            day = born(owner)
            return None if day is None else (day, day)

        exact = mapped[_BIRTH].path
        yield replace(default_catalogue()[_AGE], read=read, path=None, exact_path=exact, is_unchecked=True)


def _attributes_of(owner: type[Any]) -> frozenset[str] | None:
    """Return the attributes of a class, or None where only its objects know."""
    slots = [name for one in owner.__mro__ for name in _listed(one.__dict__.get("__slots__", ()))]
    declared: list[str] = list(getattr(owner, "model_fields", ()) or getattr(owner, "_fields", ()))
    if is_dataclass(owner):
        declared += [one.name for one in fields(owner)]
    if not declared and (not slots or "__dict__" in dir(owner)):
        return None
    return frozenset(name for name in (*slots, *declared, *dir(owner)) if not name.startswith("_"))


def _listed(slots: str | Iterable[str]) -> Iterable[str]:
    return (slots,) if isinstance(slots, str) else slots


def _text(attribute: str) -> Callable[[Any], Any]:
    read = attrgetter(attribute)
    return lambda owner: None if (value := read(owner)) is None or not value.strip() else value


def _number(attribute: str) -> Callable[[Any], Any]:
    read = attrgetter(attribute)
    return lambda owner: None if (value := read(owner)) != value else value


def _collection(attribute: str) -> Callable[[Any], Any]:
    read = attrgetter(attribute)
    return lambda owner: () if (value := read(owner)) is None else value


_READERS: Mapping[Kind, Callable[[str], Callable[[Any], Any]]] = {
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.NUMBER: _number,
    Kind.TAGS: _collection,
    Kind.CODES: _collection,
}


def _is_words(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping)


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


_FITS: Mapping[Kind, tuple[str, Callable[[Any], bool]]] = {
    Kind.TEXT: ("text", lambda value: isinstance(value, str)),
    Kind.CODE: ("text", lambda value: isinstance(value, str)),
    Kind.BOOLEAN: ("a bool", lambda value: isinstance(value, bool)),
    Kind.INTEGER: ("an int", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    Kind.NUMBER: ("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    Kind.MONEY: ("mim.Money", lambda value: isinstance(value, Money)),
    Kind.LOCATION: ("mim.Location", lambda value: isinstance(value, Location)),
    Kind.DATE: ("a date without a time", _is_date),
    Kind.AGE: ("a date without a time", _is_date),
    Kind.INSTANT: ("a datetime with a zone", lambda value: isinstance(value, datetime) and value.tzinfo is not None),
    Kind.TAGS: ("a list, tuple or set of words", _is_words),
    Kind.CODES: ("a list, tuple or set of codes", _is_words),
}
