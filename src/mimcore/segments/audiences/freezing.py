"""Freezing an audience: who is a member, who is left out for what, and who is in which group; one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from mimcore.display import utc_minute
from mimcore.domain.audience import AudienceMember, AudienceRecord, Fate
from mimcore.domain.segment import Segment
from mimcore.errors import DuplicateKeyError
from mimcore.repositories.reaching import decided, people_of
from mimcore.repositories.reading import not_found
from mimcore.repositories.records import OutboxEvent
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.nodes import InSegment, Rule
from mimcore.segments.audiences.capping import capped
from mimcore.segments.audiences.terms import Exclusion, Terms
from mimcore.segments.fingerprints import content_hash
from mimcore.segments.references import rule_of
from mimcore.values.identifiers import new_id

__all__ = ["ENTITY", "Named", "audience_of", "freeze", "named", "named_audience"]

ENTITY = "audience"
"""What the events of the outbox are about."""


@dataclass(frozen=True, slots=True)
class Named:
    """A segment or a rule, as it is at this moment.

    Attributes:
        rule: What is kept of it: the segment's rule.
        asked: The same with who was included and excluded by hand.
    """

    key: str
    version: int
    rule_hash: str
    rule: Rule
    asked: Rule


def named(work: UnitOfWork, segment: Segment | Rule | str) -> Named:
    """Return what a call means by a segment, with the rule that holds now.

    Args:
        work: Open unit of work.
        segment: A segment, its key, or a rule.

    Raises:
        NotFoundError: If there is no segment of that key.
    """
    asked = rule_of(work, segment)
    if isinstance(segment, Rule):
        return Named("", 0, content_hash(asked), asked, asked)
    known = work.segments.find_one(segment)
    found = segment if known is None and isinstance(segment, Segment) else known
    if found is None:
        raise not_found("segment", str(segment), [one.key for one in work.segments.all()])
    own = InSegment(segment=found.key) if found.rule is None else found.rule
    return Named(found.key, found.version, content_hash(found.rule), own, asked)


def audience_of(work: UnitOfWork, key: str) -> AudienceRecord:
    """Return a frozen audience.

    Raises:
        NotFoundError: If there is none of that key.
    """
    found = work.transaction.audiences.with_key(key)
    if found is None:
        raise not_found("audience", key, [one.key for one in work.transaction.audiences.all()])
    return found


def named_audience(work: UnitOfWork, key: str) -> Exclusion:
    """Return the exclusion of everybody who is in a group of a frozen audience.

    Raises:
        NotFoundError: If there is none of that key.
    """
    return Exclusion("audience", audience_of(work, key).key, "")


def freeze(
    work: UnitOfWork, key: str, terms: Terms, asked: Rule, exclusions: Mapping[Exclusion, Rule | None]
) -> AudienceRecord:
    """Decide an audience and store it; the same request again gives what is stored.

    Args:
        work: Open unit of work that writes.
        key: Key of the audience.
        terms: How it is asked for.
        asked: The segment's rule, with who was included and excluded by hand.
        exclusions: The rules of its exclusions; None for audiences.

    Raises:
        DuplicateKeyError: If the key is taken by another request.
    """
    audiences = work.transaction.audiences
    audiences.lock(key)
    known, fingerprint = audiences.with_key(key), terms.fingerprint()
    if known is not None:
        return _same(known, fingerprint)
    record = AudienceRecord(
        key,
        terms.channel.value,
        terms.campaign,
        work.origin.recorded_at,
        work.origin.actor,
        fingerprint,
        terms.to_data(),
        new_id(),
    )
    members = list(_Deciding(work, record, terms).members(asked, exclusions))
    audiences.add(record, members)
    work.transaction.outbox.append([_event(record, terms, members)])
    return record


def _same(known: AudienceRecord, fingerprint: str) -> AudienceRecord:
    if known.fingerprint == fingerprint:
        return known
    when = utc_minute(known.at)
    raise DuplicateKeyError(
        f"there is an audience '{known.key}' already, frozen {when} with another request: take another key"
    )


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What became of each member of the segment, step by step in the order of the waterfall."""

    work: UnitOfWork
    record: AudienceRecord
    terms: Terms

    def members(self, asked: Rule, exclusions: Mapping[Exclusion, Rule | None]) -> Iterator[AudienceMember]:
        """Yield one line for each member."""
        people = self.work.contacts.ids(asked, now=self.record.at)
        out = self._excluded(exclusions)
        yield from (self._left(one, Fate.EXCLUDED, out[one]) for one in people if one in out)
        yield from self._asked([one for one in people if one not in out])

    def _excluded(self, exclusions: Mapping[Exclusion, Rule | None]) -> Mapping[UUID, str]:
        """Return whom the exclusions name, each with the first that does."""
        found: dict[UUID, str] = {}
        for one, rule in exclusions.items():
            ids = self._in_audience(one.key) if rule is None else self.work.contacts.ids(rule, now=self.record.at)
            for contact_id in ids:
                found.setdefault(contact_id, str(one))
        return found

    def _in_audience(self, key: str) -> Iterable[UUID]:
        transaction = self.work.transaction
        ids = [one.contact_id for one in transaction.audiences.members(audience_of(self.work, key).id) if one.group]
        golden = transaction.merges.golden(ids)
        return [golden.get(one, one) for one in ids]

    def _asked(self, ids: Iterable[UUID]) -> Iterator[AudienceMember]:
        """Ask the gate, then the caps, and divide those who are left."""
        terms, record = self.terms, self.record
        answers = list(
            decided(
                self.work.gate,
                people_of(self.work.transaction.contacts, ids, terms.channel),
                channel=terms.channel,
                purpose=terms.purpose,
                at=record.at,
                least_freshness=terms.least_freshness,
            )
        )
        free = [one for one, _, decision in answers if decision]
        late = capped(self.work, free, terms.caps, channel=terms.channel, at=record.at)
        for one, point, decision in answers:
            if not decision:
                yield self._left(one, Fate(decision.reasons[0].value))
            elif one in late:
                yield self._left(one, Fate.CAPPED, str(late[one]))
            else:
                group = terms.split.group(one)
                fate = Fate.HELD_OUT if group in terms.split.held_out else Fate.CHOSEN
                place = None if point is None else point.id
                yield AudienceMember(record.id, one, fate, group, "", place, decision.act_id)

    def _left(self, contact_id: UUID, fate: Fate, because: str = "") -> AudienceMember:
        return AudienceMember(self.record.id, contact_id, fate, "", because, None, None)


def _event(record: AudienceRecord, terms: Terms, members: Sequence[AudienceMember]) -> OutboxEvent:
    """Tell of it without anything personal."""
    fates, groups = Counter(one.fate.value for one in members), Counter(one.group for one in members if one.group)
    data = {
        "key": record.key,
        "segment": terms.segment,
        "rule_hash": terms.rule_hash,
        "channel": record.channel,
        "purpose": terms.purpose,
        "campaign": record.campaign,
        "members": len(members),
        "counts": dict(sorted(fates.items())),
        "groups": {name: groups[name] for name in terms.split.groups},
        "held_out": list(terms.split.held_out),
    }
    return OutboxEvent("audience_frozen", ENTITY, record.id, 1, record.at, data)
