"""One way to say when: every question of a store takes an aware `now`, and refuses anything else by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.store.store import Store

AWARE = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = f.contact.city == "Odense"
ACCESSORS = ("contacts", "segments", "quality", "value", "audiences", "visitors", "events", "imports")

QUESTIONS: dict[str, Callable[[Store, mim.Contact, Path, Any], object]] = {
    "contacts.find": lambda store, _ana, _folder, now: store.contacts.find(RULE, now=now),
    "contacts.count": lambda store, _ana, _folder, now: store.contacts.count(RULE, now=now),
    "contacts.verdicts": lambda store, _ana, _folder, now: store.contacts.verdicts(RULE, now=now),
    "contacts.ids": lambda store, _ana, _folder, now: store.contacts.ids(RULE, now=now),
    "contacts.stream": lambda store, _ana, _folder, now: list(store.contacts.stream(RULE, now=now)),
    "contacts.to_frame": lambda store, _ana, _folder, now: store.contacts.to_frame(RULE, kind="polars", now=now),
    "contacts.to_arrow": lambda store, _ana, _folder, now: store.contacts.to_arrow(RULE, now=now),
    "contacts.export": lambda store, _ana, folder, now: store.contacts.export(folder / "out.csv", RULE, now=now),
    "preview": lambda store, _ana, _folder, now: store.preview(RULE, now=now),
    "members": lambda store, _ana, _folder, now: store.members(RULE, now=now),
    "explain": lambda store, ana, _folder, now: store.explain(RULE, ana, now=now),
    "segments_of": lambda store, ana, _folder, now: store.segments_of(ana, now=now),
    "card": lambda store, ana, _folder, now: store.card(ana, now=now),
    "audience": lambda store, _ana, _folder, now: store.audience(RULE, channel="email", purpose="newsletter", now=now),
    "run_due": lambda store, _ana, _folder, now: store.run_due(now),
    "sync": lambda store, _ana, folder, now: store.sync(mim.folder_connector(folder, source="shop"), now=now),
    "sync_state": lambda store, _ana, folder, now: store.sync_state(
        mim.folder_connector(folder, source="shop"), now=now
    ),
    "quality.report": lambda store, _ana, _folder, now: store.quality.report(now=now),
    "quality.refresh_plan": lambda store, _ana, _folder, now: store.quality.refresh_plan(checks=1, now=now),
    "quality.next_questions": lambda store, ana, _folder, now: store.quality.next_questions(ana, now=now),
    "quality.before_send": lambda store, _ana, _folder, now: store.quality.before_send(
        RULE, value=1, harm=1, cost=1, now=now
    ),
    "quality.check": lambda store, _ana, _folder, now: store.quality.check(now=now),
    "quality.failing": lambda store, _ana, _folder, now: store.quality.failing("has_city", now=now),
    "quality.use": lambda store, _ana, _folder, now: store.quality.use(now=now),
    "quality.queue": lambda store, _ana, _folder, now: store.quality.queue(now=now),
    "segments.refresh": lambda store, _ana, _folder, now: store.segments.refresh(now=now),
    "segments.compare": lambda store, _ana, _folder, now: store.segments.compare(RULE, now=now),
    "segments.overlap": lambda store, _ana, _folder, now: store.segments.overlap("odense", "others", now=now),
    "segments.plan_push": lambda store, _ana, folder, now: store.segments.plan_push(folder, now=now),
    "value.purchases": lambda store, _ana, _folder, now: store.value.purchases(now=now),
    "value.rfm": lambda store, _ana, _folder, now: store.value.rfm(now=now),
    "value.tiers": lambda store, _ana, _folder, now: store.value.tiers(now=now),
    "value.top": lambda store, _ana, _folder, now: store.value.top(1, now=now),
    "value.slipping": lambda store, _ana, _folder, now: store.value.slipping(now=now),
    "value.follow_lifecycle": lambda store, _ana, _folder, now: store.value.follow_lifecycle(now=now),
    "value.lifecycle": lambda store, _ana, _folder, now: store.value.lifecycle(now=now),
}


@pytest.fixture
def store() -> Iterator[Store]:
    """Two people, two segments, a rule on quality and a lifecycle."""
    with mim.connect("memory:", clock=lambda: AWARE) as store:
        with store.begin() as work:
            work.add(
                mim.Contact(name="Ana Berg", emails=["ana@example.com"], city="Odense"), mim.Contact(city="Aarhus")
            )
            work.add(
                mim.Segment(key="odense", name="Odense", rule=RULE),
                mim.Segment(key="others", name="Others", rule=f.contact.city == "Aarhus"),
            )
        store.quality.declare(mim.QualityRule.complete("has_city", "city", at_least=0.5))
        store.value.declare_lifecycle()
        yield store


def test_every_question_with_a_now_is_asked_here(store: Store) -> None:
    """A new method that takes `now` joins the list above, or this test names it."""
    places = {"": store, **{f"{name}.": getattr(store, name) for name in ACCESSORS}}
    found = {
        f"{place}{name}"
        for place, one in places.items()
        for name, method in inspect.getmembers(type(one), inspect.isfunction)
        if not name.startswith("_") and "now" in inspect.signature(method).parameters
    }
    assert found == set(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_aware_instant_is_taken(question: str, store: Store, tmp_path: Path) -> None:
    """The same calls work: what the next test sees refused is `now`, not something else."""
    ana = store.contacts.with_email("ana@example.com")
    QUESTIONS[question](store, ana, tmp_path, AWARE)


@pytest.mark.parametrize("wrong", [datetime(2026, 3, 1, 12), date(2026, 3, 1), 5, "soon"], ids=repr)
@pytest.mark.parametrize("question", QUESTIONS)
def test_anything_else_is_refused_by_name(question: str, wrong: object, store: Store, tmp_path: Path) -> None:
    """A naive time would be read in the machine's zone; it is refused like a date, a number and a word."""
    ana = store.contacts.with_email("ana@example.com")
    with pytest.raises(mim.InvalidValueError, match=r"^now: .+ — give an aware datetime"):
        QUESTIONS[question](store, ana, tmp_path, wrong)
