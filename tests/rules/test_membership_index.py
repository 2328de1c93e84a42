"""The membership index: by hand, and equal to the evaluator for every rule, after edits, changes and as time passes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.rules import generate
from tests.rules.engines import binding as world_binding
from tests.rules.engines import facts as world_facts

import mimcore as mim
from mimcore import fields as f
from mimcore.errors import DuplicateKeyError, MissingFactsError, RuleTypeError, UnknownFieldError
from mimcore.rules.evaluation.evaluator import evaluate, evaluator
from mimcore.rules.indexing import conditions, normal_form
from mimcore.rules.language import nodes
from mimcore.rules.lowering.bind import bind
from mimcore.rules.lowering.binding import Binding, SegmentReference

US = timedelta(microseconds=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEEDS = range(400, 412)
c = f.contact
Segments = Mapping[str, mim.Rule | None]


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_three_answers_and_a_segment_inside_another() -> None:
    """Children are not known: at least one is undecided, and stays so inside; the country decides."""
    index = mim.MembershipIndex(
        {
            "inner": c.children >= 1,
            "outer": c.in_segment("inner") & (c.country == "DK"),
            "else": ~c.in_segment("inner") & (c.country == "SE"),
            "lenient": c.in_segment("inner").or_missing(),
            "listed": None,
            "on-a-list": c.in_segment("listed"),
            "all": mim.everyone(),
            "none": ~mim.everyone(),
        }
    )
    found = index.members_of(mim.Facts(contact=mim.Contact(country="DK"), listed_in=frozenset({"listed"})))
    assert found.members == {"lenient", "listed", "on-a-list", "all"}
    assert found.unknown == {"inner", "outer"}
    assert (found["else"], found["none"], found["outer"], found["all"]) == (False, False, None, True)
    assert (found.valid_until, found.at) == (None, None)
    assert repr(found) == "Memberships(4 members, 2 unknown)"


def test_an_answer_holds_until_a_window_ends() -> None:
    """Acquired 10 days ago: in the window of 30 days for 20 more; eighteen on the birthday, in the index's zone."""
    index = mim.MembershipIndex({"new": c.acquired_at.within_days(30), "adult": c.age >= 18})
    ana = mim.Contact(acquired_at=NOW - timedelta(days=10), birth_date="2008-03-15")
    found = index.members_of(mim.Facts(contact=ana, now=NOW))
    assert (found.members, found.valid_until) == ({"new"}, datetime(2026, 3, 15, tzinfo=UTC))
    later = index.members_of(mim.Facts(contact=ana, now=found.valid_until))
    assert (later.members, later.valid_until) == ({"new", "adult"}, NOW + timedelta(days=20))
    assert index.members_of(mim.Facts(contact=ana, now=NOW + timedelta(days=20) + US)).members == {"adult"}


def test_a_moment_still_to_come_enters_with_its_period() -> None:
    """In June, seen from March: the coming month is June from May on; until then each new month is looked at."""
    rule = nodes.CalendarWindow(field="contact.acquisition.at", period="next", unit="month")
    facts = mim.Facts(contact=mim.Contact(acquired_at="2026-06-10T12:00Z"), now=NOW)
    assert mim.MembershipIndex({"soon": rule}).members_of(facts).valid_until == datetime(2026, 4, 1, tzinfo=UTC)


def test_a_rule_becomes_a_list_and_a_rule_again() -> None:
    """Segments that refer to it follow, though they were not touched."""
    index = mim.MembershipIndex({"inner": c.country == "DK", "outer": c.in_segment("inner")})
    facts = mim.Facts(contact=mim.Contact(country="SE"), listed_in=frozenset({"inner"}))
    assert index.members_of(facts).members == frozenset()
    index.replace("inner", None)
    assert index.members_of(facts).members == {"inner", "outer"}
    index.replace("inner", c.country == "DK")
    assert index.members_of(facts).members == frozenset()


