"""Other half-lives for pools: every value is in the pool that holds for it, and every key follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from mimcore.domain.freshness import FreshnessState, freshness_key
from mimcore.domain.pools import settled_pool, undivided
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import Arrivals, Verification
from mimcore.repositories.verifying import reweighed
from mimcore.values.instants import from_microseconds

__all__ = ["keep_half_lives"]


def keep_half_lives(transaction: Transaction, days: Mapping[str, float | None]) -> int:
    """Store half-lives of pools and recompute the keys of their values.

    Where a part of a pool gets a half-life of its own, or loses it, its values change pools. Those that nobody has
    checked are moved all together. One that was checked is weighed again from its arrival, so that it stands as if it
    had always decayed so; that is done a few thousand at a time.

    Args:
        transaction: Open transaction that writes.
        days: Half-life by pool; None lets the default hold again, and for a part of a pool the whole one's.

    Returns:
        How many states are different now.
    """
    freshness = transaction.freshness
    before = dict(freshness.half_lives())
    freshness.keep_half_lives(days)
    after = dict(freshness.half_lives())
    rates = {source.key: source.reliability for source in transaction.sources.all()}
    touched = _touched(before, after)
    changed = freshness.settle(_moves(freshness.arrivals(touched), before, after))
    for page in freshness.checked_in_pools(touched):
        new = [*_again(transaction, page, before, after, rates)]
        freshness.put(new)
        changed += len(new)
    return changed


def _touched(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Return the pools whose values may be different now: of a pool that is divided otherwise, all parts."""
    regrouped = {undivided(pool) for pool in before.keys() ^ after.keys()}
    return [one for one, days in before.items() if undivided(one) in regrouped or after.get(one) != days]


_EPOCH = from_microseconds(0)


def _moves(
    kinds: Iterable[Arrivals], before: Mapping[str, float], after: Mapping[str, float]
) -> Iterator[tuple[Arrivals, str, int]]:
    """Yield the pools that values as they arrived get, and by how much their keys move."""
    for kind in kinds:
        pool = settled_pool(kind.pool, kind.attribute, kind.source, after)
        old, new = (freshness_key(kind.p_ref, _EPOCH, days) for days in (before[kind.pool], after[pool]))
        if (pool, new) != (kind.pool, old):
            yield kind, pool, new - old


def _again(
    transaction: Transaction,
    page: Iterable[FreshnessState],
    before: Mapping[str, float],
    after: Mapping[str, float],
    rates: Mapping[str, float],
) -> Iterator[FreshnessState]:
    """Yield the states of a page that are different now."""
    states = list(page)
    checks = _checks(transaction, {one.contact_id for one in states})
    for state in states:
        known = checks.get((state.attribute, state.subject_id), ())
        rate = rates.get(state.source, DEFAULT_RELIABILITY)
        pool = settled_pool(state.pool, state.attribute, state.source, after)
        new = reweighed(state._replace(pool=pool), known, (before[state.pool], after[pool]), rate)
        if new != state:
            yield new


def _checks(transaction: Transaction, contact_ids: set[UUID]) -> dict[tuple[str, UUID], list[Verification]]:
    found: dict[tuple[str, UUID], list[Verification]] = {}
    for events in transaction.freshness.verifications(sorted(contact_ids)).values():
        for event in events:
            found.setdefault((event.attribute, event.subject_id), []).append(event)
    return found
