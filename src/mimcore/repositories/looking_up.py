"""Conditions on history and consent, looked up before an engine is asked: it gets the contacts they are true for.

The JSON of changes is not folded, and consent is one decision in Python, so no engine decides these for itself.

What it costs: for history, every change of the tenant is looked at once, however many such conditions a rule has
(SQLite parses the values before each change, PostgreSQL looks for the fields' names), and those of the fields are read.
For consent, the points of all active contacts are read and hashed, some thousands at a time, once for each pair of
channel and purpose. What is kept are 16 bytes for each contact found. A rule without such conditions pays nothing.
Measured on SQLite with 20 000 contacts and 100 000 changes, 20 000 of them of the field: 0.9 s of one core to find who
ever was, 1.1 s to find who may be written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from mimcore.repositories.consenting import Gate
from mimcore.repositories.past.values import past_values
from mimcore.repositories.ports import Transaction
from mimcore.repositories.reaching import point_kind, reachable
from mimcore.rules.evaluation.companion_tests import counts_as_change, equals_value
from mimcore.rules.evaluation.facts import PastValue
from mimcore.rules.lowering.bound import (
    Among,
    Bound,
    BoundAll,
    BoundAny,
    Changed,
    Comparison,
    Constant,
    EverHeld,
    IsKnown,
    Literal,
    Permitted,
    leaves,
    negate,
)

__all__ = ["looked_up"]

Remembering = Changed | EverHeld


def looked_up(bound: Bound, transaction: Transaction, gate: Gate, at: datetime) -> Bound:
    """Return a rule that asks for contacts by id where it asked for history and consent.

    Args:
        bound: A bound rule.
        transaction: Open transaction, of the present or of a past.
        gate: Consent and suppression in it.
        at: Instant at which consent is decided: the one that the rule was bound at.

    Raises:
        InvalidValueError: If it asks for a channel that uses no contact points.
    """
    asked = dict.fromkeys(
        leaf for leaf in leaves(bound, outer=True) if isinstance(leaf, Changed | EverHeld | Permitted)
    )
    if not asked:
        return bound
    found = _Found()
    found.remember(transaction, [leaf for leaf in asked if not isinstance(leaf, Permitted)])
    for leaf in asked:
        if isinstance(leaf, Permitted):
            people = transaction.contacts.points(point_kind(leaf.channel))
            found.ids[leaf] = _packed(reachable(gate, people, channel=leaf.channel, purpose=leaf.purpose, at=at))
    return found.put_into(bound)


@dataclass(slots=True)
class _Found:
    """Who was found: for whom a condition is true, and who had a value of a field before."""

    ids: dict[Remembering | Permitted, bytes] = field(default_factory=dict[Remembering | Permitted, bytes])
    known: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def remember(self, transaction: Transaction, asked: list[Remembering]) -> None:
        """Read the past values once for all conditions."""
        if not asked:
            return
        since = min((leaf.start for leaf in asked if isinstance(leaf, Changed)), default=None)
        if any(isinstance(leaf, EverHeld) for leaf in asked):
            since = None
        tests = {leaf: _test(leaf) for leaf in asked}
        met: dict[Remembering, set[UUID]] = {leaf: set() for leaf in asked}
        known: dict[str, set[UUID]] = {leaf.spec.name: set() for leaf in asked if isinstance(leaf, EverHeld)}
        for one, past in past_values(transaction, {leaf.spec for leaf in asked}, since=since):
            if past.field in known:
                known[past.field].add(one)
            for leaf, test in tests.items():
                if leaf.spec.name == past.field and test(past):
                    met[leaf].add(one)
        self.ids |= {leaf: _packed(ids) for leaf, ids in met.items()}
        self.known = {name: _packed(ids) for name, ids in known.items()}

    def put_into(self, bound: Bound) -> Bound:
        """Return the rule with what was found in the place of what was asked for."""
        match bound:
            case BoundAll(parts):
                return BoundAll(tuple(self.put_into(part) for part in parts))
            case BoundAny(parts):
                return BoundAny(tuple(self.put_into(part) for part in parts))
            case Literal(EverHeld() as leaf, negated, missing):
                held = self._ever_held(leaf, missing if missing is None else missing is not negated)
                return negate(held) if negated else held
            case Literal((Changed() | Permitted()) as leaf, negated):
                return _among(self.ids[leaf], negated=negated)
            case _:
                return bound

    def _ever_held(self, leaf: EverHeld, missing: bool | None) -> Bound:  # noqa: FBT001 - None is the third case
        """A past value equals, or the present one does; who has none now but had another before never held it."""
        spec = leaf.spec
        decided = BoundAny((Literal(IsKnown(spec)), _among(self.known[spec.name], negated=True)))
        now = Literal(Comparison(spec, "eq", leaf.value), missing=missing)
        return BoundAny((_among(self.ids[leaf], negated=False), BoundAll((now, decided))))


def _test(leaf: Remembering) -> Callable[[PastValue], bool]:
    if isinstance(leaf, Changed):
        return counts_as_change(leaf)
    equals = equals_value(leaf)
    return lambda past: equals(past.value)


def _packed(ids: Iterable[UUID]) -> bytes:
    return b"".join(sorted(one.bytes for one in ids))


def _among(ids: bytes, *, negated: bool) -> Bound:
    return Literal(Among(ids), negated) if ids else Constant(negated)
