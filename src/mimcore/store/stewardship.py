"""Which data of a store anybody uses, and what waits for a person. Here rooms register their readers and items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from mimcore.capture.forms.form import Form
from mimcore.display import percent
from mimcore.domain.quality_rules import Severity
from mimcore.errors import NotFoundError
from mimcore.frames.making import framed
from mimcore.identity.duplicates import DuplicatePair, find_duplicates
from mimcore.quality.costs import Amount
from mimcore.quality.queue.deriving import SOURCES, ItemSource, begun
from mimcore.quality.queue.items import ItemKind, QueueItem, as_kind
from mimcore.quality.queue.marking import Marking
from mimcore.quality.queue.queue import StewardQueue, queue_of, waiting
from mimcore.quality.usage.readers import Reader, ReaderSource, quality_rules, segments
from mimcore.quality.usage.use import UseReport, use_of_data
from mimcore.repositories.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["ITEMS", "READERS", "Stewardship"]


def _pairs(work: UnitOfWork, now: datetime) -> Iterator[QueueItem]:
    """Yield pairs that may be one person; they wait since the younger record came."""
    found = find_duplicates(work)
    since = begun(work, dict.fromkeys(one for pair in found for one in (pair.first_id, pair.second_id)))
    for pair in found:
        ages = (since.get(one, now) for one in (pair.first_id, pair.second_id))
        yield _pair(pair, max(ages))


def _pair(pair: DuplicatePair, since: datetime) -> QueueItem:
    return QueueItem(
        f"pair:{pair.first_id}:{pair.second_id}",
        "pair",
        f"{percent(pair.score, 0)} one person: {', '.join(pair.evidence)}",
        Severity.WARNING if pair.is_automatic else Severity.NOTICE,
        since,
        refers_to=(("contact", pair.first_id), ("contact", pair.second_id)),
    )


READERS: tuple[ReaderSource, ...] = (segments, quality_rules)
"""Who reads data; a room that keeps KPIs, scores or reports adds what tells of them."""
ITEMS: tuple[ItemSource, ...] = (*SOURCES, ItemSource(frozenset({"pair"}), _pairs))
"""What waits for people; a room that has something for them adds where it lives."""


class Stewardship:
    """The use of data, and the stewards' queue."""

    _store: Store

    def use(
        self,
        *,
        readers: Iterable[Reader] = (),
        forms: Iterable[Form] = (),
        costs: Mapping[str, Amount] | None = None,
        now: datetime | None = None,
    ) -> UseReport:
        """Return which fields, sources and kinds of interactions nobody reads, and how much of them there is.

        Readers that the store knows are live segments and rules of quality; name the others.

        Args:
            readers: What else reads data: reports, scores, exports of yours.
            forms: Your forms: what they ask for.
            costs: What a source cost altogether, by its key.
            now: Instant at which ages are counted; the store's clock unless given.

        Returns:
            A report that prints itself, what nobody reads first.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> with store.begin() as work:
            ...     _ = work.add(mim.Contact(city="Odense"))
            >>> store.quality.use().unread_share
            1.0
        """
        asked = [Reader("form", one.key, [question.spec.name for question in one.questions]) for one in forms]
        with self._store.read() as work:
            at = work.origin.asked_at(now)
            known = [reader for source in READERS for reader in source(work)]
            return use_of_data(work, at, [*known, *asked, *readers], costs or {}, framed)

    def queue(
        self,
        *,
        owner: str | None = None,
        kind: str | None = None,
        is_snoozed: bool = False,
        limit: int = 100,
        after: str | None = None,
        now: datetime | None = None,
    ) -> StewardQueue:
        """Return what waits for a person, the worst and oldest first: pairs, refused rows, failing checks, values.

        It is put together anew each time from where these things live: pairs cost a pass over all keys, stale values
        one over all states; `kind` asks for no more than is wanted.

        Args:
            owner: Items of this owner only; `""` for those that are nobody's.
            kind: pair, reject, check or value; all unless given.
            is_snoozed: Whether to return those that sleep, instead of the others.
            limit: Page size, 1 to 10 000.
            after: `next` of the page before.
            now: The instant; the store's clock unless given.

        Returns:
            A page that prints itself; each item can be assigned, snoozed and, where that makes sense, closed.
        """
        kinds: frozenset[ItemKind] | None = None if kind is None else frozenset({as_kind(kind)})
        with self._store.read() as work:
            at = work.origin.asked_at(now)
            items = waiting(work, ITEMS, at, kinds)
        return queue_of(
            items,
            at,
            owner=owner,
            is_snoozed=is_snoozed,
            limit=limit,
            after=after,
            steward=Marking(self._store),
            framer=framed,
        )

    def queue_item(self, key: str) -> QueueItem:
        """Return an item of the queue by its key, sleeping ones too.

        Args:
            key: As in `QueueItem.key`.

        Raises:
            NotFoundError: If nothing of that key waits.
        """
        with self._store.read() as work:
            items = waiting(work, ITEMS, self._store.now())
        for one in items:
            if one.key == key:
                return one.held_by(Marking(self._store))
        raise NotFoundError("nothing of that key waits in the queue: it was closed, or decided elsewhere")
