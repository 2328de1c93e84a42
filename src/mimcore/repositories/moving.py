"""Writing moves: the log, the set of members, and the event for others, in one step of one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from mimcore.domain.membership import MembershipMove
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.touches import MOVED

__all__ = ["record_moves"]


def record_moves(transaction: Transaction, moves: Sequence[MembershipMove]) -> None:
    """Append moves to the log, and tell of each once: the events of one contact come in order.

    Args:
        transaction: An open transaction.
        moves: They alternate for each contact and segment.
    """
    transaction.memberships.write(moves)
    transaction.outbox.append([_told(move) for move in moves])


def _told(move: MembershipMove) -> OutboxEvent:
    said = {
        "segment": move.segment,
        "segment_id": str(move.segment_id),
        "cause": move.cause.value,
        "because": move.because,
        "origin": move.origin.value,
        "rule_hash": move.rule_hash,
    }
    kind = MOVED[0 if move.has_entered else 1]
    return OutboxEvent(kind, "contact", move.contact_id, move.segment_version, move.at, said)
