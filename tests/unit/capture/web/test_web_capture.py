"""Leads from the web: where people came from, what is refused, what is stored of it, and what an outsider cannot do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.channels_page import PAGE, written

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.web.channels import CHANNEL_RULES, traffic_of
from mimcore.capture.web.tracking import read_tracking
from mimcore.testing import FixedClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEWS = mim.consent_line("newsletter", "Send me the newsletter.", notice="signup", version="3", language="en")
TEXTS = mim.consent_line("offers", "Text me offers.", notice="sms", channel="sms")
PROFILE = mim.consent_line("profiling", "Use what I looked at.", notice="profile")
FORM = mim.form("given_name", "email", "phone", "city", "interests", "age_band", NEWS, TEXTS, PROFILE, key="demo",
                required=["email"], notice="privacy-4")  # fmt: skip
ANA = {"email": "Ana@example.dk", "given_name": "Ana", "interests": ["golf"]}
SHOP = "https://shop.dk/spring"


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    """An empty store of each kind, at noon of 1 March 2026."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, actor="tester", clock=FixedClock(NOW), secret=b"s" * 32) as opened:
        yield opened


def captured(data=None, **options):
    """A form that was sent at noon."""
    return mim.capture_lead(FORM, ANA if data is None else data, **{"now": NOW, **options})


@pytest.mark.parametrize(
    ("query", "referrer", "group", "channel", "is_paid"),
    [
        ("utm_source=google&utm_medium=cpc", None, "Paid Search", "paid_search", True),
        ("utm_source=Bing&utm_medium=PPC", None, "Paid Search", "paid_search", True),
        ("utm_source=facebook&utm_medium=paid_social", None, "Paid Social", "paid_social", True),
        ("utm_source=l.facebook.com&utm_medium=cpc&fbclid=x", None, "Paid Social", "paid_social", True),
        ("utm_source=youtube&utm_medium=cpv", None, "Paid Video", "display", True),
        ("utm_source=youtube&utm_medium=post", None, "Organic Video", "organic_social", False),
        ("utm_source=youtube&utm_medium=cpc", None, "Paid Video", "display", True),
        ("utm_source=amazon&utm_medium=cpc", None, "Paid Shopping", "paid_search", True),
        ("utm_source=gazette&utm_medium=banner", None, "Display", "display", True),
        ("utm_source=gazette&utm_medium=paid", None, "Paid Other", "other", True),
        ("gclid=Cj0K", "https://www.google.dk/", "Paid Search", "paid_search", True),
        ("msclkid=1", None, "Paid Search", "paid_search", True),
        ("dclid=1", None, "Display", "display", True),
        ("li_fat_id=1", None, "Paid Social", "paid_social", True),
        ("GCLID=1", None, "Paid Search", "paid_search", True),
        ("fbclid=1", "https://m.facebook.com/", "Organic Social", "organic_social", False),
        ("fbclid=1", None, "Organic Social", "organic_social", False),
        ("utm_source=newsletter&utm_medium=email&fbclid=1", None, "Email", "email", None),
        ("utm_source=linkedin&utm_medium=social", None, "Organic Social", "organic_social", False),
        ("utm_source=google&utm_medium=organic", None, "Organic Search", "organic_search", False),
        ("utm_medium=affiliate&utm_source=x1", None, "Affiliates", "affiliate", True),
        ("utm_medium=sms&utm_source=crm", None, "SMS", "sms", None),
        ("utm_medium=web-push&utm_source=crm", None, "Mobile Push Notifications", "push", None),
        ("utm_medium=audio&utm_source=pod", None, "Audio", "broadcast", True),
        ("utm_medium=referral&utm_source=acme.dk", None, "Referral", "referral", None),
        ("utm_medium=flyer&utm_source=fair", "https://www.google.com/", "Unassigned", "other", None),
        ("utm_campaign=workshop&utm_source=fair", None, "Unassigned", "other", None),
        ("utm_campaign=eshop", None, "Organic Shopping", "organic_search", False),
        ("utm_campaign=workshop", None, "Direct", "direct", None),
        ("utm_campaign=spring-shop", None, "Organic Shopping", "organic_search", False),
        ("", "https://www.google.co.uk/search", "Organic Search", "organic_search", False),
        ("", "https://duckduckgo.com/", "Organic Search", "organic_search", False),
        ("", "https://t.co/abc", "Organic Social", "organic_social", False),
        ("", "https://t.example.dk/", "Referral", "referral", None),
        ("", "https://mail.google.com/", "Referral", "referral", None),
        ("", "https://youtu.be/1", "Organic Video", "organic_social", False),
        ("", "https://www.shop.dk/other", "Direct", "direct", None),
        ("", "https://blog.shop.com/", "Direct", "direct", None),
        ("", "https://gazette.dk/", "Referral", "referral", None),
        ("", None, "Direct", "direct", None),
        ("utm_source=(direct)&utm_medium=(none)", None, "Direct", "direct", None),
    ],
)
def test_paid_or_organic_by_hand(query, referrer, group, channel, is_paid) -> None:
    """Worked out by hand after the published channel groups; what they take for granted, after what click ids prove."""
    tracking = read_tracking(f"{SHOP}?{query}", referrer)
    found = traffic_of(tracking, frozenset({"blog.shop.com"}))
    assert (found.group, found.channel.value, found.is_paid) == (group, channel, is_paid)


