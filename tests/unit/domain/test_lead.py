"""The lead's way through the funnel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.domain.lead import Lead, LeadStage, LeadStep
from mimcore.errors import InvalidValueError, TransitionError

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
LEAD = Lead(contact_id=UUID(int=7), captured_at=START)
# Written by hand from the funnel in the glossary: forward one step, back to nurturing, lost from everywhere that is open.
ALLOWED = {
    ("new", "nurturing"), ("new", "mql"), ("new", "lost"),
    ("nurturing", "mql"), ("nurturing", "lost"),
    ("mql", "sal"), ("mql", "nurturing"), ("mql", "lost"),
    ("sal", "sql"), ("sal", "nurturing"), ("sal", "lost"),
    ("sql", "opportunity"), ("sql", "nurturing"), ("sql", "lost"),
    ("opportunity", "won"), ("opportunity", "nurturing"), ("opportunity", "lost"),
    ("lost", "nurturing"),
}  # fmt: skip
WAYS = {
    "new": [],
    "nurturing": ["nurturing"],
    "mql": ["mql"],
    "sal": ["mql", "sal"],
    "sql": ["mql", "sal", "sql"],
    "opportunity": ["mql", "sal", "sql", "opportunity"],
    "won": ["mql", "sal", "sql", "opportunity", "won"],
    "lost": ["lost"],
}


def lead_in(stage: str) -> Lead:
    """A lead that went straight to a stage, a step a day."""
    lead = LEAD
    for number, step in enumerate(WAYS[stage], 1):
        lead = lead.advance(step, at=START + number * DAY, reason="too expensive" if step == "lost" else None)
    return lead


@pytest.mark.parametrize(("before", "after"), list(product(LeadStage, LeadStage)), ids=str)
def test_only_the_steps_of_the_funnel_are_allowed(before: LeadStage, after: LeadStage) -> None:
    """All 64 pairs of stages; a refused step names those that are allowed."""
    lead, at = lead_in(before), START + 10 * DAY
    if (before, after) in ALLOWED:
        moved = lead.advance(after, at=at, reason="why")
        assert moved.stage is after
        assert moved.steps[-1] == LeadStep(stage=after, at=at, reason="why")
        assert lead.stage is before
    else:
        with pytest.raises(TransitionError, match="allowed: ") as caught:
            lead.advance(after, at=at, reason="why")
        assert all(target in str(caught.value) for source, target in ALLOWED if source == before)
        with pytest.raises(InvalidValueError, match="steps"):
            lead.evolve(steps=(*lead.steps, LeadStep(stage=after, at=at)))


def test_won_is_final() -> None:
    """Nothing comes after it, and the message says so."""
    with pytest.raises(TransitionError, match="the stage is final"):
        lead_in("won").advance("lost", at=START + 10 * DAY, reason="why")
    assert [lead_in(stage).is_open for stage in ("new", "opportunity", "won", "lost")] == [True, True, False, False]


def test_a_loss_needs_a_reason() -> None:
    """Otherwise nobody learns from it."""
    for reason in (None, ""):
        with pytest.raises(InvalidValueError, match="reason"):
            LEAD.advance("lost", at=START, reason=reason)


def test_an_unknown_stage_is_refused() -> None:
    """Without being printed."""
    with pytest.raises(TransitionError, match="allowed: lost, mql, nurturing"):
        LEAD.advance("hot", at=START)


def test_time_does_not_go_back() -> None:
    """Not before the last step, nor before the capture; the same instant is fine."""
    assert LEAD.advance("mql", at=START).stage is LeadStage.MQL
    with pytest.raises(InvalidValueError, match="back in time"):
        LEAD.advance("mql", at=START - DAY)
    with pytest.raises(InvalidValueError, match="back in time"):
        lead_in("sal").advance("sql", at=START + DAY)
    with pytest.raises(InvalidValueError, match="time zone"):
        LEAD.advance("mql", at=datetime(2026, 3, 2))


def test_days_in_stage() -> None:
    """Counted from the last step, or from the capture."""
    assert LEAD.days_in_stage(START + 36 * timedelta(hours=1)) == 1.5
    assert lead_in("sal").days_in_stage(START + 5 * DAY) == 3.0
    assert LEAD.days_in_stage(START - DAY) == 0.0


@given(st.lists(st.sampled_from(LeadStage), max_size=8))
def test_every_way_that_is_accepted_consists_of_allowed_steps(stages: list[LeadStage]) -> None:
    """A lead with a history is valid exactly if each step of it is."""
    steps = tuple(LeadStep(stage=stage, at=START + number * DAY) for number, stage in enumerate(stages))
    ways = list(zip(["new", *stages], stages, strict=False))
    if all(way in ALLOWED for way in ways):
        assert Lead(contact_id=UUID(int=7), captured_at=START, steps=steps).steps == steps
    else:
        with pytest.raises(InvalidValueError, match="steps"):
            Lead(contact_id=UUID(int=7), captured_at=START, steps=steps)
