"""What a store says about one contact: with source and age of every value, on every kind of store."""

from __future__ import annotations

from tests.stores import added

import mimcore as mim
from mimcore import fields as f

c = f.contact


def _ana(store):
    """Somebody with an account, a past and a consent; her city came from two sources, 61 and 30 days ago."""
    acme = mim.Account(name="Acme", employees=300)
    ana = mim.Contact(emails=["ana@acme.dk"], city="Odense", country="DK", account=acme)
    _, ana = added(store, acme, ana, source="web-shop", observed_at="2026-03-01T10:00Z")
    with store.begin(source="call-centre", observed_at="2026-04-01T10:00Z") as work:
        ana = work.change(ana, city="Aarhus")
        work.grant(ana.primary_email, channel="email", purpose="newsletter", method="double_opt_in", notice="v3")
    return ana


def test_source_and_age_stand_with_every_value(store):
    """Each value has its own, also where the rule itself does not ask for freshness."""
    found = store.explain((c.country == "DK") & (c.city == "Ribe"), _ana(store))
    told = [(one.found[0].source, one.found[0].age_days) for one in found.conditions()]
    assert told == [("web-shop", 61), ("call-centre", 30)]
    assert all(0.9 < one.found[0].freshness < 1 for one in found.conditions())
    assert "city is Ribe: Aarhus (from call-centre, 30 days old" in str(found)


def test_whatever_a_rule_reads_is_there(store):
    """Accounts, history, consent, chance: each is explained, and has its nearest change."""
    ana = _ana(store)
    said = {
        c.any_account.employees >= 200: "would leave with no link to Acme",
        c.city.changed(within_days=60): "would leave by time alone on 31 May 2026 10:00 UTC",
        c.city.has_ever_been("Odense"): "nothing that can change would make it leave",
        c.may_receive(channel="email", purpose="newsletter"): "would leave without consent to newsletter by email",
    }
    for rule, sentence in said.items():
        found = store.explain(rule, ana)
        assert found.answer is True
        assert str(found.nearest_change()) == sentence
        assert rule.needs() <= {"accounts", "history", "now", "permissions"}
