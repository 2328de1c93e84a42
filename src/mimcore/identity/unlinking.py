"""Taking one link back, the newest of its records: both stand as before, and what was changed since stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import is_mapping
from mimcore.domain.freshness import FreshnessState, resettled
from mimcore.domain.points import ContactPoint
from mimcore.domain.segment import listed_as
from mimcore.domain.versions.changes import ChangeKind, flatten, restored
from mimcore.identity.link_log import LinkLog
from mimcore.identity.linking import states_of
from mimcore.repositories.listing import take_off_list
from mimcore.repositories.plain_states import SETTLED, plain_state, read_state
from mimcore.repositories.records import LinkAction, MergeLink
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["Unlinked", "unlink_records", "without_contribution"]

P = TypeVar("P", bound=ContactPoint)
_POINTS = ("contact.emails", "contact.phones")
_NAME = frozenset(f"contact.name.{part}" for part in ("title", "given", "middle", "family", "suffix"))
_BAND = frozenset({"contact.demographic.age_band", "contact.demographic.age_band_on"})
_NEEDS = {
    _NAME: frozenset({"contact.name.given", "contact.name.family"}),
    _BAND: frozenset({"contact.demographic.age_band_on"}),
}
"""Fields that belong together, and those of which one must be there for the others to mean anything."""


@dataclass(frozen=True, slots=True)
class Unlinked:
    """Two records that stand apart again.

    Attributes:
        kept: Fields of the survivor that were changed since and stay as they are.
        edited: What the golden record held in the fields that were changed since, in plain values.
        states: The states of the golden record's values.
    """

    survivor: Contact
    other: Contact
    kept: tuple[str, ...]
    edited: Mapping[str, Any]
    states: tuple[FreshnessState, ...]


def unlink_records(work: UnitOfWork, link: MergeLink) -> Unlinked:
    """Take a link back. No later link may rest on it.

    Args:
        work: Open unit of work.
        link: A link that holds.

    Returns:
        Both records as they are stored now, and what stays changed.
    """
    recorder, origin = work.recorder, work.origin
    golden, merged = work.contacts.get_all([link.survivor_id, link.other_id])
    states = states_of(work, golden)
    values, kept = _values_before(golden, link)
    alone, other = restored(golden, values), _as_known_now(restored(merged, link.before["other"]), golden, link)
    stored = recorder.changed([(golden, alone)], origin, ChangeKind.UNMERGED)[0]
    back = recorder.changed([(merged, other)], origin, ChangeKind.UNMERGED)[0]
    put_aside = (*_states_before(link, values, stored, states), *_moved_back(link, back, states))
    settled = [resettled(one, recorder.half_lives) for one in put_aside]
    work.transaction.freshness.put(settled)
    _part_events(work, link)
    _part_lists(work, link)
    actor, at, memory = origin.actor, origin.recorded_at, {SETTLED: [plain_state(one) for one in settled]}
    undo = MergeLink(
        LinkAction.UNLINK, link.survivor_id, link.other_id, "taken back", None, link.model, actor, at, memory, link.id
    )
    work.transaction.merges.append([undo])
    return Unlinked(stored, back, kept, _edited(golden, link), tuple(states))


def _edited(golden: Contact, link: MergeLink) -> dict[str, Any]:
    now = flatten(golden)
    return {name: now.get(name) for name, merged in link.before["after"].items() if now.get(name) != merged}


def _values_before(golden: Contact, link: MergeLink) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the survivor's values to restore, and the fields that were changed since and stay."""
    now, after, before = flatten(golden), link.before["after"], link.before["survivor"]
    values = {name: before[name] for name in after if now.get(name) == after[name]}
    changed = [name for name in after if name not in values]
    lists = [name for name in changed if isinstance(after[name], list)]
    values |= {name: without_contribution(now.get(name), link, name) for name in lists}
    kept = {name for name in changed if name not in values}
    for unit, needed in _NEEDS.items():
        then = {name for name in unit if (values[name] if name in values else now.get(name)) is not None}
        if unit & kept or (then and not then & needed):
            kept |= unit & after.keys()
    return {name: value for name, value in values.items() if name not in kept}, tuple(sorted(kept))