def test_what_is_absent_is_refused_by_name() -> None:
    """Only what some segment still reads."""
    index = mim.MembershipIndex({"buyers": c.purchases.count() >= 1, "danes": c.country == "DK"})
    with pytest.raises(MissingFactsError, match=r"events, now: give Facts\(events=…, now=…\)"):
        index.members_of(mim.Facts(contact=mim.Contact()))
    index.remove("buyers")
    assert index.needs == frozenset()
    assert index.members_of(mim.Facts(contact=mim.Contact(country="DK"))).members == {"danes"}


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (
            lambda index: index.add("b", c.in_segment("nobody")),
            UnknownFieldError,
            "segment 'b': there is no .* 'nobody'",
        ),
        (lambda index: index.replace("a", c.in_segment("over-a")), RuleTypeError, "in a circle: over-a → a → over-a"),
        (lambda index: index.add("b", nodes.Equals(field="contact.country", value=3)), RuleTypeError, "segment 'b'"),
        (lambda index: index.add("a", None), DuplicateKeyError, "use replace"),
        (lambda index: index.replace("c", None), UnknownFieldError, "no segment 'c'"),
        (lambda index: index.remove("c"), UnknownFieldError, "no segment 'c'"),
        (lambda index: index.remove("a"), UnknownFieldError, "segment 'over-a': there is no segment 'a'"),
        (lambda index: index.sync({"over-a": c.in_segment("x")}), UnknownFieldError, "there is no segment 'x'"),
    ],
)
def test_an_edit_that_is_refused_changes_nothing(edit: Any, error: type[Exception], message: str) -> None:
    """The index answers as before."""
    index = mim.MembershipIndex({"a": c.country == "DK", "over-a": c.in_segment("a")})
    with pytest.raises(error, match=message):
        edit(index)
    found = index.members_of(mim.Facts(contact=mim.Contact(country="DK")))
    assert (sorted(index), found.members, len(index), "b" in index) == (["a", "over-a"], {"a", "over-a"}, 2, False)


def test_unlisted_segments_count_inside_others_only() -> None:
    """As archived ones do in a store."""
    index = mim.MembershipIndex()
    index.sync({"old": c.country == "DK", "new": c.in_segment("old")}, unlisted=["old"])
    found = index.members_of(mim.Facts(contact=mim.Contact(country="DK")))
    assert found.members == {"new"}
    with pytest.raises(UnknownFieldError, match="no segment 'old'"):
        found["old"]


def test_what_nobody_collected_stays_undecided() -> None:
    """As of a past in which the field was not declared: not even `or_missing` decides."""
    then = Binding(uncollected=frozenset({"contact.demographic.city"}))
    rule = c.city == "Aarhus"
    index = mim.MembershipIndex({"plain": rule, "lenient": rule.or_missing(), "not": ~rule}, binding=then)
    found = index.members_of(mim.Facts(contact=mim.Contact(city="Aarhus")))
    assert (found.members, found.unknown) == (frozenset(), {"plain", "lenient", "not"})


def test_changes_are_named_by_field_or_part() -> None:
    """A misspelt name is an error, not "nothing changed"; a derived field follows."""
    index = mim.MembershipIndex({"adults": c.age >= 18, "danes": c.country == "DK"})
    before = index.members_of(mim.Facts(contact=mim.Contact(country="DK"), now=NOW))
    after = mim.Facts(contact=mim.Contact(country="DK", birth_date="1990-01-01"), now=NOW)
    assert index.after_change(after, ["contact.birth_date"], before).entered_since(before) == {"adults"}
    assert index.after_change(after, [], before).members == {"danes"}
    with pytest.raises(UnknownFieldError, match="birth_dat"):
        index.after_change(after, ["contact.birth_dat"], before)


def test_near_the_ends_of_the_calendar_every_rule_is_asked_for_itself() -> None:
    """Windows are cut off there, and no two values are alike."""
    at = datetime(60, 3, 1, tzinfo=UTC)
    segments: dict[str, mim.Rule | None] = {
        "lapsed": c.purchases.lapsed(days=36_000),
        "young": c.age < 18,
        "new": nodes.ChangedWithin(field="contact.city", days=36_500),
    }
    index = mim.MembershipIndex(segments)
    facts = mim.Facts(contact=mim.Contact(), events=[], history=[], now=at)
    assert (index.members_of(facts).members, index.members_of(facts).unknown) == (frozenset(), {"young"})
    assert index.members_of(facts).valid_until is None


# --- against the evaluator --------------------------------------------------------------------------------------------


def _expected(segments: Segments, facts: mim.Facts, binding: Binding) -> dict[str, bool | None]:
    at = replace(binding, now=facts.now, segment=lambda key: SegmentReference(key, segments[key]))
    rules = {key: nodes.InSegment(segment=key) if rule is None else rule for key, rule in segments.items()}
    return {key: evaluator(bind(rule, at))(facts) for key, rule in rules.items()}


def _told(found: mim.Memberships, segments: Segments) -> dict[str, bool | None]:
    """The answers, read in both ways."""
    one_by_one = {key: found[key] for key in segments}
    assert found.members == {key for key, answer in one_by_one.items() if answer is True}
    assert found.unknown == {key for key, answer in one_by_one.items() if answer is None}
    return one_by_one


