"""What a new rule would do to a segment: who would enter, who would leave, and because of which condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import overload
from uuid import UUID

from mimcore.display import Table, count, utc_minute
from mimcore.display.style import fragment
from mimcore.domain.contact import Contact
from mimcore.domain.segment import Segment
from mimcore.errors import MissingFactsError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace
from mimcore.rules.explaining.differences import RuleDifference, RuleEdit, difference_of
from mimcore.rules.language import nodes
from mimcore.segments.references import rule_of

__all__ = ["Difference", "Movement", "diff"]

_SAMPLE = 10
Opened = Callable[[], AbstractContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Movement:
    """Those who would enter, or would leave.

    Attributes:
        count: How many.
        sample: The ids of the first few.
        reasons: How many of them each edit of the rule alone would move. One person may be moved by several edits, or
            only by several together.
        rule: The rule that is true for exactly these people; every method of a store takes it.
    """

    count: int
    sample: tuple[UUID, ...]
    reasons: tuple[tuple[RuleEdit, int], ...]
    rule: nodes.Rule
    at: datetime
    opened: Opened = attribute(repr=False, compare=False)

    def stream(self) -> Iterator[Contact]:
        """Yield all of them, in order of id, without holding them in memory."""
        with self.opened() as work:
            yield from work.contacts.stream(self.rule, now=self.at)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new rule would change for the active contacts at an instant; it prints itself as text and HTML.

    Attributes:
        rules: How the rules differ.
        at: The instant of both rules.
        before: Members by the old rule.
        entering: Those who are not members by the old rule (false or undecided), and are by the new one.
        leaving: Those who are members by the old rule, and are not by the new one.
        notes: In the past, a line for each custom attribute that was declared later.
    """

    rules: RuleDifference
    at: datetime
    before: int
    entering: Movement
    leaving: Movement
    notes: tuple[str, ...] = ()

    @property
    def after(self) -> int:
        """Members by the new rule."""
        return self.before + self.entering.count - self.leaving.count

    def table(self) -> Table:
        """The edits of the rule, with those who would enter and leave because of each."""
        rows: list[tuple[object, ...]] = [("all changes, each person once", self.entering.count, self.leaving.count)]
        pairs = zip(self.entering.reasons, self.leaving.reasons, strict=True)
        rows += [(edit.text, enters, leaves) for (edit, enters), (_, leaves) in pairs]
        kept = self.before - self.leaving.count
        caption = f"{count(self.before)} before · {count(self.after)} after · {count(kept)} stay"
        caption = f"{caption} · {utc_minute(self.at)}"
        return Table.of(("change", "would enter", "would leave"), rows, title="What the new rule does", caption=caption)

    def __str__(self) -> str:
        """The table as text, with what was not collected below."""
        return "\n".join((str(self.table()), *self.notes))

    def _repr_html_(self) -> str:
        return fragment(self.table().html())


@overload
def diff(old: nodes.Rule | Segment, new: nodes.Rule | Segment) -> RuleDifference: ...


@overload
def diff(
    old: nodes.Rule | Segment | str,
    new: nodes.Rule | Segment | str,
    store: Workspace | UnitOfWork,
    *,
    now: datetime | None = None,
) -> Difference: ...


def diff(
    old: nodes.Rule | Segment | str,
    new: nodes.Rule | Segment | str,
    store: Workspace | UnitOfWork | None = None,
    *,
    now: datetime | None = None,
) -> Difference | RuleDifference:
    """Compare two rules; with a store, tell who would enter and who would leave, and because of which condition.

    Args:
        old: The rule so far, a segment, or with a store its key.
        new: The rule to come, likewise.
        store: Whose contacts; a store, or a unit of work inside your own transaction. An asynchronous store:
            `await store.run(lambda s: mim.diff(old, new, s))`.
        now: Instant of evaluation; the store's clock unless given.

    Returns:
        Without a store, how the rules differ; with one, what that does.

    Raises:
        NotFoundError: If there is no segment of a key.
        MissingFactsError: If a segment is named by its key, and there is no store to find it in.

    Examples:
        >>> import mimcore as mim
        >>> store = mim.connect("memory:")
        >>> with store.begin() as work:
        ...     _ = work.add(mim.Contact(country="DK"), mim.Contact(country="SE"))
        >>> dk = mim.fields.contact.country == "DK"
        >>> change = diff(dk, mim.fields.contact.country.is_in("DK", "SE"), store)
        >>> change.entering.count, change.leaving.count
        (1, 0)
    """
    if store is None:
        return difference_of(_alone(old), _alone(new))
    opened = _opened(store)
    with opened() as work:
        at = work.origin.asked_at(now)
        return _counted(work, rule_of(work, old), rule_of(work, new), at, opened)


def _alone(rule: nodes.Rule | Segment | str) -> nodes.Rule:
    if isinstance(rule, str):
        raise MissingFactsError("a segment's key needs a store to find it in: mim.diff(old, new, store)")
    if isinstance(rule, Segment):
        return nodes.InSegment(segment=rule.key) if rule.rule is None else rule.rule
    return nodes.as_rule(rule, "diff")


def _opened(store: Workspace | UnitOfWork) -> Opened:
    """Return what opens a unit of work: the store's own short one, or the caller's, which stays open."""
    if isinstance(store, UnitOfWork):
        return lambda: nullcontext(store)
    return store.read


def _counted(work: UnitOfWork, old: nodes.Rule, new: nodes.Rule, at: datetime, opened: Opened) -> Difference:
    rules = difference_of(old, new)
    entering = _moved(work, rules, new & (~old).or_missing(), at, opened, is_entering=True)
    leaving = _moved(work, rules, old & (~new).or_missing(), at, opened, is_entering=False)
    notes = dict.fromkeys([*work.not_collected(old), *work.not_collected(new)])
    return Difference(rules, at, work.contacts.count(old, now=at), entering, leaving, tuple(notes))


def _moved(
    work: UnitOfWork, rules: RuleDifference, rule: nodes.Rule, at: datetime, opened: Opened, *, is_entering: bool
) -> Movement:
    number = work.contacts.count(rule, now=at)
    sample = work.contacts.find(rule, limit=_SAMPLE, now=at).items if number else ()
    reasons = tuple(
        (edit, work.contacts.count(rule & edit.turning(is_entering=is_entering), now=at) if number else 0)
        for edit in rules.edits
    )
    return Movement(number, tuple(contact.id for contact in sample), reasons, rule, at, opened)
