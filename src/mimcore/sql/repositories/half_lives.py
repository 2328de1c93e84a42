"""Half-lives in SQL, and the states whose keys depend on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, delete, select, tuple_, update

from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState
from mimcore.repositories.records import Arrivals
from mimcore.sql.connection.statements import owned
from mimcore.sql.connection.upsert import insert_or_replace
from mimcore.sql.connection.wire import PORTION, Prepared, Wire
from mimcore.sql.expressions.elements import in_words
from mimcore.sql.repositories.freshness_keys import follow_keys
from mimcore.sql.repositories.state_rows import STATE_COLUMNS, states_of
from mimcore.sql.tables.schema import attribute_state as state
from mimcore.sql.tables.schema_work import half_life

__all__ = ["SqlHalfLives"]


class SqlHalfLives:
    """How fast values decay, pool by pool."""

    def __init__(self, wire: Wire) -> None:
        """Stand over the tables within a transaction.

        Args:
            wire: The transaction.
        """
        self._wire = wire

    def half_lives(self) -> Mapping[str, float]:
        """Half-life in days of every pool: the defaults, unless the store has its own."""
        return {**DEFAULT_HALF_LIVES, **dict(map(tuple, self._wire.rows_once(_HALF_LIVES)))}

    def keep_half_lives(self, days: Mapping[str, float | None]) -> None:
        """Store half-lives of pools; with None the default holds again."""
        tenant = self._wire.tenant
        self._wire.write_many(_KEEP, [(tenant, pool, one) for pool, one in days.items() if one is not None])
        self._wire.write_many(_FORGET, [(tenant, pool) for pool, one in days.items() if one is None])

    def arrivals(self, pools: Iterable[str]) -> list[Arrivals]:
        """Return which kinds of values in pools stand as they arrived, whosever they are."""
        return [Arrivals(*row) for row in self._wire.rows_of_words(_ARRIVALS, pools)]

    def settle(self, moves: Iterable[tuple[Arrivals, str, int]]) -> int:
        """Let values that stand as they arrived have another pool, and keys shifted by so many microseconds.

        One statement for each kind of them, and one for each key that stands on the contacts too.
        """
        wanted, tenant = list(moves), self._wire.tenant
        rows = [
            (pool, shift, tenant, kind.attribute, kind.pool, kind.source, kind.p_ref) for kind, pool, shift in wanted
        ]
        settled = self._wire.write_rows(_SETTLE, rows)
        follow_keys(self._wire, {(kind.attribute, kind.pool) for kind, _, _ in wanted})
        return settled

    def checked_in_pools(self, pools: Iterable[str]) -> Iterator[list[FreshnessState]]:
        """Pages of the states of checked values in pools; a page may be stored anew before the next is read."""
        words = self._wire.codec.put_words(list(pools))
        attribute, subject = "", self._wire.codec.put_id(UUID(int=0))
        while rows := self._wire.rows(_IN_POOLS, words=words, attribute=attribute, subject=subject, size=PORTION):
            page = list(states_of(rows, self._wire.codec))
            yield page
            attribute, subject = page[-1].attribute, self._wire.codec.put_id(page[-1].subject_id)


_HALF_LIVES = Prepared(select(half_life.c.pool, half_life.c.days).where(owned(half_life)))
_KEEP = Prepared(insert_or_replace(half_life), tuple(half_life.c.keys()))
_FORGET = Prepared(delete(half_life).where(owned(half_life, half_life.c.pool == bindparam("at_pool"))))
_as_arrived = state.c.ref_at.is_not_distinct_from(state.c.observed_at)
_ARRIVALS = Prepared(
    select(state.c.pool, state.c.attribute, state.c.source, state.c.p_ref)
    .where(owned(state, in_words(state.c.pool, "words"), _as_arrived))
    .distinct()
)
_SETTLE = Prepared(
    update(state)
    .values(pool=bindparam("to_pool"), key=state.c.key + bindparam("shift", type_=BigInteger()))
    .where(
        owned(
            state,
            state.c.attribute == bindparam("of_attribute"),
            state.c.pool == bindparam("of_pool"),
            state.c.source == bindparam("of_source"),
            state.c.p_ref == bindparam("of_p_ref"),
            _as_arrived,
        )
    )
)
_later = tuple_(state.c.attribute, state.c.subject_id) > tuple_(bindparam("attribute"), bindparam("subject"))
_IN_POOLS = Prepared(
    select(*STATE_COLUMNS)
    .where(owned(state, in_words(state.c.pool, "words"), ~_as_arrived, _later))
    .order_by(state.c.attribute, state.c.subject_id)
    .limit(bindparam("size"))
)
