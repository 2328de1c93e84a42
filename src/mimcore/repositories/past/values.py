"""The values that records held before: read from their changes, in the form in which rules compare values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mimcore.domain.versions.changes import ChangeKind, ChangeSet
from mimcore.repositories.ports import Transaction
from mimcore.rules.evaluation.facts import PastValue
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.values.instants import as_instant

__all__ = ["past_values"]

_CHANGES = frozenset({ChangeKind.CREATED, ChangeKind.CHANGED})
"""Kinds of changes that tell of the person. With hindsight a creation may replace what was recorded after it."""


def past_values(
    transaction: Transaction,
    specs: Iterable[FieldSpec],
    *,
    ids: Iterable[UUID] | None = None,
    since: datetime | None = None,
) -> Iterator[tuple[UUID, PastValue]]:
    """Yield the values of contacts that were replaced or cleared, each with whose it was.

    In a past they are those that were known then. The history of a record that was merged into another one stays its
    own.

    Args:
        transaction: Open transaction.
        specs: The fields.
        ids: Of these contacts only.
        since: Only what was replaced from this instant on.
    """
    named = {spec.name: spec for spec in specs}
    for change in transaction.history.replaced("contact", named.keys(), ids=ids, since=since):
        for name, value in change.before.items():
            if value is not None and name in named:
                yield change.entity_id, _past_value(named[name], change, value)


def _past_value(spec: FieldSpec, change: ChangeSet, before: Any) -> PastValue:
    after = change.after.get(spec.name)
    return PastValue(
        spec.name,
        _read(spec, before),
        None if after is None else _read(spec, after),
        change.counts_from,
        change.kind in _CHANGES,
    )


def _read(spec: FieldSpec, plain: Any) -> Any:
    """Return a value of a change set as a record holds it."""
    match spec.kind:
        case Kind.DATE:
            return date.fromisoformat(plain)
        case Kind.INSTANT:
            return as_instant(plain)
        case _:
            return plain
