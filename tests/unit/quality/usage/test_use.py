"""The use of data, counted by hand on every store: what nobody reads, how old it is, what it cost, when it was last read."""

from __future__ import annotations

from datetime import date

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, UnknownFieldError
from mimcore.quality.usage.readers import attributes_of, reader_of_rule

c = f.contact


@pytest.fixture
def shop(everywhere, clock):
    """Four values of two sources, an account, three events; a segment that is live, one that was, one that changed."""
    store = everywhere
    acme = added(store, mim.Account(name="Acme", employees=7), source="register")
    ana, _ = added(store, mim.Contact(country="DK", city="Lund"), mim.Contact(country="SE"), source="fair")
    clock.advance(days=10)
    with store.begin(source="vendor") as work:
        work.add(mim.Contact(occupation="baker"))
    with store.begin(source="shop") as work:
        for day in (1, 2):
            work.record("purchase", contact=ana, at=f"2026-05-0{day}T09:00Z")
        work.record("page_view", contact=ana, at="2026-05-05T10:00Z", source="web")
    with store.begin() as work:
        danes, towns, views = work.add(
            mim.Segment(key="danes", rule=c.country == "DK"),
            mim.Segment(key="towns", rule=c.city == "lund"),
            mim.Segment(key="views", rule=c.events("page_view").count() >= 1),
        )
    clock.advance(days=1)
    with store.begin() as work:
        work.change(towns, is_archived=True)
    clock.advance(days=1)
    with store.begin() as work:
        work.change(views, rule=c.purchases.count() >= 1)
        work.change(danes, name="Danes")
    return acme


def test_what_nobody_reads(everywhere, shop):
    """Values, age, readers and last use of each field, source and kind of interaction."""
    use = everywhere.quality.use()
    assert {one.name: (one.values, one.unread, one.readers, one.median_age_days) for one in use.fields} == {
        "account.name": (1, 1, (), 12.0),
        "account.firmographic.employees": (1, 1, (), 12.0),
        "contact.demographic.city": (1, 1, (), 12.0),
        "contact.demographic.occupation": (1, 1, (), 2.0),
        "contact.demographic.country": (2, 0, ("segment danes",), 12.0),
    }
    assert [one.name for one in use.unread] == [one.name for one in use.fields[:4]]
    assert use.fields[-1].name == "contact.demographic.country"
    assert use.unread_share == 4 / 6
    assert {one.name: (one.values, one.unread) for one in use.sources} == {
        "register": (2, 2),
        "fair": (3, 1),
        "vendor": (1, 1),
        "shop": (2, 0),
        "web": (1, 1),
    }
    events = {one.name: (one.values, one.is_read, one.median_age_days) for one in use.interactions}
    assert events == {"purchase": (2, True, 11.0416666666666667), "page_view": (1, False, 8.0)}
    last = {one.name: one.last_use and one.last_use.date() for one in (*use.fields, *use.interactions)}
    assert {name for name, day in last.items() if day is None} == {
        "account.name",
        "account.firmographic.employees",
        "contact.demographic.occupation",
        "contact.demographic.country",
        "purchase",
    }
    assert last["contact.demographic.city"] == date(2026, 5, 12)
    assert last["page_view"] == date(2026, 5, 13)
    assert use.readers == {"segment": 2}


def test_readers_of_every_kind(everywhere, shop):
    """Rules of quality, forms, and what the caller names; a field that only a rule of quality reads is watched."""
    everywhere.quality.declare(mim.QualityRule.complete("city-known", c.city, within=c.age >= 18))
    report = mim.Reader("report", "board", fields=[c.occupation, "account.employees"], event_kinds=["page_view"])
    use = everywhere.quality.use(forms=[mim.form("city", "email", key="signup")], readers=[report])
    read = {one.name: one.readers for one in (*use.fields, *use.interactions)}
    assert read == {
        "account.name": (),
        "account.firmographic.employees": ("report board",),
        "contact.demographic.city": ("quality rule city-known", "form signup"),
        "contact.demographic.occupation": ("report board",),
        "contact.demographic.country": ("segment danes",),
        "purchase": ("segment views",),
        "page_view": ("report board",),
    }
    assert not any(one.is_only_watched for one in use.fields)
    assert use.unread_share == 1 / 6
    assert use.readers == {"segment": 2, "quality rule": 1, "form": 1, "report": 1}
    (watched,) = [one for one in everywhere.quality.use().fields if one.is_only_watched]
    assert watched.name == "contact.demographic.city"
    whole = everywhere.quality.use(readers=[mim.Reader("export", "vendor", sources=["vendor"])])
    assert {one.name: one.unread for one in whole.sources}["vendor"] == 0


