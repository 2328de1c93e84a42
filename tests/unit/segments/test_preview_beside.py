"""What a preview tells beside the waterfall: what is lacking, overlap, reach; estimates, and stopping."""

from __future__ import annotations

import random
from collections import Counter
from itertools import count

import pytest
from tests.stores import added, opened

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import InvalidValueError, NotFoundError, StoppedError
from mimcore.segments.asking import Sampling, asking
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids, uuid7

c = f.contact
ADULT_DANE = (c.country == "DK") & (c.age >= 18)


@pytest.fixture
def peopled(store):
    """Every mix of country, birth year and city, each once, and segments that overlap."""
    mixes = [
        (land, year, city) for land in ("DK", "SE", None) for year in (1980, 2020, None) for city in ("Ribe", None)
    ]
    added(store, *(mim.Contact(country=land, birth_year=year, city=city) for land, year, city in mixes))
    added(
        store,
        mim.Segment(key="danes", rule=c.country == "DK"),
        mim.Segment(key="adults", rule=c.age >= 18),
        mim.Segment(key="nobody", rule=(c.country == "DK") & (c.country == "SE")),
        mim.Segment(key="old", rule=c.country == "DK", is_archived=True),
    )
    return store


def by_explaining(store, rule):
    """Count kept, lost, undecided and lacking person by person, from explanations."""
    steps, left = [], list(store.contacts.stream())
    for condition in rule.parts():
        told = {one: store.explain(condition, one) for one in left}
        lacking = Counter(
            name
            for one in told.values()
            if one.answer is None
            for name in {field for leaf in one.deciding() if leaf.answer is None for field in leaf.undecided}
        )
        answers = Counter(one.answer for one in told.values())
        steps.append((answers[True], answers[False], answers[None], dict(lacking)))
        left = [one for one, why in told.items() if why.answer is True]
    return steps


@pytest.mark.parametrize(
    "rule",
    [
        (c.country == "DK") & (c.age >= 18) & (c.city == "Ribe"),
        ((c.country == "DK") | (c.city == "Ribe")) & ~((c.age >= 18) & (c.country == "SE")),
        ((c.country == "DK") | ((c.age >= 18) & (c.city == "Ribe"))) & c.tags.is_known(),
        (c.country == "DK").or_missing() & (~(c.city == "Ribe") | (c.age < 18)),
        (c.country == "DK").or_missing() & ((c.city == "Ribe").or_missing() | (c.age < 18)),
    ],
    ids=str,
)
def test_every_step_is_what_explaining_each_person_says(peopled, rule):
    """Kept, lost and undecided add up to those before, and whatever is lacking is what the explanation names."""
    shown = peopled.preview(rule)
    assert [(one.kept, one.lost, one.undecided, dict(one.lacking)) for one in shown.steps] == by_explaining(
        peopled, rule
    )
    assert [one.before for one in shown.steps] == [18, *(one.kept for one in shown.steps[:-1])]
    assert shown.members == shown.steps[-1].kept


def test_a_segment_inside_lacks_what_its_rule_lacks(peopled):
    """Six people have no country; of the twelve others, four have no birth year."""
    shown = peopled.preview(c.in_segment("danes") & ~c.in_segment("adults"))
    assert [one.lacking for one in shown.steps] == [
        (("contact.demographic.country", 6),),
        (("contact.demographic.age", 2),),
    ]


def test_a_comparison_of_two_fields_lacks_the_one_that_is_missing(store):
    """One lacks the first field, one the second, one both."""
    people = [(2, 1), (None, 1), (2, None), (None, None)]
    added(store, *(mim.Contact(household_size=size, children=children) for size, children in people))
    (step,) = store.preview(c.household_size > c.children).steps
    assert (step.kept, step.undecided) == (1, 3)
    assert dict(step.lacking) == {"contact.demographic.household_size": 2, "contact.demographic.children": 2}


def test_overlap_by_hand(peopled):
    """Two of the eighteen are adults in Denmark; archived segments and the segment itself are not compared."""
    shown = peopled.preview("adults", overlap="all")
    assert [(one.key, one.both, one.other) for one in shown.overlaps] == [("danes", 2, 6), ("nobody", 0, 0)]
    assert [one.key for one in peopled.preview("adults", overlap=["old"]).overlaps] == ["old"]
    assert peopled.preview("adults").overlaps == ()
    assert "danes          2    33.3 %       33.3 %" in str(shown).replace("\u202f", " ")
    with pytest.raises(NotFoundError, match="'dames'"):
        peopled.preview("adults", overlap=["dames"])


def test_a_few_members_are_named(peopled):
    """The first five of six, always the same."""
    shown = peopled.preview("danes")
    assert shown.sample == tuple(one.id for one in peopled.members("danes")[:5])
    assert shown == peopled.preview("danes")


@pytest.fixture
def consenting(everywhere):
    """Six people: two may be written to, one withdrew, one has no address, one is suppressed, one was never asked."""
    store, mails = everywhere, ["a", "b", "c", None, "e", "f"]
    people = added(
        store,
        *(mim.Contact(country="DK", emails=[f"{one}@acme.dk"] if one else [], phones=["+4520123456"]) for one in mails),
    )
    with store.begin() as work:
        for index in (0, 1, 2, 4):
            work.grant(people[index].primary_email, channel="email", purpose="newsletter", method="form", notice="v1")
        work.withdraw(people[2].primary_email, channel="email", purpose="newsletter")
        work.suppress(people[4].primary_email, reason="bounced")
        work.grant(people[0].primary_phone, channel="sms", purpose="offers", method="form", notice="v1")
    return store