def _world(seed: int, rules: int = 40) -> tuple[Segments, list[mim.Facts], Binding]:
    has_custom = seed % 2 == 0
    world = generate.dataset(seed, size=8, has_custom=has_custom)
    made = generate.rules(seed, rules, world.now, has_custom=has_custom)
    segments = {**{f"segment {number}": rule for number, rule in enumerate(made)}, **world.segments}
    return segments, [world_facts(person, world) for person in world.people], world_binding(world)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_answers_as_the_evaluator_does_and_as_time_passes(seed: int) -> None:
    """At the instant, one microsecond before the answer may turn, and then; the same cells are met again and again."""
    segments, people, binding = _world(seed)
    index = mim.MembershipIndex(segments, binding=binding)
    for facts in people:
        at: mim.Facts | None = facts
        for _ in range(3):
            if at is None:
                break
            found = index.members_of(at)
            assert _told(found, segments) == _expected(segments, at, binding)
            at = _until(index, at, found)


def _until(index: mim.MembershipIndex, facts: mim.Facts, found: mim.Memberships) -> mim.Facts | None:
    """Return the facts at the next instant, before which nothing turns."""
    if found.valid_until is None:
        return None
    assert facts.now is not None
    assert facts.now < found.valid_until
    before = index.members_of(replace(facts, now=found.valid_until - US))
    assert (before.members, before.unknown) == (found.members, found.unknown)
    return replace(facts, now=found.valid_until)


def test_nothing_turns_before_it_is_said_to() -> None:
    """By brute force: the true flips of every rule are never earlier than `valid_until`, and often are then."""
    exact = 0
    for seed in (420, 421):
        segments, people, binding = _world(seed, rules=25)
        known = replace(binding, segment=lambda key, segments=segments: SegmentReference(key, segments[key]))
        index = mim.MembershipIndex(segments, binding=binding)
        for facts in people[:4]:
            flips = [
                flip.at
                for rule in segments.values()
                if rule is not None and (flip := mim.next_flip(rule, facts, binding=known)) is not None
            ]
            until = index.members_of(facts).valid_until
            assert until is None or not flips or until <= min(flips)
            assert until is not None or not flips
            exact += bool(flips) and until is not None and min(flips) - until <= US
    assert exact >= 2


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_edits_leave_what_a_new_index_would_be(seed: int) -> None:
    """Adding, replacing, removing in any order, lists that become rules and rules that become lists; answers stay right."""
    rng = random.Random(seed)
    segments, people, binding = _world(seed)
    held: dict[str, mim.Rule | None] = {key: segments[key] for key in ("one", "two", "listed")}
    rest = {key: rule for key, rule in segments.items() if key not in held}
    index = mim.MembershipIndex(held, binding=binding)
    for step in range(60):
        key = rng.choice([*rest, *rest, "one", "listed"])
        rule = rng.choice([*rest.values(), None])
        if key in held and key in rest and rng.random() < 0.4:
            index.remove(key)
            del held[key]
        elif _mentions(rule) and key in {"one", "listed"}:
            continue
        else:
            (index.replace if key in held else index.add)(key, rule)
            held[key] = rule
        if step % 6 == 0:
            facts = rng.choice(people)
            assert _told(index.members_of(facts), held) == _expected(held, facts, binding)
    index.sync(segments)
    for facts in people:
        assert _told(index.members_of(facts), segments) == _expected(segments, facts, binding)


def _mentions(rule: mim.Rule | None) -> bool:
    return rule is not None and (isinstance(rule, nodes.InSegment) or any(map(_mentions, rule.parts())))


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_after_a_change_only_the_named_parts_are_asked_again(seed: int) -> None:
    """Somebody takes over parts of somebody else's facts; named, the answer is that of asking everything."""
    rng = random.Random(seed)
    segments, people, binding = _world(seed)
    index = mim.MembershipIndex(segments, binding=binding)
    parts = ("events", "account", "accounts", "history", "listed_in", "permissions", "states")
    for facts in people:
        other, before = rng.choice(people), index.members_of(facts)
        named = [name for name in parts if rng.random() < 0.4]
        changed = replace(facts, **{name: getattr(other, name) for name in named})
        if rng.random() < 0.5:
            changed = replace(changed, now=changed.now + timedelta(days=9))  # type: ignore[operator]
        found = index.after_change(changed, named, before)
        assert _told(found, segments) == _expected(segments, changed, binding)
        assert found.entered_since(before) == found.members - before.members
        assert found.left_since(before) == before.members - found.members


