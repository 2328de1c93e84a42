"""Writing moves: the log, the set of members, and the event for others, in one step of one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mimcore.domain.membership import MembershipMove
from mimcore.repositories.ports import Transaction
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.touches import MOVED

__all__ = ["events_of_moves", "record_moves", "told_of_move"]


def record_moves(transaction: Transaction, moves: Sequence[MembershipMove]) -> None:
    """Append moves to the log, and tell of each once: the events of one contact come in order.

    Args:
        transaction: An open transaction.
        moves: They alternate for each contact and segment.
    """
    transaction.memberships.write(moves)
    transaction.outbox.append(events_of_moves(moves))


def events_of_moves(moves: Sequence[MembershipMove]) -> list[OutboxEvent]:
    """Return what others are told of moves, in the same order.

    Args:
        moves: Any number of them.
    """
    said: dict[tuple[object, ...], Mapping[str, Any]] = {}  # most of a refresh say the same, which is written once then
    return [_event(move, said.setdefault(_kind(move), told_of_move(move))) for move in moves]


def told_of_move(move: MembershipMove) -> Mapping[str, Any]:
    """Return what the event of a move says beside whom it moves and in which direction.

    Args:
        move: The move.
    """
    return {
        "segment": move.segment,
        "segment_id": str(move.segment_id),
        "cause": move.cause.value,
        "because": move.because,
        "origin": move.origin.value,
        "rule_hash": move.rule_hash,
    }


def _kind(move: MembershipMove) -> tuple[object, ...]:
    return move.segment_id, move.cause, move.because, move.origin, move.rule_hash


def _event(move: MembershipMove, said: Mapping[str, Any]) -> OutboxEvent:
    kind = MOVED[0 if move.has_entered else 1]
    return OutboxEvent(kind, "contact", move.contact_id, move.segment_version, move.at, said)
