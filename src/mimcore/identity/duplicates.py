"""Finding records of one person by exact match keys. A shared key proposes; names decide how sure it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from mimcore.display import percent
from mimcore.domain.contact import Contact
from mimcore.identity.link_log import LinkLog
from mimcore.repositories.records import LinkAction, MergeLink
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.arguments import whole_number
from mimcore.values.match_keys import email_key
from mimcore.values.names import is_initial_of
from mimcore.values.text import fold

__all__ = ["AUTOMATIC", "MODEL", "DuplicatePair", "compare_names", "declare_different", "find_duplicates"]

MODEL = "exact-1"
AUTOMATIC = 0.95
"""Scores from here on may be merged without a person's look; below, a pair is for review."""

_LARGEST_BLOCK = 50
"""A key that more records share is generic (an office line, a family mailbox) and proposes nothing."""

_SCORES = {
    ("email", "same"): 0.99,
    ("email", "compatible"): 0.96,
    ("email", "partly_known"): 0.80,
    ("email", "unknown"): 0.80,
    ("email", "different"): 0.40,
    ("phone", "same"): 0.97,
    ("phone", "compatible"): 0.80,
    ("phone", "partly_known"): 0.60,
    ("phone", "unknown"): 0.50,
    ("phone", "different"): 0.20,
    ("name", "same"): 0.90,
}
"""Match probability by shared key and by how the names compare: judgement. A shared key alone never merges."""

_DOUBTFUL = 0.60
"""At most this much where something says that they are two people: their birth dates, or Jr and Sr."""

_WORDS = {
    "email": "the same e-mail address",
    "phone": "the same phone number",
    "name": "the same name at the same address",
}


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two active records that may be one person.

    Attributes:
        first_id: The older record (smaller id).
        second_id: The other one.
        score: Match probability, 0-1.
        evidence: What they share, in words, without values.
    """

    first_id: UUID
    second_id: UUID
    score: float
    evidence: tuple[str, ...]

    @property
    def is_automatic(self) -> bool:
        """Whether the pair is sure enough to be merged without a person's look."""
        return self.score >= AUTOMATIC

    def __str__(self) -> str:
        """Score and evidence."""
        return f"{percent(self.score)} one person: {', '.join(self.evidence)}"


def find_duplicates(work: UnitOfWork, *, limit: int | None = None) -> tuple[DuplicatePair, ...]:
    """Return pairs of active contacts that share an identifying key, the surest first.

    Keys: the e-mail address without what its provider ignores, unless it is a role mailbox such as `info@`; the phone
    number; the folded name together with postal code and street. Pairs that a person declared different are left out.

    Args:
        work: Open unit of work.
        limit: At most so many.
    """
    if limit is not None:
        limit = whole_number(limit, "limit", "give 0 or more, or None for all", least=0)
    shared = _shared_keys(work)
    contacts = work.transaction.contacts.get_many({one for pair in shared for one in pair})
    different = LinkLog(tuple(work.transaction.merges.all())).declared_different()
    pairs = [
        _scored(contacts[a], contacts[b], kinds)
        for (a, b), kinds in shared.items()
        if frozenset({a, b}) not in different
    ]
    found = (pair for pair in pairs if pair is not None)
    return tuple(sorted(found, key=lambda pair: (-pair.score, pair.first_id, pair.second_id))[:limit])


def declare_different(work: UnitOfWork, pair: DuplicatePair) -> None:
    """Write into the log of links that two records are two people, so that they are not proposed again.

    Args:
        work: Open unit of work that writes.
        pair: The two records.

    Raises:
        NotFoundError: If one of them is not in this store.
    """
    first, second = work.contacts.get(pair.first_id), work.contacts.get(pair.second_id)
    reason, origin = "declared two people", work.origin
    link = MergeLink(LinkAction.CANNOT_LINK, first.id, second.id, reason, None, MODEL, origin.actor, origin.recorded_at)
    work.transaction.merges.append([link])


