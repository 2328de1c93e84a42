"""Which value survives a merge: the newest by the time it was seen; empty never wins; lists unite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.domain.changes import flatten, restored
from mimcore.domain.contact import AccountLink, Contact
from mimcore.domain.freshness import FreshnessState
from mimcore.rules.catalogue import Kind

__all__ = ["Survival", "golden_record", "survivals"]

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Survival:
    """Where the value of one field comes from, and why.

    Attributes:
        field: Canonical field name.
        from_other: Whether it comes from the record that is merged into the survivor.
        why: The rule that decided, in words, without values.
    """

    field: str
    from_other: bool
    why: str


States = Mapping[str, FreshnessState]


def survivals(survivor: Contact, other: Contact, mine: States, theirs: States) -> tuple[Survival, ...]:
    """Decide field by field which value survives; only fields in which the records differ.

    Args:
        survivor: The record that keeps its id.
        other: The record that is merged into it.
        mine: States of the survivor's values by field.
        theirs: States of the other's values by field.
    """
    decided: list[Survival] = []
    for spec in CONTACT_FIELDS:
        left, right = spec.read(survivor), spec.read(other)
        if spec.is_derived or left == right or right in (None, ()):
            continue
        if left in (None, ()):
            decided.append(Survival(spec.name, from_other=True, why="only this record has a value"))
        elif spec.kind in {Kind.TAGS, Kind.CODES, Kind.RECORDS}:
            decided.append(Survival(spec.name, from_other=True, why="both lists, united"))
        else:
            newer = _seen(theirs.get(spec.name)) > _seen(mine.get(spec.name))
            decided.append(Survival(spec.name, from_other=newer, why="seen more recently" if newer else "seen at least as recently here"))
    return tuple(decided)


def _seen(state: FreshnessState | None) -> datetime:
    return (state.confirmed_at or state.observed_at or _NEVER) if state is not None else _NEVER


def golden_record(survivor: Contact, other: Contact, decided: Sequence[Survival]) -> Contact:
    """Return the survivor with the values that survive, and with the contact points, links and ids of both.

    Args:
        survivor: The record that keeps its id.
        other: The record that is merged into it.
        decided: What `survivals` decided.
    """
    mine, theirs = flatten(survivor), flatten(other)
    values = {one.field: _united(mine.get(one.field), theirs[one.field]) for one in decided if one.from_other}
    golden = restored(survivor, values)
    return golden.model_copy(
        update={
            "emails": _joined(survivor.emails, other.emails),
            "phones": _joined(survivor.phones, other.phones),
            "accounts": _links(survivor.accounts, other.accounts),
            "external_ids": tuple(dict.fromkeys((*survivor.external_ids, *other.external_ids))),
            "custom": type(survivor.custom)({**other.custom, **survivor.custom}),
        }
    )


def _united(left: Any, right: Any) -> Any:
    if not isinstance(right, list):
        return right
    united = [*(left or []), *(one for one in right if one not in (left or []))]
    return sorted(united) if all(isinstance(one, str) for one in united) else united


def _joined(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    known = {point.match_key for point in mine}
    return (*mine, *(point for point in theirs if point.match_key not in known))


def _links(mine: tuple[AccountLink, ...], theirs: tuple[AccountLink, ...]) -> tuple[AccountLink, ...]:
    known = {link.account_id for link in mine if link.end_on is None}
    has_primary = any(link.is_primary and link.end_on is None for link in mine)
    added = [link for link in theirs if link.account_id not in known]
    return (*mine, *(link.evolve(is_primary=link.is_primary and not has_primary) for link in added))
