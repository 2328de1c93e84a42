"""Finding records of one person by exact match keys. A shared key proposes; names decide how sure it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from mimcore.display import percent
from mimcore.domain.contact import Contact
from mimcore.repositories.records import LinkAction
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.values.text import fold

__all__ = ["AUTOMATIC", "MODEL", "DuplicatePair", "find_duplicates"]

MODEL = "exact-1"
AUTOMATIC = 0.95
"""Scores from here on may be merged without a person's look; below, a pair is for review."""

_LARGEST_BLOCK = 50
"""A key that more records share is generic (an office line, a family mailbox) and proposes nothing."""

_SCORES = {
    ("email", "same"): 0.99,
    ("email", "compatible"): 0.96,
    ("email", "unknown"): 0.80,
    ("email", "different"): 0.40,
    ("phone", "same"): 0.97,
    ("phone", "compatible"): 0.80,
    ("phone", "unknown"): 0.50,
    ("phone", "different"): 0.20,
    ("name", "same"): 0.90,
}
"""Match probability by shared key and by how the names compare (judgement; a shared mailbox or phone alone never merges)."""

_WORDS = {"email": "the same e-mail address", "phone": "the same phone number", "name": "the same name at the same address"}


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

    Keys: the e-mail address without what its provider ignores; the phone number; the folded name together with postal code
    and street. Pairs that a person declared different are left out.

    Args:
        work: Open unit of work.
        limit: At most so many.
    """
    shared = _shared_keys(work)
    contacts = work.transaction.contacts.get_many({one for pair in shared for one in pair})
    different = _declared_different(work)
    pairs = [_scored(contacts[a], contacts[b], kinds) for (a, b), kinds in shared.items() if (a, b) not in different]
    found = sorted((pair for pair in pairs if pair is not None), key=lambda pair: (-pair.score, pair.first_id, pair.second_id))
    return tuple(found if limit is None else found[:limit])


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


def _declared_different(work: UnitOfWork) -> set[tuple[UUID, UUID]]:
    return {
        (min(one.survivor_id, one.other_id), max(one.survivor_id, one.other_id))
        for one in work.transaction.merges.all()
        if one.action is LinkAction.CANNOT_LINK
    }


def _scored(first: Contact, second: Contact, kinds: set[str]) -> DuplicatePair | None:
    names = compare_names(first, second)
    usable = {kind for kind in kinds if kind != "name" or (names == "same" and _same_address(first, second))}
    scores = [_SCORES[kind, names] for kind in usable if (kind, names) in _SCORES]
    if not scores:
        return None
    evidence = (*(_WORDS[kind] for kind in sorted(usable)), f"names {names}")
    return DuplicatePair(first.id, second.id, max(scores), evidence)


def _same_address(first: Contact, second: Contact) -> bool:
    mine, theirs = first.demographic, second.demographic
    if not (mine.postal_code and theirs.postal_code and mine.street and theirs.street):
        return False
    return fold(mine.postal_code) == fold(theirs.postal_code) and fold(mine.street) == fold(theirs.street)


def compare_names(first: Contact, second: Contact) -> str:
    """Compare two people's names: same, compatible (an initial, one part missing), different, or unknown.

    Titles do not count: "Mrs" and "Fru" are one title, and people gain and lose them.
    """
    mine, theirs = first.name, second.name
    if mine is None or theirs is None:
        return "unknown"
    parts = [(fold(getattr(mine, part) or ""), fold(getattr(theirs, part) or "")) for part in ("given", "family")]
    if not any(left and right for left, right in parts):
        return "unknown"
    if all(left == right for left, right in parts):
        return "same"
    return "compatible" if all(_compatible(left, right) for left, right in parts) else "different"


def _compatible(left: str, right: str) -> bool:
    short, long = sorted((left.rstrip("."), right.rstrip(".")), key=len)
    return not short or short == long or (len(short) == 1 and long.startswith(short))
