"""Why a field is worth asking one person for: what the answer decides, and who has declared a use for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mimcore.domain.contact import Contact
from mimcore.quality.memberships import extreme, opened, values_behind
from mimcore.repositories.facts import facts_of
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.evaluation.facts import Facts
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language.nodes import Rule
from mimcore.rules.language.pools import PRIMARY_FIELDS

__all__ = ["ASKED_AS", "Reasons", "decided_by", "live_segments", "with_uses"]

ASKED_AS: Mapping[str, str] = {
    **PRIMARY_FIELDS,
    "contact.demographic.age": "contact.demographic.birth_year",
}
"""What is asked where a rule reads something else: of an age the year of birth, which says no more than it must."""


@dataclass(slots=True)
class Reasons:
    """What an answer is good for.

    Attributes:
        segments: Segments whose membership it decides.
        uses: Uses that were declared.
    """

    segments: list[str] = field(default_factory=list[str])
    uses: list[str] = field(default_factory=list[str])

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.segments) + len(self.uses)

    def words(self) -> str:
        """In words."""
        deciding = f"decides {'whether in ' if len(self.segments) == 1 else ''}{', '.join(self.segments)}"
        return "; ".join([*([deciding] if self.segments else []), *self.uses])


def live_segments(work: UnitOfWork) -> dict[str, Rule]:
    """Return the rules of the store's segments that follow one, and are not archived, in order of their keys."""
    live = (one for one in work.segments.all() if one.rule is not None and not one.is_archived)
    return {one.key: one.rule for one in sorted(live, key=lambda one: one.key) if one.rule is not None}


def decided_by(
    work: UnitOfWork, contact: Contact, rules: Mapping[str, Rule], at: datetime
) -> Iterator[tuple[str, str]]:
    """Yield each field whose answer decides whether a contact is in a segment, with the segment's name.

    As for a refresh plan, what a rule says of an attribute is taken to be as favourable as it can be, then as
    unfavourable: the answer decides where the contact is in the segment in the first case only.

    Args:
        work: Open unit of work.
        contact: A stored contact.
        rules: Rules of segments by name.
        at: Instant of evaluation.
    """
    known = {one.key: one.rule for one in work.segments.all()}
    for name, rule in rules.items():
        whole = opened(rule, known)
        # Read once: with an attribute taken for good or bad, the rule reads nothing more than it does as it stands.
        facts = facts_of(work.transaction, [contact], at, where=work.bind(whole, at), gate=work.gate)[contact.id]
        read = {field: values_behind(field) for field in fields_of(whole) if field.startswith("contact.")}
        decided = (one for one, own in read.items() if any(_hangs(work, facts, whole, part) for part in own))
        yield from ((asked, name) for asked in dict.fromkeys(ASKED_AS.get(one, one) for one in decided))


def _hangs(work: UnitOfWork, facts: Facts, rule: Rule, attribute: str) -> bool:
    best, worst = (extreme(rule, attribute, is_favourable=one) for one in (True, False))
    return _is_in(work, facts, best) and not _is_in(work, facts, worst)


def _is_in(work: UnitOfWork, facts: Facts, rule: Rule) -> bool:
    return evaluator(work.bind(rule, facts.now))(facts) is True


def with_uses(found: dict[str, Reasons], uses: Iterable[tuple[str, str]]) -> dict[str, Reasons]:
    """Add declared uses, by the fields that they need."""
    for name, use in uses:
        found.setdefault(name, Reasons()).uses.append(use)
    return found
