"""Kinds of checks: how much each tells, and what usually makes somebody check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mimcore.errors import InvalidValueError, nearest

__all__ = ["EVIDENCE", "Evidence", "Trigger", "as_trigger", "evidence_by"]


class Trigger(StrEnum):
    """What made somebody check: only planned and random checks tell how fast values decay.

    What is checked because something happened (it bounced, its owner wrote) is not wrong as often as the rest is.
    """

    PLANNED = "planned"
    RANDOM = "random"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kind of check: how often it says "valid" of right and of wrong values.

    Attributes:
        sensitivity: Probability that it says "valid" of a right value, 0-1.
        false_confirmation: Probability that it says "valid" of a wrong value, 0-1; not above `sensitivity`.
        only_refutes: Whether its silence is no confirmation.
        trigger: What usually makes somebody check like this.
    """

    sensitivity: float
    false_confirmation: float
    only_refutes: bool = False
    trigger: Trigger = Trigger.EVENT

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing: it says "valid" of right and of wrong values alike."""
        return self.sensitivity == self.false_confirmation


EVIDENCE: Mapping[str, Evidence] = {
    "owner": Evidence(0.99, 0.02),
    "double_opt_in": Evidence(0.99, 0.01),
    "mailbox_check": Evidence(0.97, 0.10, trigger=Trigger.PLANNED),
    "delivered": Evidence(0.98, 0.50),
    "opened": Evidence(0.90, 0.50),
    "vendor": Evidence(0.90, 0.30, trigger=Trigger.PLANNED),
    "hard_bounce": Evidence(0.98, 0.02, only_refutes=True),
    "soft_bounce": Evidence(0.5, 0.5, only_refutes=True),
    "unreachable": Evidence(0.95, 0.20, only_refutes=True),
    "survey": Evidence(0.97, 0.05, trigger=Trigger.PLANNED),
    "call": Evidence(0.97, 0.05, trigger=Trigger.PLANNED),
}
"""Kinds of checks with their rates (judgement). A soft bounce is no observation: the mailbox was full for a day."""


def evidence_by(name: str) -> Evidence:
    """Return a declared kind of check.

    Raises:
        InvalidValueError: With the nearest declared kind.
    """
    if name in EVIDENCE:
        return EVIDENCE[name]
    raise InvalidValueError(
        "by", f"is not a declared kind of check{nearest(name, EVIDENCE)}", f"use one of {', '.join(EVIDENCE)}"
    )


def as_trigger(name: Trigger | str) -> Trigger:
    """Return what made somebody check, by its name.

    Raises:
        InvalidValueError: If it is none.
    """
    if name in set(Trigger):
        return Trigger(name)
    raise InvalidValueError("trigger", "is none of planned, random, event", "say why the check was made")
