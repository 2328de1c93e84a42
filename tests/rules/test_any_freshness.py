"""The freshness of any of several addresses: who counts, and the same on every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import MissingFactsError, RuleTypeError
from mimcore.rules.language import nodes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FRESH = f.contact.emails.any.freshness() >= 0.7


@pytest.fixture(params=["memory:", "sqlite:///:memory:"])
def store(request: pytest.FixtureRequest) -> Iterator[mim.Store]:
    """A store in memory, and one of SQLite."""
    more: dict[str, Any] = {} if request.param == "memory:" else {"actor": "test", "source": "test"}
    with mim.connect(request.param, clock=lambda: NOW, **more) as made:
        yield made


def _counts(store: mim.Store, rule: mim.Rule = FRESH) -> list[int]:
    """Members, non-members, undecided."""
    found = [store.contacts.count(one) for one in (rule, ~rule, rule.or_missing(), (~rule).or_missing())]
    everybody = store.contacts.count()
    assert found[2] == everybody - found[1]
    assert found[3] == everybody - found[0]
    return [found[0], found[1], everybody - found[0] - found[1]]


def test_the_best_address_in_use_decides(store: mim.Store) -> None:
    """One that was confirmed makes all of them; retired ones do not count; who has none is unknown."""
    with store.begin(observed_at=NOW - timedelta(days=3_000)) as work:
        two = mim.Contact(emails=["ana@example.com", "ana.two@example.com"])
        work.add(two, mim.Contact(emails=["bo@example.com"]), mim.Contact(phones=["+4532123456"]))
    assert _counts(store) == [0, 2, 1]
    with store.begin() as work:
        work.confirm(work.contacts.get(two.id).emails[1], by="owner")
    assert _counts(store) == [1, 1, 1]
    assert _counts(store, f.contact.primary_email.freshness() >= 0.7) == [0, 2, 1]
    assert _counts(store, f.contact.phones.any.freshness() >= 0.7) == [0, 1, 2]
    with store.begin() as work:
        work.change(work.contacts.get(two.id), emails=["ana@example.com"])
    assert _counts(store) == [0, 2, 1]


def test_an_undated_address_decides_nothing(store: mim.Store) -> None:
    """Alone it is unknown; beside a stale one it does not make anybody unknown."""
    with store.begin(observed_at=mim.UNDATED) as work:
        one = mim.Contact(emails=["ana@example.com"])
        work.add(one)
    assert _counts(store) == [0, 0, 1]
    with store.begin(observed_at=NOW - timedelta(days=3_000)) as work:
        work.change(work.contacts.get(one.id), emails=["ana@example.com", "old@example.com"])
    assert _counts(store) == [0, 1, 0]


def test_explained_and_changed(store: mim.Store) -> None:
    """What would make somebody enter is a check of an address; without one nothing would."""
    with store.begin(observed_at=NOW - timedelta(days=3_000)) as work:
        has, lacks = mim.Contact(emails=["ana@example.com"]), mim.Contact()
        work.add(has, lacks)
    proposals = [str(store.explain(FRESH, one).nearest_change()) for one in (has, lacks)]
    assert proposals[0].startswith("would enter if an e-mail address were confirmed today")
    assert proposals[1] == "nothing that can change would make it enter"
    with store.begin() as work:
        work.confirm(work.contacts.get(has.id).emails[0], by="owner")
    flip = store.explain(FRESH, has)
    assert flip.answer is True


def test_facts_without_states_and_frames_refuse_by_name() -> None:
    """Neither is taken for "nobody knows"."""
    import polars as pl

    with pytest.raises(MissingFactsError, match="states"):
        mim.evaluate(FRESH, mim.Facts(contact=mim.Contact(), now=NOW))
    with pytest.raises(mim.UnsupportedConditionError, match=r"contact\.emails"):
        mim.count(pl.DataFrame({"city": ["Aarhus"]}), FRESH, now=NOW)


def test_only_probabilities_are_compared() -> None:
    """At least, or less than, something in (0, 1]."""
    assert (f.contact.phones.any.freshness() < 0.5) == ~nodes.AnyFreshness(points="phones", value=0.5)
    with pytest.raises(RuleTypeError):
        f.contact.emails.any.freshness() >= 70
    with pytest.raises(mim.RuleSyntaxError):
        bool(f.contact.emails.any.freshness())
