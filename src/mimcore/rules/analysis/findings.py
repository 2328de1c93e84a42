"""What the analysis of rules says: yes, no or undecided, each with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from mimcore.display import Tree
from mimcore.display.style import fragment
from mimcore.errors import RuleSyntaxError
from mimcore.rules.explaining.english import describe
from mimcore.rules.language.nodes import Rule

__all__ = ["Analysis", "Decision", "Finding", "IdleBranch"]


class Decision(StrEnum):
    """An answer that holds for every contact, whatever the data are."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to a question about rules, and why. `yes` and `no` are proven; `undecided` says nothing.

    Attributes:
        answer: Yes, no or undecided.
        reason: Why, in a sentence; an example where the answer is no.
    """

    answer: Decision
    reason: str

    @property
    def is_yes(self) -> bool:
        """Whether it is proven."""
        return self.answer is Decision.YES

    @property
    def is_no(self) -> bool:
        """Whether the opposite is proven."""
        return self.answer is Decision.NO

    @property
    def is_undecided(self) -> bool:
        """Whether neither is."""
        return self.answer is Decision.UNDECIDED

    def __bool__(self) -> NoReturn:
        """Refuse: undecided is neither true nor false."""
        raise RuleSyntaxError("a finding has no truth value, for it may be undecided: use .is_yes or .is_no")

    def __str__(self) -> str:
        """Answer and reason."""
        return f"{self.answer}: {self.reason}"


@dataclass(frozen=True, slots=True)
class IdleBranch:
    """A part of a rule that may be taken out: the same contacts are members without it.

    Attributes:
        path: Its JSON path, such as `rule.rules[1]`.
        rule: The part.
        effect: What the part does not do: `adds nobody` among alternatives, `excludes nobody` among conditions.
    """

    path: str
    rule: Rule
    effect: str

    @property
    def text(self) -> str:
        """The part in plain English."""
        return describe(self.rule)

    def __str__(self) -> str:
        """Path, part and effect."""
        return f"{self.path} {self.effect}: {self.text}"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What can be said of a rule without data.

    Attributes:
        rule: The rule.
        never_true: Whether no contact can ever be a member.
        always_true: Whether every contact is a member, one of whom nothing is known included.
        dead_branches: Parts that may all be taken out together, with the same members; looked for only in a rule that
            is neither never nor always true.
        undecided_branches: Paths of the parts about which this is not known.
    """

    rule: Rule
    never_true: Finding
    always_true: Finding
    dead_branches: tuple[IdleBranch, ...] = ()
    undecided_branches: tuple[str, ...] = ()

    def tree(self) -> Tree:
        """The findings as a tree."""
        return Tree(describe(self.rule), tuple(Tree(line) for line in self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"never true — {self.never_true}"
        yield f"always true — {self.always_true}"
        for branch in self.dead_branches:
            yield f"dead branch — {branch}"
        if self.undecided_branches:
            yield f"undecided branches — {', '.join(self.undecided_branches)}"

    def __str__(self) -> str:
        """The tree as text."""
        return str(self.tree())

    def _repr_html_(self) -> str:
        return fragment(self.tree().html())
