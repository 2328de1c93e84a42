"""What rules are bound with inside a unit of work: its instant and zone, half-lives, segments and fields."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from mimcore.domain.segment import listed_as
from mimcore.repositories.looking_up import looked_up
from mimcore.repositories.origin import Origin
from mimcore.repositories.past.declared import not_collected, uncollected
from mimcore.repositories.permissions import Permissions
from mimcore.repositories.ports import Transaction
from mimcore.repositories.reading import not_found
from mimcore.rules.language.catalogue import Catalogue
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind
from mimcore.rules.lowering.bound import Bound

__all__ = ["RuleBinding"]


class RuleBinding(Permissions):
    """What a unit of work knows about rules."""

    def __init__(self, transaction: Transaction, origin: Origin, secret: bytes, catalogue: Catalogue) -> None:
        """Work through a transaction.

        Args:
            transaction: Open transaction.
            origin: Provenance of writes; its instant is the one that rules are evaluated at.
            secret: Key of the suppression list.
            catalogue: The fields of the store, its custom attributes among them.
        """
        super().__init__(transaction, origin, secret)
        self._catalogue = catalogue

    @property
    def catalogue(self) -> Catalogue:
        """The fields that rules may mention here: the built-in ones and the store's custom attributes."""
        return self._catalogue

    def binding(self, now: datetime | None = None, zone: ZoneInfo | None = None) -> Binding:
        """Return what rules are bound with here: instant, zone, half-lives, segments, fields.

        Args:
            now: Instant of evaluation; the unit of work's clock unless given.
            zone: Zone of calendar conditions; the store's unless given.
        """
        self.alive()
        return Binding(
            now=self.origin.asked_at(now),
            zone=zone or self.origin.zone,
            half_lives=self.transaction.freshness.half_lives(),
            segment=self._segment,
            catalogue=self._catalogue,
            uncollected=uncollected(self.transaction),
        )

    def not_collected(self, rule: Rule) -> tuple[str, ...]:
        """Return a line for each custom attribute of a rule that was declared after the past that is read here."""
        return not_collected(self.transaction, rule, self._catalogue, self.origin.zone)

    def bind(self, rule: Rule, now: datetime | None = None) -> Bound:
        """Bind a rule to this store."""
        return bind(rule, self.binding(now))

    def question(self, rule: Rule, now: datetime | None = None) -> Bound:
        """Bind a rule to this store, and look up what its contacts cannot be asked: history and consent.

        See `looking_up` for what that costs.

        Args:
            rule: Any rule.
            now: Instant of evaluation; the unit of work's clock unless given.
        """
        at = self.origin.asked_at(now)
        return looked_up(self.bind(rule, at), self.transaction, self.gate, at)

    def _segment(self, name: str) -> SegmentReference:
        key, kind = listed_as(name)
        if kind != "list":
            return SegmentReference(name, None)
        found = self.transaction.segments.with_key(key)
        if found is None:
            raise not_found("segment", key, [one.key for one in self.transaction.segments.all()])
        return SegmentReference(key, found.effective_rule)
