"""Reading records' changes from the beginning: what every way of asking for the past has in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from mimcore.domain.account import Account
from mimcore.domain.campaign import Campaign
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.entity import Entity
from mimcore.domain.lead import Lead
from mimcore.domain.segment import Segment
from mimcore.domain.source import Source
from mimcore.domain.task import Task
from mimcore.domain.versions.changes import ChangeSet
from mimcore.repositories.ports import Transaction

__all__ = ["KINDS", "Held", "Placed", "histories"]

KINDS: Mapping[str, type[Entity]] = {
    one.__name__.lower(): one for one in (Source, Account, Contact, Lead, Segment, Campaign, Task)
}
"""The aggregates by the name under which change sets tell of them."""

Placed = tuple[int, ChangeSet]
"""A change with its place in the order of recording."""

Held = dict[UUID, Any]
"""Records of one kind, by id."""


def histories(transaction: Transaction, ids: Iterable[UUID]) -> Iterator[tuple[UUID, list[Placed]]]:
    """Yield records' changes, each record's in the order of recording; records without any are left out.

    Args:
        transaction: Open transaction.
        ids: Ids of records, of any kind.
    """
    placed = transaction.history.journal(ids)
    for one, changes in groupby(placed, key=lambda entry: entry[1].entity_id):
        yield one, list(changes)
