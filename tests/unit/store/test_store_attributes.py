"""Custom attributes in a store: declared, written, asked, shown, and kept with their age and history."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import polars as pl
import pytest
from tests.stores import opened

import mimcore as mim

TIER = mim.attribute(
    "loyalty_tier", options=["none", "silver", "gold"], group="acquisition", half_life_days=365, indexed=True
)
POINTS = mim.attribute("points", kind="integer")
JOINED = mim.attribute("joined_on", kind="date")
CLUBS = mim.attribute("clubs", kind="tags")
GRADE = mim.attribute("grade", entity="account", options=["a", "b"])


@pytest.fixture
def declared(store):
    """A store that knows the attributes."""
    store.attributes.declare(TIER, POINTS, JOINED, CLUBS, GRADE)
    return store


@pytest.fixture
def people(declared):
    """Ana with gold, Bo with silver, Cy with nothing."""
    with declared.begin(source="crm") as work:
        (acme,) = work.add(mim.Account(name="Acme", custom={"grade": "a"}))
        return work.add(
            mim.Contact(
                name="Ana", account=acme, custom={"loyalty_tier": "gold", "points": 7, "clubs": ["Élan", "golf"]}
            ),
            mim.Contact(name="Bo", custom={"loyalty_tier": "silver", "joined_on": "2026-04-01"}),
            mim.Contact(name="Cy"),
        )


def test_declaring_is_idempotent_and_says_when(store, clock):
    """The store's clock tells when; the same again changes nothing."""
    (first,) = store.attributes.declare(TIER)
    assert (first.declared_at, first.version) == (clock(), 1)
    clock.advance(days=1)
    assert store.attributes.declare(TIER, TIER) == (first, first)
    assert store.attributes.all() == (first,)
    assert store.attributes.get("loyalty_tier") == first == store.attributes.get("contact.custom.loyalty_tier")


def test_more_options_widen_and_less_are_refused(store):
    """A contradiction leaves everything as it was, the other declarations of the call too."""
    store.attributes.declare(TIER)
    wider = mim.attribute(
        "loyalty_tier", options=["none", "silver", "gold", "black"], group="acquisition", half_life_days=365
    )
    (second,) = store.attributes.declare(wider)
    assert (second.version, second.options[-1], second.is_indexed) == (2, "black", True)
    with pytest.raises(mim.InvalidValueError, match=r"options.*'black'.*only ever added"):
        store.attributes.declare(POINTS, TIER)
    assert store.attributes.all() == (second,)


def test_an_unknown_attribute_has_a_nearest_name(declared):
    """Looking one up, and writing one."""
    with pytest.raises(mim.NotFoundError, match="did you mean 'loyalty_tier'"):
        declared.attributes.get("loyalty_teir")
    told = r"did you mean 'points'.*store\.attributes\.declare"
    with pytest.raises(mim.InvalidValueError, match=told), declared.begin() as work:
        work.add(mim.Contact(name="Ana", custom={"pionts": 7}))
    assert declared.contacts.count() == 0


def test_two_stores_on_one_file_declare_the_same(tmp_path, clock):
    """The second finds it there; each sees what the other widened; a contradiction from either is refused."""
    with opened("sqlite", tmp_path, clock) as one, opened("sqlite", tmp_path, clock) as other:
        assert one.attributes.declare(TIER) == other.attributes.declare(TIER)
        wide = mim.attribute(
            "loyalty_tier", options=["black", "none", "silver", "gold"], group="acquisition", half_life_days=365
        )
        other.attributes.declare(wide)
        with one.begin() as work:
            (ana,) = work.add(mim.Contact(name="Ana", custom={"loyalty_tier": "black"}))
        assert other.contacts.count(wide == "black") == 1
        assert one.contacts.get(ana).custom["loyalty_tier"] == "black"
        with pytest.raises(mim.InvalidValueError, match="kind"):
            one.attributes.declare(mim.attribute("loyalty_tier", kind="integer"))


def test_change_merges_and_clear_erases(people, declared):
    """One value changes and the others stay; what is nothing is left out."""
    ana, *_ = people
    with declared.begin() as work:
        ana = work.change(ana, custom={"points": 8, "joined_on": date(2026, 1, 1)})
        ana = work.change(ana, custom={"loyalty_tier": mim.CLEAR, "clubs": []})
    assert dict(declared.contacts.get(ana).custom) == {"points": 8, "joined_on": date(2026, 1, 1)}


