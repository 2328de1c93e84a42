"""Pools are divided by attribute and source where checks suffice; what that does to values, rules and the past."""

from __future__ import annotations

import math
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.stores import added, examples, opened, state_of, states
from tests.unit.quality.learning.test_fitting import planned

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.freshness import DEFAULT_HALF_LIVES, freshness_key
from mimcore.domain.pools import divided, half_life_of, pool_for, settled_pool, undivided
from mimcore.errors import InvalidValueError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.quality.learning.estimation import Prior, estimate
from mimcore.quality.learning.fitting import PART_STRENGTH, fit_half_lives
from mimcore.repositories.rekeying import keep_half_lives
from mimcore.sql.repositories.freshness_keys import key_columns, refresh_keys
from mimcore.sql.tables.schema import contact
from mimcore.testing import FixedClock

RATES = {"fair": 0.0004, "web": 0.002}
"""Changes per day in two sources: half-lives of 1733 and 347 days."""


def found_by(sources, number, dice, *, attribute="contact.emails", pool="b2c.email", days=365):
    """Planned checks of values that decay at the rates of their sources, a year after they came."""
    for place, (source, rate) in enumerate(sources.items()):
        for n in range(number):
            one = UUID(int=place * 1_000_000 + n + 1)
            yield planned(days, dice.random() < math.exp(-rate * days), contact_id=one, subject_id=one,
                          value_source=source, attribute=attribute, pool=pool)  # fmt: skip


def fitted(checks, **given):
    """Fits by pool."""
    return {one.pool: one for one in fit_half_lives(checks, DEFAULT_HALF_LIVES, DEFAULT_HALF_LIVES, **given)}


def test_sources_get_half_lives_of_their_own():
    """Each near the truth; the whole pool lies between them, and leans on the published rate."""
    fits = fitted([*found_by(RATES, 600, Random(1))])
    assert list(fits) == ["b2c.email", "b2c.email/contact.emails@fair", "b2c.email/contact.emails@web"]
    whole, fair, web = (one.rate for one in fits.values())
    assert web.interval()[0] < RATES["web"] < web.interval()[1]
    assert fair.interval()[0] < RATES["fair"] < fair.interval()[1]
    assert fair.rate < whole.rate < web.rate
    assert [one.before_days for one in fits.values()] == [1276.0] * 3


def test_a_part_leans_on_the_whole_by_hand():
    """The whole pool's rate counts as five changes seen; the whole itself leans on the published one as before."""
    checks = [*found_by(RATES, 40, Random(2))]
    fits = fitted(checks)
    own = [one for one in checks if one.value_source == "web"]
    right, wrong = sum(one.is_valid for one in own), sum(not one.is_valid for one in own)
    expected = estimate(365.0 * right, [365.0] * wrong, prior=Prior(fits["b2c.email"].rate.rate, PART_STRENGTH))
    assert fits["b2c.email/contact.emails@web"].rate == expected


@pytest.mark.parametrize(("number", "parts"), [(29, 0), (30, 2)])
def test_with_few_checks_the_greater_pool_stands(number, parts):
    """Thirty are enough unless it is said otherwise."""
    checks = [*found_by(RATES, number, Random(3))]
    assert len(fitted(checks)) == 1 + parts
    assert len(fitted(checks, least_checks=10)) == 3
    assert len(fitted(checks, least_checks=31)) == 1


def test_attributes_come_between_pool_and_source():
    """A pool of several attributes is divided by them first; one attribute, or one source, is no part of its own."""
    town = [*found_by({"fair": 0.0004}, 50, Random(4), attribute="contact.demographic.city", pool="b2c.address")]
    street = [*found_by(RATES, 50, Random(5), attribute="contact.demographic.street", pool="b2c.address")]
    names = [*fitted(sorted([*town, *street], key=lambda one: one.contact_id))]
    stem = "b2c.address/contact.demographic."
    assert names == ["b2c.address", f"{stem}city", f"{stem}street", f"{stem}street@fair", f"{stem}street@web"]
    assert [*fitted(town)] == ["b2c.address"]


def test_leaning_is_better_than_either_extreme():
    """Of thirty sources with thirty checks each: nearer the truth than one rate for all, and than none in common."""
    dice, misses = Random(6), {"alone": 0.0, "together": 0.0, "ours": 0.0}
    for _ in range(10):
        truth = {f"s{n}": 0.0006 * math.exp(dice.gauss(0, 0.5)) for n in range(30)}
        checks = [*found_by(truth, 30, dice)]
        fits = fitted(checks)
        whole = fits["b2c.email"].rate.rate
        for source, rate in truth.items():
            own = [one for one in checks if one.value_source == source]
            wrong = sum(not one.is_valid for one in own)
            alone = -math.log((len(own) - wrong + 0.5) / (len(own) + 0.5)) / 365
            ours = fits[divided("b2c.email", "contact.emails", source)].rate.rate
            for name, one in (("alone", alone), ("together", whole), ("ours", ours)):
                misses[name] += math.log(max(one, 1e-5) / rate) ** 2
    assert misses["ours"] < 0.8 * min(misses["alone"], misses["together"])


