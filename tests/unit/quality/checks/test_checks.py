"""What a check counts, worked out by hand for seven people, on every store; and results over time."""

from __future__ import annotations

import asyncio

import pytest
from tests.stores import added

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.points import EmailPoint
from mimcore.errors import InvalidValueError, MissingExtraError, NotFoundError, StoreError
from mimcore.quality.checks.report import QualityReport

c, Rule = f.contact, mim.QualityRule
DANES = c.country == "DK"


@pytest.fixture
def people(everywhere):
    """Seven people who count, and one who is archived, by name."""
    dead = EmailPoint(email="ed@example.com", state="bounced")
    gone = EmailPoint(email="old@example.com", state="invalid", is_retired=True)
    given = {
        "ana": mim.Contact(
            name="Ana Berg",
            emails=["ana@example.com"],
            phones=["+4532123456"],
            country="DK",
            postal_code="1165",
            birth_date="1990-05-01",
        ),
        "bo": mim.Contact(
            name="Bo Lund", emails=["bo@example.com"], phones=["+4930123456"], country="DK", postal_code="10115"
        ),
        "again": mim.Contact(
            name="B. Lund", emails=["BO@example.com"], country="SE", postal_code="114 55", birth_date="1890-01-01"
        ),
        "cy": mim.Contact(name="Cy Dahl", emails=["cy@example.com"], interests=["Cycling"]),
        "di": mim.Contact(name="Di Holm", phones=["+4930123457", "+4532123457"], country="DK"),
        "ed": mim.Contact(name="Ed Wong", emails=[dead, gone], country="HK", postal_code="1"),
        "fi": mim.Contact(name="ANA  BERG", country="DK", postal_code="1165", interests=["cycling", "hang-gliding"]),
        "gone": mim.Contact(name="Gone", emails=["ana@example.com"], country="DK", postal_code="x"),
    }
    stored = dict(zip(given, added(everywhere, *given.values()), strict=True))
    with everywhere.begin() as work:
        work.remove(stored["gone"])
    return stored


CASES = {
    "complete": (Rule.complete("r", c.emails), (7, 5, 0), {"di", "fi"}),
    "complete_within": (Rule.complete("r", c.phones, within=DANES), (4, 3, 0), {"fi"}),
    "valid_emails": (Rule.valid("r", c.emails), (5, 4, 2), {"ed"}),
    "valid_emails_within": (Rule.valid("r", c.emails, within=DANES), (2, 2, 2), set()),
    "valid_phones": (Rule.valid("r", c.phones), (3, 3, 4), set()),
    "valid_rule": (Rule.valid("r", c.age.is_between(0, 115)), (2, 1, 5), {"again"}),
    "valid_rule_within": (Rule.valid("r", c.age.is_between(0, 115), within=DANES), (1, 1, 3), set()),
    "unique_email": (Rule.unique("r", "email"), (5, 3, 2), {"bo", "again"}),
    "unique_email_within": (Rule.unique("r", "email", within=DANES), (2, 1, 2), {"bo"}),
    "unique_phone": (Rule.unique("r", "phone"), (3, 3, 4), set()),
    "unique_name": (Rule.unique("r", "name"), (5, 3, 2), {"ana", "fi"}),
    "phone_country": (Rule.consistent("r", "phone_country"), (3, 2, 4), {"bo"}),
    "phone_country_within": (Rule.consistent("r", "phone_country", within=c.country == "SE"), (0, 0, 1), set()),
    "postal_code": (Rule.consistent("r", "postal_code_country"), (4, 3, 3), {"bo"}),
    "postal_code_within": (Rule.consistent("r", "postal_code_country", within=DANES), (3, 2, 1), {"bo"}),
    "consistent_rule": (Rule.consistent("r", c.birth_date.after("1900-01-01")), (2, 1, 5), {"again"}),
    "vocabulary": (Rule.vocabulary("r", c.interests, ["CYCLING", "golf"]), (2, 1, 5), {"fi"}),
    "vocabulary_within": (Rule.vocabulary("r", c.interests, ["cycling"], within=DANES), (1, 0, 3), {"fi"}),
    "vocabulary_of_codes": (Rule.vocabulary("r", c.country, ["DK", "SE"]), (6, 5, 1), {"ed"}),
    "vocabulary_of_anything": (Rule.vocabulary("r", c.interests), (2, 2, 5), set()),
}


def test_what_is_counted_and_who_fails(everywhere, people):
    """Judged, passed and left out as worked out by hand; those who fail are the ones, and the first so many."""
    for name, (rule, counts, who) in CASES.items():
        everywhere.quality.declare(rule)
        found = everywhere.quality.check(record=False)["r"]
        assert (found.checked, found.good, found.undecided) == counts, name
        failing = everywhere.quality.failing("r")
        assert {one.id for one in failing} == {people[one].id for one in who}, name
        assert list(failing) == sorted(failing, key=lambda one: one.id.bytes)
        assert everywhere.quality.failing("r", limit=1) == failing[:1]
        assert found.passed is (found.good == found.checked), name
    assert everywhere.quality.rules()[0].version == len(CASES)
    assert everywhere.quality.last_check().results == ()