def test_an_equal_value_is_no_write(people, declared):
    """A date given as text is the stored date: no version, no event."""
    _, bo, _ = people
    with declared.begin() as work:
        same = work.change(bo, custom={"joined_on": "2026-04-01", "loyalty_tier": " silver"})
    assert same.version == 1


def test_a_refused_value_writes_nothing_and_is_not_repeated(people, declared):
    """The message lists the options."""
    ana, *_ = people
    with pytest.raises(mim.InvalidValueError, match="none, silver, gold") as refused, declared.begin() as work:
        work.change(ana, custom={"loyalty_tier": "Jane-Doe"})
    assert "Jane-Doe" not in str(refused.value)
    assert declared.contacts.get(ana).version == 1


def test_rules_ask_them(people, declared):
    """Three answers, collections that are never missing, accounts, and rules read from JSON."""
    ana, bo, cy = people
    asked = {
        TIER == "gold": {ana.id}, TIER != "gold": {bo.id}, (TIER != "gold").or_missing(): {bo.id, cy.id},
        POINTS >= 7: {ana.id}, CLUBS.overlaps("ÉLAN"): {ana.id}, ~CLUBS.overlaps("élan"): {bo.id, cy.id},
        JOINED.within_days(40): {bo.id}, GRADE == "a": {ana.id}, TIER.is_missing(): {cy.id},
    }  # fmt: skip
    for rule, wanted in asked.items():
        assert set(declared.contacts.ids(rule)) == wanted, str(rule)
        again = mim.Rule.from_json(rule.to_json(), catalogue=declared.attributes.catalogue())
        assert set(declared.contacts.ids(again)) == wanted
    assert "loyalty tier" in mim.describe(TIER == "gold")
    assert declared.explain(TIER == "gold", bo).answer is False


def test_a_rule_about_an_undeclared_attribute_is_refused(store):
    """When it is read, and when it is bound; with the nearest name."""
    store.attributes.declare(TIER)
    wrong = mim.attribute("loyalty_tierr", options=["gold"]) == "gold"
    with pytest.raises(mim.UnknownFieldError, match=r"did you mean 'contact\.custom\.loyalty_tier'"):
        store.contacts.count(wrong)
    with pytest.raises(mim.UnknownFieldError, match=r"did you mean 'contact\.custom\.loyalty_tier'"):
        mim.Rule.from_json(wrong.to_json(), catalogue=store.attributes.catalogue())
    with pytest.raises(mim.UnknownFieldError):
        mim.Rule.from_json((TIER == "gold").to_json())


def test_a_segment_keeps_a_rule_about_one(people, declared):
    """Stored as a document and read back."""
    ana, *_ = people
    with declared.begin() as work:
        work.add(mim.Segment(key="gold", rule=TIER == "gold"))
    assert [one.id for one in declared.members("gold")] == [ana.id]
    assert declared.preview("gold").members == 1


def test_its_value_has_an_age_and_a_pool_of_its_own(people, declared, clock):
    """Half of a year's half-life after a year, like a built-in field; another value starts anew."""
    ana, bo, _ = people
    fresh = TIER.freshness() >= 0.6
    assert set(declared.contacts.ids(fresh)) == {ana.id, bo.id}
    clock.advance(days=365)
    assert declared.contacts.ids(fresh) == []
    assert declared.contacts.count(POINTS.freshness() >= 0.9) == 1, "without a half-life it does not go stale"
    with declared.begin() as work:
        ana = work.change(ana, custom={"loyalty_tier": "silver"})
        work.confirm(bo, TIER, by="owner")
    assert set(declared.contacts.ids(fresh)) == {ana.id, bo.id}
    by_field = {one.field: one for one in declared.card(ana).values}
    assert by_field["contact.custom.loyalty_tier"].value == "silver"
    assert any("loyalty_tier" in str(one) for one in declared.quality.report().by_attribute)


def test_a_cleared_value_has_no_state(people, declared):
    """Its freshness is unknown and it is not undated."""
    ana, *_ = people
    with declared.begin() as work:
        ana = work.change(ana, custom={"loyalty_tier": mim.CLEAR})
        states = {one.attribute for one in work.transaction.freshness.of([ana.id])[ana.id]}
    assert "contact.custom.loyalty_tier" not in states
    assert "contact.custom.points" in states