def test_what_befell_several_sources_at_once_is_one_change_of_the_pool():
    """And one of each source."""
    checks = [
        planned(100, n % 4 > 0, contact_id=UUID(int=n + 1), subject_id=UUID(int=n + 1), incident="" if n % 4 else "acme",
                value_source="web" if n % 2 else "fair")
        for n in range(160)
    ]  # fmt: skip
    fits = fitted(checks)
    assert fits["b2c.email"].changes == 1
    assert fits["b2c.email/contact.emails@fair"].changes == 1
    assert fits["b2c.email/contact.emails@web"].changes == 0


names = st.sampled_from(["b2c.email", "survey", "custom.tier", "nowhere"])
sources = st.sampled_from(["fair", "web"])


@examples(60)
@given(pool=names, source=sources, parts=st.sets(st.tuples(names, st.none() | sources)))
def test_the_smallest_part_decides(pool, source, parts):
    """Source first, then attribute, then the whole pool, then `unknown`; where a value stands makes no difference."""
    known = {*DEFAULT_HALF_LIVES, *(divided(name, "contact.emails", one) for name, one in parts)}
    settled = settled_pool(pool, "contact.emails", source, known)
    order = [divided(pool, "contact.emails", source), divided(pool, "contact.emails"), pool, "unknown"]
    assert settled == next(one for one in order if one in known)
    assert settled_pool(settled, "contact.emails", source, known) == (settled if settled != "unknown" else "unknown")
    assert undivided(order[0]) == pool
    days = dict.fromkeys(known, 7.0)
    assert (half_life_of(order[0], days) is None) == (settled == "unknown" and pool not in known)


def people(store, source, number):
    """Contacts that a source brought."""
    return added(store, *(mim.Contact(emails=[f"{source}{n}@acme.dk"]) for n in range(number)), source=source)


def learnt(store, clock):
    """Two sources with forty people each, checked after a year; what was learnt is applied."""
    fair, web = people(store, "fair", 40), people(store, "web", 40)
    clock.advance(days=365)
    with store.begin(source="agency") as work:
        for n, (one, other) in enumerate(zip(fair[1:], web[1:], strict=True)):
            (work.refute if n % 10 == 0 else work.confirm)(one.primary_email, by="mailbox_check")
            (work.refute if n % 2 == 0 else work.confirm)(other.primary_email, by="mailbox_check")
    return fair, web, store.quality.fit_half_lives()


def test_applying_moves_values_to_their_parts_and_undo_brings_them_back(store, clock):
    """Checked ones, unchecked ones, and those that arrive later; rules, reports and the past agree."""
    fair, web, plan = learnt(store, clock)
    before, everybody = states(store, *fair, *web), [*fair, *web]
    rule = f.contact.primary_email.freshness() >= 0.7
    members = set(store.contacts.ids(rule))
    parts = {source: f"b2c.email/contact.emails@{source}" for source in ("fair", "web")}
    assert {one.pool for one in plan.fits} == {"b2c.email", *parts.values()}
    assert plan.apply() == 80
    for people_, source in ((fair, "fair"), (web, "web")):
        untouched = state_of(store, people_[0], "contact.emails")
        assert untouched.pool == parts[source]
        assert untouched.key == freshness_key(0.98, untouched.ref_at, plan[parts[source]].after_days)
        assert {state_of(store, one, "contact.emails").pool for one in people_} == {parts[source]}
    assert plan[parts["fair"]].after_days > plan["b2c.email"].after_days > plan[parts["web"]].after_days
    late, other = people(store, "web", 1), people(store, "shop", 1)
    assert state_of(store, late, "contact.emails").pool == parts["web"]
    assert state_of(store, other, "contact.emails").pool == "b2c.email"
    assert set(store.contacts.ids(rule)) - {late.id, other.id} != members
    explained = store.explain(rule, web[0])
    assert explained.answer is (web[0].id in set(store.contacts.ids(rule)))
    assert set(store.quality.report().annual_decay_rates) >= {*parts.values()}
    clock.advance(days=1)
    assert states(store.as_of(clock()), *everybody, late, other) == states(store, *everybody, late, other)
    assert plan.undo() == 82
    assert states(store, *everybody) == before
    assert set(store.contacts.ids(rule, now=clock() - timedelta(days=1))) - {late.id, other.id} == members