def test_a_changed_field_of_the_contact() -> None:
    """Each field that is mentioned changes once."""
    segments, people, binding = _world(401, rules=60)
    index, rng = mim.MembershipIndex(segments, binding=binding), random.Random(1)
    changes: tuple[tuple[str, Any], ...] = (
        ("country", "SE"),
        ("city", "izmir"),
        ("children", 1),
        ("birth_date", "2008-02-29"),
        ("acquired_at", NOW),
        ("interests", ["FIN", "A"]),
        ("annual_income", mim.money("100", "DKK")),
    )
    for facts in people:
        before = index.members_of(facts)
        for name, value in rng.sample(changes, 4):
            changed = replace(facts, contact=facts.contact.evolve(**{name: value}))  # type: ignore[attr-defined]
            found = index.after_change(changed, [f"contact.{name}"], before)
            assert _told(found, segments) == _expected(segments, changed, binding)


@pytest.mark.parametrize("what", ["wide", "strange"])
def test_what_the_index_cannot_take_apart_is_asked_as_it_stands(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of more than two alternatives as a whole; and conditions of which it knows no cells."""
    if what == "wide":
        monkeypatch.setattr(normal_form, "MOST_ALTERNATIVES", 2)
    else:
        monkeypatch.setattr(conditions, "place_of", lambda *_: None)
    segments, people, binding = _world(402)
    index = mim.MembershipIndex(segments, binding=binding)
    for facts in people:
        found = index.members_of(facts)
        assert _told(found, segments) == _expected(segments, facts, binding)
        _until(index, facts, found)
    index.replace("one", c.country == "DK")
    changed = {**segments, "one": c.country == "DK"}
    for facts in people:
        assert _told(index.members_of(facts), changed) == _expected(changed, facts, binding)


def test_a_rule_that_is_really_wide() -> None:
    """Three to the fifth alternatives."""
    parts = [(c.children == one) | (c.country == "DK") | (c.city == f"Town {one}") for one in range(5)]
    rule: mim.Rule = parts[0]
    for part in parts[1:]:
        rule &= part
    index = mim.MembershipIndex({"wide": rule, "inside": c.in_segment("wide")})
    assert index.members_of(mim.Facts(contact=mim.Contact(country="DK"))).members == {"wide", "inside"}
    assert index.members_of(mim.Facts(contact=mim.Contact(country="SE"))).unknown == {"wide", "inside"}
    assert evaluate(rule, mim.Facts(contact=mim.Contact(country="SE"))) is None
    index.sync({"danes": c.country == "DK"})
    assert index.members_of(mim.Facts(contact=mim.Contact(country="DK"))).members == {"danes"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_several_conditions_on_one_field_in_one_alternative(seed: int) -> None:
    """Countries, words, lists and references, two to four of them joined by `and`, some negated or lenient."""
    rng, lands, words = random.Random(seed), ("DK", "SE", "NO", "DE"), ("food", "golf", "opera")
    makers: tuple[Any, ...] = (
        lambda: c.country.is_in(*rng.sample(lands, rng.choice((1, 2, 3)))),
        lambda: c.interests.overlaps(*rng.sample(words, rng.choice((1, 2)))),
        lambda: nodes.InSegment(segment=rng.choice(("list-a", "list-b", "inner-a", "inner-b", "inner-c"))),
    )

    def condition(make: Any) -> mim.Rule:
        made: mim.Rule = make()
        return rng.choice((made, made, ~made, made.or_missing(), ~made.or_missing()))

    def rule() -> mim.Rule:
        make = rng.choice(makers)
        return nodes.AllOf(rules=tuple(condition(make) for _ in range(rng.choice((2, 3, 4)))))  # type: ignore[arg-type]

    segments: dict[str, mim.Rule | None] = {"list-a": None, "list-b": None}
    segments |= {f"inner-{name}": condition(makers[0]) & condition(makers[1]) for name in "abc"}
    segments |= {f"segment-{number}": rule() for number in range(60)}
    index, binding = mim.MembershipIndex(segments), Binding()
    for _ in range(60):
        contact = mim.Contact(country=rng.choice((*lands, "FR", None)), interests=rng.sample(words, rng.randrange(4)))
        lists = frozenset(rng.sample(("list-a", "list-b"), rng.randrange(3)))
        facts = mim.Facts(contact=contact, listed_in=lists)
        assert _told(index.members_of(facts), segments) == _expected(segments, facts, binding)


def test_many_are_answered_in_their_order() -> None:
    """As one by one."""
    segments, people, binding = _world(403)
    index = mim.MembershipIndex(segments, binding=binding)
    found = index.of_many(people)
    assert [one.members for one in found] == [index.members_of(one).members for one in people]
