"""Freshness states in plain JSON values and back: how a link between records remembers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.domain.freshness import FreshnessState
from mimcore.values.instants import as_instant

__all__ = ["SETTLED", "plain_state", "read_state"]

SETTLED = "settled_states"
"""Where an entry of the merge log keeps the states that it left behind: values keep their age when they move."""


def plain_state(state: FreshnessState) -> dict[str, Any]:
    """Return a state in plain JSON values."""
    return {name: _plain(value) for name, value in state._asdict().items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def read_state(plain: Mapping[str, Any]) -> FreshnessState:
    """Read a state from plain values; the inverse of `plain_state`."""
    instants = _each(plain, ("observed_at", "confirmed_at", "ref_at"), as_instant)
    ids = _each(plain, ("contact_id", "subject_id"), UUID)
    return FreshnessState(**{**plain, **instants, **ids})


def _each(plain: Mapping[str, Any], names: Iterable[str], read: Any) -> dict[str, Any]:
    return {name: read(plain[name]) for name in names if plain[name] is not None}
