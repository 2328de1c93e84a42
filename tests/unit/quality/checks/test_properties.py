"""What holds for any people: parts add up, counting agrees with judging one by one, a valid value lowers nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import SECRET, START, ZONE, added, examples

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.points import EmailPoint, PhonePoint
from mimcore.quality.checks.evaluating import evaluate
from mimcore.quality.checks.judging import as_rule, judge_of
from mimcore.repositories.facts import facts_of
from mimcore.rules.evaluation.evaluator import evaluate as verdict
from mimcore.testing import FixedClock

c, Rule = f.contact, mim.QualityRule
WORDS = ["Golf", "golf", "ski", "Schach", "chess"]
RULES = (
    *mim.default_quality_rules(),
    Rule.vocabulary("words", c.interests, ["golf", "SKI"]),
    Rule.vocabulary("cities", c.city, ["lund"]),
    Rule.unique("phone", "phone"),
    Rule.complete("interests", c.interests),
)
_people = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Ana Berg", "ANA BERG", "Bo Lund"]),
        "country": st.sampled_from(["DK", "SE", "GB", "HK", "US"]),
        "postal_code": st.sampled_from(["1165", "114 55", "SW1A 1AA", "99999-1234", "x"]),
        "city": st.sampled_from(["Lund", "LUND", "Odense"]),
        "birth_year": st.sampled_from([1890, 1950, 2001]),
        "interests": st.lists(st.sampled_from(WORDS), max_size=3),
        "emails": st.lists(st.sampled_from(["a@x.dk", "b@x.dk", "A@x.dk"]), max_size=2, unique_by=str.lower),
        "phones": st.lists(st.sampled_from(["+4532123456", "+46701740605", "+14155552671"]), max_size=2, unique=True),
    },
)
_states = st.sampled_from(["unverified", "verified", "bounced", "invalid"])


def _contact(given_, state):
    emails = [EmailPoint(email=one, state=state) for one in given_.get("emails", [])]
    phones = [PhonePoint(phone=one, is_retired=state == "invalid") for one in given_.get("phones", [])]
    return mim.Contact(**{**given_, "emails": emails, "phones": phones})


def _store(kind, folder):
    url = "memory:" if kind == "memory" else "sqlite://"
    return mim.connect(url, actor="tester", zone=ZONE, clock=FixedClock(START), secret=SECRET)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@examples(40)
@given(people=st.lists(st.tuples(_people, _states), max_size=8), within=st.sampled_from([None, c.country == "DK"]))
def test_counting_agrees_with_judging_one_by_one(kind, people, within):
    """Judged, passed and left out are what comes out of asking everybody; together they are everybody in the scope."""
    with _store(kind, None) as store:
        if people:
            added(store, *(_contact(*one) for one in people))
        with store.read() as work:
            scope = list(work.contacts.stream(within))
            for rule in (one.evolve(within=within) if within is not None else one for one in RULES):
                found = evaluate(work, rule, store.now())
                asked = _one_by_one(work, rule, scope, store.now())
                told = [asked.count(answer) for answer in (True, False, None)]
                assert [found.good, found.checked - found.good, found.undecided] == told, rule.key
                assert found.checked + found.undecided == len(scope)


def _one_by_one(work, rule, scope, now):
    asked = as_rule(rule.check)
    if asked is None:
        return [judge_of(work, rule.check)(one) for one in scope]
    bound = work.bind(asked, now)
    facts = facts_of(work.transaction, scope, now, where=bound, gate=work.gate)
    return [verdict(asked, facts[one.id], binding=work.binding(now)) for one in scope]


@examples(60)
@given(
    people=st.lists(st.tuples(_people, _states), max_size=6),
    which=st.sampled_from([one for one in RULES if one.dimension != "uniqueness"]),
)
def test_one_more_who_passes_never_lowers_the_share(people, which):
    """Valid, consistent, complete, within the vocabulary: adding such a contact raises the share, or leaves it."""
    good = mim.Contact(
        name="New One",
        country="DK",
        postal_code="1165",
        city="Lund",
        birth_date="1990-01-01",
        employment={"started_on": "2020-01-01"},
        interests=["golf"],
        emails=["new@example.com"],
        phones=["+4532123459"],
    )
    with _store("memory", None) as store:
        if people:
            added(store, *(_contact(*one) for one in people))
        with store.read() as work:
            before = evaluate(work, which, store.now())
        added(store, good)
        with store.read() as work:
            after = evaluate(work, which, store.now())
    assert (after.checked, after.good, after.undecided) == (before.checked + 1, before.good + 1, before.undecided)
    assert not before.checked or after.good / after.checked >= before.good / before.checked