def test_every_line_of_the_table_is_reached_and_stands_on_the_page() -> None:
    """The documentation holds the table that decides."""
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page
    assert all(f"| {one.group} | {one.channel.value} |" in page for one in CHANNEL_RULES)
    assert CHANNEL_RULES[-1].group == "Direct"
    assert isinstance(PAGE, Path)


def test_a_lead_has_its_acquisition_and_its_evidence() -> None:
    """Contact, lead, event and consents tell the same; queries are gone; nothing personal is shown."""
    url = f"{SHOP}?utm_source=google&utm_medium=cpc&utm_campaign=Spring+Sale!&utm_term=bike&gclid=Cj0K&mail=ana#x"
    found = captured(
        {**ANA, "consent_newsletter": "on", "age_band": "25-34"}, url=url, referrer="https://www.google.dk/?q=secret",
        visitor="v-1", submission="s-1", evidence={"ip": "192.0.2.7"}, zone="Pacific/Auckland",
    )  # fmt: skip
    came = found.contact.acquisition
    assert (came.channel, came.medium, came.source, came.campaign) == ("paid_search", "cpc", "google", "spring-sale")
    assert (came.at, came.landing_page, came.referrer) == (NOW, SHOP, "https://www.google.dk/")
    assert found.contact.demographic.age_band_on.isoformat() == "2026-03-02"
    assert (found.lead.channel, found.lead.campaign, found.lead.captured_at) == ("paid_search", "spring-sale", NOW)
    (event,) = found.interactions
    assert (event.kind, event.external_id, event.visitor_id, event.contact_id) == (
        "form_submit", "s-1", "v-1", found.contact.id,
    )  # fmt: skip
    assert dict(event.properties) == {
        "form": "demo", "channel_group": "Paid Search", "is_paid": True, "utm_source": "google", "utm_medium": "cpc",
        "utm_campaign": "Spring Sale!", "utm_term": "bike", "gclid": "Cj0K",
    }  # fmt: skip
    (given,) = found.consents
    assert dict(given.evidence) == {
        "form": "demo", "page": SHOP, "submission": "s-1", "privacy_notice": "privacy-4", "ip": "192.0.2.7",
    }  # fmt: skip
    for shown in (str(found), repr(found), found._repr_html_()):
        assert not [one for one in ("ana", "Ana", "192.0.2.7", "v-1", "Cj0K") if one in shown]


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@example.com", "a\nb", "a\0b", "\u2028", "x\u0085"])
@pytest.mark.parametrize("place", ["given_name", "email", "city", "interests", "consent_newsletter"])
def test_line_breaks_and_nul_are_refused_in_every_answer(bad, place) -> None:
    """Whatever is sent in whatever field."""
    with pytest.raises(mim.InvalidValueError) as error:
        captured({**ANA, place: bad})
    assert error.value.field.partition(".")[0] == place
    assert bad not in str(error.value)


