"""The membership index: which of thousands of segments one contact is in, as evaluating every rule would say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mimcore.errors import MissingFactsError
from mimcore.rules.evaluation.facts import ABSENT, Facts
from mimcore.rules.indexing.atoms import Effect
from mimcore.rules.indexing.changes import readings
from mimcore.rules.indexing.conditions import Conditions
from mimcore.rules.indexing.groups import Group
from mimcore.rules.indexing.memberships import Memberships
from mimcore.rules.indexing.question import Question
from mimcore.rules.indexing.segments import Segments
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.bound import Bound

__all__ = ["MembershipIndex"]


class MembershipIndex:
    """Many rules, asked together of one contact. Three answers, exactly those of `mim.evaluate`.

    It reads no clock and no store. Several threads may ask it while none changes it.

    Examples:
        >>> import mimcore as mim
        >>> from mimcore import fields as f
        >>> index = mim.MembershipIndex({"danes": f.contact.country == "DK", "cyclists": f.contact.city == "Aarhus"})
        >>> found = index.members_of(mim.Facts(contact=mim.Contact(country="DK")))
        >>> sorted(found.members), sorted(found.unknown)
        (['danes'], ['cyclists'])
    """

    def __init__(
        self,
        segments: Mapping[str, Rule | None] | None = None,
        *,
        binding: Binding | None = None,
        attributes: Iterable[Field] = (),
    ) -> None:
        """Take segments.

        Args:
            segments: Rules by key; None for a list kept by hand.
            binding: Zone and half-lives, as in `mim.evaluate`; the instant is that of the facts, and the segments are
                those of the index.
            attributes: Custom attributes that rules may mention, as `mim.attribute` returned them.

        Raises:
            RuleError: As `sync`.
        """
        self._binding = replace((binding or Binding()).knowing(attributes), now=None)
        self._segments = Segments(self._binding)
        self._unlisted: frozenset[str] = frozenset()
        self._latest = (self._segments.binding, self._binding)
        self.sync(segments or {})

    def __len__(self) -> int:
        """Number of segments."""
        return len(self._segments.rules)

    def __iter__(self) -> Iterator[str]:
        """The keys, those of unlisted segments too."""
        return iter(self._segments.rules)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a segment of that key."""
        return key in self._segments.rules

    @property
    def needs(self) -> frozenset[str]:
        """What facts must hold beside the contact: companions by their names in `Facts`, and `now`."""
        return self._conditions.needs

    @property
    def companions(self) -> Bound:
        """A bound rule that reads of companions what any of the segments reads."""
        return self._conditions.companions

    @property
    def _conditions(self) -> Conditions:
        return self._segments.conditions

    # --- segments come and go -----------------------------------------------------------------------------------------

    def add(self, key: str, rule: Rule | None) -> None:
        """Add a segment.

        Args:
            key: A new key.
            rule: Its rule; None for a list kept by hand.

        Raises:
            DuplicateKeyError: If there is a segment of that key.
            RuleError: If the rule does not fit its fields, names a segment that is not there, or leads back to itself.
        """
        self._segments.add(key, rule)

    def replace(self, key: str, rule: Rule | None) -> None:
        """Replace the rule of a segment.

        Args:
            key: Its key.
            rule: The new rule; None for a list kept by hand.

        Raises:
            UnknownFieldError: If there is no segment of that key.
            RuleError: As `add`.
        """
        self._segments.replace(key, rule)

    def remove(self, key: str) -> None:
        """Remove a segment.

        Args:
            key: Its key.

        Raises:
            UnknownFieldError: If there is no segment of that key, or if another segment refers to it.
        """
        self._segments.remove(key)

    def sync(self, segments: Mapping[str, Rule | None], *, unlisted: Collection[str] = ()) -> tuple[str, ...]:
        """Hold exactly these segments; what is equal stays untouched.

        Args:
            segments: Rules by key; None for a list kept by hand.
            unlisted: Keys of segments that other rules may refer to and no answer tells of: archived ones.

        Returns:
            The keys that were added, changed or removed, in alphabetical order.

        Raises:
            RuleError: If a rule does not fit its fields, names a segment that is not there, or leads back to itself;
                the index stays as it was.
        """
        changed = self._segments.sync(segments)
        self._unlisted = frozenset(unlisted)
        return changed

    # --- questions ----------------------------------------------------------------------------------------------------

    def members_of(self, facts: Facts) -> Memberships:
        """Return which segments a contact is in.

        Args:
            facts: What is known about it; `needs` tells what must be there.

        Raises:
            MissingFactsError: If something is absent that a rule reads.
        """
        return self._answered(facts, {})

    def after_change(self, facts: Facts, changed: Iterable[str], before: Memberships) -> Memberships:
        """Return which segments a contact is in after a change; only what depends on the change is asked again.

        Args:
            facts: What is known about the contact now.
            changed: Names of the fields that changed, and of other parts of the facts (`events`, `account`, …).
            before: The answer for the same contact before the change.

        Raises:
            UnknownFieldError: If there is no such field or part.
            MissingFactsError: As `members_of`.
        """
        read = readings(changed, self._binding.catalogue)
        is_same_time = before.at == self._bound_at(facts.now).now
        kept = before.parts_of(
            self._segments.numbering,
            lambda group: (is_same_time or not group.is_timed) and read.isdisjoint(group.reads),
        )
        return self._answered(facts, kept)

    def of_many(self, facts: Iterable[Facts]) -> list[Memberships]:
        """Return which segments each of many contacts is in, in their order.

        Args:
            facts: What is known about each.

        Raises:
            MissingFactsError: As `members_of`.
        """
        return [self._answered(one, {}) for one in facts]

    def _bound_at(self, now: datetime | None) -> Binding:
        """Return the binding of an instant; the latest is kept, since many contacts are asked about at one."""
        lasting, (known, found) = self._segments.binding, self._latest
        if known is not lasting or found.now != now:
            at = None if now is None else replace(lasting, now=now).instant("a membership index")
            found = replace(lasting, now=at)
            self._latest = lasting, found
        return found

    def _answered(self, facts: Facts, kept: Mapping[Group, Effect]) -> Memberships:
        self._require(facts)
        question = Question(facts, self._bound_at(facts.now))
        masks, parts = self._conditions.asked(question, kept, self._segments.numbering)
        question.forget()
        return Memberships(self._segments.numbering, masks, question, parts, self._unlisted)

    def _require(self, facts: Facts) -> None:
        absent = [name for name in self.needs if getattr(facts, name) is (None if name == "now" else ABSENT)]
        if absent:
            given = ", ".join(f"{name}=…" for name in sorted(absent))
            raise MissingFactsError(f"the segments read {', '.join(sorted(absent))}: give Facts({given})")