def without_contribution(current: Any, link: MergeLink, name: str) -> Any:
    """Return a list without what a link had brought.

    Args:
        current: Plain value, or None.
        link: The link.
        name: Canonical field name.
    """
    after, before = link.before["after"].get(name) or (), link.before["survivor"].get(name) or ()
    brought = {_key(one) for one in after} - {_key(one) for one in before}
    left = [one for one in current or () if _key(one) not in brought]
    return (_with_primary(left) if name == "contact.accounts" else left) or None


def _key(element: Any) -> str:
    """What makes two elements of a list the same one: the id of a point, the account of a link, else everything."""
    if is_mapping(element):
        named = element.get("id") or element.get("account_id")
        return str(named) if named else json.dumps(element, sort_keys=True)
    return str(element)


def _with_primary(links: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the first current link the primary one where none is; `is_primary` stands in plain values only if false."""
    current = [link for link in links if link.get("end_on") is None]
    if not current or any(link.get("is_primary", True) for link in current):
        return list(links)
    return [{**link, "is_primary": True} if link is current[0] else link for link in links]


def _as_known_now(other: Contact, golden: Contact, link: MergeLink) -> Contact:
    """Give the other record its points back with what was learnt about them since: a bounce is not forgotten."""
    now: Sequence[ContactPoint] = golden.points
    update = {
        "emails": tuple(_learnt(point, now, link) for point in other.emails),
        "phones": tuple(_learnt(point, now, link) for point in other.phones),
    }
    return other.model_copy(update=update)


def _learnt(point: P, now: Iterable[ContactPoint], link: MergeLink) -> P:
    same = next((one for one in now if one.match_key == point.match_key), None)
    is_news = same is not None and same.state.value != link.before["points"].get(str(same.id))
    return point.evolve(state=same.state) if same is not None and is_news else point


def _states_before(
    link: MergeLink, values: Mapping[str, Any], survivor: Contact, states: Iterable[FreshnessState]
) -> Iterable[FreshnessState]:
    """The survivor's values are as old as they were; what is left of a list that was changed since keeps its age."""
    before, subjects = link.before["survivor"], {survivor.id, *(point.id for point in survivor.points)}
    exact = {name for name, value in values.items() if name not in _POINTS and value == before[name]}
    then = (read_state(one) for one in link.before["survivor_states"])
    yield from (one for one in then if one.attribute in exact)
    yield from (
        one for one in states if one.attribute in values and one.attribute not in exact and one.subject_id in subjects
    )


def _moved_back(link: MergeLink, other: Contact, states: Iterable[FreshnessState]) -> Iterable[FreshnessState]:
    """The other's points take their states with them, checks made since included."""
    points = {point.id for point in other.points}
    known = {one.subject_id: one for one in map(read_state, link.before["other_states"]) if one.subject_id in points}
    known |= {one.subject_id: one for one in states if one.subject_id in points}
    return (one._replace(contact_id=other.id) for one in known.values())


def _part_events(work: UnitOfWork, link: MergeLink) -> None:
    """Let interactions, leads and tasks count again for the record under which they were recorded."""
    merges = work.transaction.merges
    log = LinkLog(tuple(merges.all()))
    rest = LinkLog(tuple(one for one in log.entries if one.id != link.id))
    for record_id in rest.members(link.other_id):
        merges.move_back(record_id)
        if record_id != link.other_id:
            merges.move(record_id, link.other_id)


def _part_lists(work: UnitOfWork, link: MergeLink) -> None:
    for name in link.before["lists"]:
        key, kind = listed_as(name)
        segment = work.transaction.segments.with_key(key)
        if segment is not None:
            take_off_list(work.transaction, segment, [link.survivor_id], work.origin, kind, reason="merge undone")