@pytest.mark.parametrize("name", ["visitor", "submission"])
def test_line_breaks_are_refused_in_ids(name) -> None:
    """And in evidence."""
    with pytest.raises(mim.InvalidValueError, match=name):
        captured(**{name: "a\r\nb"})
    with pytest.raises(mim.InvalidValueError, match="evidence"):
        captured(evidence={"ip": "a\r\nb"})
    with pytest.raises(mim.InvalidValueError, match="too many"):
        captured(evidence={str(one): "x" for one in range(21)})


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"url": f"{SHOP}?utm_source=a%0d%0aSet-Cookie:x&utm_medium=cpc"}, "utm_source"),
        ({"url": f"{SHOP}?utm_source=a%00b"}, "utm_source"),
        ({"url": f"{SHOP}?utm_source=a&utm_source=b"}, "utm_source"),
        ({"url": f"{SHOP}?gclid=" + "x" * 501}, "gclid"),
        ({"url": f"{SHOP}\r\nX: y"}, "url"),
        ({"url": SHOP + "x" * 9_000}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "http://[broken"}, "url"),
        ({"url": SHOP + "?" + "&".join(f"a{one}=1" for one in range(300))}, "url"),
        ({"referrer": "https://x.dk/\0"}, "referrer"),
        ({"referrer": "about:blank"}, "referrer"),
        ({"url": f"{SHOP}?utm_source=%ff"}, "url"),
    ],
)
def test_a_bad_parameter_never_costs_a_lead(options, field) -> None:
    """It is left out and told."""
    found = captured(**options)
    assert [one.field for one in found.problems] == [field]
    assert found.contact.emails[0].value == "Ana@example.dk"
    shown = str(found.interactions[0].properties) + str(found.contact.acquisition.landing_page)
    assert not any(mark in shown for mark in ("\r", "\n", "\0", "Set-Cookie", "javascript"))


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.dictionaries(st.sampled_from(["utm_source", "utm_campaign", "gclid"]), st.text(max_size=20)),
)
def test_no_address_breaks_it(url, referrer, hidden) -> None:
    """For any text: a lead whose texts hold no control character."""
    found = captured({**ANA, **hidden}, url="https://x.dk/?" + url, referrer=referrer)
    texts = [*map(str, found.interactions[0].properties.values()), str(found.contact.acquisition.referrer)]
    assert all(one.isprintable() or "\xa0" in one or not any(ord(sign) < 32 for sign in one) for one in texts)


def test_hidden_fields_count_before_the_address() -> None:
    """Forms carry what the first page of the visit was called with."""
    found = captured(
        [("email", "ana@example.dk"), ("utm_source", "google"), ("utm_medium", "cpc")], url=f"{SHOP}?utm_source=other"
    )
    assert (found.traffic.group, [one.field for one in found.problems]) == ("Paid Search", ["utm_source"])


def test_forms_that_must_not_be_captured() -> None:
    """What is derived, and special categories without a notice."""
    for form in (mim.form("email", "age"), mim.form("email", "beliefs")):
        with pytest.raises(mim.InvalidValueError, match=r"derived|special-category"):
            mim.capture_lead(form, {"email": "a@example.dk"}, now=NOW)
    for wrong in (None, "email=x", 5, [1]):
        with pytest.raises(mim.InvalidValueError, match="form: "):
            mim.capture_lead(FORM, wrong, now=NOW)


def test_a_new_person_is_stored_whole(store) -> None:
    """Contact, lead, event, consent with the proof of its wording."""
    found = captured(
        {**ANA, "consent_newsletter": "on"}, url=f"{SHOP}?gclid=1", submission="s-1", evidence={"ip": "::1"}
    )
    done = store.capture(found)
    who = store.contacts.with_email("ana@example.dk")
    assert (done.is_new_contact, done.is_new_lead, done.contact) == (True, True, who)
    assert store.leads.of_contact(who) == (done.lead,)
    (act,) = done.consents
    assert (act.method, act.notice, act.notice_version, act.notice_language) == ("form", "signup", "3", "en")
    assert (act.notice_sha256, act.evidence["ip"], act.occurred_at, act.source) == (NEWS.sha256, "::1", NOW, "website")
    assert len(store.audience(mim.everyone(), channel="email", purpose="newsletter")) == 1
    assert store.contacts.count(f.contact.events("form_submit").count() == 1) == 1
    for shown in (str(done), repr(done), done._repr_html_()):
        assert not [one for one in ("ana", "Ana", "::1") if one in shown]


