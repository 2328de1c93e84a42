"""Conditions that ask beyond the contact's own values: its accounts, history, consent, scores, and a fair sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field as Described
from pydantic import StrictFloat, StrictInt, StrictStr

from mimcore.rules.language.rule import Comparing, Days, FieldName, Key, Rule, Scalar

if TYPE_CHECKING:
    from mimcore.rules.language.nodes import AnyRule

__all__ = ["AccountTest", "AnyFreshness", "ChangedWithin", "EverBeen", "MayReceive", "Sample", "ScoreTest"]


class AccountTest(Rule):
    """A condition on the accounts that the contact is linked to now: it holds for any, for all, or for so many.

    `any_account` is Kleene's or over the accounts, false on none; `all_accounts` its dual, true on none.
    `account_count` counts those for which the condition is true.
    """

    op: Literal["any_account", "all_accounts", "account_count"]
    where: AnyRule
    comparison: Comparing | None = None
    value: StrictInt | None = None

    def parts(self) -> tuple[Rule, ...]:
        """The condition on an account."""
        return (self.where,)


class ChangedWithin(Rule):
    """A known value was replaced by a different known one, observed in `[now − n, now]`; never unknown."""

    op: Literal["changed_within_days"] = "changed_within_days"
    field: FieldName
    days: Days


class EverBeen(Rule):
    """Any recorded value equals this one; unknown where none was ever recorded."""

    op: Literal["has_ever_been"] = "has_ever_been"
    field: FieldName
    value: Scalar


class AnyFreshness(Rule):
    """Any current address, or phone number, is still right with at least this probability (0-1].

    Unknown where none of them is dated.
    """

    op: Literal["any_freshness_at_least"] = "any_freshness_at_least"
    points: Literal["emails", "phones"]
    value: Annotated[StrictFloat, Described(gt=0, le=1)]


class MayReceive(Rule):
    """The one consent decision allows a message by this channel for this purpose; never unknown."""

    op: Literal["may_receive"] = "may_receive"
    channel: Key
    purpose: Key


class Sample(Rule):
    """A fair share of all contacts, the same for the same salt, on every engine; never unknown."""

    op: Literal["sample"] = "sample"
    percent: Annotated[StrictFloat | StrictInt, Described(gt=0, le=100)]
    salt: Annotated[StrictStr, Described(min_length=1, max_length=120)]


class ScoreTest(Rule):
    """A decayed score is at least this; refused when bound as long as no scores are kept."""

    op: Literal["score_at_least"] = "score_at_least"
    score: Key
    value: Annotated[StrictFloat | StrictInt, Described(gt=0)]
