"""What can be asked of a contact beside its own values and events: its accounts, consent, scores, a fair sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, NoReturn, cast

from mimcore.errors import RuleTypeError
from mimcore.rules.language import nodes
from mimcore.rules.language.handles import Handle, probability
from mimcore.rules.language.rule import Everyone, Rule, as_rule
from mimcore.rules.lowering.belonging import check_belongs
from mimcore.rules.writing.measures import WholeMeasure

__all__ = ["AccountsField", "AnyFreshnessMeasure", "AnyPoint", "LinkCount", "PointsField", "ScoreMeasure"]


class AccountsField(Handle):
    """The active accounts that a contact is linked to now. Conditions on them mention `f.account` fields only.

    Examples:
        >>> from mimcore import fields as f
        >>> rule = f.contact.accounts.any((f.account.employees >= 200) & (f.account.country == "DK"))
        >>> print(rule)
        any account has employees is at least 200 and country is DK
    """

    _comparing: ClassVar[str] = ".any(...), .all(...) or .count()"

    def __repr__(self) -> str:
        """As it is written."""
        return "f.contact.accounts"

    def any(self, condition: Rule) -> Rule:
        """The condition holds for at least one account; false where there is none.

        Args:
            condition: A rule on one account: all of it must hold for the same one.

        Raises:
            RuleTypeError: If it mentions anything but `f.account` fields.
        """
        return nodes.AccountTest(op="any_account", where=_where(condition))

    def all(self, condition: Rule) -> Rule:
        """There is an account, and the condition holds for every one."""
        return (self.count() >= 1) & nodes.AccountTest(op="all_accounts", where=_where(condition))

    def count(self, condition: Rule | None = None) -> LinkCount:
        """For how many accounts the condition is true; for all accounts unless one is given. Never unknown."""
        return LinkCount(Everyone() if condition is None else _where(condition, "count"))


def _where(condition: Rule, operator: str = "accounts") -> Any:
    checked = as_rule(condition, operator)
    check_belongs(checked, "account")
    return cast("Any", checked)


@dataclass(frozen=True, eq=False, repr=False)
class LinkCount(WholeMeasure):
    """For how many accounts of a contact a condition is true."""

    condition: Rule
    counted = "a count of accounts"

    def __repr__(self) -> str:
        """As it is written, without the literals of the condition."""
        return "f.contact.accounts.count(…)"

    def _counted(self, comparison: Any, value: int) -> Rule:
        where: Any = self.condition
        return nodes.AccountTest(op="account_count", where=where, comparison=comparison, value=value)


@dataclass(frozen=True, eq=False)
class ScoreMeasure(Handle):
    """A decayed score of a contact. No scores are kept yet: a rule that asks for one is refused when it is bound."""

    name: str
    _comparing: ClassVar[str] = ">= or <"

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.contact.score({self.name!r})"

    def __ge__(self, value: float) -> Rule:
        """At least so much."""
        return nodes.ScoreTest(score=self.name, value=value)

    def __lt__(self, value: float) -> Rule:
        """Less than so much."""
        return ~(self >= value)


class PointsField(Handle):
    """The current e-mail addresses, or phone numbers, of a contact: `f.contact.emails.any.freshness() >= 0.7`."""

    def __init__(self, points: Literal["emails", "phones"]) -> None:
        """Refer to them.

        Args:
            points: Which.
        """
        self.any: Final = AnyPoint(points)
        """Any of them."""
        self.points: Final = points
        """Which they are."""

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.contact.{self.points}"

    def _called(self) -> str:
        return repr(self)

    def __eq__(self, value: object) -> NoReturn:
        """Refuse: people have any number of them."""
        one = f"f.contact.primary_{self.points.removesuffix('s')}"
        raise RuleTypeError(f"{self!r} are any number of them: compare {one}, or ask {self!r}.any.freshness()")

    __ne__ = __eq__
    __hash__ = Handle.__hash__


class AnyPoint:
    """Any of several contact points."""

    def __init__(self, points: Literal["emails", "phones"]) -> None:
        """Refer to them.

        Args:
            points: Which.
        """
        self._points: Literal["emails", "phones"] = points

    def freshness(self) -> AnyFreshnessMeasure:
        """The probability that any of them is still right; compare with `>=` or `<` and a number in (0, 1]."""
        return AnyFreshnessMeasure(self._points)


class AnyFreshnessMeasure(Handle):
    """Freshness of the best of several contact points; compared with `>=` or `<`."""

    _comparing: ClassVar[str] = ">= or <"

    def __init__(self, points: Literal["emails", "phones"]) -> None:
        """Measure contact points.

        Args:
            points: Which.
        """
        self._points: Literal["emails", "phones"] = points

    def __repr__(self) -> str:
        """As it is written."""
        return f"f.contact.{self._points}.any.freshness()"

    def __ge__(self, threshold: float) -> Rule:
        """Any of them is at least this fresh; unknown where none is dated."""
        return nodes.AnyFreshness(points=self._points, value=probability(threshold))

    def __lt__(self, threshold: float) -> Rule:
        """All that are dated are less fresh than this; unknown where none is dated."""
        return ~(self >= threshold)