def test_one_submission_is_stored_once(store) -> None:
    """A double click, or a repeated delivery, changes nothing."""
    found = captured(submission="s-1")
    store.capture(found)
    again = store.capture(captured(submission="s-1"))
    assert (again.is_repeated, again.consents, store.contacts.count()) == (True, (), 1)
    assert len(store.leads.all()) == 1
    assert "nothing changed" in str(again)


def test_an_outsider_changes_nothing_of_somebody_known(store) -> None:
    """Missing values are filled in, lists grow; names, addresses and numbers that differ stay, and are told."""
    known = mim.Contact(name="Ana Berg", emails=["ana@example.dk"], phones=["+4532123456"], interests=["wine"])
    with store.begin() as work:
        (known,) = work.add(known)
    sent = {**ANA, "given_name": "Eve", "city": "Odense", "phone": "+46701740605", "consent_offers_sms": "on"}
    done = store.capture(captured(sent, url=SHOP))
    who = store.contacts.get(known)
    assert (who.name, who.phones, who.emails) == (known.name, known.phones, known.emails)
    assert (who.demographic.city, who.psychographic.interests) == ("Odense", ("golf", "wine"))
    assert (done.kept, done.unproved, done.consents) == (("name", "phones"), ("consent_offers_sms",), ())
    assert set(done.filled) == {"acquired_at", "acquisition_channel", "city", "interests", "landing_page"}
    same = store.capture(captured(sent | {"city": "Aarhus"}, url=SHOP))
    assert ("city" in same.kept, same.filled, same.is_new_lead) == (True, (), False)


def test_a_withdrawal_is_lifted_by_a_new_consent_only(store) -> None:
    """Sending the form without the tick leaves a withdrawal alone; with it, the person has consented anew."""
    store.capture(captured({**ANA, "consent_newsletter": "on"}, submission="a"))
    with store.begin() as work:
        work.withdraw(store.contacts.with_email("ana@example.dk").primary_email, channel="email", purpose="newsletter")
    store.capture(captured(ANA, submission="b", now=NOW))
    assert len(store.audience(mim.everyone(), channel="email", purpose="newsletter")) == 0


def test_a_custom_attribute_is_filled_in(store) -> None:
    """One that the store has declared; one that it has not is refused."""
    tier = mim.attribute("tier", options=["gold", "none"])
    form = mim.form("email", tier, NEWS, notice="n")
    store.capture(mim.capture_lead(form, {"email": "a@example.dk"}, now=NOW))
    sent = mim.capture_lead(form, {"email": "a@example.dk", "tier": "gold"}, now=NOW)
    store.attributes.declare(tier)
    assert store.capture(sent).filled == ("custom.tier",)
    assert dict(store.contacts.with_email("a@example.dk").custom) == {"tier": "gold"}


def test_a_visitor_is_stitched_when_it_says_who_it_is(store) -> None:
    """With the tick its history counts, without it stays nobody's."""
    for visitor in ("v-1", "v-2"):
        store.visitors.record(visitor, "page_view", permission="cookies/1", product="/prices")
    done = store.capture(captured({**ANA, "consent_profiling": "on"}, visitor="v-1"))
    assert (done.stitch.outcome, done.stitch.interactions) == ("stitched", 1)
    bo = store.capture(captured({"email": "bo@example.dk"}, visitor="v-2"))
    assert (bo.stitch.outcome, len(store.visitors.history("v-2"))) == ("no_permission", 1)
    assert store.contacts.ids(f.contact.events("page_view").count() == 1) == [done.contact.id]
    with pytest.raises(mim.InvalidValueError, match="permission"):
        store.visitors.record("v-3", "page_view", permission=" ")
    with pytest.raises(mim.InvalidValueError, match="visitor"):
        store.visitors.record(" ", "page_view", permission="cookies/1")