def test_a_custom_attribute_and_a_segment(everywhere, people):
    """Declared attributes are checked like built-in ones; a segment is followed as it is now."""
    tier = mim.attribute("tier", options=["gold", "silver"])
    everywhere.attributes.declare(tier)
    with everywhere.begin() as work:
        work.add(mim.Segment(key="danes", rule=DANES))
        work.change(people["ana"].id, custom={"tier": "gold"})
        work.change(people["cy"].id, custom={"tier": "silver"})
    everywhere.quality.declare(
        Rule.complete("tier-known", tier, within="danes"),
        Rule.vocabulary("tier-words", tier, ["gold"]),
    )
    report = everywhere.quality.check(record=False)
    assert (report["tier-known"].checked, report["tier-known"].good) == (4, 1)
    assert (report["tier-words"].share, report["tier-words"].words) == (0.5, {"gold": 1, "silver": 1})
    with everywhere.begin() as work:
        work.change(work.segments.get("danes"), rule=c.country == "SE")
    assert everywhere.quality.check(record=False)["tier-known"].checked == 1


def test_thresholds_and_words(everywhere, people):
    """Enough is enough; what falls short is told without any value, and nobody to judge is no failure."""
    everywhere.quality.declare(
        Rule.complete("a", c.emails, at_least=5 / 7),
        Rule.complete("b", c.emails, at_least=0.72, severity="critical", owner="maria"),
        Rule.valid("c", c.age >= 0, within=c.city == "nowhere"),
    )
    report = everywhere.quality.check()
    assert [one.rule for one in report.results] == ["b", "a", "c"]
    assert (report["a"].passed, report["b"].passed, report["c"].passed, report["c"].share) == (True, False, True, None)
    assert report["b"].note.replace("\u202f", " ") == "2 of 7 do not pass, at least 72.0 % should"
    text = str(report).replace("\u202f", " ")
    assert "fails (critical)" in text
    assert "nothing to judge" in text
    assert "maria" in text
    assert "2 of 3 rules pass; 2026-05-01 10:00 UTC; 1 task opened" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "<table" in report._repr_html_()
    assert "<svg" in report._repr_html_()
    assert everywhere.quality.last_check() == report.__class__(report.at, report.results, is_recorded=True)


def test_new_values_are_told(everywhere, people, clock):
    """Against the check before; the first one has no news."""
    everywhere.quality.declare(Rule.vocabulary("v", c.interests, most_new=0), Rule.vocabulary("w", c.interests))
    assert everywhere.quality.check().has_passed
    clock.advance(days=1)
    with everywhere.begin() as work:
        work.change(people["ana"].id, interests=["Chess", "golf"])
    report = everywhere.quality.check()
    assert report.new_words == {"v": ("chess", "golf"), "w": ("chess", "golf")}
    assert (report["v"].passed, report["w"].passed) == (False, True)
    assert report["v"].note == "2 new values since the check before"
    clock.advance(days=1)
    report = everywhere.quality.check()
    assert report.has_passed
    assert report.new_words == {}
    assert report.closed == 1


def test_what_cannot_be_evaluated_fails_and_says_why(everywhere, people, clock):
    """A segment that refers to itself in a circle; a field that has no vocabulary. The other rules are evaluated."""
    with everywhere.begin() as work:
        (segment,) = work.add(mim.Segment(key="danes", rule=DANES))
    everywhere.quality.declare(Rule.complete("a", c.city, within="danes"), Rule.complete("b", c.country))
    with everywhere.begin() as work:
        work.add(mim.Segment(key="others", rule=c.in_segment("danes")))
        work.change(segment, rule=c.in_segment("others"))
    report = everywhere.quality.check()
    assert report["a"].note.startswith("cannot be evaluated: segments refer to each other in a circle")
    assert (report["a"].passed, report["a"].checked, report["b"].checked) == (False, 0, 7)
    assert "cannot say" in str(report)


