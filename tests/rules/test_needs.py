"""What a rule reads, told without a store: the same as binding and evaluation find."""

from __future__ import annotations

import pytest
from tests.rules import generate
from tests.rules.engines import binding

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import MissingFactsError, RuleTypeError, UnknownFieldError
from mimcore.rules.evaluation.facts import needs
from mimcore.rules.explaining.needs import COMPANIONS
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding, SegmentReference

c = f.contact
PURCHASES = nodes.EventPattern(kind="purchase", where=f.event.channel == "store")
DEVICE_SEEN = nodes.RecordCondition(name="last_seen_at", comparison="within_last_days", value=7)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (c.country == "DK", ""),
        (c.age >= 18, "now"),
        (c.age.is_known(), ""),
        (c.acquired_at.within_days(7), "now"),
        (c.acquired_at < "2026-01-01T00:00Z", ""),
        (f.account.employees >= 3, "account"),
        (nodes.Compare(op="at_least", field="any_account.employees", value=3), "accounts"),
        (nodes.AccountTest(op="any_account", where=f.account.employees >= 3), "accounts"),
        (nodes.CompareFields(field="contact.city", comparison="equals", other="account.name"), "account"),
        (c.purchases.count() >= 1, "events now"),
        (nodes.EventStart(events=PURCHASES, within_days=7), "events now"),
        (c.city.freshness() >= 0.5, "now states"),
        (c.city.is_undated(), "states"),
        (nodes.ChangedWithin(field="contact.city", days=3), "history now"),
        (nodes.EverBeen(field="contact.city", value="x"), "history"),
        (nodes.MayReceive(channel="email", purpose="newsletter"), "permissions"),
        (nodes.Sample(percent=10, salt="a"), ""),
        (nodes.HasRecord(field="contact.devices", where=(DEVICE_SEEN,)), "now"),
        ((c.country == "DK") | ~((c.age >= 3) & (f.account.name == "x")).or_missing(), "account now"),
        (mim.everyone(), ""),
    ],
)
def test_needs_by_hand(rule: nodes.Rule, wanted: str) -> None:
    """By the names of `Facts`."""
    assert sorted(rule.needs()) == wanted.split()
    assert rule.needs() <= set(COMPANIONS)


def test_fields_are_canonical_and_listed_once() -> None:
    """Short names, fields of events and accounts, the other side of a comparison, in the order of the rule."""
    rule = (
        nodes.CompareFields(field="contact.city", comparison="equals", other="account.name")
        & (c.purchases.total() >= mim.money(1, "DKK"))
        & nodes.EventTest(
            op="event_count", kind="visit", where=f.event.channel == "store", comparison="equals", value=0
        )
        & (c.city == "x")
        & (mim.attribute("tier", kind="integer") >= 1)
    )
    assert rule.fields() == (
        "contact.demographic.city",
        "account.name",
        "event.value",
        "event.channel",
        "contact.custom.tier",
    )


def test_segments_are_named_or_refused() -> None:
    """Without the segment's rule nobody knows what it reads; a list reads the list; circles are named."""
    rule = nodes.InSegment(segment="danes") & (c.age >= 18)
    with pytest.raises(MissingFactsError, match=r"'danes'.*segments="):
        rule.needs()
    with pytest.raises(MissingFactsError, match="danes"):
        rule.fields()
    with pytest.raises(UnknownFieldError, match="danes"):
        rule.needs({"dane": None})
    assert sorted(rule.needs({"danes": None})) == ["listed_in", "now"]
    assert sorted(rule.needs({"danes": c.purchases.count() >= 1})) == ["events", "now"]
    assert rule.fields({"danes": c.country == "DK"}) == ("contact.demographic.age", "contact.demographic.country")
    circle = {"danes": nodes.InSegment(segment="swedes"), "swedes": nodes.InSegment(segment="danes")}
    for ask in (rule.needs, rule.fields):
        with pytest.raises(RuleTypeError, match="danes → swedes → danes"):
            ask(circle)


def test_generated_rules_need_what_their_bound_form_reads() -> None:
    """The companions are those of the bound form, and an instant is needed if and only if binding asks for one."""
    for seed in range(500, 520):
        world = generate.dataset(seed, size=1)
        for rule in generate.rules(seed, 40, world.now):
            found = rule.needs(world.segments)
            assert found - {"now"} == needs(bind(rule, binding(world))), rule
            timeless = Binding(
                segment=lambda key, world=world: SegmentReference(key, world.segments[key]), half_lives=world.half_lives
            )
            if "now" in found:
                with pytest.raises(MissingFactsError):
                    bind(rule, timeless)
            else:
                bind(rule, timeless)
