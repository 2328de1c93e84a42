"""The queue: everything that waits for a person, the worst and oldest first, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mimcore.display import Table, age_in_words, count, plural
from mimcore.display.framing import Framed, Framer, unframed
from mimcore.display.showing import Tabled
from mimcore.errors import InvalidValueError
from mimcore.quality.queue.deriving import ItemSource
from mimcore.quality.queue.items import ItemKind, QueueItem, Steward
from mimcore.repositories.quality_port import QueueMark
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.arguments import whole_number
from mimcore.values.instants import to_microseconds

__all__ = ["StewardQueue", "queue_of", "waiting"]


@dataclass(frozen=True, slots=True)
class StewardQueue(Tabled, Framed):
    """A page of the queue.

    Attributes:
        at: The instant as of which it was put together.
        items: The worst first, then the oldest.
        total: How many items there are on all pages.
        counts: How many there are of each kind on all pages.
        next: What to give as `after` for the page behind this one; None on the last one.
    """

    at: datetime
    items: tuple[QueueItem, ...]
    total: int
    counts: Mapping[str, int]
    next: str | None = None
    framer: Framer = field(default=unframed, repr=False, compare=False)

    def __iter__(self) -> Iterator[QueueItem]:
        """The items of the page."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many items are on the page."""
        return len(self.items)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict an item, in plain values."""
        return [
            {
                "key": one.key,
                "kind": one.kind,
                "what": one.what,
                "severity": one.severity.value,
                "since": one.since,
                "age_days": one.age_days(self.at),
                "owner": one.owner,
                "snoozed_until": one.snoozed_until,
                "refers_to": " ".join(f"{what}:{which}" for what, which in one.refers_to),
            }
            for one in self.items
        ]

    def table(self) -> Table:
        """The items of the page."""
        rows = [
            (one.severity.value, one.kind, one.what, one.owner or "nobody", age_in_words(one.age_days(self.at)))
            for one in self.items
        ]
        told = ", ".join(plural(number, kind) for kind, number in self.counts.items())
        shown = f"{count(len(self.items))} of {count(self.total)} shown" if len(self.items) < self.total else ""
        caption = "; ".join(part for part in (told or "nothing waits", shown, f"{self.at:%Y-%m-%d}") if part)
        return Table.of(
            ("severity", "kind", "what", "owner", "age"), rows, title="Waiting for a person", caption=caption
        )


def waiting(
    work: UnitOfWork, sources: Iterable[ItemSource], now: datetime, kinds: frozenset[ItemKind] | None = None
) -> list[QueueItem]:
    """Return everything that waits, sleeping items too, in order.

    Args:
        work: Open unit of work.
        sources: Where items come from.
        now: The instant as of which they are asked for.
        kinds: Kinds that are wanted; all unless given.
    """
    marks = {one.item: one for one in work.transaction.quality.marks()}
    asked = (one for one in sources if kinds is None or one.kinds & kinds)
    items = (item for one in asked for item in one.items(work, now) if kinds is None or item.kind in kinds)
    marked = (_marked(item, marks.get(item.key), now) for item in items)
    return sorted((item for item in marked if item is not None), key=_place)


def _marked(item: QueueItem, mark: QueueMark | None, now: datetime) -> QueueItem | None:
    """Return an item with what was said of it; None if it was said to be done."""
    if mark is None:
        return item
    if mark.done_at is not None and item.since <= mark.done_at:
        return None
    asleep = mark.snoozed_until if mark.snoozed_until is not None and mark.snoozed_until > now else None
    return replace(item, owner=mark.owner or item.owner, snoozed_until=asleep)


def _place(item: QueueItem) -> tuple[int, int, str]:
    return -item.severity.rank, to_microseconds(item.since), item.key


def queue_of(
    items: Iterable[QueueItem],
    now: datetime,
    *,
    owner: str | None,
    is_snoozed: bool,
    limit: int,
    after: str | None,
    steward: Steward,
    framer: Framer,
) -> StewardQueue:
    """Return a page of items.

    Args:
        items: Everything that waits, in order.
        now: The instant.
        owner: Items of this owner only; empty for those that are nobody's; all unless given.
        is_snoozed: Whether those that sleep are asked for, instead of the others.
        limit: Page size.
        after: `next` of the page before.
        steward: Writes down what is said of items.
        framer: Makes frames of the page.

    Raises:
        InvalidValueError: If `limit` or `after` is refused.
    """
    limit = whole_number(limit, "limit", "give 1 to 10 000", most=10_000)
    wanted = [
        one for one in items if (one.snoozed_until is not None) is is_snoozed and owner in {None, one.owner or ""}
    ]
    rest = wanted if after is None else [one for one in wanted if _place(one) > _read(after)]
    page = rest[:limit]
    counts = dict(sorted(Counter[str](one.kind for one in wanted).items()))
    following = _text(page[-1]) if len(rest) > limit else None
    return StewardQueue(now, tuple(one.held_by(steward) for one in page), len(wanted), counts, following, framer)


def _text(item: QueueItem) -> str:
    rank, since, key = _place(item)
    return f"{-rank}.{since}.{key}"


def _read(cursor: str) -> tuple[int, int, str]:
    rank, _, rest = cursor.partition(".")
    since, _, key = rest.partition(".")
    if not (rank.isdecimal() and since.removeprefix("-").isdecimal() and key):
        raise InvalidValueError("after", "is no cursor of this queue", "give `next` of the page before")
    return -int(rank), int(since), key
