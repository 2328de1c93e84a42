"""Frequency caps: how often people were contacted lately, by recorded sends and by audiences that were handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mimcore.domain.audience import AudienceRecord, Fate
from mimcore.domain.interaction import Interaction
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.repositories.consenting import as_channel
from mimcore.repositories.portions import portions
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["SENT", "FrequencyCap", "Own", "capped"]

SENT = ("mailing_sent",)
"""Kinds of interactions that are contacts unless a cap names others."""

_PORTION = 1000


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """At most so many contacts within so many days, the one that is planned included.

    Attributes:
        most: How many, 1 or more.
        days: Within how many days of 24 hours; both ends count.
        channels: On which channels together; the audience's unless given.
        kinds: Kinds of interactions that count as contacts.

    Examples:
        >>> print(FrequencyCap(2, days=7))
        at most 2 in 7 days
    """

    most: int
    days: float
    channels: Sequence[Channel | str] = ()
    kinds: Sequence[str] = SENT

    def __post_init__(self) -> None:
        """Check what was given.

        Raises:
            InvalidValueError: If a number is out of range, or a channel is none.
        """
        if type(self.most) is not int or self.most < 1:
            raise InvalidValueError(
                "most", "is out of range", "give 1 or more contacts; to contact nobody, hold them out"
            )
        if type(self.days) not in {int, float} or not 0 < self.days <= _MOST_DAYS:
            raise InvalidValueError("days", "is out of range", f"give more than 0 and at most {_MOST_DAYS} days")
        if not self.kinds or isinstance(self.kinds, str):
            raise InvalidValueError("kinds", "is no list of kinds", "for example ['mailing_sent']")
        object.__setattr__(self, "channels", tuple(sorted({as_channel(one) for one in _listed(self.channels)})))
        object.__setattr__(self, "kinds", tuple(sorted(set(self.kinds))))

    def __str__(self) -> str:
        """In words."""
        where = f" by {', '.join(self.channels)}" if self.channels else ""
        return f"at most {self.most}{where} in {self.days:g} days"


_MOST_DAYS = 3660


def _listed(channels: Sequence[Channel | str]) -> Sequence[Channel | str]:
    return [channels] if isinstance(channels, str) else channels


@dataclass(frozen=True, slots=True)
class Own:
    """An audience whose own contacts do not count against it: what it is handed over again for.

    Attributes:
        id: Its id.
        campaign: Its campaign, whose sends do not count from `since` on.
    """

    id: UUID
    campaign: str
    since: datetime


@dataclass(frozen=True, slots=True)
class _Handed:
    """An audience as it reached one person: once, from the first hand-over on, newly at the last one."""

    audience: AudienceRecord
    first: datetime
    last: datetime


def capped(
    work: UnitOfWork,
    contact_ids: Sequence[UUID],
    caps: Sequence[FrequencyCap],
    *,
    channel: Channel,
    at: datetime,
    own: Own | None = None,
) -> Mapping[UUID, FrequencyCap]:
    """Return those whom a cap keeps from being contacted once more, with the first such cap.

    Args:
        work: Open unit of work.
        contact_ids: Golden records.
        caps: Frequency caps.
        channel: Channel of the planned contact.
        at: When it is planned for.
        own: The audience that is handed over, if it exists already.
    """
    if not caps or not contact_ids:
        return {}
    start = at - max(timedelta(days=one.days) for one in caps)
    handed = _handed_over(work, start, at, own)
    found: dict[UUID, FrequencyCap] = {}
    for portion in portions(contact_ids, _PORTION):
        for one, events in work.transaction.interactions.of(portion).items():
            lately = [event for event in events if event.at <= at and not _is_own(event, own)]
            reached = handed.get(one, ())
            for cap in caps:
                if _contacts(cap, channel, at, lately, reached) >= cap.most:
                    found.setdefault(one, cap)
    return found


def _is_own(event: Interaction, own: Own | None) -> bool:
    return own is not None and event.campaign == own.campaign and event.at >= own.since


def _contacts(
    cap: FrequencyCap, channel: Channel, at: datetime, events: Iterable[Interaction], reached: Iterable[_Handed]
) -> int:
    """Count contacts in a cap's window: sends, and hand-overs of which no send was recorded yet."""
    start, channels = at - timedelta(days=cap.days), set(cap.channels) or {channel}
    sends = [one for one in events if one.kind in cap.kinds and (one.channel is None or one.channel in channels)]
    waiting = (
        one
        for one in reached
        if one.last >= start
        and one.audience.channel in channels
        and not any(sent.campaign == one.audience.campaign and sent.at >= one.first for sent in sends)
    )
    return sum(one.at >= start for one in sends) + sum(1 for _ in waiting)


def _handed_over(work: UnitOfWork, start: datetime, at: datetime, own: Own | None) -> Mapping[UUID, Sequence[_Handed]]:
    """Return the audiences that were handed over in a time, by the person whom they reached."""
    audiences = {one.id: one for one in work.transaction.audiences.all()}
    lately = {one.audience_id for one in work.transaction.audiences.hand_overs(since=start) if one.at <= at}
    found: defaultdict[UUID, dict[UUID, _Handed]] = defaultdict(dict)
    for audience_id in lately - ({own.id} if own else set()):
        for person, when in _reached(work, audience_id, at):
            before = found[person].get(audience_id)
            both = when if before is None else (min(when[0], before.first), max(when[1], before.last))
            found[person][audience_id] = _Handed(audiences[audience_id], *both)
    return {person: tuple(one.values()) for person, one in found.items()}


def _reached(work: UnitOfWork, audience_id: UUID, at: datetime) -> Iterator[tuple[UUID, tuple[datetime, datetime]]]:
    """Yield whom an audience was handed over for, as they are called now, with the first and the last time."""
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for done in work.transaction.audiences.hand_overs(audience_id):
        for group in done.groups if done.at <= at else ():
            times[group].append(done.at)
    members = [
        one for one in work.transaction.audiences.members(audience_id) if one.fate is Fate.CHOSEN and one.group in times
    ]
    golden = work.transaction.merges.golden([one.contact_id for one in members])
    for one in members:
        yield golden.get(one.contact_id, one.contact_id), (min(times[one.group]), max(times[one.group]))
