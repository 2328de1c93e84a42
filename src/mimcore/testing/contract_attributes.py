"""The contract of custom attributes: declarations are kept, values come back typed, rules about them are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from mimcore.domain.custom.attributes import CustomAttribute
from mimcore.domain.custom.fields import attribute, declaration_of
from mimcore.domain.declaring.entity import CLEAR
from mimcore.errors import StaleVersionError
from mimcore.repositories.facts import facts_of
from mimcore.repositories.looking_up import looked_up
from mimcore.repositories.ports import Backend, Query
from mimcore.rules.evaluation.evaluator import evaluator
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule
from mimcore.rules.lowering.bind import Binding, bind
from mimcore.rules.lowering.bound import negate
from mimcore.rules.writing.fields import Field
from mimcore.testing.contract_setup import NOW, ContractSetup, gate_of, ids, reading, stored, writing
from mimcore.testing.factories import Factory

__all__ = ["AttributeContract"]

_tier = attribute("tier", options=["none", "Gold", "gold plus"], half_life_days=100, indexed=True)
_motto = attribute("motto", indexed=True)
_points = attribute("points", kind="integer", indexed=True)
_ratio = attribute("ratio", kind="number")
_vip = attribute("is_vip", kind="boolean")
_joined = attribute("joined_on", kind="date", indexed=True)
_entered = attribute("entered_at", kind="instant", indexed=True)
_clubs = attribute("clubs", kind="tags", indexed=True)
_topics = attribute("topics", kind="codes", options=["art", "sport"])
_grade = attribute("grade", entity="account", options=["a", "b"], indexed=True)
_ALL: tuple[Field, ...] = (
    _tier,
    _motto,
    _points,
    _ratio,
    _vip,
    _joined,
    _entered,
    _clubs,
    _topics,
    _grade,
)
_GREATEST = 2**63 - 1
_VALUES: tuple[dict[str, Any], ...] = (
    {"tier": "Gold", "motto": "Élan  vital", "points": 7, "ratio": 0.5, "is_vip": True, "joined_on": date(2026, 3, 1)},
    {"entered_at": NOW, "clubs": ("Straße", "golf"), "topics": ("art", "sport"), "points": _GREATEST},
    {"tier": "none", "motto": "50%_'\"\\x", "points": -1, "ratio": -2.5e300, "is_vip": False, "joined_on": date.min},
    {"tier": "gold plus", "entered_at": NOW - timedelta(days=40, microseconds=1), "clubs": ("🙂",), "ratio": 1.0},
    {},
)
RULES: tuple[Rule, ...] = (
    _tier == "Gold",
    _tier != "Gold",
    (_tier != "Gold").or_missing(),
    _tier.is_in(["none", "gold plus"]),
    ~_tier.is_in([]),
    _tier.is_known(),
    _tier.is_missing(),
    _motto == "ÉLAN VITAL",
    _motto.contains("%_'"),
    ~_motto.starts_with("é"),
    _motto.ends_with("\\X"),
    _points >= 7,
    _points == _GREATEST,
    _points.is_between(-1, 7),
    _points.is_in(list(range(30))),
    _ratio < 0.5,
    _ratio.is_in([number / 2 for number in range(30)]),
    _vip.is_true(),
    _vip == False,  # noqa: E712 - a field compared, not a truth value
    _joined >= date(2026, 1, 1),
    _joined == date.min,
    _joined.within_days(60),
    _joined.is_in([date(2026, 3, day) for day in range(1, 30)]),
    _entered.within_days(0),
    _entered.older_than_days(40),
    _entered == NOW,
    _entered.is_in([NOW + timedelta(days=number) for number in range(25)]),
    _clubs.overlaps(["STRASSE"]),
    ~_clubs.overlaps(["golf", "🙂"]),
    _clubs.contains_all(["golf", "strasse"]),
    _clubs.is_known(),
    _clubs.is_missing(),
    _topics.overlaps("sport"),
    _grade == "a",
    _grade != "a",
    _grade.is_missing(),
    (_tier == "Gold") & ((_points >= 7) | _clubs.is_known()),
    nodes.TextTest(op="matches", field="contact.custom.motto", value="é*v?tal"),
    ~nodes.TextTest(op="matches", field="contact.custom.motto", value="50%*\\\\x"),
    nodes.Anniversary(field="contact.custom.joined_on", days=340),
    ~nodes.Anniversary(field="contact.custom.joined_on", days=300),
    nodes.ClockTest(op="weekday_is_in", field="contact.custom.joined_on", values=(7,)),
    ~nodes.ClockTest(op="weekday_is_in", field="contact.custom.entered_at", values=(3, 4), zone="Asia/Tokyo"),
    nodes.ClockTest(op="hour_is_in", field="contact.custom.entered_at", values=(14,), zone="Europe/Copenhagen"),
    nodes.ElementCount(field="contact.custom.clubs", comparison="equals", value=2),
    nodes.ElementCount(field="contact.custom.topics", comparison="less_than", value=1),
    nodes.EverBeen(field="contact.custom.motto", value="élan vital"),
    *(
        nodes.CompareFields(field=f"contact.custom.{one}", comparison=comparison, other=other)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - words of the language
        for one, comparison, other in (
            ("joined_on", "less_than", "contact.demographic.birth_date"),
            ("joined_on", "at_least", "contact.custom.joined_on"),
            ("entered_at", "more_than", "contact.acquisition.at"),
            ("entered_at", "equals", "contact.custom.entered_at"),
            ("points", "at_most", "contact.demographic.household_size"),
            ("ratio", "equals", "contact.custom.ratio"),
            ("motto", "equals", "contact.demographic.city"),
            ("is_vip", "equals", "contact.employment.is_decision_maker"),
            ("tier", "equals", "account.custom.grade"),
        )
    ),
)


def _declared(backend: Backend, attributes: Sequence[Field] = _ALL) -> None:
    with writing(backend) as work:
        for one in attributes:
            work.attributes.put(_first(one))


def _first(field: Field) -> CustomAttribute:
    return declaration_of(field).evolve(version=1, declared_at=NOW)


class AttributeContract(ContractSetup):
    """Holds for declarations of custom attributes, and for their values."""

    def test_declarations_are_kept_in_order(self, backend: Backend) -> None:
        """They come back as they were put, by field name; a new store has none."""
        with reading(backend) as work:
            assert work.attributes.all() == []
        _declared(backend)
        with reading(backend) as work:
            wanted = sorted((_first(one) for one in _ALL), key=lambda one: one.field_name)
            assert work.attributes.all() == wanted

    def test_a_declaration_that_is_rolled_back_was_never_there(self, backend: Backend) -> None:
        """Neither the declaration nor its half-life nor its index; so it can be declared again."""
        work = backend.begin()
        work.attributes.put(_first(_tier))
        work.rollback()
        with reading(backend) as work:
            assert work.attributes.all() == []
            assert "custom.tier" not in work.freshness.half_lives()
        _declared(backend, [_tier])

    def test_only_the_next_version_replaces_a_declaration(self, backend: Backend) -> None:
        """What somebody else declared meanwhile is not written over."""
        _declared(backend, [_tier])
        wider = _first(_tier).evolve(options=("none", "Gold", "gold plus", "bronze"), version=2)
        for wrong in (_first(_tier), wider.evolve(version=3), _first(_motto).evolve(version=2)):
            with pytest.raises(StaleVersionError), writing(backend) as work:
                work.attributes.put(wrong)
        with writing(backend) as work:
            work.attributes.put(wider)
        with reading(backend) as work:
            assert work.attributes.all() == [wider]

    def test_a_half_life_of_its_own_counts(self, backend: Backend) -> None:
        """The attribute's pool stands beside the others."""
        with reading(backend) as work:
            before = dict(work.freshness.half_lives())
        _declared(backend)
        with reading(backend) as work:
            assert work.freshness.half_lives() == {**before, "custom.tier": 100.0}

    def test_values_come_back_as_they_were(self, backend: Backend, make: Factory) -> None:
        """Type by type, on contacts and on accounts."""
        contacts = [make.contact(version=1, custom=values) for values in _VALUES]
        account = make.account(version=1, custom={"grade": "a", "since": date(2026, 1, 1)})
        stored(backend, accounts=[account], contacts=contacts)
        with reading(backend) as work:
            found = work.contacts.get_many(one.id for one in contacts)
            assert [found[one.id] for one in contacts] == contacts
            assert [dict(found[one.id].custom) for one in contacts] == list(_VALUES)
            assert type(found[contacts[0].id].custom["points"]) is int
            assert work.accounts.get_many([account.id])[account.id].custom == account.custom

    def test_a_changed_value_replaces_the_old_one(self, backend: Backend, make: Factory) -> None:
        """In what is read and in what rules see."""
        old = make.contact(version=1, custom={"motto": "First", "points": 1})
        stored(backend, contacts=[old])
        with writing(backend) as work:
            work.contacts.update([old.evolve(custom={"motto": "Second"}, version=2)])
        assert _found(backend, _motto == "second") == [old.id]
        assert _found(backend, _motto == "first") == []
        assert _found(backend, _points == 1) == [old.id]

    @pytest.mark.parametrize("number", range(len(RULES)))
    def test_a_rule_about_them_finds_whom_the_reference_evaluation_finds(
        self, backend: Backend, make: Factory, number: int
    ) -> None:
        """Members, non-members and the undecided are those of Python's evaluation; indexes made before and after."""
        _declared(backend, _ALL[::2])
        accounts = [make.account(version=1, custom={"grade": grade} if grade else {}) for grade in ("a", "b", "")]
        contacts = [
            make.contact(version=1, custom=values, account=accounts[place % 4] if place % 4 < 3 else CLEAR)
            for place, values in enumerate(_VALUES)
        ]
        stored(backend, accounts=accounts, contacts=contacts)
        _declared(backend, _ALL[1::2])
        plain = bind(RULES[number], Binding(now=NOW).knowing(_ALL))
        with reading(backend) as work:
            facts = facts_of(work, list(work.contacts.all()), NOW, where=plain)
            answers = {one: evaluator(plain)(facts[one]) for one in ids(*contacts)}
            plain = looked_up(plain, work, gate_of(work), NOW)
            assert work.contacts.find(Query(plain)) == [one for one in answers if answers[one] is True]
            assert work.contacts.find(Query(negate(plain))) == [one for one in answers if answers[one] is False]
            assert work.contacts.count(plain) == sum(answer is True for answer in answers.values())


def _found(backend: Backend, rule: Rule) -> list[Any]:
    with reading(backend) as work:
        return work.contacts.find(Query(bind(rule, Binding(now=NOW).knowing(_ALL))))
