"""What a segment's memberships are made by: its rule, those it refers to, and what they are bound with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.domain.segment import Segment
from mimcore.errors import NotFoundError, RuleError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.explaining.needs import fields_read, needs_of
from mimcore.rules.language.nodes import InSegment, Rule

__all__ = ["Making", "Workings", "content_hash", "workings"]


@dataclass(frozen=True, slots=True)
class Making:
    """How one segment is made.

    Attributes:
        needs: What its rule reads beside the contact, by the names of `Facts`.
        rules: Hash of its rule and of all rules that it refers to.
        setting: Hash of the zone, and of half-lives and attributes as far as they matter to it.
    """

    segment: Segment
    needs: frozenset[str]
    rules: str
    setting: str

    @property
    def fingerprint(self) -> str:
        """Both hashes."""
        return f"{self.rules}:{self.setting}"

    @property
    def is_timed(self) -> bool:
        """Whether time alone can move people: the rule reads the clock, or asks for consents, which may end."""
        return not self.needs.isdisjoint({"now", "permissions"})

    def is_new_rule(self, fingerprint: str) -> bool:
        """Tell whether the rule differs from the one of an older fingerprint."""
        return fingerprint.partition(":")[0] != self.rules


@dataclass(frozen=True, slots=True)
class Workings:
    """How all segments are made.

    Attributes:
        makings: By id of the segment; archived ones too.
        failed: Why a segment cannot be evaluated, by key.
    """

    makings: Mapping[UUID, Making]
    failed: Mapping[str, str]

    @property
    def timed(self) -> str:
        """Hash of all that time alone can move people by; empty if there is nothing."""
        timed = (one for one in self.makings.values() if one.is_timed and not one.segment.is_archived)
        parts = sorted(one.fingerprint + str(one.segment.id) for one in timed)
        return _hash(parts) if parts else ""


@dataclass(frozen=True, slots=True)
class _Setting:
    """What rules are bound with, read once for all of them."""

    zone: str
    attributes: tuple[CustomAttribute, ...]
    half_lives: Mapping[str, float]


def content_hash(rule: Rule | None) -> str:
    """Return the hash of a rule's content; an empty text for a list kept by hand.

    Examples:
        >>> from mimcore import fields as f
        >>> content_hash(f.contact.country == "DK") == content_hash(f.contact.country == "DK"), content_hash(None)
        (True, '')
    """
    return "" if rule is None else _hash([rule.to_json()])


def workings(work: UnitOfWork) -> Workings:
    """Read how all segments of a store are made.

    Args:
        work: Open unit of work.
    """
    segments = tuple(work.transaction.segments.all())
    rules: dict[str, Rule | None] = {one.key: one.rule for one in segments}
    transaction, zone = work.transaction, work.origin.zone.key
    setting = _Setting(zone, tuple(transaction.attributes.all()), transaction.freshness.half_lives())
    makings: dict[UUID, Making] = {}
    failed: dict[str, str] = {}
    for one in segments:
        try:
            makings[one.id] = _making(setting, one, rules)
        except (RuleError, NotFoundError) as error:
            failed[one.key] = str(error)
    return Workings(makings, failed)


def _making(setting: _Setting, segment: Segment, rules: Mapping[str, Rule | None]) -> Making:
    rule: Rule = InSegment(segment=segment.key) if segment.rule is None else segment.rule
    needs, read = needs_of(rule, rules), frozenset(fields_read(rule, rules))
    texts = [f"{key}={content_hash(rules[key])}" for key in sorted(_reached(segment.key, rules))]
    declared = sorted(f"{one.field_name}/{one.version}" for one in setting.attributes if one.field_name in read)
    lives = sorted(setting.half_lives.items()) if "states" in needs else []
    own = "" if segment.rule is None else segment.rule.to_json()
    return Making(segment, needs, _hash([own, *texts]), _hash([setting.zone, *declared, *map(str, lives)]))


def _reached(key: str, rules: Mapping[str, Rule | None]) -> set[str]:
    """Return the keys of the segments that one refers to, directly or through others."""
    found: set[str] = set()
    waiting = list(_mentioned(rules[key]))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(_mentioned(rules.get(one)))
    return found


def _mentioned(rule: Rule | None) -> Iterable[str]:
    if rule is None:
        return ()
    own = (rule.segment,) if isinstance(rule, InSegment) else ()
    return (*own, *(key for part in rule.parts() for key in _mentioned(part)))


def _hash(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
