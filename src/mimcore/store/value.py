"""What the customers of a store are worth: scores, tiers, the best, who is slipping away, and the lifecycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from mimcore.domain.contact import Contact
from mimcore.domain.segment import Segment
from mimcore.frames.making import framed
from mimcore.repositories.listing import static
from mimcore.repositories.workspace import asked_at
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.segments.references import rule_of
from mimcore.segments.value.following import (
    LifecycleChanges,
    LifecycleCounts,
    declare_stages,
    follow_lifecycle,
    stage_counts,
)
from mimcore.segments.value.lifecycle import Lifecycle
from mimcore.segments.value.payments import Purchases, stored_purchases
from mimcore.segments.value.rfm import Rfm, rfm_of
from mimcore.segments.value.scheme import RfmScheme
from mimcore.segments.value.slipping import Slipping, slipping_of
from mimcore.segments.value.tiers import MostValuable, ValueTiers, most_valuable, tiers_of

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["ValueAccessor"]

Among = Segment | Rule | str | None
"""Of whom: a segment, its key, a rule; everybody unless given."""


class ValueAccessor:
    """What customers are worth.

    Everything is computed from purchases in one currency, refunds subtracted; whoever has not bought is not among
    them. Where a store holds several currencies, say which one.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:", clock=mim.testing.FixedClock("2026-06-01T12:00Z"))
        >>> with store.begin() as work:
        ...     (ana,) = work.add(mim.Contact(name="Ana Berg"))
        ...     _ = work.record("purchase", contact=ana, at="2026-05-01T10:00Z", value=mim.money(200, "DKK"))
        >>> store.value.purchases().of(ana).days_since_last, store.value.rfm().of(ana).code
        (31, '111')
    """

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def purchases(
        self,
        *,
        currency: str | None = None,
        within_days: int | None = None,
        among: Among = None,
        now: datetime | None = None,
    ) -> Purchases[UUID]:
        """Return what each customer bought: first and last day, purchase days, total, typical gap.

        Args:
            currency: Only purchases in this one count; the only one there is unless given.
            within_days: How far back; ever unless given.
            among: Only these contacts; all active ones unless given.
            now: Instant; the store's clock unless given.

        Raises:
            InvalidValueError: If there are several currencies and none was chosen, or the days are out of range.
        """
        at = asked_at(self._store, now)
        with self._store.read() as work:
            rule = None if among is None else rule_of(work, among)
            return stored_purchases(work, now=at, currency=currency, within_days=within_days, among=rule, framer=framed)

    def rfm(
        self,
        *,
        scheme: RfmScheme | None = None,
        currency: str | None = None,
        within_days: int | None = None,
        among: Among = None,
        now: datetime | None = None,
    ) -> Rfm[UUID]:
        """Score customers by recency, frequency and monetary value; equal figures get equal scores.

        Args:
            scheme: How scores are made; quintiles by rank unless given.
            currency: Only purchases in this one count; the only one there is unless given.
            within_days: How far back; ever unless given.
            among: Only these contacts; all active ones unless given.
            now: Instant; the store's clock unless given.

        Raises:
            InvalidValueError: If there are several currencies and none was chosen, or the days are out of range.
        """
        found = self.purchases(currency=currency, within_days=within_days, among=among, now=now)
        return rfm_of(found, scheme)

    def tiers(
        self,
        *,
        shares: Mapping[str, float | Decimal] | None = None,
        currency: str | None = None,
        within_days: int | None = None,
        among: Among = None,
        now: datetime | None = None,
    ) -> ValueTiers[UUID]:
        """Divide customers into tiers by what they spent; equal ones share a tier, the better one.

        Args:
            shares: Name and share of each tier, the best first; top 10 %, high 20 %, middle 30 %, low 40 % unless
                given.
            currency: Only purchases in this one count; the only one there is unless given.
            within_days: How far back; ever unless given.
            among: Only these contacts; all active ones unless given.
            now: Instant; the store's clock unless given.

        Raises:
            InvalidValueError: If the shares do not add up to 1, or as `purchases` does.
        """
        found = self.purchases(currency=currency, within_days=within_days, among=among, now=now)
        return tiers_of(found, shares)

    def top(
        self,
        number: int,
        *,
        currency: str | None = None,
        within_days: int | None = None,
        among: Among = None,
        now: datetime | None = None,
    ) -> MostValuable[UUID]:
        """Return exactly so many customers who spent most; of equal ones who bought later, then who has the smaller id.

        Args:
            number: How many, at least 1.
            currency: Only purchases in this one count; the only one there is unless given.
            within_days: How far back; ever unless given.
            among: Only these contacts; all active ones unless given.
            now: Instant; the store's clock unless given.

        Raises:
            InvalidValueError: If the number is below 1, or as `purchases` does.
        """
        found = self.purchases(currency=currency, within_days=within_days, among=among, now=now)
        return most_valuable(found, number)

    def slipping(
        self,
        *,
        top_share: float = 0.2,
        times: float = 2.0,
        days: int = 180,
        currency: str | None = None,
        among: Among = None,
        now: datetime | None = None,
    ) -> Slipping[UUID]:
        """Return customers who spent much and are silent for longer than is their habit, the most valuable first.

        Args:
            top_share: The best share by what they ever spent; equal ones are among them.
            times: By how much the silence must exceed their own typical interval.
            days: How long it must be for those with fewer than three purchase days.
            currency: Only purchases in this one count; the only one there is unless given.
            among: Only these contacts; all active ones unless given.
            now: Instant; the store's clock unless given.

        Raises:
            InvalidValueError: If a figure is out of range, or as `purchases` does.
        """
        found = self.purchases(currency=currency, among=among, now=now)
        return slipping_of(found, top_share=top_share, times=times, days=days)

    def keep(self, key: str, contacts: Iterable[Contact | UUID], *, name: str | None = None) -> Segment:
        """Keep people as a list: the segment of that key, made or brought to exactly these.

        Only those who come or go are told of, so it may be called whenever the figures are computed anew. Whoever was
        included or excluded by hand stays so.

        Args:
            key: Key of the segment.
            contacts: Contacts or their ids.
            name: Name of a new segment.

        Returns:
            The segment.

        Raises:
            InvalidValueError: If a segment of that key follows a rule.
            NotFoundError: If somebody is not stored.
        """
        with self._store.begin() as work:
            wanted = {one.id for one in work.contacts.get_all(contacts)}
            stored = work.transaction.segments.with_key(key)
            segment = work.add(Segment(key=key, name=name))[0] if stored is None else static(stored)
            known = {*work.transaction.memberships.members(segment.id), *work.contacts.ids(InSegment(segment=key))}
            lists = work.transaction.segments.lists_of(wanted | known)
            on_it = {one for one in known if key in lists[one]}
            included, excluded = ({one for one, on in lists.items() if name in on} for name in segment.list_names())
            work.take_off(segment, *sorted(on_it - wanted - included))
            work.put_on(segment, *sorted(wanted - on_it - excluded))
        return segment

    def declare_lifecycle(self, lifecycle: Lifecycle | None = None) -> tuple[Segment, ...]:
        """Store a lifecycle: a segment for each stage, and an attribute that the tick keeps up to date.

        Declaring the same again changes nothing; another definition changes the rules of the segments.

        Args:
            lifecycle: The definition; `mim.Lifecycle()` unless given.

        Returns:
            The segments as they are stored.
        """
        used = Lifecycle() if lifecycle is None else lifecycle
        self._store.attributes.declare(used.field)
        return declare_stages(self._store, used)

    def follow_lifecycle(self, *, now: datetime | None = None) -> LifecycleChanges | None:
        """Let the attribute follow the stages, as the tick does: each change is written and told of once.

        Args:
            now: Instant; the store's clock unless given. An earlier one than the newest run changes nothing.

        Returns:
            Who changed; None if no lifecycle is declared.
        """
        return follow_lifecycle(self._store, asked_at(self._store, now))

    def lifecycle(self, *, now: datetime | None = None) -> LifecycleCounts:
        """Count who is in each stage, by the stored rules.

        Args:
            now: Instant; the store's clock unless given.

        Raises:
            NotFoundError: If no lifecycle is declared.
        """
        with self._store.read() as work:
            return stage_counts(work, work.origin.asked_at(now), framed)
