"""States of values as rows and back: most of what a store holds, so they have no mapping but these two functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.domain.freshness import FreshnessState
from mimcore.sql.connection.statements import read_columns
from mimcore.sql.connection.wire import Wire
from mimcore.sql.rows.codec import Codec
from mimcore.sql.tables.schema import attribute_state as _state

__all__ = ["STATE_COLUMNS", "STATE_ROW", "state_rows", "states_of"]

STATE_ROW = tuple(_state.c.keys())
"""The order of the values in a row that is written; the tenant is among them."""

STATE_COLUMNS = read_columns(_state)
"""The columns that a state is read from."""


def state_rows(states: Iterable[FreshnessState], wire: Wire) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of states in the order of `STATE_ROW`; what neighbours share is converted once."""
    tenant, put_id, put_instant = wire.tenant, wire.codec.put_id, wire.codec.put_optional_instant
    owner: UUID | None = None
    seen: datetime | None = None
    raw_owner = raw_seen = None
    for attribute, contact_id, subject_id, pool, source, observed_at, confirmed_at, p_ref, ref_at, key in states:
        if contact_id is not owner:
            owner, raw_owner = contact_id, put_id(contact_id)
        if observed_at is not seen:
            seen, raw_seen = observed_at, put_instant(observed_at)
        yield (
            tenant,
            attribute,
            raw_owner if subject_id is owner else put_id(subject_id),
            raw_owner,
            pool,
            source,
            raw_seen,
            None if confirmed_at is None else put_instant(confirmed_at),
            p_ref,
            raw_seen if ref_at is seen else put_instant(ref_at),
            key,
        )


def states_of(rows: Iterable[Any], codec: Codec) -> Iterator[FreshnessState]:
    """Yield the states of rows with `STATE_COLUMNS`; what neighbours share is converted once."""
    get_id, get_instant = codec.get_id, codec.get_instant
    owner, seen = UUID(int=0), None
    raw_owner = raw_seen = None
    for attribute, subject, owned_by, pool, source, observed, confirmed, p_ref, ref, key in rows:
        if owned_by != raw_owner:
            raw_owner, owner = owned_by, get_id(owned_by)
        if observed != raw_seen:
            raw_seen, seen = observed, None if observed is None else get_instant(observed)
        yield FreshnessState(
            attribute,
            owner,
            owner if subject == raw_owner else get_id(subject),
            pool,
            source,
            seen,
            None if confirmed is None else get_instant(confirmed),
            p_ref,
            seen if ref == raw_seen else None if ref is None else get_instant(ref),
            key,
        )
