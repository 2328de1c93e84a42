"""Generated code: it holds nothing that a user wrote, reads what is declared, and answers as the closures do."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.rules import generate

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.catalogue import ACCOUNT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS
from mimcore.errors import InvalidValueError
from mimcore.rules.evaluation.batches import MANY, answered, sifted, those
from mimcore.rules.evaluation.evaluator import object_test
from mimcore.rules.evaluation.generated_leaves import Folds
from mimcore.rules.evaluation.generation import Wanted, compiled, generated, source_of
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, default_catalogue
from mimcore.rules.language.limits import MAX_DEPTH, MAX_LEAVES
from mimcore.rules.language.paths import attribute_name, reader
from mimcore.rules.lowering.bind import Binding, SegmentReference, bind
from mimcore.rules.lowering.bound import Bound, BoundAll, BoundAny, Comparison, Constant, Literal
from mimcore.values.text import fold

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
WANTED: tuple[Wanted, ...] = ("member", "non_member", "unknown", "answer")
HOSTILE = (
    '"""); import os; ("""',
    "'; __import__('os').system('x') #",
    "{__class__} {0} %s \\N{BULLET}",
    "c.__class__.__init__.__globals__",
    "v0 := k1",
    "İ\u2028\u00a0ß",
)
ALLOWED = {"batch", "people", "p", "c", "contact", "startswith", "endswith", "isdisjoint"}
ALLOWED |= {"currency", "minor_units"}


@dataclass(slots=True)
class Buyer:
    """An application's own class."""

    country: str | None


def _binding(**more: Any) -> Binding:
    return Binding(NOW, half_lives={"quick": 30.0}, **more)


def _declared_parts() -> set[str]:
    paths = [path for spec in default_catalogue() for path in (spec.path, spec.exact_path) if path]
    return {part.removesuffix("?") for path in paths for part in path.split(".")}


def _names(source: str) -> set[str]:
    tree = ast.parse(source)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def _assert_harmless(bound: Bound) -> None:
    """Only declared attributes and numbered names; no constant but True, False and None."""
    for wanted in WANTED:
        source, constants = source_of(bound, wanted, of_facts=True)
        strange = {one for one in _names(source) if not re.fullmatch("[a-z][0-9]+", one)}
        assert strange - _declared_parts() <= ALLOWED
        written = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
        assert written <= {True, False, None}  # 0 and 1, the two ends of a birth date, equal False and True
        assert all(re.fullmatch("[a-z][0-9]+", name) for name in constants)


# --- safety -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_never_source(text: str) -> None:
    """Quotes, line breaks, braces and names of Python's insides reach the function as constants only."""
    text = text.replace("\u2028", " ")
    note = mim.attribute("note", kind="tags")
    rule = (
        (f.contact.city == text)
        | f.contact.city.contains(text)
        | f.contact.notes.starts_with(text)
        | f.contact.city.is_in(text, "x")
        | f.contact.interests.overlaps(text)
        | note.overlaps(text)
    )
    bound = bind(rule, _binding().knowing([note]))
    _assert_harmless(bound)
    holder, other = mim.Contact(city=text), mim.Contact(city="Aarhus", notes="y")
    ask = generated(bound, "answer", of_facts=False)
    assert ask([holder, other]) == [True, False]


@pytest.mark.parametrize(
    "name", ["__class__", "_x", "a.b", "a b", "class", "None", "1a", "", "x;y", "x\n", "ﬁn", 7, "{a}"]
)
def test_a_path_is_made_of_plain_names(name: Any) -> None:
    """What is no plain identifier, or begins with an underscore, is refused where it is declared and where it is written."""
    with pytest.raises(InvalidValueError):
        attribute_name(name, "country")
    with pytest.raises(InvalidValueError):
        mim.objects(Buyer, {f.contact.country: name})
    if isinstance(name, str) and name != "a.b":
        with pytest.raises(InvalidValueError):
            reader(f"demographic.{name}")
        spec = replace(default_catalogue()["contact.country"], path=f"demographic.{name}")
        with pytest.raises(InvalidValueError):
            source_of(Literal(Comparison(spec, "eq", "DK")), "member", of_facts=False)


@pytest.mark.parametrize(
    "field", ["contact.__class__", "__import__('os')", "contact.country\n", "contact.demographic.__dict__"]
)
def test_a_field_nobody_declared_is_refused_before_anything_is_written(field: str) -> None:
    """Names in a rule are looked up, never walked."""
    with pytest.raises(mim.UnknownFieldError):
        bind(nodes.Equals(field=field, value="DK"), _binding())


def test_generated_code_has_no_builtins() -> None:
    """Not even `len` could be called."""
    ask = generated(bind(f.contact.country == "DK", _binding()), "member", of_facts=False)
    assert ask.__globals__["__builtins__"] == {}  # type: ignore[attr-defined]


def test_generated_rules_write_nothing_but_declared_names() -> None:
    """300 generated rules, their hostile alphabet included."""
    for seed in range(3):
        world = generate.dataset(seed, size=1, has_custom=True)
        inputs = Binding(
            world.now, world.zone, world.half_lives, lambda key, world=world: SegmentReference(key, world.segments[key])
        ).knowing(generate.ATTRIBUTES)
        for rule in generate.rules(seed, 100, world.now, has_custom=True):
            _assert_harmless(bind(rule, inputs))


# --- size -------------------------------------------------------------------------------------------------------------


def test_500_conditions_are_compiled() -> None:
    """The widest rule, as `or` and as `and`, on every side."""
    parts = [f.contact.city == f"Town {number}" for number in range(MAX_LEAVES)]
    people = [mim.Contact(city="town 499"), mim.Contact(city="Aarhus"), mim.Contact()]
    anyone = bind(nodes.AnyOf(rules=tuple(parts)), _binding())
    nobody = bind(nodes.AllOf(rules=tuple(~part for part in parts)), _binding())
    assert generated(anyone, "answer", of_facts=False)(people) == [True, False, None]
    assert generated(nobody, "answer", of_facts=False)(people) == [False, True, None]


def _nested(depth: int) -> nodes.Rule:
    rule: nodes.Rule = f.contact.country == "DK"
    for level in range(depth):
        group, other = ((nodes.AnyOf, "SE"), (nodes.AllOf, "DK"))[level % 2]
        rule = group(rules=(rule, f.contact.country == other))
    return rule


def test_the_deepest_rule_is_compiled() -> None:
    """32 levels of `and` and `or`, none of which joins the next."""
    bound = bind(_nested(MAX_DEPTH - 1), _binding())
    people = [mim.Contact(country=code) for code in ("DK", "SE", "NO")] + [mim.Contact()]
    test = object_test(bound)
    assert generated(bound, "answer", of_facts=False)(people) == [test(one) for one in people]


def test_segments_inside_segments_may_be_deeper_than_python_reads() -> None:
    """300 levels: what is too deep to be written calls a closure."""
    people = [mim.Contact(country=code, city=city) for code in ("DK", "SE", None) for city in ("Aarhus", None)]
    bound = _deeper(300)
    test = object_test(bound)
    assert generated(bound, "answer", of_facts=False)(people) == [test(one) for one in people]
    known = [mim.Facts(contact=one) for one in people]
    assert generated(bound, "answer", of_facts=True)(known) == [test(one) for one in people]


def _deeper(levels: int) -> Bound:
    """Nest bound groups further than any one rule may."""
    leaf = bind(f.contact.country == "DK", _binding())
    known = bind(f.contact.city.is_known(), _binding())
    bound: Bound = leaf
    for level in range(levels):
        bound = (BoundAny, BoundAll)[level % 2]((bound, (known, leaf)[level % 2]))
    return bound


def test_rules_that_differ_in_constants_share_their_code() -> None:
    """Another instant, another country: nothing is compiled anew."""
    compiled.cache_clear()
    for day in (1, 2, 3):
        inputs = Binding(NOW.replace(day=day))
        generated(bind(f.contact.acquired_at.within_days(day), inputs), "member", of_facts=False)
    assert compiled.cache_info().misses == 1


# --- the same answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shouted:
    """A leaf that generation has never heard of."""

    spec: FieldSpec

    def inside(self) -> tuple[Bound, ...]:
        """No conditions of its own."""
        return ()


def test_a_leaf_that_nobody_wrote_out_calls_its_closure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new kind of leaf works in generated code from the day `value_test` knows it."""
    from mimcore.rules.evaluation import evaluator as evaluation

    known = evaluation.value_test

    def value_test(leaf: Any) -> Any:
        if isinstance(leaf, Shouted):
            return lambda owner: None if (text := leaf.spec.read(owner)) is None else text.isupper()
        return known(leaf)

    monkeypatch.setattr(evaluation, "value_test", value_test)
    shouted: Any = Shouted(default_catalogue()["contact.city"])
    people = [mim.Contact(city="AARHUS"), mim.Contact(city="Aarhus"), mim.Contact()]
    for negated, missing, expected in (
        (False, None, [True, False, None]),
        (True, None, [False, True, None]),
        (False, True, [True, False, True]),
        (True, False, [False, True, False]),
    ):
        bound = BoundAll((Literal(shouted, negated, missing), Constant(value=True)))
        assert generated(bound, "answer", of_facts=False)(people) == expected
        assert generated(bound, "answer", of_facts=True)([mim.Facts(contact=one) for one in people]) == expected


NEWER: tuple[tuple[nodes.Rule, list[bool | None]], ...] = (
    (f.contact.city.matches("a*hus"), [True, False, None]),
    (~f.contact.city.matches("a*hus"), [False, True, None]),
    (f.contact.given_name == f.contact.family_name, [False, True, None]),
    (f.contact.given_name != f.contact.family_name, [True, False, None]),
    (f.contact.interests.count() >= 2, [True, False, False]),
    (f.contact.birth_date.anniversary(within_days=7), [True, False, None]),
    (f.contact.acquired_at.hour().is_between(13, 14), [True, False, None]),
)


@pytest.mark.parametrize("number", range(len(NEWER)))
def test_conditions_that_are_not_written_out_are_answered(number: int) -> None:
    """Wildcards, field with field, counts of words, calendars and clocks: by their closures, among written ones."""
    rule, expected = NEWER[number]
    at = datetime(2026, 3, 1, 13, 30, tzinfo=UTC)
    people = [
        mim.Contact(name="Ana Berg", city="Aarhus", interests=["a", "b"], birth_date="1990-04-02", acquired_at=at),
        mim.Contact(name="Bo Bo", city="Odense", birth_date="1990-05-02", acquired_at=at.replace(hour=9)),
        mim.Contact(),
    ]
    for whole in (rule, rule & f.contact.country.is_missing(), rule | f.contact.country.is_known()):
        bound = bind(whole, _binding())
        assert generated(bound, "answer", of_facts=False)(people) == expected
        assert generated(bound, "answer", of_facts=True)([mim.Facts(contact=one) for one in people]) == expected


def test_paths_and_reads_agree() -> None:
    """Every declared path gives what `read` gives, on generated contacts, accounts and events; and all but custom ones have one."""
    world = generate.dataset(11)
    owners = {
        CONTACT_FIELDS: [person.contact for person in world.people],
        ACCOUNT_FIELDS: [person.account for person in world.people if person.account],
        EVENT_FIELDS: [event for person in world.people for event in person.events],
    }
    for specs, some in owners.items():
        for spec in specs:
            assert spec.path is not None, spec.name
            assert [_walked(one, spec.path) for one in some] == [spec.read(one) for one in some], spec.name


def _walked(owner: Any, path: str) -> Any:
    """Walk a path without the code under test."""
    for part in path.split("."):
        owner = None if owner is None else getattr(owner, part.removesuffix("?"))
    return owner


def test_an_exact_birth_date_is_both_bounds() -> None:
    """What `exact_path` finds is what the bounds are."""
    (age,) = [spec for spec in CONTACT_FIELDS if spec.exact_path]
    assert age.exact_path is not None
    born = [person.contact for person in generate.dataset(5).people]
    found = [(one, _walked(one, age.exact_path)) for one in born]
    assert any(day is None and age.read(one) is not None for one, day in found)
    assert all(age.read(one) == (day, day) for one, day in found if day is not None)


def test_text_is_folded_once_a_person_and_only_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two conditions on one text fold it once; a person whom a cheaper condition decides, not at all."""
    from mimcore.rules.evaluation import generated_leaves

    folded: list[str] = []

    def counting(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(generated_leaves, "fold", counting)
    rule = (f.contact.city.contains("hus") | f.contact.city.starts_with("b")) & (f.contact.country == "DK")
    people = [mim.Contact(city=city, country=code) for city, code in (("Bo", "DK"), ("Aarhus", "DK"), ("Bø", "SE"))]
    assert generated(bind(rule, _binding()), "answer", of_facts=False)(people) == [True, True, False]
    assert sorted(folded) == ["Aarhus", "Bo"]
    folded.clear()
    assert generated(bind(rule, _binding()), "member", of_facts=False)(people) == people[:2]
    assert sorted(folded) == ["Aarhus", "Bo"]


def test_folded_words_are_kept_within_a_bound() -> None:
    """Tags without end do not fill the memory."""
    folds = Folds()
    assert [folds[f"Word {number}"] for number in (1, 2)] == ["word 1", "word 2"]
    for number in range(25_000):
        assert folds[f"W{number}"] == f"w{number}"
    assert len(folds) <= 10_000


# --- few and many -----------------------------------------------------------------------------------------------------


def _cities(count: int) -> list[mim.Contact]:
    some = [mim.Contact(city=city) for city in ("Aarhus", "Odense", None)]
    return [some[number % 3] for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, MANY - 1, MANY, MANY + 1, 3 * MANY])
def test_few_and_many_are_answered_alike(count: int) -> None:
    """Nothing changes where closures give way to generated code."""
    people, bound = _cities(count), bind(f.contact.city == "aarhus", _binding())
    expected = [(True, False, None)[number % 3] for number in range(count)]
    assert answered(bound, people, of_facts=False) == expected
    for verdict, answer in (("member", True), ("non_member", False), ("unknown", None)):
        wanted = expected.count(answer)
        assert len(those(bound, verdict, people, of_facts=False)) == wanted  # type: ignore[arg-type]
        assert len(list(sifted(bound, verdict, iter(people), of_facts=False))) == wanted  # type: ignore[arg-type]


def test_a_page_reads_no_further_than_it_must() -> None:
    """The first people are asked one by one."""
    asked: list[int] = []

    def coming() -> Any:
        for number, one in enumerate(_cities(5 * MANY)):
            asked.append(number)
            yield one

    found = sifted(bind(f.contact.city == "aarhus", _binding()), "member", coming(), of_facts=False)
    next(found), next(found)
    assert len(asked) == 4
