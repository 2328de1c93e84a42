"""Analysis without data: what it says is true by brute force, it finds nearly all that is planted, and it ends."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest
from tests.rules import generate
from tests.rules.engines import PythonEngine
from tests.rules.small_worlds import NOW, SEGMENTS, choices, members, people, rules

import mimcore as mim
from mimcore import fields as f
from mimcore.rules.analysis.findings import Decision, Finding
from mimcore.rules.analysis.questions import never, question, within
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec
from mimcore.rules.lowering.bound import BoundAll, BoundAny, Literal, TextMatch
from mimcore.rules.writing.builder import all_of, any_of

c = f.contact
ASKED: dict[str, Any] = {"now": NOW, "segments": SEGMENTS}
TIER = mim.attribute("tier", options=["gold", "silver"])

NEVER = {
    "two countries": (c.country == "DK") & (c.country == "SE"),
    "a country outside a list": (c.country == "DK") & c.country.is_in("SE", "NO"),
    "an empty range": (c.children >= 3) & (c.children < 3),
    "whole numbers leave no gap": (c.children > 2) & (c.children < 3),
    "known and missing": c.city.is_known() & c.city.is_missing(),
    "a condition on a missing value": c.city.is_missing() & (c.city != "Aarhus"),
    "text that starts in two ways": c.city.starts_with("aa") & c.city.starts_with("ab"),
    "text that equals and does not contain": (c.city == "Aarhus") & ~c.city.contains("rhu"),
    "text that starts and does not contain": c.city.starts_with("Aar") & ~c.city.contains("aa"),
    "words that are there and not": c.interests.contains_all("golf", "chess") & ~c.interests.overlaps("golf"),
    "words in an empty collection": c.interests.overlaps("golf") & c.interests.is_missing(),
    "an empty list": c.country.is_in(),
    "money below and above": (c.annual_income > mim.money(9, "DKK")) & (c.annual_income < mim.money(9, "DKK")),
    "money in two currencies": (c.annual_income > mim.money(9, "DKK")) & (c.annual_income > mim.money(9, "EUR")),
    "an age": (c.age >= 30) & (c.age < 30),
    "an age in two windows": c.age.is_between(18, 30) & c.age.is_between(40, 50),
    "dates": (c.birth_date < "1990-01-01") & (c.birth_date > "1990-01-01"),
    "windows": c.acquired_at.within_days(7) & c.acquired_at.older_than_days(30),
    "a number of events": (c.purchases.count() >= 3) & (c.purchases.count() < 3),
    "more events in less time": (c.purchases.count(within_days=30) >= 3) & (c.purchases.count() < 3),
    "gifts are purchases": (c.purchases.where(f.event.is_gift.is_true()).count() >= 3) & (c.purchases.count() < 3),
    "money without events": (c.purchases.total() > mim.money(1, "DKK")) & (c.purchases.count() == 0),
    "events that cannot be": c.purchases.where((f.event.quantity > 3) & (f.event.quantity < 2)).count() > 0,
    "an account that is there and not": (c.account.employees > 1) & ~(c.account.tags.overlaps("a") | ~c.account.tags.overlaps("a")).or_missing(),
    "an account's list is unknown without one": c.account.employees.is_known() & ~((c.account.tags.overlaps("a") | ~c.account.tags.overlaps("a")) | c.account.employees.is_missing()).or_missing(),
    "a segment and outside its rule": c.in_segment("danes") & (c.country == "SE"),
    "on a list and not": c.in_segment("guests") & ~c.in_segment("guests"),
    "fresh and stale": (c.city.freshness() >= 0.9) & (c.city.freshness() < 0.5),
    "undated and fresh": c.city.is_undated() & (c.city.freshness() >= 0.5),
    "a device": c.devices.any(kind="tablet", browser="Firefox") & ~c.devices.any(kind="tablet"),
    "a number of elements": (c.devices.count() >= 2) & (c.devices.count() < 2),
    "the average and the average": (c.purchases.average() > mim.money(9, "DKK")) & (c.purchases.average() < mim.money(8, "DKK")),
    "true and false": c.is_decision_maker.is_true() & c.is_decision_maker.is_false(),
    "nobody": ~mim.everyone(),
    "deep inside": (c.city == "Aarhus") & ((c.country == "DK") | (c.country == "SE")) & ~c.country.is_in("DK", "SE"),
}  # fmt: skip
ALWAYS = {
    "everyone": mim.everyone(),
    "known or missing": c.city.is_known() | c.city.is_missing(),
    "a condition, its opposite, or missing": (c.age >= 18)
    | (c.age < 18)
    | c.age.is_missing()
    | ((c.age >= 18).or_missing()),
    "or missing": ((c.country == "DK") | (c.country != "DK")).or_missing(),
    "a collection has or has not": c.interests.overlaps("golf") | ~c.interests.overlaps("golf"),
    "a count": (c.purchases.count() < 3) | (c.purchases.count() >= 2),
    "at least none": c.purchases.count() >= 0,
    "on a list or not": c.in_segment("guests") | ~c.in_segment("guests"),
}
NEITHER = {
    "a condition and its opposite leave the missing out": (c.country == "DK") | (c.country != "DK"),
    "an account's collection is unknown without one": c.account.tags.overlaps("a") | ~c.account.tags.overlaps("a"),
    "text with a gap": c.city.starts_with("ab") & c.city.ends_with("ba") & ~c.city.contains("aa"),
    "old and new": c.country.is_known() & c.city.is_missing() & (c.children > 3),
    "a fraction between two": (c.account.ideal_customer_fit > 0.5) & (c.account.ideal_customer_fit < 0.6),
    "an age": c.age.is_between(18, 30) & ~c.age.is_between(20, 25),
    "two records": c.devices.any(kind="tablet") & c.devices.any(kind="laptop"),
    "many events in one window": (c.purchases.count(within_days=30) >= 3) & (c.purchases.count() < 9),
    "an own attribute": TIER == "gold",
}


@pytest.mark.parametrize("rule", NEVER.values(), ids=NEVER)
def test_never_true(rule: nodes.Rule) -> None:
    """Each of these contradicts itself."""
    found = mim.analyse(rule, **ASKED)
    assert found.never_true.is_yes
    assert found.always_true.is_no


@pytest.mark.parametrize("rule", ALWAYS.values(), ids=ALWAYS)
def test_always_true(rule: nodes.Rule) -> None:
    """Each of these holds for everybody, one of whom nothing is known included."""
    found = mim.analyse(rule, **ASKED)
    assert found.always_true.is_yes
    assert found.never_true.is_no


@pytest.mark.parametrize("rule", NEITHER.values(), ids=NEITHER)
def test_neither(rule: nodes.Rule) -> None:
    """Each of these has members, and leaves somebody out."""
    found = mim.analyse(rule, attributes=[TIER], **ASKED)
    assert (found.never_true.answer, found.always_true.answer) == (Decision.NO, Decision.NO)


def test_options_and_bounds_limit_what_can_be() -> None:
    """All options excluded leaves nobody; a number that the field does not accept is no example."""
    without = (TIER != "gold") & (TIER != "silver")
    assert mim.analyse(without, attributes=[TIER]).never_true.is_yes
    assert mim.analyse(TIER.is_known() & without.or_missing(), attributes=[TIER]).never_true.is_yes
    assert mim.analyse(c.children < 0).never_true.is_undecided
    assert mim.analyse(c.account.key_account_rank > 100_000).never_true.is_undecided


def test_two_rules() -> None:
    """Inside, apart, the same."""
    adult, old = c.age >= 18, c.age >= 65
    assert mim.is_subset(old, adult, now=NOW).is_yes
    assert mim.is_subset(adult, old, now=NOW).is_no
    assert mim.are_disjoint(adult, c.age < 18, now=NOW).is_yes
    assert mim.are_disjoint(adult, old, now=NOW).is_no
    nordic = c.country.is_in("DK", "SE")
    assert mim.are_equivalent(nordic, (c.country == "SE") | (c.country == "DK")).is_yes
    assert mim.are_equivalent(nordic, c.country == "DK").is_no
    assert mim.are_equivalent(c.country == "DK", nordic).is_no
    assert mim.are_equivalent(~nordic, ~nordic.or_missing()).is_yes
    assert mim.are_equivalent((~nordic).or_missing(), ~nordic).is_no
    assert mim.is_subset(c.city == "Aarhus", c.city.contains("arh")).is_yes
    assert mim.is_subset(c.acquired_at.within_days(7), c.acquired_at.within_days(30), now=NOW).is_yes


def test_what_depends_on_time_needs_an_instant() -> None:
    """As everywhere."""
    with pytest.raises(mim.MissingFactsError, match="now="):
        mim.analyse(c.age >= 18)
    with pytest.raises(mim.MissingFactsError, match="segments="):
        mim.analyse(c.in_segment("danes"))
    with pytest.raises(mim.RuleTypeError):
        mim.is_subset(c.country == "DK", nodes.Compare(op="at_least", field="contact.country", value="DK"))


def test_a_finding_has_no_truth_value() -> None:
    """Undecided is neither."""
    found = mim.is_subset(c.country == "DK", c.country.is_known())
    with pytest.raises(mim.RuleSyntaxError, match="is_yes"):
        bool(found)
    assert str(found) == "yes: nobody can be in the first without being in the second (decided by country)"


def test_dead_branches_have_path_text_and_effect() -> None:
    """Parts that may be taken out together, as written; conditions inside `not` too."""
    rule = (
        (c.country == "DK")
        & ~((c.children < 2) | (c.children < 1))
        & ((c.city == "Aarhus") | ((c.children > 4) & (c.children < 3)))
    )
    found = mim.analyse(rule)
    assert [(one.path, one.effect, one.text) for one in found.dead_branches] == [
        ("rule.rules[1].rule.rules[1]", "excludes nobody", "children is less than 1"),
        ("rule.rules[2].rules[1]", "adds nobody", "children is more than 4 and children is less than 3"),
    ]
    assert found.undecided_branches == ()
    assert "dead branch — rule.rules[2].rules[1] adds nobody" in str(found)
    assert "<" in found._repr_html_()
    assert mim.analyse((c.country == "DK") | (c.country == "SE")).dead_branches == ()


def _right(found: Finding, *, truth: bool) -> bool:
    return found.is_undecided or found.is_yes is truth


@pytest.mark.parametrize("seed", range(6))
def test_every_yes_and_no_is_true_by_brute_force(seed: int) -> None:
    """600 pairs of rules on worlds that hold every contact they can tell apart; nearly all that is true is found."""
    rng = random.Random(seed)
    found = missed = 0
    for dimensions in islice(choices(rng), 100):
        one, other = rules(rng, dimensions), rules(rng, dimensions)
        mine, theirs = members(one, *dimensions), members(other, *dimensions)
        analysis = mim.analyse(one, **ASKED)
        answers = (
            (analysis.never_true, not mine),
            (analysis.always_true, len(mine) == len(people(*dimensions))),
            (mim.is_subset(one, other, **ASKED), mine <= theirs),
            (mim.are_disjoint(one, other, **ASKED), not mine & theirs),
            (mim.are_equivalent(one, other, **ASKED), mine == theirs),
        )
        assert all(_right(answer, truth=truth) for answer, truth in answers), (
            dimensions,
            one.to_json(),
            other.to_json(),
        )
        found += sum(answer.is_yes for answer, _truth in answers)
        missed += sum(answer.is_undecided and truth for answer, truth in answers)
        without = _without(one, {branch.path for branch in analysis.dead_branches})
        assert members(without, *dimensions) == mine, one.to_json()
    assert missed <= 0.1 * found


def _without(rule: nodes.Rule, paths: set[str], path: str = "rule") -> nodes.Rule:
    """The rule as written without some parts."""
    match rule:
        case nodes.AllOf(rules=parts) | nodes.AnyOf(rules=parts):
            kept = [
                _without(part, paths, f"{path}.rules[{index}]")
                for index, part in enumerate(parts)
                if f"{path}.rules[{index}]" not in paths
            ]
            return type(rule)(rules=tuple(kept))  # type: ignore[arg-type]
        case nodes.Not(rule=inner):
            return nodes.Not(rule=_without(inner, paths, f"{path}.rule"))  # type: ignore[arg-type]
        case nodes.OrMissing(rule=inner):
            return nodes.OrMissing(rule=_without(inner, paths, f"{path}.rule"))  # type: ignore[arg-type]
        case _:
            return rule


@pytest.mark.parametrize("seed", range(3))
def test_no_yes_is_contradicted_by_generated_people(seed: int) -> None:
    """Rules of every kind of condition: what is said to be impossible happens to none of 80 generated people."""
    world = generate.dataset(seed, has_custom=True)
    asked = {"now": world.now, "zone": world.zone, "segments": world.segments, "attributes": generate.ATTRIBUTES}
    made = generate.rules(seed, 120, world.now, has_custom=True)
    yes = 0
    for one, other in zip(made[::2], made[1::2], strict=True):
        joined = one & ~other & other.or_missing()
        answers = PythonEngine().answer(joined, world)
        found = mim.analyse(joined, **asked)
        assert not (found.never_true.is_yes and True in answers.values()), joined.to_json()
        assert not (found.always_true.is_yes and set(answers.values()) != {True}), joined.to_json()
        without = _without(joined, {branch.path for branch in found.dead_branches})
        assert _members(without, world) == _members(joined, world), joined.to_json()
        yes += found.never_true.is_yes + bool(found.dead_branches)
    assert yes >= 20


def _members(rule: nodes.Rule, world: generate.Dataset) -> set[object]:
    return {key for key, answer in PythonEngine().answer(rule, world).items() if answer is True}


# --- planted cases ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planted:
    """A case that is true by construction."""

    question: str
    one: nodes.Rule
    other: nodes.Rule | None = None


def _narrower(rng: random.Random) -> tuple[nodes.Rule, nodes.Rule]:
    """Two conditions of which the first implies the second."""
    low = rng.randint(2, 40)
    return rng.choice(
        (
            (c.children >= low + 1, c.children >= low),
            (c.children == low, c.children.is_between(low - 1, low + 1)),
            (c.age >= low + 18, c.age >= low + 10),
            (c.country == "DK", c.country.is_in("DK", "SE")),
            (c.city == "Nykøbing Falster", c.city.starts_with("nykøbing")),
            (c.city.starts_with("Aarhus"), c.city.contains("rhu")),
            (c.interests.contains_all("golf", "chess"), c.interests.overlaps("golf", "skiing")),
            (c.acquired_at.within_days(low), c.acquired_at.within_days(low + 5)),
            (c.birth_date < "1980-01-01", c.birth_date < "1990-01-01"),
            (c.annual_income > mim.money(low, "DKK"), c.annual_income >= mim.money(low - 1, "DKK")),
            (c.purchases.count(within_days=low) >= 3, c.purchases.count() >= 2),
            (c.purchases.total() > mim.money(low, "DKK"), c.purchases.total() > mim.money(low - 1, "DKK")),
            (c.city.freshness() >= 0.9, c.city.freshness() >= 0.4),
            (c.devices.any(kind="tablet", browser="Firefox"), c.devices.any(kind="tablet")),
            (c.account.employees > low, c.account.employees.is_known()),
            (c.in_segment("danes") & (c.children > low), (c.country == "DK") & (c.children >= low)),
        )
    )


def _planted(rng: random.Random, base: nodes.Rule, more: nodes.Rule) -> list[Planted]:
    """Contradictions, tautologies, subsets, disjoint and equal rules and dead parts, wrapped in generated rules."""
    narrow, wide = _narrower(rng)
    tight, loose = base & narrow, (base & wide) | more
    return [
        Planted("never", base & narrow & ~wide & more),
        Planted("never", (base & ~wide & narrow) | (narrow & more & ~wide)),
        Planted("never", ~(~narrow | ~more | wide | base) & wide.or_missing()),
        Planted("always", base | ~narrow.or_missing() | wide.or_missing() | more),
        Planted("always", (base.or_missing() | ~base) | (narrow & more)),
        Planted("subset", tight, loose),
        Planted("subset", tight & more, base & wide),
        Planted("disjoint", tight, more & ~wide),
        Planted("disjoint", base & narrow, ~(wide | more)),
        Planted("equivalent", base & narrow & wide, narrow & base),
        Planted("equivalent", ~(~narrow & ~wide), wide | (narrow & more)),
        Planted("dead", any_of([base & wide, nodes.AllOf(rules=(narrow, ~wide)), more])),
        Planted("dead", all_of([base | more, narrow, wide])),
    ]


def _is_found(case: Planted, asked: dict[str, Any]) -> bool:
    if case.other is None:
        found = mim.analyse(case.one, **asked)
        if case.question == "dead":
            return bool(found.dead_branches) or found.never_true.is_yes or found.always_true.is_yes
        return (found.never_true if case.question == "never" else found.always_true).is_yes
    ask = {"subset": mim.is_subset, "disjoint": mim.are_disjoint, "equivalent": mim.are_equivalent}[case.question]
    return ask(case.one, case.other, **asked).is_yes


def planted_cases(seed: int, count: int) -> list[Planted]:
    """Cases in generated rules of every kind of node."""
    rng = random.Random(seed)
    made = generate.rules(seed, 2 * count, NOW, has_custom=True)
    pairs = zip(made[::2], made[1::2], strict=True)
    return [case for base, more in pairs for case in _planted(rng, base, more)]


def test_nearly_all_that_is_planted_is_found() -> None:
    """1,040 planted cases in generated rules: at least 95 % of every sort are found, and never the opposite."""
    world = generate.dataset(1)
    asked = {"now": NOW, "segments": {**world.segments, "danes": c.country == "DK"}, "attributes": generate.ATTRIBUTES}
    tally: dict[str, list[bool]] = {}
    for case in planted_cases(11, 80):
        tally.setdefault(case.question, []).append(_is_found(case, asked))
    shares = {question: sum(found) / len(found) for question, found in tally.items()}
    assert min(shares.values()) >= 0.95, shares
    assert sum(map(len, tally.values())) == 1040


# --- what is not understood, and what is too much ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Unheard:
    """A condition of a kind that the analysis does not know."""

    spec: FieldSpec
    value: int


def _unheard(value: int, **marks: Any) -> Literal:
    return Literal(_Unheard(c.children.spec, value), **marks)  # type: ignore[arg-type]


def test_an_unknown_kind_of_condition_is_its_own_atom() -> None:
    """It contradicts its own negation and nothing else; what needs it is undecided, never "no"."""
    one, other, no = _unheard(1), _unheard(2), _unheard(1, negated=True)
    both, either = BoundAll((one, no)), BoundAny((one, other))
    asked = question([one, other, no])
    assert never(asked, both).is_yes
    assert never(asked, one).is_undecided
    assert never(asked, BoundAll((one, other))).is_undecided
    assert within(asked, one, either).is_yes
    assert within(asked, either, one).is_undecided
    assert never(asked, BoundAny((one, Literal(one.leaf, missing=True, negated=True)))).is_undecided


@dataclass(frozen=True)
class _Later(TextMatch):
    """A condition of today with one more part."""

    whole_words: bool = True


def test_a_known_kind_with_an_unknown_part_is_opaque() -> None:
    """A later version may ask more of a leaf of today: nothing is concluded from what it shares with others."""
    later, now = Literal(_Later(c.city.spec, "contains", "x")), Literal(TextMatch(c.city.spec, "contains", "x"))
    asked = question([later, now])
    assert within(asked, later, now).is_undecided
    assert within(asked, later, later).is_yes


def _hard() -> dict[str, nodes.Rule]:
    rng = random.Random(5)
    flags = [mim.attribute(f"flag{number}", kind="boolean") for number in range(60)]

    def literal() -> nodes.Rule:
        flag = rng.choice(flags)
        return flag.is_true() if rng.random() < 0.5 else flag.is_false()

    holes = [any_of([flags[pigeon * 7 + hole].is_true() for hole in range(7)]) for pigeon in range(8)]
    holes += [
        ~(flags[one * 7 + hole].is_true() & flags[other * 7 + hole].is_true())
        for hole in range(7)
        for one in range(8)
        for other in range(one)
    ]
    return {
        "random clauses": all_of([any_of([literal(), literal(), literal()]) for _ in range(166)]),
        "pigeons": all_of(holes[:240]),
        "texts": all_of([c.city.contains(f"x{n}") | c.city.starts_with(f"y{n}") for n in range(250)]),
        "events": all_of(
            [
                (c.purchases.count(within_days=n) >= n % 7) | (c.purchases.count(within_days=2 * n) < 3)
                for n in range(1, 251)
            ]
        ),
        "tags": all_of([c.interests.overlaps(f"x{n}") | ~c.interests.overlaps(f"x{n + 1}") for n in range(250)]),
        "ages": any_of([c.age.is_between(n, n + 1) for n in range(250)]),
        "numbers": any_of([c.children == n for n in range(500)]),
        "records": all_of([c.devices.any(browser=f"b{n}") | ~c.devices.any(browser=f"b{n + 1}") for n in range(250)]),
    }


@pytest.mark.parametrize("name", _hard())
def test_the_largest_rules_end_within_the_budget(name: str) -> None:
    """500 conditions, made to be hard: steps are counted, and what is too much is undecided."""
    from mimcore.rules.analysis.questions import analysis_binding
    from mimcore.rules.lowering.bind import bind

    flags = [mim.attribute(f"flag{number}", kind="boolean") for number in range(60)]
    bound = bind(_hard()[name], analysis_binding(NOW, None, None, flags))
    asked = question([bound], steps := 20_000)
    never(asked, bound)
    assert asked.budget.left > -steps / 2
    found = mim.analyse(_hard()[name], now=NOW, attributes=flags, steps=2_000)
    assert found.never_true.answer in set(Decision)


# --- a set of segments ------------------------------------------------------------------------------------------------


def test_a_set_of_segments_is_linted() -> None:
    """Every kind of finding once, with the segment it is about; what is fine is not mentioned."""
    nordic = c.country.is_in("DK", "SE")
    found = mim.lint_segments(
        {
            "nordic": nordic,
            "danes": c.country == "DK",
            "danes again": c.country == "DK",
            "nordic in other words": (c.country == "SE") | (c.country == "DK"),
            "aarhusians": (c.country == "DK") & (c.city == "Aarhus"),
            "nobody": (c.children > 3) & (c.children < 3),
            "all": c.city.is_known() | c.city.is_missing(),
            "lost": c.in_segment("gone") | nordic,
            "lost too": c.in_segment("lost"),
            "circle": c.in_segment("circle"),
            "wrong": nodes.Equals(field="contact.contry", value="DK"),
            "by hand": None,
            "golfers": c.interests.overlaps("golf"),
        }
    )
    assert [(one.kind.value, one.segment, one.other) for one in found.findings] == [
        ("dangling", "lost", "gone"),
        ("refused", "circle", None),
        ("refused", "wrong", None),
        ("never_true", "nobody", None),
        ("always_true", "all", None),
        ("same_rule", "danes again", "danes"),
        ("inside", "danes", "nordic"),
        ("same_members", "nordic in other words", "nordic"),
        ("inside", "aarhusians", "danes"),
    ]
    assert found.undecided == ()
    assert [one.kind.value for one in found.of("aarhusians")] == ["inside"]
    assert "“aarhusians” lies wholly inside “danes”" in str(found)
    assert "nothing odd" in mim.lint_segments({"danes": c.country == "DK"})._repr_html_()


def test_the_linter_needs_an_instant_only_for_time() -> None:
    """As the questions about two rules do."""
    with pytest.raises(mim.MissingFactsError, match="now="):
        mim.lint_segments({"adults": c.age >= 18})
    found = mim.lint_segments({"adults": c.age >= 18, "pensioners": c.age >= 65}, now=NOW)
    assert [(one.segment, one.other) for one in found.findings] == [("pensioners", "adults")]


def test_the_linter_ends_within_its_budget() -> None:
    """What is left is listed as undecided."""
    found = mim.lint_segments({f"s{n}": c.children >= n for n in range(30)}, steps=100)
    assert found.undecided
