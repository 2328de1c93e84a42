"""Audiences on both stores: the waterfall, brute force over generated people, export and personalisation."""

from __future__ import annotations

import csv
import random
from datetime import timedelta

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.consent import Reason
from mimcore.errors import ClosedError, ConsentError, InvalidValueError, UnknownFieldError

NEWS = {"channel": "email", "purpose": "newsletter"}
FORM = {**NEWS, "method": "form", "notice": "v3"}


def rows(path):
    """Read a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def consented(store, *contacts):
    """Let everybody consent."""
    with store.begin() as work:
        for one in contacts:
            work.grant(one.primary_email, **FORM)


def crowd(store, clock, number=60):
    """People in every situation that the gate knows, and the answer that simple book-keeping gives for each."""
    dice = random.Random(7)
    expected = {}
    drawn = [
        {
            "mails": dice.choice([0, 1, 1, 1, 2]), "consent": dice.random() < 0.8, "withdrawn": dice.random() < 0.2,
            "suppressed": dice.random() < 0.15, "bounced": dice.random() < 0.15, "old": dice.random() < 0.2,
            "danish": dice.random() < 0.8,
        }
        for _ in range(number)
    ]  # fmt: skip
    for index, one in enumerate(drawn):
        mails = [f"p{index}-{n}@acme.dk" for n in range(one["mails"])]
        seen = clock() - timedelta(days=4000 if one["old"] else 1)
        with store.begin(observed_at=seen) as work:
            (person,) = work.add(
                mim.Contact(name=f"Ana Berg{index}", emails=mails, country="DK" if one["danish"] else "SE")
            )
        reasons = {} if mails else {"no_address": True}
        with store.begin() as work:
            for point in person.emails:
                if one["consent"]:
                    work.grant(point, **FORM, at=clock() - timedelta(days=2))
                if one["withdrawn"]:
                    work.withdraw(point, **NEWS)
                if one["suppressed"]:
                    work.suppress(point)
                if one["bounced"]:
                    work.refute(point, by="hard_bounce")
        if mails:
            reasons = {
                "no_consent": not one["consent"] and not one["withdrawn"], "withdrawn": one["withdrawn"],
                "suppressed": one["suppressed"], "undeliverable": one["bounced"], "stale": one["old"],
            }  # fmt: skip
        if one["danish"]:
            expected[person.id] = tuple(reason for reason in Reason if reasons.get(reason.value))
    return expected


def test_audiences_against_book_keeping(store, clock, tmp_path):
    """Members, recipients, reasons, waterfall and export agree with an independent count over 60 drawn people."""
    expected = crowd(store, clock)
    audience = store.audience(f.contact.country == "DK", **NEWS, least_freshness=0.3)
    allowed = {one for one, reasons in expected.items() if not reasons}
    assert {one.contact.id for one in audience.recipients} == allowed
    assert dict(audience.excluded) == {one: reasons for one, reasons in expected.items() if reasons}
    assert len(audience) == len(allowed) > 5
    left = len(expected)
    assert audience.waterfall[0].left == left
    for reason, step in zip(Reason, audience.waterfall[1:], strict=True):
        lost = sum(1 for reasons in expected.values() if reasons and reasons[0] is reason)
        left -= lost
        assert (step.left, step.lost) == (left, lost)
    assert left == len(allowed)
    written = rows(audience.export(tmp_path / "a.csv"))
    assert {row["contact_id"] for row in written} == {str(one) for one in allowed}
    points = {point.value for one in audience.recipients for point in one.contact.emails}
    assert {row["email"] for row in written} == {one.point.value for one in audience.recipients} <= points


def test_every_reason_occurs_in_the_crowd(store, clock):
    """The comparison above is about something: each reason decides for somebody."""
    expected = crowd(store, clock)
    assert {reasons[0] for reasons in expected.values() if reasons} >= set(Reason) - {
        Reason.STALE,
        Reason.UNDELIVERABLE,
    }
    assert {reason for reasons in expected.values() for reason in reasons} == set(Reason)


def test_the_first_allowed_point_is_used(store, tmp_path):
    """Consent on the second address only: that one is exported, never the first."""
    person = added(store, mim.Contact(name="Ana Berg", emails=["a@acme.dk", "b@acme.dk"]))
    with store.begin() as work:
        work.grant(person.emails[1], **FORM)
    (row,) = rows(store.audience(mim.everyone(), **NEWS).export(tmp_path / "a.csv"))
    assert row["email"] == "b@acme.dk"


def test_each_decision_stays_with_its_point(store):
    """People with three, no, two and one address, asked about together: the consented one of each is used."""
    mails = (["a1", "a2", "a3"], [], ["b1", "b2"], ["c1"])
    everybody = added(store, *(mim.Contact(emails=[f"{one}@acme.dk" for one in own]) for own in mails))
    with store.begin() as work:
        for person, place in zip(everybody, (2, None, 1, None), strict=True):
            if place is not None:
                work.grant(person.emails[place], **FORM)
    audience = store.audience(mim.everyone(), **NEWS)
    used = {one.contact_id: one.point.value for one in audience.recipients}
    assert used == {everybody[0].id: "a3@acme.dk", everybody[2].id: "b2@acme.dk"}
    assert audience.excluded == {everybody[1].id: (Reason.NO_ADDRESS,), everybody[3].id: (Reason.NO_CONSENT,)}


def test_recipients_stay_as_they_were_decided(store, tmp_path):
    """What happens afterwards, the end of the store included, does not show in what was decided; it shows in no file."""
    person = added(store, mim.Contact(name="Ana Berg", emails=["a@acme.dk"], city="Odense"), observed_at="2026-04-30")
    consented(store, person)
    audience = store.audience(mim.everyone(), **NEWS)
    with store.begin() as work:
        work.change(person, city="Ribe")
    (row,) = rows(audience.export(tmp_path / "a.csv", fields=["city"]))
    assert (row["email"], row["city"]) == ("a@acme.dk", "Odense")
    store.close()
    assert [one.contact for one in audience.recipients] == [person]
    with pytest.raises(ClosedError, match="closed"):  # nobody can be asked any more
        audience.export(tmp_path / "b.csv")


def _bounce(work, one):
    work.refute(one.primary_email, by="hard_bounce")


@pytest.mark.parametrize(
    "happens",
    [
        lambda work, one: work.withdraw(one.primary_email, **NEWS),
        lambda work, one: work.suppress(one.primary_email),
        lambda work, one: work.suppress("p1@acme.dk", channel="email"),
        lambda work, one: work.change(one, emails=["elsewhere@acme.dk"]),
        lambda work, one: work.remove(one),
        _bounce,
    ],
    ids=["withdrawn", "suppressed", "suppressed by address", "moved", "archived", "bounced"],
)
def test_an_audience_of_before_hands_out_no_address_of_now(store, clock, tmp_path, happens):
    """Whatever happens to one of three people, nothing is written; a new decision is about two."""
    with store.begin() as work:
        people = work.add(*(mim.Contact(country="DK", emails=[f"p{n}@acme.dk"]) for n in range(3)))
    consented(store, *people)
    danes = f.contact.country == "DK"
    before = store.audience(danes, **NEWS)
    assert len(rows(before.export(tmp_path / "before.csv"))) == 3
    clock.advance(hours=1)
    with store.begin() as work:
        happens(work, work.contacts.get(people[1].id))
    with pytest.raises(
        ConsentError, match=r"1 of 3 people may not be contacted any more.*ask for the audience again"
    ) as caught:
        before.export(tmp_path / "after.csv", fields=["city"])
    assert "p1@acme" not in str(caught.value)
    assert not (tmp_path / "after.csv").exists()
    assert len(rows(store.audience(danes, **NEWS).export(tmp_path / "new.csv"))) == 2


@pytest.mark.parametrize("hindsight", [False, True])
def test_an_audience_of_the_past_hands_out_no_address(store, clock, tmp_path, hindsight):
    """It can be looked at; who withdrew since is not the only one who must not be written to by it."""
    person = added(store, mim.Contact(country="DK", emails=["p@acme.dk"]))
    consented(store, person)
    then = clock()
    clock.advance(days=1)
    past = store.as_of(then, hindsight=hindsight).audience(f.contact.country == "DK", **NEWS)
    assert len(past) == 1
    with pytest.raises(ConsentError, match="is of the past"):
        past.export(tmp_path / "past.csv")
    assert not (tmp_path / "past.csv").exists()


def test_fading_since_the_decision_is_no_withdrawal(store, clock, tmp_path):
    """A threshold of freshness was met when it was asked for; a day later the file can still be written."""
    person = added(store, mim.Contact(country="DK", emails=["p@acme.dk"]))
    consented(store, person)
    audience = store.audience(f.contact.country == "DK", **NEWS, least_freshness=0.97)
    assert len(audience) == 1
    clock.advance(days=300)
    assert len(store.audience(f.contact.country == "DK", **NEWS, least_freshness=0.97)) == 0
    assert len(rows(audience.export(tmp_path / "later.csv"))) == 1


def test_phones_for_sms_and_calls(store, tmp_path):
    """Another channel uses other points and other consent; channels without points are refused."""
    person = added(store, mim.Contact(name="Ana Berg", emails=["a@acme.dk"], phones=["+4532123456"]))
    with store.begin() as work:
        work.grant(person.primary_phone, **{**FORM, "channel": "sms"})
    assert [
        one.point.value for one in store.audience(mim.everyone(), channel="sms", purpose="newsletter").recipients
    ] == ["+4532123456"]
    assert len(store.audience(mim.everyone(), channel="phone", purpose="newsletter")) == 0
    with pytest.raises(InvalidValueError, match="use one of email, sms, phone"):
        store.audience(mim.everyone(), channel="post", purpose="newsletter")
    with pytest.raises(InvalidValueError, match="did you mean 'newsletter'"):
        store.audience(mim.everyone(), channel="email", purpose="newsleter")
    with pytest.raises(InvalidValueError, match="between 0 and 1"):
        store.audience(mim.everyone(), **NEWS, least_freshness=1.5)


def test_a_withdrawal_between_two_audiences(store, clock):
    """The next audience excludes; one decided for an earlier instant knows no later withdrawal."""
    person = added(store, mim.Contact(name="Ana Berg", emails=["a@acme.dk"]))
    consented(store, person)
    clock.advance(days=1)
    with store.begin() as work:
        work.withdraw(person.primary_email, **NEWS)
    assert len(store.audience(mim.everyone(), **NEWS)) == 0
    assert len(store.audience(mim.everyone(), **NEWS, now=clock() - timedelta(hours=1))) == 1


def test_archived_and_unknown_contacts_are_no_members(store):
    """Who leaves everyone leaves the audience; who cannot be decided was never in it."""
    gone, unknown = added(store, mim.Contact(emails=["a@acme.dk"], country="DK"), mim.Contact(emails=["b@acme.dk"]))
    consented(store, gone, unknown)
    with store.begin() as work:
        work.remove(gone)
    audience = store.audience(f.contact.country == "DK", **NEWS)
    assert (audience.waterfall[0].left, len(audience), audience.excluded) == (0, 0, {})


# --- what is printed ---


@pytest.fixture
def people(store, clock):
    """One whose city is fresh, one whose city is old, one without, one undated; all of them consented."""
    old, fresh = clock() - timedelta(days=5000), clock() - timedelta(days=3)
    made = [
        added(
            store,
            mim.Contact(name="Fru Ana Berg", emails=["a@acme.dk"], city="Odense", interests=["tea", "bikes"]),
            observed_at=fresh,
        ),
        added(store, mim.Contact(name="Bo Holm", emails=["b@acme.dk"], city="Ribe"), observed_at=old),
        added(store, mim.Contact(emails=["c@acme.dk"], language="da", beliefs=["x"])),
        added(store, mim.Contact(name="Ida Friis", emails=["d@acme.dk"], city="Vejle"), observed_at=mim.UNDATED),
    ]
    consented(store, *made)
    return made


FALLBACKS = {"salutation": "Hello", "city": "your town", "interests": "things you like"}


def test_doubtful_values_give_way_to_the_fallback(store, people, tmp_path):
    """Stale, missing and undated cities are not printed; lists read as words; a name is as good as its parts."""
    audience = store.audience(mim.everyone(), **NEWS, fallbacks=FALLBACKS)
    written = rows(audience.export(tmp_path / "a.csv", fields=["salutation", "city", "interests", "given_name"]))
    assert [(row["salutation"], row["city"], row["interests"], row["given_name"]) for row in written] == [
        ("Mrs Berg", "Odense", "bikes, tea", "Ana"),
        ("Bo", "your town", "things you like", "Bo"),
        ("Hello", "your town", "things you like", ""),
        ("Hello", "your town", "things you like", ""),
    ]


def test_the_fallback_share_is_what_is_exported(store, people, tmp_path):
    """What is announced before sending equals what stands in the file."""
    audience = store.audience(mim.everyone(), **NEWS, fallbacks=FALLBACKS)
    fields = ["salutation", "city", "interests"]
    announced = audience.fallback_share(fields)
    written = rows(audience.export(tmp_path / "a.csv", fields=fields))
    for name in fields:
        assert announced[name] == sum(row[name] == FALLBACKS[name] for row in written) / len(written)
    assert announced == {"salutation": 0.5, "city": 0.75, "interests": 0.75}
    nobody = store.audience(f.contact.country == "SE", **NEWS)
    assert nobody.fallback_share(["city"]) == {"city": 0.0}


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("beliefs", InvalidValueError, "special-category"),
        ("ctiy", UnknownFieldError, "city"),
        ("age", InvalidValueError, "no stored text"),
        ("primary_email", InvalidValueError, "no stored text"),
        ("devices", InvalidValueError, "no stored text"),
    ],
)
@pytest.mark.usefixtures("people")
def test_what_must_not_be_printed_is_refused_before_a_file_is_begun(store, tmp_path, name, error, words):
    """Special-category data, unknown fields, what is computed: refused, even for an empty audience, and no file."""
    for rule in (mim.everyone(), f.contact.country == "SE"):
        audience = store.audience(rule, **NEWS)
        path = tmp_path / "a.csv"
        with pytest.raises(error, match=words):
            audience.export(path, fields=["city", name])
        with pytest.raises(error, match=words):
            audience.fallback_share([name])
        assert not path.exists()


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1+1", "=cmd|' /C calc'!A0"])
def test_a_spreadsheet_cannot_be_tricked(store, tmp_path, hostile):
    """No cell of the spreadsheet form begins like a formula; the machine form is exact."""
    person = added(store, mim.Contact(name="Ana Berg", emails=["a@acme.dk"], city=hostile))
    consented(store, person)
    audience = store.audience(mim.everyone(), **NEWS)
    (safe,) = rows(audience.export(tmp_path / "s.csv", fields=["city"]))
    (exact,) = rows(audience.export(tmp_path / "m.csv", fields=["city"], for_="machine"))
    assert safe["city"][0] not in "=+-@\uff1d"
    assert exact["city"] == person.demographic.city
    with pytest.raises(mim.InvalidValueError, match=r"^for_: "):
        audience.export(tmp_path / "x.csv", for_="printer")


def test_an_audience_shows_itself_without_people(store, people):
    """As a line, a table and HTML: numbers and reasons, nobody's name or address."""
    audience = store.audience(mim.everyone(), **NEWS, least_freshness=0.5)
    shown = f"{audience} {audience.table()} {audience._repr_html_()} {audience!r}"
    assert str(audience).startswith("4 members → 4 have an address → 4 consented")
    for secret in ("acme.dk", "Berg", "Odense"):
        assert secret not in shown