def _shared_keys(work: UnitOfWork) -> dict[tuple[UUID, UUID], set[str]]:
    shared: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    for kind in ("email", "phone", "name"):
        for block in _blocks(work.transaction.contacts.match_keys(kind)):
            for pair in combinations(block, 2):
                shared[pair].add(kind)
    return shared


def _blocks(keys: Iterable[tuple[str, UUID]]) -> Iterator[list[UUID]]:
    blocks: dict[str, set[UUID]] = defaultdict(set)
    for key, contact_id in keys:
        blocks[key].add(contact_id)
    return (sorted(block) for block in blocks.values() if 1 < len(block) <= _LARGEST_BLOCK)


def _scored(first: Contact, second: Contact, kinds: set[str]) -> DuplicatePair | None:
    names = compare_names(first, second)
    usable = sorted(kind for kind in kinds if _proposes(kind, names, first, second))
    scores = [_SCORES[kind, names] for kind in usable]
    if not scores:
        return None
    against = [words for words, differs in _AGAINST.items() if differs(first, second)]
    score = min(max(scores), _DOUBTFUL) if against else max(scores)
    how = names.replace("_", " ")
    return DuplicatePair(first.id, second.id, score, (*(_WORDS[kind] for kind in usable), f"names {how}", *against))


def _proposes(kind: str, names: str, first: Contact, second: Contact) -> bool:
    """Tell whether a shared key says anything: a role mailbox names a function, and a name alone nobody."""
    if kind == "name":
        return names == "same" and _same_address(first, second)
    return kind == "phone" or bool(_mailboxes(first) & _mailboxes(second))


def _mailboxes(contact: Contact) -> set[str]:
    """Return the keys of the mailboxes that belong to a person."""
    return {key for point in contact.emails if not point.is_retired and (key := email_key(point.email)) is not None}


def _birth_dates_differ(first: Contact, second: Contact) -> bool:
    mine, theirs = first.demographic.birth_bounds, second.demographic.birth_bounds
    return mine is not None and theirs is not None and (mine[1] < theirs[0] or theirs[1] < mine[0])


def _suffixes_differ(first: Contact, second: Contact) -> bool:
    mine, theirs = (one.name.suffix if one.name else None for one in (first, second))
    return mine is not None and theirs is not None and fold(mine) != fold(theirs)


_AGAINST: Mapping[str, Callable[[Contact, Contact], bool]] = {
    "dates of birth differ": _birth_dates_differ,
    "suffixes of the names differ": _suffixes_differ,
}


def _same_address(first: Contact, second: Contact) -> bool:
    mine, theirs = first.demographic, second.demographic
    if not (mine.postal_code and theirs.postal_code and mine.street and theirs.street):
        return False
    return fold(mine.postal_code) == fold(theirs.postal_code) and fold(mine.street) == fold(theirs.street)


def compare_names(first: Contact, second: Contact) -> str:
    """Compare two people's names.

    Titles do not count: "Mrs" and "Fru" are one title, and people gain and lose them.

    Args:
        first: One contact.
        second: Another one.

    Returns:
        `same`; `compatible` if one part is the initial of the other's; `partly_known` if a part is missing on one
        side and nothing speaks against; `different`; `unknown` if there is nothing to compare.

    Examples:
        >>> compare_names(Contact(name="Mrs Ana Berg"), Contact(name="Mrs. A. Berg"))
        'compatible'
    """
    mine, theirs = first.name, second.name
    if mine is None or theirs is None:
        return "unknown"
    parts = [(fold(getattr(mine, part) or ""), fold(getattr(theirs, part) or "")) for part in ("given", "family")]
    known = [(left.rstrip("."), right.rstrip(".")) for left, right in parts if left and right]
    if not known:
        return "unknown"
    if not all(_compatible(left, right) for left, right in known):
        return "different"
    if any(bool(left) != bool(right) for left, right in parts):
        return "partly_known"
    return "same" if all(left == right for left, right in known) else "compatible"


def _compatible(left: str, right: str) -> bool:
    return left == right or is_initial_of(left, right) or is_initial_of(right, left)
