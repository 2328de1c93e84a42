"""What a rule may mention: every field's name, kind and vocabulary, and how Python reads it. It knows no entity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mimcore.errors import UnknownFieldError, nearest
from mimcore.values.unknown_names import OTHER_WORDS, meant

__all__ = ["COLLECTIONS", "Catalogue", "FieldSpec", "Kind", "default_catalogue"]


class Kind(StrEnum):
    """How a field's values behave in rules, columns and frames."""

    TEXT = "text"
    """Free text; compared folded."""
    CODE = "code"
    """One value of a controlled vocabulary; compared exactly."""
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    AGE = "age"
    """Whole years, derived from bounds of the birth date at `now`."""
    LOCATION = "location"
    """A point on the globe; asked only how far it is from another one, and whether it is known."""
    TAGS = "tags"
    """A collection of free words; compared folded; never missing."""
    CODES = "codes"
    """A collection of vocabulary values; compared exactly; never missing."""
    RECORDS = "records"
    """A collection of small records such as devices; never missing."""


_ANY_ACCOUNT = "any_account."
"""What the names of an account's fields begin with where they are asked of any account of a contact."""

COLLECTIONS = frozenset({Kind.TAGS, Kind.CODES, Kind.RECORDS})


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One declared field: the single truth from which columns, frame names, rules and docs derive."""

    name: str
    """Canonical name, for example `contact.demographic.country`."""
    kind: Kind
    short: str
    """Unique short name inside its entity; the column's and the frame's name."""
    read: Callable[[Any], Any] = field(compare=False, repr=False)
    """Reads the value from the entity; None where missing."""
    options: frozenset[str] | None = field(default=None, repr=False)
    """Accepted codes, or None where any text is accepted."""
    vocabulary: str = ""
    """Name of the vocabulary the options come from."""
    pool: str = "permanent"
    """Base name of the half-life pool; `permanent` does not decay."""
    weight: float = 1.0
    """Weight of the value in the decayed share."""
    is_personal: bool = False
    is_special_category: bool = False
    is_indexed: bool = False
    is_derived: bool = False
    """Computed from other fields: has no constructor argument of its own."""
    lowest: float | None = None
    """The least number that the entity accepts, or None where it sets no bound of its own."""
    highest: float | None = None
    """The greatest number that the entity accepts, likewise."""
    record_fields: tuple[FieldSpec, ...] = field(default=(), repr=False)
    """The fields of one record, for RECORDS."""
    description: str = ""
    path: str | None = field(default=None, repr=False)
    """The attributes that `read` reads, such as `demographic.country`; None where only `read` knows the way."""
    exact_path: str | None = field(default=None, repr=False)
    """Of an age: the birth date, both its bounds where it is known; looking there first saves working them out."""
    is_unchecked: bool = field(default=False, repr=False)
    """Read from an application's own objects: blank text and NaN, which no contact holds, count as missing there."""

    @property
    def entity(self) -> str:
        """First part of the name: contact, account, event, or any_account for an account's field asked of all."""
        return self.name.partition(".")[0]

    @property
    def is_collection(self) -> bool:
        """Whether the field holds many values; a collection is never missing."""
        return self.kind in COLLECTIONS


