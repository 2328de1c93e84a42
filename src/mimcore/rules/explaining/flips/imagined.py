"""Contacts, accounts and events as they might be: a few values laid over what is known, read by the same fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mimcore.rules.language.catalogue import Catalogue, FieldSpec

__all__ = ["Imagined", "ImaginedCatalogue"]


class Imagined:
    """A record with some values changed; without an original, one that does not exist yet."""

    __slots__ = ("at", "id", "kind", "original", "values")

    def __init__(self, original: Any, values: Mapping[str, Any], *, kind: str = "", at: datetime | None = None) -> None:
        """Lay values over a record.

        Args:
            original: What is known.
            values: By canonical name of the field.
            kind: Of an event.
            at: Of an event.
        """
        self.original, self.values = original, values
        self.id: Any = getattr(original, "id", None)
        self.kind, self.at = kind, at


class ImaginedCatalogue(Catalogue):
    """The same fields; they read what is imagined, and real records as ever."""

    def __init__(self, known: Catalogue) -> None:
        """Stand before a catalogue.

        Args:
            known: The fields that rules may mention.
        """
        super().__init__()
        self._known = known

    def __getitem__(self, name: str) -> FieldSpec:
        """Return a field that also reads what is imagined."""
        return _imaginable(self._known[name])

    def __contains__(self, name: object) -> bool:
        """Tell whether a field is declared."""
        return name in self._known

    def event_kind(self, kind: str) -> str:
        """Return a declared kind of event."""
        return self._known.event_kind(kind)

    def word(self, what: str, word: str) -> str:
        """Return a declared word."""
        return self._known.word(what, word)


def _imaginable(spec: FieldSpec) -> FieldSpec:
    read, nothing = spec.read, () if spec.is_collection else None
    name = spec.name.replace("any_account.", "account.", 1) if spec.entity == "any_account" else spec.name

    def imagine(owner: Any) -> Any:
        if not isinstance(owner, Imagined):
            return read(owner)
        if name in owner.values:
            return owner.values[name]
        return nothing if owner.original is None else read(owner.original)

    return replace(spec, read=imagine, record_fields=tuple(_imaginable(one) for one in spec.record_fields))