def test_learning_again_keeps_to_the_parts(store, clock):
    """Checks that were made in a part count for the whole pool, too."""
    fair, _, plan = learnt(store, clock)
    plan.apply()
    clock.advance(days=100)
    with store.begin(source="agency") as work:
        work.confirm(fair[0].primary_email, by="mailbox_check")
    again = store.quality.fit_half_lives()
    assert [one.pool for one in again.fits] == [one.pool for one in plan.fits]
    assert again["b2c.email"].checks == plan["b2c.email"].checks + 1
    assert again["b2c.email/contact.emails@web"].before_days == plan["b2c.email/contact.emails@web"].after_days
    again.apply()
    assert again.undo() > 0


def test_a_merge_taken_back_later_has_the_half_lives_of_then(store, clock):
    """What the merge remembers comes from before; its values decay as all others do."""
    fair, web, plan = learnt(store, clock)
    merge = store.duplicates.plan(DuplicatePair(fair[0].id, web[0].id, 0.99, ("names same",))).apply()
    plan.apply()
    store.merges.undo(merge.id)
    for one, source in ((fair[0], "fair"), (web[0], "web")):
        state = state_of(store, one, "contact.emails")
        assert state.pool == f"b2c.email/contact.emails@{source}"
        assert state.key == freshness_key(state.p_ref, state.ref_at, plan[state.pool].after_days)
    clock.advance(days=1)
    assert states(store.as_of(clock()), fair[0], web[0]) == states(store, fair[0], web[0])


def test_segments_are_compared_and_not_applied(store, clock):
    """How fast a pool decays among some people is told beside the plan."""
    _, web, _ = learnt(store, clock)
    with store.begin() as work:
        for one in web:
            work.change(work.contacts.get(one.id), tags=["web"])
    plan = store.quality.fit_half_lives(segments={"from the web": f.contact.tags.overlaps("web")})
    (one,) = plan.by_segment
    assert (one.segment, one.pool, one.checks) == ("from the web", "b2c.email", 39)
    assert one.after_days < plan["b2c.email"].after_days
    assert "from the web" in str(plan)
    assert "from the web" in plan._repr_html_()
    assert "from the web" not in {fit.pool for fit in plan.fits}
    with pytest.raises(InvalidValueError, match="least_checks: must be positive"):
        store.quality.fit_half_lives(least_checks=0)


@examples(25)
@given(
    arrivals=st.lists(st.tuples(sources, st.none() | st.integers(0, 900), st.booleans()), min_size=1, max_size=6),
    steps=st.lists(st.dictionaries(st.sampled_from(["b2c.email", "@fair", "@web", ""]), st.none() | st.sampled_from([90.0, 700.0]), min_size=1), min_size=1, max_size=4),
)  # fmt: skip
def test_any_half_lives_in_any_order_are_the_last_ones(tmp_path_factory, arrivals, steps):
    """Whatever they were in between: states are those of a store that had them from the start, and so are the columns."""
    found = []
    merged = {}
    for step in steps:
        merged.update(step)
    for each in (steps, [merged]):
        clock = FixedClock("2026-05-01T10:00Z")
        with opened("sqlite", tmp_path_factory.mktemp("parts"), clock) as store:
            start = clock()
            made = []
            for n, (source, day, is_checked) in enumerate(arrivals):
                seen = mim.UNDATED if day is None else start - timedelta(days=day)
                with store.begin(source=source, observed_at=seen) as work:
                    (one,) = work.add(mim.Contact(id=UUID(int=n + 1), emails=[f"p{n}@acme.dk"]))
                    if is_checked:
                        work.confirm(one.primary_email, by="call", at=start)
                made.append(one)
            for step in each:
                with store.begin() as work:
                    days = {_name(part): value for part, value in step.items()}
                    keep_half_lives(work.transaction, days)
            with store.begin() as work:
                own = work.transaction.freshness.of([one.id for one in made])
                columns = [contact.c[name] for name in ("id", *key_columns())]
                wire = work.transaction.contacts._wire
                kept = [tuple(row) for row in wire.ask(select(*columns).order_by(contact.c.id))]
                refresh_keys(wire, [one.id for one in made])
                assert [tuple(row) for row in wire.ask(select(*columns).order_by(contact.c.id))] == kept
            found.append([[one._replace(subject_id=one.contact_id) for one in own[each.id]] for each in made])
    assert found[0] == found[1]


def _name(part):
    return part if "." in part else f"b2c.email/contact.emails{part}"


def test_arrivals_find_their_pool():
    """One definition: of a new value, and of one whose half-lives have changed."""
    own = {**DEFAULT_HALF_LIVES, "b2c.email/contact.emails@fair": 100.0}
    given_ = {"is_business": False, "attribute": "contact.emails", "known": own}
    assert pool_for("email", source="fair", **given_) == "b2c.email/contact.emails@fair"
    assert pool_for("email", source="web", **given_) == "b2c.email"
    assert pool_for("email", source="fair", is_business=True, attribute="contact.emails", known=own) == "b2b.email"