def test_reach_is_what_the_gate_says(consenting):
    """Each figure is the length of the audience that is made by the same decision, for all 24 pairs."""
    shown = consenting.preview(c.country == "DK", reach="all")
    assert len(shown.reach) == 24
    counts = {(one.channel.value, one.purpose): one.count for one in shown.reach}
    assert (counts["email", "newsletter"], counts["email", "offers"], counts["email", "service"]) == (2, 0, 4)
    for (channel, purpose), number in counts.items():
        assert number == len(consenting.audience(c.country == "DK", channel=channel, purpose=purpose)), (
            channel,
            purpose,
        )


def test_reach_asks_only_what_is_wanted(consenting):
    """A pair that is named, for members only; mistakes are named."""
    (one,) = consenting.preview(c.country == "SE", reach=[("email", "newsletter")]).reach
    assert (one.channel, one.purpose, one.count) == ("email", "newsletter", 0)
    for reach in (["email"], "email", [("fax", "newsletter")], [("email", "newsleter")], [("organic", "newsletter")]):
        with pytest.raises(InvalidValueError):
            consenting.preview(c.country == "DK", reach=reach)


def test_stopping(peopled):
    """False ends it with an error of its own; what the callback raises comes out as it is; anything else goes on."""
    seen = []
    with pytest.raises(StoppedError, match="returned False"):
        peopled.preview(ADULT_DANE, on_progress=lambda done: seen.append(done) or len(seen) < 3)
    assert seen == [1, 1, 1]

    class EnoughError(Exception):
        """The callback's own."""

    def stop(_done):
        raise EnoughError

    with pytest.raises(EnoughError):
        peopled.preview(ADULT_DANE, on_progress=stop)
    done = []
    shown = peopled.preview(ADULT_DANE, overlap="all", reach=[("email", "offers")], on_progress=done.append)
    assert shown == peopled.preview(ADULT_DANE, overlap="all", reach=[("email", "offers")])
    assert len(done) > 8
    with peopled.begin() as work:  # the transaction that read has ended
        work.add(mim.Contact())


def test_an_interval_as_published():
    """Newcombe, Statistics in Medicine 17 (1998), table I: Wilson's interval of 81/263, 15/148, 0/20 and 1/29."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (number, size), (low, high) in published.items():
        found = Sampling(size, 10_000, 0).between(number)
        assert found[0] == pytest.approx(low * 10_000, abs=1.5)
        assert found[1] == pytest.approx(high * 10_000, abs=1.5)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """3,000 people with ids as they are in earnest: a third are Danes, a sixth have no country."""
    lot, numbers = random.Random(1), count(1_780_000_000_000)
    ids = using_ids(lambda: uuid7(next(numbers), lot.randbytes(10)))
    with ids, opened("memory", tmp_path_factory.mktemp("crowd"), FixedClock("2026-05-01T10:00Z")) as store:
        lands = ["DK", "DK", "SE", "SE", "SE", None]
        with store.begin() as work:
            work.add_many(
                mim.Contact(country=lands[number % 6], birth_year=1980 if number % 5 else 2020)
                for number in range(3_000)
            )
        yield store


def test_an_estimate_adds_up_and_repeats(crowd):
    """Every step adds up to the one before, as in an exact preview; the same seed asks the same people."""
    shown = crowd.preview(ADULT_DANE, sample=500, seed=3, overlap=[], reach=[("email", "service")])
    assert shown.is_estimate
    assert shown.sampling.everyone == 3_000 == shown.everyone
    assert 400 < shown.sampling.size < 600
    assert [one.before for one in shown.steps] == [3_000, shown.steps[0].kept]
    assert shown.members == shown.steps[-1].kept
    assert shown.steps[-1].kept_between == shown.members_between
    assert min(one for step in shown.steps for one in (step.kept, step.lost, step.undecided)) >= 0
    assert shown == crowd.preview(ADULT_DANE, sample=500, seed=3, overlap=[], reach=[("email", "service")])
    assert "estimated from" in str(shown)
    assert "seed 3" in str(shown)
    assert "estimated" in shown._repr_html_()


def test_the_interval_covers_the_truth(crowd):
    """In 100 draws it holds the exact number in at least 88: of 95 % the count is 95 ± 2.18, and 88 is 3.2 below."""
    exact = crowd.preview(ADULT_DANE)
    assert exact.members == 800
    assert not exact.is_estimate
    with crowd.read() as work:
        draws = [asking(work, crowd.now(), sample=300, seed=seed) for seed in range(100)]
        intervals = [asked.between(asked.count(ADULT_DANE)) for asked in draws]
    assert sum(low <= 800 <= high for low, high in intervals) >= 88
    assert len(set(intervals)) > 20  # other seeds draw others


def test_small_stores_are_counted(crowd):
    """Where the sample would be everybody, nothing is estimated; a sample of a handful is refused."""
    assert not crowd.preview(ADULT_DANE, sample=3_000).is_estimate
    with pytest.raises(InvalidValueError, match="100 or more"):
        crowd.preview(ADULT_DANE, sample=50)
