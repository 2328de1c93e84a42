"""Because of what somebody moved: the kind of change, and the conditions of the rule that read what changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mimcore.domain.membership import MembershipMove, MoveCause, MoveOrigin
from mimcore.domain.segment import Segment, list_name
from mimcore.repositories.ports import Query
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.explaining.differences import difference_of
from mimcore.rules.explaining.english import describe
from mimcore.rules.explaining.needs import needs_of
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bound import Among, BoundAll, Literal
from mimcore.segments.fingerprints import Making, content_hash

__all__ = ["Found", "Truth", "causes", "move_for_all", "moves_of", "true_among"]

Truth = Callable[[Rule, Collection[UUID]], Collection[UUID]]
"""Returns those of some contacts for whom a rule is true."""

_READING: Mapping[MoveCause, frozenset[str]] = {
    MoveCause.EVENT: frozenset({"events"}),
    MoveCause.ACCOUNT: frozenset({"account", "accounts"}),
    MoveCause.CHECK: frozenset({"states"}),
    MoveCause.CONSENT: frozenset({"permissions"}),
    MoveCause.LIST: frozenset({"listed_in"}),
    MoveCause.TIME: frozenset({"now"}),
}
"""What a condition reads that a kind of change can turn; any condition, for the others."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who moves in one segment, and what is known of why.

    Attributes:
        making: The segment, and how it is made.
        cause: One cause for all of them; None for what was recorded about each, or time.
        touched: What was recorded about contacts.
        old: The rule before, where that is why.
        rules: Rules of all segments by key.
    """

    making: Making
    entering: Sequence[UUID]
    leaving: Sequence[UUID]
    at: datetime
    actor: str
    cause: MoveCause | None
    touched: Mapping[UUID, Collection[MoveCause]]
    rules: Mapping[str, Rule | None]
    old: Rule | None = None

    @property
    def segment(self) -> Segment:
        """The segment."""
        return self.making.segment

    def cause_of(self, contact_id: UUID) -> MoveCause:
        """Return the kind of change that moved a contact."""
        if self.cause is not None:
            return self.cause
        found = self.touched.get(contact_id, ())
        by_rank = (one for one in MoveCause if one in found)
        return next(by_rank, MoveCause.TIME if "now" in self.making.needs else MoveCause.CONSENT)


def true_among(work: UnitOfWork, at: datetime) -> Truth:
    """Return what asks the store's own engine about some contacts; who is not active is never among them.

    Args:
        work: Open unit of work.
        at: Instant of evaluation.
    """

    def asked(rule: Rule, ids: Collection[UUID]) -> Collection[UUID]:
        among = Literal(Among(b"".join(sorted(one.bytes for one in ids))))
        return (
            frozenset(work.transaction.contacts.find(Query(BoundAll((among, work.question(rule, at)))))) if ids else ()
        )

    return asked


def moves_of(work: UnitOfWork, found: Found, truth: Truth) -> list[MembershipMove]:
    """Return the moves of a segment with their causes.

    Args:
        work: Open unit of work.
        found: Who moves.
        truth: Answers about the movers.
    """
    by_hand, rule_hash = _by_hand(work, found), content_hash(found.segment.rule)
    usual = MoveOrigin.RULE if found.segment.is_dynamic else MoveOrigin.LIST
    moves: list[MembershipMove] = []
    for ids, has_entered in ((found.entering, True), (found.leaving, False)):
        because = _because(found, ids, truth, has_entered=has_entered)
        moves += [
            MembershipMove(
                found.segment.id,
                found.segment.key,
                one,
                has_entered,
                found.at,
                found.cause_of(one),
                because.get(one, ""),
                found.actor,
                by_hand.get(one, usual),
                found.segment.version,
                rule_hash,
            )
            for one in ids
        ]
    return moves


def move_for_all(making: Making, at: datetime, actor: str, cause: MoveCause) -> MembershipMove:
    """Return what the log says of everybody who moves for one reason, apart from who it is and in which direction."""
    segment = making.segment
    return MembershipMove(
        segment.id,
        segment.key,
        UUID(int=0),
        True,
        at,
        cause,
        "",
        actor,
        MoveOrigin.RULE,
        segment.version,
        content_hash(segment.rule),
    )


def _by_hand(work: UnitOfWork, found: Found) -> Mapping[UUID, MoveOrigin]:
    """Return who is in or out by hand."""
    if not found.segment.is_pinned:
        return {}
    lists = work.transaction.segments.lists_of([*found.entering, *found.leaving])
    names = {list_name(found.segment.key, kind): MoveOrigin(kind) for kind in ("include", "exclude")}
    return {one: names[name] for one, held in lists.items() for name in names if name in held}


def _because(found: Found, ids: Sequence[UUID], truth: Truth, *, has_entered: bool) -> Mapping[UUID, str]:
    rule = found.segment.rule
    if rule is None or not ids or found.cause is MoveCause.SETTING:
        return {}
    if found.cause is MoveCause.RULE:
        return _by_edits(found.old, rule, ids, truth, has_entered=has_entered)
    parts = rule.parts() if isinstance(rule, nodes.AllOf) else (rule,)
    everybody = frozenset(truth(nodes.Everyone(), ids))
    turned = {part: _turned(everybody, truth(part, ids), has_entered=has_entered) for part in dict.fromkeys(parts)}
    needs = {part: needs_of(part, found.rules) for part in turned}
    texts = {part: describe(part) for part in turned}

    def told(one: UUID) -> str:
        mine = [part for part, moved in turned.items() if one in moved]
        reading = _READING.get(found.cause_of(one))
        close = [part for part in mine if reading is not None and not reading.isdisjoint(needs[part])]
        return "; ".join(texts[part] for part in close or mine)

    return {one: told(one) for one in ids}


def _turned(everybody: frozenset[UUID], true: Collection[UUID], *, has_entered: bool) -> frozenset[UUID]:
    return everybody & frozenset(true) if has_entered else everybody.difference(true)


def _by_edits(
    old: Rule | None, new: Rule, ids: Sequence[UUID], truth: Truth, *, has_entered: bool
) -> Mapping[UUID, str]:
    """Return the edits of the rule that alone would move each of them."""
    if old is None:
        return {}
    texts: dict[UUID, list[str]] = {}
    for edit in difference_of(old, new).edits:
        for one in truth(edit.turning(is_entering=has_entered), ids):
            texts.setdefault(one, []).append(edit.text)
    return {one: "; ".join(said) for one, said in texts.items()}


def causes(touched: Iterable[tuple[UUID, MoveCause]]) -> dict[UUID, set[MoveCause]]:
    """Collect what was recorded, by contact."""
    found: dict[UUID, set[MoveCause]] = {}
    for one, cause in touched:
        found.setdefault(one, set()).add(cause)
    return found
