"""How an audience is asked for: everything that decides who is in it, as an object and as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from typing import Any

from mimcore.domain.vocabularies import Channel
from mimcore.rules.interchange.document import from_data
from mimcore.rules.language.nodes import Rule
from mimcore.segments.audiences.capping import FrequencyCap
from mimcore.segments.audiences.splitting import Split
from mimcore.values.mapping import FrozenMapping

__all__ = ["Exclusion", "Terms", "rule_data"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who is left out.

    Attributes:
        kind: `segment`, `rule` or `audience`.
        key: Key of the segment or audience; empty for a rule.
        rule_hash: Hash of the rule's content; empty for an audience, and for a list kept by hand.
    """

    kind: str
    key: str
    rule_hash: str

    def __str__(self) -> str:
        """What it is called where a person's fate is told."""
        return self.key or f"rule {self.rule_hash}"


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that decides who is in an audience.

    Attributes:
        segment: Key of the segment; empty for a rule.
        segment_version: Its version when it was frozen; 0 for a rule.
        rule_hash: Hash of the rule's content; empty for a list kept by hand.
        rule: The segment's rule; who was in or out by hand is told by the list of members.
        purpose: Declared purpose.
        least_freshness: Addresses must be right with at least this probability.
        exclusions: Who is left out.
        caps: Frequency caps.
        split: Groups, salt, and which of them are held out.
        fallbacks: What stands for a merge field that is doubtful, stale or missing.
    """

    segment: str
    segment_version: int
    rule_hash: str
    rule: Rule
    channel: Channel
    purpose: str
    least_freshness: float
    exclusions: tuple[Exclusion, ...]
    caps: tuple[FrequencyCap, ...]
    split: Split
    campaign: str
    fallbacks: Mapping[str, str]

    def to_data(self) -> Mapping[str, Any]:
        """Return everything as plain data."""
        return {
            "segment": self.segment,
            "segment_version": self.segment_version,
            "rule_hash": self.rule_hash,
            "rule": rule_data(self.rule),
            "channel": self.channel.value,
            "purpose": self.purpose,
            "least_freshness": self.least_freshness,
            "exclusions": [[one.kind, one.key, one.rule_hash] for one in self.exclusions],
            "caps": [[one.most, one.days, list(map(str, one.channels)), list(one.kinds)] for one in self.caps],
            "split": [[name, share] for name, share in self.split.shares],
            "salt": self.split.salt,
            "held_out": list(self.split.held_out),
            "campaign": self.campaign,
            "fallbacks": dict(self.fallbacks),
        }

    def fingerprint(self) -> str:
        """Return the hash of the request; the version of a segment whose rule is the same does not count."""
        data = {name: value for name, value in self.to_data().items() if name != "segment_version"}
        return sha256(dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Terms:
        """Read what `to_data` wrote."""
        shares = tuple((str(name), float(share)) for name, share in data["split"])
        return cls(
            data["segment"],
            data["segment_version"],
            data["rule_hash"],
            from_data(data["rule"]),
            Channel(data["channel"]),
            data["purpose"],
            float(data["least_freshness"]),
            tuple(Exclusion(*one) for one in data["exclusions"]),
            tuple(_cap(*one) for one in data["caps"]),
            Split(shares, data["salt"], tuple(data["held_out"])),
            data["campaign"],
            FrozenMapping(data["fallbacks"]),
        )


def _cap(most: int, days: float, channels: Sequence[str], kinds: Iterable[str]) -> FrequencyCap:
    return FrequencyCap(most, days, channels, list(kinds))


def rule_data(rule: Rule) -> Mapping[str, Any]:
    """Return a rule as plain data."""
    return rule.model_dump(mode="json", exclude_none=True)
