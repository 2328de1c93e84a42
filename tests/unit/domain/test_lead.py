"""The lead's way through the funnel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

import mimcore as mim
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


def test_a_way_that_is_given_whole_needs_the_reason_too() -> None:
    """However it comes to the model; a lead that came back from a loss keeps why it was lost."""
    lost, back = {"stage": "lost", "at": START}, {"stage": "nurturing", "at": START}
    for steps in ([lost], [lost, back], [{**lost, "reason": ""}]):
        with pytest.raises(InvalidValueError, match="reason: is required for a lost lead — say why it was lost"):
            Lead(contact_id=LEAD.contact_id, captured_at=START, steps=steps)
        with pytest.raises(InvalidValueError, match="reason: is required"):
            LEAD.evolve(steps=steps)
    whole = LEAD.evolve(steps=[{**lost, "reason": "too expensive"}, back])
    assert whole.stage is LeadStage.NURTURING


def test_a_stored_loss_without_a_reason_is_still_read(tmp_path) -> None:
    """It was judged by what held when it was stored: read as it stands, from the present and from the past."""
    url = f"sqlite:///{tmp_path / 'leads.db'}"
    with mim.connect(url) as store:
        with store.begin() as work:
            (ana,) = work.add(mim.Contact(country="DK"))
            (lead,) = work.add(Lead(contact_id=ana.id, captured_at=START).advance("lost", at=START, reason="gone-by"))
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE mim_lead SET document = replace(document, '\"gone-by\"', 'null')")
        engine.dispose()
        with store.read() as work:
            known = work.leads.get(lead.id)
        assert (known.stage, known.steps[-1].reason) == (LeadStage.LOST, None)
        with store.as_of(datetime.now(UTC)).read() as work:
            assert work.leads.get(lead.id) == known
        with pytest.raises(InvalidValueError, match="reason: is required"):
            known.evolve(notes="changed")


@pytest.mark.parametrize("stage", ["hot", ["x"], {"mql": 1}, None, 7])
def test_an_unknown_stage_is_refused(stage: object) -> None:
    """Without being printed."""
    with pytest.raises(TransitionError, match="allowed: lost, mql, nurturing"):
        LEAD.advance(stage, at=START)  # type: ignore[arg-type]


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
    steps = tuple(LeadStep(stage=stage, at=START + number * DAY, reason="why") for number, stage in enumerate(stages))
    ways = list(zip(["new", *stages], stages, strict=False))
    if all(way in ALLOWED for way in ways):
        assert Lead(contact_id=UUID(int=7), captured_at=START, steps=steps).steps == steps
    else:
        with pytest.raises(InvalidValueError, match="steps"):
            Lead(contact_id=UUID(int=7), captured_at=START, steps=steps)