def test_history_tells_each_by_its_name(people, declared):
    """Before and after, in plain values."""
    _, bo, _ = people
    with declared.begin() as work:
        work.change(bo, custom={"loyalty_tier": "gold", "joined_on": mim.CLEAR})
        change = work.history(bo)[-1]
    assert change.before == {"contact.custom.loyalty_tier": "silver", "contact.custom.joined_on": "2026-04-01"}
    assert change.after == {"contact.custom.loyalty_tier": "gold", "contact.custom.joined_on": None}


def test_frames_have_them_as_columns(people, declared):
    """`to_frame` gives the column, and the same rule on that frame finds the same people."""
    ana, *_ = people
    frame = declared.contacts.to_frame(columns=["loyalty_tier", "points", "joined_on", "clubs"], kind="polars")
    for kind in (frame, frame.to_pandas()):
        found = mim.filter(kind, (TIER == "gold") & (POINTS >= 7), attributes=[TIER, POINTS])
        assert list(found["id"]) == [str(ana.id)]
    assert "loyalty_tier" in declared.contacts.to_frame().columns
    renamed = frame.rename({"loyalty_tier": "Tier"})
    assert mim.count(renamed, TIER == "gold", columns={"Tier": TIER}) == 1
    with pytest.raises(mim.UnknownFieldError, match="is not a declared field"):
        mim.filter(frame, TIER == "gold")
    with pytest.raises(mim.RuleSyntaxError, match="attributes="):
        mim.filter(frame, TIER == "gold", attributes=["loyalty_tier"])


def test_one_contact_alone_can_be_asked():
    """Without a store, the handle tells what the attribute is."""
    ana = mim.Facts(contact=mim.Contact(custom={"loyalty_tier": "gold"}))
    assert mim.evaluate(TIER == "gold", ana, attributes=[TIER]) is True
    assert mim.evaluate(POINTS >= 1, ana, attributes=[POINTS]) is None
    assert mim.explain(TIER != "gold", ana, attributes=[TIER]).answer is False


def test_special_category_stays_out_of_frames_unless_asked_for(store):
    """As for built-in fields."""
    store.attributes.declare(mim.attribute("union", is_special_category=True))
    assert "union" not in store.contacts.to_frame().columns
    assert list(store.contacts.to_frame(columns=["union"]).columns) == ["id", "union"]


def test_a_merge_keeps_the_newer_value_and_is_taken_back(declared, clock):
    """Newest wins, collections unite, and undoing parts them again with their types."""
    with declared.begin(source="crm") as work:
        (old,) = work.add(
            mim.Contact(name="Ana", emails=["a@x.dk"], custom={"loyalty_tier": "none", "clubs": ["golf"], "points": 1})
        )
    clock.advance(days=1)
    with declared.begin(source="crm") as work:
        (new,) = work.add(
            mim.Contact(name="Ana", emails=["a@x.dk"], custom={"loyalty_tier": "gold", "clubs": ["chess"],
                                                              "joined_on": "2026-01-01"})
        )  # fmt: skip
    (pair,) = declared.duplicates.find()
    merge = declared.duplicates.plan(pair).apply()
    assert dict(merge.contact.custom) == {
        "loyalty_tier": "gold", "clubs": ("chess", "golf"), "points": 1, "joined_on": date(2026, 1, 1),
    }  # fmt: skip
    assert declared.contacts.ids(JOINED >= "2026-01-01") == [merge.contact.id]
    declared.merges.undo(merge.id)
    assert dict(declared.contacts.get(old.id).custom) == dict(old.custom)
    assert dict(declared.contacts.get(new.id).custom) == dict(new.custom)


def test_an_instant_survives_the_way_through_every_store(store):
    """To the microsecond, in UTC."""
    seen = mim.attribute("seen_at_door", kind="instant", indexed=True)
    store.attributes.declare(seen)
    moment = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
    with store.begin() as work:
        (ana,) = work.add(mim.Contact(name="Ana", custom={"seen_at_door": moment}))
    assert store.contacts.get(ana).custom["seen_at_door"] == moment
    assert store.contacts.ids(seen == moment) == [ana.id]
    assert store.contacts.ids(seen > moment) == []


def test_frames_of_both_kinds_hold_plain_values(people, declared):
    """Dates are dates, missing is null."""
    frame = declared.contacts.to_frame(columns=["joined_on"], kind="polars")
    assert frame["joined_on"].dtype == pl.Date
    assert isinstance(declared.contacts.to_frame(columns=["points"]), pd.DataFrame)
