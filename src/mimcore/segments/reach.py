"""How many of some members may be written to, for each channel and purpose, by the one consent decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mimcore.display import Column, Table, percent
from mimcore.domain.consent import PURPOSES
from mimcore.domain.consent import purpose as declared
from mimcore.domain.declaring.attributes import is_listed
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.repositories.consenting import as_channel
from mimcore.repositories.portions import portions
from mimcore.repositories.reaching import point_kind, reachable
from mimcore.rules.language.nodes import Rule
from mimcore.segments.asking import Asked
from mimcore.values.arguments import given_list

__all__ = ["Pairs", "Reach", "reach_of", "reach_table"]

Pairs = Sequence[tuple[str, str]] | Literal["all"]
"""Channel and purpose of each question, or `all` of them."""

_CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.PHONE)
_PORTION = 20_000


@dataclass(frozen=True, slots=True)
class Reach:
    """How many members may be contacted.

    Attributes:
        channel: Channel.
        purpose: Declared purpose.
        count: How many members may be contacted on it for that.
        between: The 95 % interval in an estimate; None where it was counted.
    """

    channel: Channel
    purpose: str
    count: int
    between: tuple[int, int] | None = None


def reach_of(asked: Asked, rule: Rule, pairs: Pairs) -> tuple[Reach, ...]:
    """Ask the consent gate about the members.

    The points of each kind are read once, and only those of members are asked about.

    Args:
        asked: Whom.
        rule: The segment's rule.
        pairs: Channels and purposes.

    Raises:
        InvalidValueError: If a channel or purpose is none.
    """
    wanted = _wanted(pairs)
    counts = dict.fromkeys(wanted, 0)
    members = frozenset(asked.ids(rule) if wanted else [])
    for kind in dict.fromkeys(point_kind(channel) for channel, _ in wanted):
        people = (one for one in asked.work.transaction.contacts.points(kind) if one[0] in members)
        for portion in portions(people, _PORTION):
            for channel, purpose in wanted:
                if point_kind(channel) == kind:
                    found = reachable(asked.work.gate, portion, channel=channel, purpose=purpose, at=asked.at)
                    counts[channel, purpose] += sum(1 for _ in found)
                    asked.advance()
    return tuple(
        Reach(channel, purpose, asked.scaled(number), asked.between(number))
        for (channel, purpose), number in counts.items()
    )


def _wanted(pairs: Pairs) -> tuple[tuple[Channel, str], ...]:
    if pairs == "all":
        return tuple((channel, purpose) for purpose in PURPOSES for channel in _CHANNELS)
    remedy = "give [('email', 'newsletter')], or 'all'"
    if any(not is_listed(one) or len(one) != 2 for one in given_list(pairs, "reach", remedy)):
        raise InvalidValueError("reach", "is no list of pairs", remedy)
    return tuple(dict.fromkeys((as_channel(channel), declared(purpose).key) for channel, purpose in pairs))


def reach_table(reach: Sequence[Reach], members: int) -> Table:
    """Return how many may be written to: a line for each purpose, a column for each channel.

    Args:
        reach: The answers.
        members: How many members there are.
    """
    known = {(one.purpose, one.channel): one.count for one in reach}
    channels = tuple(dict.fromkeys(one.channel for one in reach))

    def cells(purpose: str) -> list[object]:
        counts = [known.get((purpose, channel)) for channel in channels]
        shares = [None if one is None or not members else percent(one / members) for one in counts]
        return [cell for pair in zip(counts, shares, strict=True) for cell in pair]

    purposes = dict.fromkeys(one.purpose for one in reach)
    columns = [Column(name, "right") for channel in channels for name in (channel.value, "share")]
    return Table.of(("may be contacted for", *columns), [(one, *cells(one)) for one in purposes], title="Reach")
