"""Before a send: for whom a check is worth its price, because the answer could change what is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mimcore.display import Table, number
from mimcore.display.showing import Tabled
from mimcore.errors import InvalidValueError

__all__ = ["Advice", "PreSend", "Recipient", "before_send", "worth_of_checking"]


class Advice(StrEnum):
    """What to do about one recipient."""

    CHECK = "check first"
    SEND = "send"
    LEAVE = "leave out"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient before a send.

    Attributes:
        contact_id: The contact.
        freshness: Probability that the address is right; None for an undated one.
        worth: What a check is worth, at most what it may cost; None for an undated address.
        advice: What to do.
    """

    contact_id: UUID
    freshness: float | None
    worth: float | None
    advice: Advice


@dataclass(frozen=True, slots=True)
class PreSend(Tabled):
    """All recipients of a send, with what to do about each."""

    recipients: tuple[Recipient, ...]
    cost: float

    def ids(self, advice: Advice | str) -> tuple[UUID, ...]:
        """Return the contacts for whom something is advised, in the given order."""
        return tuple(one.contact_id for one in self.recipients if one.advice == advice)

    def table(self) -> Table:
        """How many are to be checked, sent to and left out."""
        tally = Counter(one.advice for one in self.recipients)
        rows = [(advice.value, tally[advice]) for advice in Advice]
        caption = f"checking costs {number(self.cost * tally[Advice.CHECK])} in all"
        return Table.of(("what to do", "recipients"), rows, title="Before the send", caption=caption)


def worth_of_checking(p: float, *, value: float, harm: float) -> float:
    """Return the expected value of knowing for sure: min(p·V, (1 − p)·K), greatest at p = K/(V + K).

    Without a check one sends and loses (1 − p)·K, or does not send and loses p·V, whichever is less.

    Args:
        p: Probability that the address is right.
        value: V, of a message that arrives.
        harm: K, of a message to a wrong address.

    Examples:
        >>> worth_of_checking(0.75, value=1.0, harm=2.0)
        0.5
    """
    return min(p * value, (1 - p) * harm)


def before_send(freshness: Iterable[tuple[UUID, float | None]], *, value: float, harm: float, cost: float) -> PreSend:
    """Say for each recipient whether to check first, to send, or to leave out.

    Args:
        freshness: Contacts with the probability that the address is right; None where nobody knows: those are checked.
        value: Of a message that arrives; not negative.
        harm: Of a message to a wrong address; not negative.
        cost: Of a check; not negative.

    Raises:
        InvalidValueError: If an amount is negative.
    """
    for name, amount in (("value", value), ("harm", harm), ("cost", cost)):
        if not 0 <= amount < float("inf"):
            raise InvalidValueError(name, "must not be negative", "give an amount of 0 or more")
    return PreSend(tuple(_advised(one, p, value, harm, cost) for one, p in freshness), cost)


def _advised(contact_id: UUID, p: float | None, value: float, harm: float, cost: float) -> Recipient:
    if p is None:
        return Recipient(contact_id, None, None, Advice.CHECK)
    worth = worth_of_checking(p, value=value, harm=harm)
    unchecked = Advice.SEND if p * value >= (1 - p) * harm else Advice.LEAVE
    return Recipient(contact_id, p, worth, Advice.CHECK if worth > cost else unchecked)
