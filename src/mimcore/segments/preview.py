"""How a rule divides the contacts, condition by condition, before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mimcore.display import Table, count, percent
from mimcore.repositories.past.moment import Past
from mimcore.repositories.queries import Verdicts
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.explaining.english import describe
from mimcore.rules.explaining.needs import fields_of
from mimcore.rules.language import nodes
from mimcore.rules.writing.builder import all_of

__all__ = ["Preview", "PreviewStep", "preview"]


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """One condition of the rule.

    Attributes:
        text: The condition in plain English.
        kept: Contacts for whom this and all conditions before it are true.
        lost: Contacts that the conditions before kept and this one does not.
        undecided: Of all contacts, those for whom this condition alone cannot be decided.
        fields: Canonical names of the fields it reads.
    """

    text: str
    kept: int
    lost: int
    undecided: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """How a rule divides the active contacts at an instant. Members, non-members and unknown add up to everyone.

    Attributes:
        past: The past that was asked, with its mode; None for the present. `at` may be any instant all the same.
    """

    rule: nodes.Rule
    at: datetime
    verdicts: Verdicts
    steps: tuple[PreviewStep, ...]
    past: Past | None = None

    @property
    def members(self) -> int:
        """Contacts for whom the rule is true."""
        return self.verdicts.members

    @property
    def non_members(self) -> int:
        """Contacts for whom the rule is false."""
        return self.verdicts.non_members

    @property
    def unknown(self) -> int:
        """Contacts for whom the rule cannot be decided."""
        return self.verdicts.unknown

    @property
    def everyone(self) -> int:
        """All active contacts."""
        return self.members + self.non_members + self.unknown

    def table(self) -> Table:
        """The waterfall as a table."""
        rows: list[tuple[object, ...]] = [("everyone", self.everyone, 0, 0, "100 %")]
        rows += [(step.text, *self._figures(step)) for step in self.steps]
        rows += [(line, "–", "–", self.everyone, "–") for line in self.verdicts.not_collected]
        counts = f"{count(self.members)} in · {count(self.non_members)} out · {count(self.unknown)} cannot be decided"
        caption = f"{counts} · {self.at:%Y-%m-%d %H:%M} UTC"
        if self.past is not None:
            caption = f"{counts} · {self.past.words}"
        return Table.of(
            ("condition", "kept", "lost", "undecided", "share"), rows, title=describe(self.rule), caption=caption
        )

    def _figures(self, step: PreviewStep) -> tuple[object, ...]:
        """Nobody is kept where nobody was asked: that is no figure."""
        if self.verdicts.not_collected and not step.kept and step.undecided:
            return "–", "–", step.undecided, "–"
        return step.kept, step.lost, step.undecided, self._share(step.kept)

    def _share(self, kept: int) -> str:
        return percent(kept / self.everyone) if self.everyone else "–"

    def __str__(self) -> str:
        """The waterfall as text, with what was not collected in full below."""
        return "\n".join((str(self.table()), *self.verdicts.not_collected))

    def _repr_html_(self) -> str:
        return self.table().html()


def preview(work: UnitOfWork, rule: nodes.Rule, *, now: datetime | None = None) -> Preview:
    """Count how a rule divides the active contacts, and what each of its conditions keeps.

    Args:
        work: Open unit of work.
        rule: Any rule. The conditions of an `and` at its top are counted one after the other.
        now: Instant of evaluation; the unit of work's unless given.

    Returns:
        The counts.
    """
    at = work.origin.recorded_at if now is None else now
    conditions = rule.parts() if isinstance(rule, nodes.AllOf) else (rule,)
    kept, steps = work.contacts.count(), list[PreviewStep]()
    for index, condition in enumerate(conditions):
        before, kept = kept, work.contacts.count(all_of(conditions[: index + 1]), now=at)
        alone = work.contacts.verdicts(condition, now=at)
        steps.append(PreviewStep(describe(condition), kept, before - kept, alone.unknown, fields_of(condition)))
    return Preview(rule, at, work.contacts.verdicts(rule, now=at), tuple(steps), work.transaction.past)