class Catalogue:
    """All declared fields, found by canonical name, by `entity.short`, or refused with the nearest name."""

    def __init__(self, specs: Iterable[FieldSpec] = ()) -> None:
        """Start with some fields.

        Args:
            specs: Fields to register.
        """
        self._specs: dict[str, FieldSpec] = {}
        self._aliases: dict[str, str] = {}
        self._event_kinds: set[str] = set()
        self._words: dict[str, tuple[str, ...]] = {}
        for spec in specs:
            self.register(spec)

    def register(self, spec: FieldSpec) -> None:
        """Add a field; its short name must be free."""
        self._specs[spec.name] = spec
        self._aliases[f"{spec.entity}.{spec.short}"] = spec.name

    def register_words(self, what: str, words: Iterable[str]) -> None:
        """Declare the words that rules may use for something: channels, purposes.

        Args:
            what: What they are words for, in the singular.
            words: The words.
        """
        self._words[what] = tuple(words)

    def word(self, what: str, word: str) -> str:
        """Return a declared word.

        Raises:
            UnknownFieldError: With the nearest declared one.
        """
        known = self._words.get(what, ())
        if word not in known:
            hint = nearest(word, known) or f" (declared: {', '.join(known)})"
            raise UnknownFieldError(f"this {what} is not declared{hint}")
        return word

    def register_event_kinds(self, kinds: Iterable[str]) -> None:
        """Declare kinds of events, so that a misspelt one is an error."""
        self._event_kinds.update(kinds)

    def __getitem__(self, name: str) -> FieldSpec:
        """Return the field of that name.

        Raises:
            UnknownFieldError: With the nearest declared name.
        """
        spec = self._specs.get(self._aliases.get(name, name))
        if spec is None and name.startswith(_ANY_ACCOUNT):
            own = self[f"account.{name.removeprefix(_ANY_ACCOUNT)}"]
            return replace(own, name=f"{_ANY_ACCOUNT}{own.name.removeprefix('account.')}", is_derived=True)
        if spec is None:
            raise UnknownFieldError(self._unknown(name))
        return spec

    def _unknown(self, name: str) -> str:
        written = name if len(name) <= 120 and name.replace(".", "_").isidentifier() else "…"
        entity, _, short = name.partition(".")
        if short.startswith("custom."):
            known = [one for one in self._specs if one.startswith(f"{entity}.custom.")]
            return (
                f"'{written}' is not a declared field{nearest(name, known)}: declare it with "
                "store.attributes.declare(mim.attribute(…)), or give attributes=[…] where there is no store"
            )
        shorts = [f"{one.entity}.{one.short}" for one in self._specs.values()]
        known = [one.partition(".")[2] for one in shorts if one.startswith(f"{entity}.")]
        hint = meant(short, known) if short in OTHER_WORDS else nearest(name, [*self._specs, *self._aliases])
        return f"'{written}' is not a declared field{hint}"

    def __contains__(self, name: object) -> bool:
        """Tell whether a field of that name is declared."""
        if isinstance(name, str) and name.startswith(_ANY_ACCOUNT):
            name = f"account.{name.removeprefix(_ANY_ACCOUNT)}"
        return name in self._specs or name in self._aliases

    def __iter__(self) -> Iterator[FieldSpec]:
        """All fields, in order of declaration."""
        return iter(self._specs.values())

    def of(self, entity: str) -> tuple[FieldSpec, ...]:
        """Return the fields of one entity, in order of declaration."""
        return tuple(spec for spec in self._specs.values() if spec.entity == entity)

    def event_kind(self, kind: str) -> str:
        """Return a declared kind of event.

        Raises:
            UnknownFieldError: With the nearest declared kind.
        """
        if kind not in self._event_kinds:
            hint = nearest(kind, self._event_kinds) or f" (declared: {', '.join(sorted(self._event_kinds))})"
            raise UnknownFieldError(f"this kind of event is not declared{hint}")
        return kind

    @property
    def event_kinds(self) -> frozenset[str]:
        """The declared kinds of events."""
        return frozenset(self._event_kinds)

    def extended(self, specs: Iterable[FieldSpec], event_kinds: Iterable[str] = ()) -> Catalogue:
        """Return a copy with more fields: a store's custom attributes beside the built-in ones."""
        copy = Catalogue([*self._specs.values(), *specs])
        copy.register_event_kinds(event_kinds)
        copy.learn(self)
        return copy

    def learn(self, other: Catalogue) -> None:
        """Take over the kinds of events and the words, not the fields, that another catalogue declares."""
        self._event_kinds |= other._event_kinds
        self._words |= other._words

    def as_mapping(self) -> Mapping[str, FieldSpec]:
        """Return the fields by canonical name."""
        return dict(self._specs)


_default = Catalogue()


def default_catalogue() -> Catalogue:
    """Return the built-in fields; the domain room registers them when it is imported."""
    return _default