def test_what_it_cost(everywhere, shop):
    """A source's cost is spread over what it brought, events included; a value of unknown cost has none."""
    costs = {"fair": mim.money("30.00", "DKK"), "web": mim.money("5.00", "DKK")}
    use = everywhere.quality.use(costs=costs)
    each = {one.name: (one.cost, one.cost_per_value) for one in (*use.fields, *use.sources, *use.interactions)}
    assert each["contact.demographic.country"] == (20.0, 10.0)
    assert each["contact.demographic.city"] == (10.0, 10.0)
    assert each["fair"] == (30.0, 10.0)
    assert each["page_view"] == each["web"] == (5.0, 5.0)
    assert each["contact.demographic.occupation"] == each["purchase"] == (None, None)
    assert use.currency == "DKK"
    text = str(use)
    assert "cost each" in text
    assert "costs in DKK" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    with pytest.raises(InvalidValueError, match="more than one currency"):
        everywhere.quality.use(costs={**costs, "shop": mim.money("1.00", "SEK")})


def test_how_it_shows_itself(store):
    """Empty too; it says which readers were looked at, and which there are none of."""
    empty = store.quality.use()
    assert (empty.unread_share, empty.fields) == (None, ())
    assert str(empty).startswith("Readers looked at: none.")
    added(store, mim.Contact(city="Lund", emails=["a@example.com"]), mim.Account(name="Acme", employees=3))
    use = store.quality.use()
    assert "KPIs, scores, reports and what an audience prints are not stored" in use.looked_at
    text = str(use)
    assert "account.employees" in text
    assert "100 % of all values are read by nobody" in text.replace("\u202f", " ")
    assert "<table" in use._repr_html_()
    assert use.to_frame("polars").height == len(use.to_rows()) == 5
    assert {row["what"] for row in use.to_rows()} == {"field", "source"}
    with pytest.raises(InvalidValueError, match="what: is nothing that is used"):
        use.table("people")


def test_what_a_rule_reads():
    """Fields that are put together, the addresses behind consent, accounts, sequences, and segments within."""
    news = c.may_receive(channel="sms", purpose="newsletter") & (c.emails.any.freshness() >= 0.5)
    steps = c.events("download").where(f.event.channel == "email").then("demo_request", within_days=14)
    rule = news & steps & c.in_segment("old") & c.accounts.any(f.account.employees >= 9) & c.purchases.lapsed(days=9)
    found = reader_of_rule("segment", "x", [rule], {"old": (c.age >= 60) & c.in_segment("gone")})
    assert found.attributes == {"contact.emails", "contact.phones", "account.firmographic.employees"}
    assert set(found.event_kinds) == {"download", "demo_request", "purchase"}
    known = {"old": (c.age >= 60) & c.in_segment("list"), "list": None}
    assert {"contact.demographic.birth_year", "contact.demographic.age_band"} <= reader_of_rule(
        "segment", "x", [rule], known
    ).attributes
    moved = (
        c.city.changed(within_days=30) | (c.primary_email.freshness() >= 0.5) | c.birth_date.before(c.job_started_on)
    )
    assert reader_of_rule("segment", "y", [moved], {}).attributes == {
        "contact.demographic.city",
        "contact.emails",
        "contact.demographic.birth_date",
        "contact.employment.started_on",
    }


def test_names_of_fields():
    """Handles, short names, accounts, custom ones as they are; a misspelt one is refused."""
    assert attributes_of(c.emails) == attributes_of("primary_email") == ("contact.emails",)
    assert attributes_of("any_account.employees") == ("account.firmographic.employees",)
    assert attributes_of("contact.custom.tier") == ("contact.custom.tier",)
    with pytest.raises(UnknownFieldError):
        attributes_of("contact.toun")
