"""Another half-life for a pool: every key that depends on it is computed anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from mimcore.domain.freshness import DEFAULT_HALF_LIVES, FreshnessState
from mimcore.domain.source import DEFAULT_RELIABILITY
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import Verification
from mimcore.repositories.verifying import reweighed

__all__ = ["keep_half_lives"]


def keep_half_lives(transaction: Transaction, days: Mapping[str, float | None]) -> int:
    """Store half-lives of pools and recompute the keys of their values, a few thousand at a time.

    A value that was checked is weighed again from its arrival, so that it stands as if the pool had always decayed so.

    Args:
        transaction: Open transaction that writes.
        days: Half-life by pool; None lets the default hold again.

    Returns:
        How many states are different now.
    """
    freshness = transaction.freshness
    before = dict(freshness.half_lives())
    freshness.keep_half_lives(days)
    after = {pool: DEFAULT_HALF_LIVES[pool] if one is None else one for pool, one in days.items()}
    rates = {source.key: source.reliability for source in transaction.sources.all()}
    changed = 0
    for page in freshness.in_pools([pool for pool, one in after.items() if before.get(pool) != one]):
        new = [*_again(transaction, page, before, after, rates)]
        freshness.put(new)
        changed += len(new)
    return changed


def _again(
    transaction: Transaction,
    page: Iterable[FreshnessState],
    before: Mapping[str, float],
    after: Mapping[str, float],
    rates: Mapping[str, float],
) -> Iterator[FreshnessState]:
    """Yield the states of a page that are different now."""
    states = list(page)
    checks = _checks(transaction, {one.contact_id for one in states if one.ref_at != one.observed_at})
    for state in states:
        known = checks.get((state.attribute, state.subject_id), ())
        rate = rates.get(state.source, DEFAULT_RELIABILITY)
        new = reweighed(state, known, (before[state.pool], after[state.pool]), rate)
        if new != state:
            yield new


def _checks(transaction: Transaction, contact_ids: set[UUID]) -> dict[tuple[str, UUID], list[Verification]]:
    found: dict[tuple[str, UUID], list[Verification]] = {}
    for events in transaction.freshness.verifications(sorted(contact_ids)).values():
        for event in events:
            found.setdefault((event.attribute, event.subject_id), []).append(event)
    return found
