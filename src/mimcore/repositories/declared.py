"""What a store knows beside the built-in fields: its declared attributes, read when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

from mimcore.domain.account import Account
from mimcore.domain.contact import Contact
from mimcore.domain.custom.attributes import CustomAttribute, checked, custom_specs
from mimcore.domain.declaring.entity import Entity
from mimcore.repositories.log_ports import AttributeRepository
from mimcore.rules.language.catalogue import Catalogue, FieldSpec
from mimcore.values.mapping import FrozenMapping

__all__ = ["Declarations", "StoreCatalogue"]

E = TypeVar("E", bound=Entity)


class Declarations:
    """The custom attributes of a store within one transaction; nothing is read before it is needed."""

    def __init__(self, port: AttributeRepository) -> None:
        """Look at a store.

        Args:
            port: Declarations of the open transaction.
        """
        self._port = port

    @cached_property
    def all(self) -> tuple[CustomAttribute, ...]:
        """Every declaration, in order of field names."""
        return tuple(self._port.all())

    @cached_property
    def _by_entity(self) -> Mapping[str, dict[str, CustomAttribute]]:
        found: dict[str, dict[str, CustomAttribute]] = {"contact": {}, "account": {}}
        for one in self.all:
            found[one.entity][one.name] = one
        return found

    def specs(self, entity: Entity) -> tuple[FieldSpec, ...]:
        """Return the fields of the custom attributes that a record has values of.

        Args:
            entity: Any record; only contacts and accounts have custom attributes.
        """
        custom = _custom(entity)
        return tuple(self._by_entity[_kind(entity)][name].spec for name in custom) if custom else ()

    def typed(self, entity: E) -> E:
        """Return a record whose custom values are checked and typed; the record itself if nothing is to be done.

        Args:
            entity: Any record.

        Raises:
            InvalidValueError: If a name is not declared, or a value does not fit its declaration.
        """
        custom = _custom(entity)
        if not custom:
            return entity
        values = checked(custom, self._by_entity[_kind(entity)], _kind(entity))
        return entity.model_copy(update={"custom": FrozenMapping(values)})


def _custom(entity: Entity) -> Mapping[str, Any]:
    return entity.custom if isinstance(entity, Contact | Account) else {}


def _kind(entity: Entity) -> str:
    return "contact" if isinstance(entity, Contact) else "account"


class StoreCatalogue(Catalogue):
    """The fields that rules may mention in a store: the built-in ones and its custom attributes.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:")
        >>> _ = store.attributes.declare(mim.attribute("points", kind="integer"))
        >>> with store.read() as work:
        ...     work.catalogue["contact.points"].name
        'contact.custom.points'
    """

    def __init__(self, base: Catalogue, declarations: Declarations) -> None:
        """Extend the built-in fields.

        Args:
            base: Built-in fields; those are found without asking the store.
            declarations: The store's custom attributes.
        """
        super().__init__()
        self._base, self._declarations = base, declarations

    @cached_property
    def _whole(self) -> Catalogue:
        return self._base.extended(cast("Iterable[FieldSpec]", custom_specs(self._declarations.all)))

    def register(self, spec: FieldSpec) -> None:
        """Add a field for this transaction only."""
        self._whole.register(spec)

    def register_event_kinds(self, kinds: Iterable[str]) -> None:
        """Declare kinds of events for this transaction only."""
        self._whole.register_event_kinds(kinds)

    def __getitem__(self, name: str) -> FieldSpec:
        """Return the field of that name.

        Raises:
            UnknownFieldError: With the nearest declared name.
        """
        return self._base[name] if name in self._base else self._whole[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether a field of that name is declared."""
        return name in self._base or name in self._whole

    def __iter__(self) -> Iterator[FieldSpec]:
        """All fields, the built-in ones first."""
        return iter(self._whole)

    def of(self, entity: str) -> tuple[FieldSpec, ...]:
        """Return the fields of one entity, the built-in ones first."""
        return self._whole.of(entity)

    def event_kind(self, kind: str) -> str:
        """Return a declared kind of event."""
        return self._base.event_kind(kind)

    def word(self, what: str, word: str) -> str:
        """Return a declared word, such as a channel or a purpose."""
        return self._base.word(what, word)

    @property
    def event_kinds(self) -> frozenset[str]:
        """The declared kinds of events."""
        return self._base.event_kinds

    def extended(self, specs: Iterable[FieldSpec], event_kinds: Iterable[str] = ()) -> Catalogue:
        """Return a copy with more fields."""
        return self._whole.extended(specs, event_kinds)

    def as_mapping(self) -> Mapping[str, FieldSpec]:
        """Return the fields by canonical name."""
        return self._whole.as_mapping()