def test_results_over_time(everywhere, people, clock):
    """Any day can be asked; a trend is one rule's; what is old is forgotten when that is asked for."""
    everywhere.quality.declare(Rule.complete("a", c.emails, at_least=0.8), Rule.unique("b", "email", at_least=0.1))
    everywhere.quality.check()
    clock.advance(days=10)
    with everywhere.begin() as work:
        work.change(people["di"].id, emails=["di@example.com"])
    everywhere.quality.check()
    assert everywhere.quality.last_check(as_of="2026-05-05")["a"].share == 5 / 7
    assert everywhere.quality.last_check()["a"].share == 6 / 7
    assert everywhere.quality.last_check(as_of="2026-04-30").results == ()
    trend = everywhere.quality.check_trend("a")
    assert list(trend) == [(trend.results[0].at, 5 / 7), (trend.results[1].at, 6 / 7)]
    assert [one.passed for one in trend.results] == [False, True]
    assert len(everywhere.quality.check_trend("a", days=5).results) == 1
    assert "71.4" in str(trend)
    assert "<svg" in trend._repr_html_()
    past = everywhere.as_of("2026-05-05")
    assert past.quality.last_check()["a"].share == 5 / 7
    assert past.quality.check(record=False)["a"].share == 5 / 7
    with pytest.raises(StoreError, match="the past only reads"):
        past.quality.check()
    clock.advance(days=1)
    report = everywhere.quality.check(keep_days=5)
    assert report.forgotten == 2
    assert "2 older results removed" in str(report)
    assert len(everywhere.quality.check_trend("a").results) == 2
    everywhere.quality.withdraw("a")
    assert len(everywhere.quality.check_trend("a").results) == 2
    assert [one.rule for one in everywhere.quality.check().results] == ["b"]


def test_declaring(store):
    """The same again changes nothing; a change replaces; all or none."""
    rules = mim.default_quality_rules(owner="maria")
    assert [one.version for one in store.quality.declare(*rules)] == [1] * len(rules)
    assert store.quality.declare(*rules) == tuple(one.evolve(version=1) for one in rules)
    assert store.quality.declare(*store.quality.rules()) == store.quality.rules()
    changed = rules[0].evolve(at_least=0.5)
    assert store.quality.declare(changed)[0].version == 2
    bad = Rule.complete("z", "contact.custom.nowhere")
    with pytest.raises(mim.errors.UnknownFieldError, match=r"'contact\.custom\.nowhere' is not a declared field"):
        store.quality.declare(Rule.unique("y", "email"), bad)
    with pytest.raises(NotFoundError, match="no segment 'nobody'"):
        store.quality.declare(Rule.unique("y", "email", within="nobody"))
    with pytest.raises(InvalidValueError, match="have the same key twice"):
        store.quality.declare(rules[0], rules[0])
    with pytest.raises(InvalidValueError, match="is personal"):
        private = mim.attribute("nickname", is_personal=True)
        store.attributes.declare(private)
        store.quality.declare(Rule.vocabulary("y", "contact.custom.nickname"))
    assert "y" not in [one.key for one in store.quality.rules()]
    with pytest.raises(NotFoundError, match=r"did you mean 'email-known'\?"):
        store.quality.withdraw("email-knwon")
    with pytest.raises(NotFoundError, match=r"did you mean 'email-known'\?"):
        store.quality.failing("email-knwon")
    with pytest.raises(InvalidValueError, match="keep_days"):
        store.quality.check(keep_days=0)
    with pytest.raises(InvalidValueError, match="limit"):
        store.quality.failing("email-known", limit=0)


def test_frames(store):
    """One row a rule; without a store there is no frame library, and the error says what to do."""
    added(store, mim.Contact(city="Odense"))
    store.quality.declare(Rule.complete("a", c.city), Rule.complete("b", c.country))
    report = store.quality.check()
    for kind in ("pandas", "polars"):
        frame = report.to_frame(kind)
        assert list(frame["rule"]) == ["b", "a"]
        assert list(frame["share"]) == [0.0, 1.0]
    assert store.quality.check_trend("a").to_frame("polars").shape == (1, 12)
    with pytest.raises(StoreError, match="to_rows"):
        QualityReport(report.at, report.results).to_frame()
    with pytest.raises((InvalidValueError, MissingExtraError)):
        report.to_frame("arrow")
    with pytest.raises(NotFoundError, match="no rule of that key was checked"):
        report["c"]


def test_on_an_asynchronous_store(tmp_path, clock):
    """Everything goes through `run`, items of the queue as well."""

    async def told() -> tuple[bool, int, str | None]:
        url = f"sqlite:///{tmp_path / 'store.db'}"
        async with await mim.connect_async(url, actor="tester", clock=clock) as store:
            async with store.begin() as work:
                await work.add(mim.Contact(city="Lund"))
            await store.run(lambda s: s.quality.declare(Rule.complete("a", c.country)))
            report = await store.run(lambda s: s.quality.check())
            (item,) = await store.run(lambda s: s.quality.queue().items)
            await store.run(lambda _: item.assign("maria"))
            (task,) = await store.run(lambda s: s.tasks.all())
            return report.has_passed, report.opened, task.assignee

    assert asyncio.run(told()) == (False, 1, "maria")
