"""Frozen audiences of a store: freezing them, finding them again, and what two of them share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from mimcore.capture.exporting.writing import write_text_rows
from mimcore.domain.campaign import Campaign
from mimcore.domain.consent import purpose as declared_purpose
from mimcore.domain.segment import Segment
from mimcore.domain.vocabularies import Channel
from mimcore.errors import InvalidValueError
from mimcore.repositories.consenting import as_channel
from mimcore.repositories.reaching import point_kind
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.nodes import Rule
from mimcore.segments.audiences.capping import FrequencyCap
from mimcore.segments.audiences.freezing import audience_of, freeze, named, named_audience
from mimcore.segments.audiences.frozen import FrozenAudience, frozen
from mimcore.segments.audiences.overlap import AudienceOverlap, overlap_of
from mimcore.segments.audiences.splitting import new_split
from mimcore.segments.audiences.terms import Exclusion, Terms
from mimcore.segments.personalisation import declared_fallbacks
from mimcore.values.arguments import check_probability, given_list
from mimcore.values.identifiers import check_key
from mimcore.values.mapping import FrozenMapping

if TYPE_CHECKING:
    from mimcore.store.store import Store

__all__ = ["AudiencesAccessor"]


class AudiencesAccessor:
    """Audiences that are kept: who was in them, by which rule, on which consent, and what the others lacked.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:")
        >>> with store.begin() as work:
        ...     (ana,) = work.add(mim.Contact(emails=["ana@acme.dk"]))
        ...     _ = work.grant(ana.primary_email, channel="email", purpose="newsletter", method="form", notice="v3")
        >>> spring = store.audiences.freeze("spring", mim.everyone(), channel="email", purpose="newsletter")
        >>> len(spring), store.audiences.get("spring") == spring
        (1, True)
    """

    def __init__(self, store: Store) -> None:
        """Look at a store.

        Args:
            store: An open store.
        """
        self._store = store

    def freeze(
        self,
        key: str,
        segment: Segment | Rule | str,
        *,
        channel: Channel | str,
        purpose: str,
        least_freshness: float = 0.0,
        exclude: Segment | Rule | str | Iterable[Segment | Rule | str] = (),
        exclude_audiences: FrozenAudience | str | Iterable[FrozenAudience | str] = (),
        caps: FrequencyCap | Iterable[FrequencyCap] = (),
        split: Mapping[str, float] | None = None,
        salt: str | None = None,
        hold_out: Iterable[str] | None = None,
        campaign: Campaign | str | None = None,
        fallbacks: Mapping[str, str] | None = None,
        actor: str | None = None,
    ) -> FrozenAudience:
        """Lead a segment through exclusions, the consent gate and frequency caps, divide it, and keep the result.

        One transaction, with one event `audience_frozen` in the outbox. The same request again returns what is kept,
        whatever has changed since.

        Args:
            key: Key of the audience.
            segment: A segment, its key, or a rule.
            channel: email, sms or phone.
            purpose: Declared purpose, such as newsletter.
            least_freshness: Addresses must be right with at least this probability, 0-1; 0 asks for nothing.
            exclude: Segments, their keys, or rules: who is in one of them is left out.
            exclude_audiences: Frozen audiences or their keys: who is in a group of one of them is left out.
            caps: At most so many contacts in so many days.
            split: Share of each group, 0-1, in order; together 1. One group of everybody unless given.
            salt: What the groups are drawn by; the key unless given. The same salt draws the same groups.
            hold_out: Groups that are never handed over; the one called `control` unless given.
            campaign: Campaign under which sends are recorded; the key unless given.
            fallbacks: What stands for a merge field that is doubtful, stale or missing, by field.
            actor: Who freezes it.

        Raises:
            DuplicateKeyError: If the key is taken by another request.
            NotFoundError: If there is no such segment or audience.
            InvalidValueError: If anything that was given is out of range.

        Examples:
            >>> import mimcore as mim
            >>> store = mim.connect("memory:")
            >>> groups = {"test": 0.9, "control": 0.1}
            >>> empty = store.audiences.freeze(
            ...     "spring", mim.everyone(), channel="email", purpose="newsletter", split=groups
            ... )
            >>> empty.groups
            {'test': 0, 'control': 0}
        """
        check_key(key, "audience")
        used = as_channel(channel)
        point_kind(used)
        declared_purpose(purpose)
        check_probability(least_freshness, "least_freshness")
        groups = new_split(split, key if salt is None else salt, hold_out)
        named_campaign = campaign.key if isinstance(campaign, Campaign) else campaign
        with self._store.begin(actor=actor) as work:
            source, exclusions = named(work, segment), _exclusions(work, exclude, exclude_audiences)
            terms = Terms(
                source.key,
                source.version,
                source.rule_hash,
                source.rule,
                used,
                purpose,
                float(least_freshness),
                tuple(exclusions),
                _caps(caps),
                groups,
                check_key(named_campaign or key, "campaign"),
                FrozenMapping(declared_fallbacks(fallbacks)),
            )
            record = freeze(work, key, terms, source.asked, exclusions)
            return self._frozen(work, record.key)

    def get(self, key: str) -> FrozenAudience:
        """Return a frozen audience.

        Raises:
            NotFoundError: If there is none of that key.
        """
        with self._store.read() as work:
            return self._frozen(work, key)

    def all(self) -> tuple[FrozenAudience, ...]:
        """Return all frozen audiences, oldest first."""
        with self._store.read() as work:
            return tuple(self._frozen(work, one.key) for one in work.transaction.audiences.all())

    def overlap(self, first: FrozenAudience | str, second: FrozenAudience | str) -> AudienceOverlap:
        """Count the people whom two audiences share, group by group; merged records count once.

        Args:
            first: A frozen audience or its key.
            second: Another one.

        Raises:
            NotFoundError: If there is no audience of a key.
        """
        with self._store.read() as work:
            return overlap_of(work, _key(first), _key(second))

    def _frozen(self, work: UnitOfWork, key: str) -> FrozenAudience:
        return frozen(work, audience_of(work, key), self._store, write_text_rows)


def _caps(given: object) -> tuple[FrequencyCap, ...]:
    listed = tuple(cast("Iterable[object]", given)) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(one, FrequencyCap) for one in listed):
        raise InvalidValueError("caps", "are no frequency caps", "give mim.FrequencyCap(2, days=7), or a list of them")
    return cast("tuple[FrequencyCap, ...]", listed)


def _key(audience: FrozenAudience | str) -> str:
    return audience.key if isinstance(audience, FrozenAudience) else audience


_SEGMENTS = "give a segment, its key, a rule, or a list of them"
_AUDIENCES = "give a frozen audience, its key, or a list of them"


def _exclusions(
    work: UnitOfWork,
    segments: Segment | Rule | str | Iterable[Segment | Rule | str],
    audiences: FrozenAudience | str | Iterable[FrozenAudience | str],
) -> dict[Exclusion, Rule | None]:
    found: dict[Exclusion, Rule | None] = {}
    for segment in (
        [segments] if isinstance(segments, Segment | Rule | str) else given_list(segments, "exclude", _SEGMENTS)
    ):
        source = named(work, segment)
        found[Exclusion("segment" if source.key else "rule", source.key, source.rule_hash)] = source.asked
    for audience in (
        [audiences]
        if isinstance(audiences, FrozenAudience | str)
        else given_list(audiences, "exclude_audiences", _AUDIENCES)
    ):
        found[named_audience(work, _key(audience))] = None
    return found
