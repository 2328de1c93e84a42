"""The contract of conditions on what happened: measures, moments, sequences and rhythms of events, by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mimcore.domain.contact import Contact
from mimcore.repositories.ports import Backend
from mimcore.rules.language import nodes
from mimcore.testing.contract_setup import NOW, ContractSetup, divides, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.money import Money

__all__ = ["HappeningContract"]

_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)


def _dkk(units: int) -> Money:
    return Money(minor_units=units, currency="DKK")


def _literal(units: int, currency: str = "DKK") -> nodes.MoneyLiteral:
    return nodes.MoneyLiteral(minor_units=units, currency=currency)


def _who(backend: Backend, make: Factory, *histories: list[dict[str, Any]]) -> list[Contact]:
    """Store one contact for each list of events; an event is a purchase now unless it says otherwise."""
    people = [Contact(version=1) for _ in histories]
    stored(backend, contacts=people)
    with writing(backend) as work:
        for one, events in zip(people, histories, strict=True):
            made: Iterable[dict[str, Any]] = ({"contact": one, "at": NOW, "value": None, **told} for told in events)
            work.interactions.add([make.interaction(**told) for told in made])
    return people


def _at(*times: datetime, kind: str = "purchase") -> list[dict[str, Any]]:
    return [{"at": at, "kind": kind} for at in times]


def _worth(*values: Money | None) -> list[dict[str, Any]]:
    return [{"value": value} for value in values]


def _bought(*quantities: int | None) -> list[dict[str, Any]]:
    return [{"quantity": quantity} for quantity in quantities]


def _measure(measure: str, comparison: str, value: Any, **more: Any) -> nodes.EventTest:
    words: dict[str, Any] = {"op": f"event_{measure}", "comparison": comparison}
    return nodes.EventTest(kind="purchase", value=value, **words, **more)


_PURCHASE, _VISIT = nodes.EventPattern(kind="purchase"), nodes.EventPattern(kind="visit")


class HappeningContract(ContractSetup):
    """Holds for conditions on a contact's events."""

    def test_the_least_and_the_greatest_amount(self, backend: Backend, make: Factory) -> None:
        """In one currency; events in another one, and without an amount, are left out; of none there is none."""
        euro = Money(minor_units=1, currency="EUR")
        low, high, foreign, unpriced, none = _who(
            backend, make, _worth(_dkk(5), _dkk(9), euro), _worth(_dkk(10)), _worth(euro), _worth(None), []
        )
        missing = [foreign, unpriced, none]
        divides(backend, _measure("minimum", "less_than", _literal(6)), yes=[low], no=[high], unknown=missing)
        divides(backend, _measure("minimum", "equals", _literal(5)), yes=[low], no=[high], unknown=missing)
        divides(backend, _measure("maximum", "at_least", _literal(10)), yes=[high], no=[low], unknown=missing)
        in_euro = _measure("maximum", "at_most", _literal(1, "EUR"))
        divides(backend, in_euro, yes=[low, foreign], unknown=[high, unpriced, none])
        divides(backend, _measure("total", "equals", _literal(14)), yes=[low], no=[high, *missing])
        divides(backend, _measure("total", "at_most", _literal(0)), yes=missing, no=[low, high])

    def test_quantities_are_measured(self, backend: Backend, make: Factory) -> None:
        """Numbers have no currency; missing ones are skipped."""
        few, many, unknown, none = _who(backend, make, _bought(1, 2, None), _bought(0, 9), _bought(None), [])
        of = {"of": "event.quantity"}
        divides(backend, _measure("total", "equals", 3, **of), yes=[few], no=[many, unknown, none])
        divides(backend, _measure("minimum", "less_than", 1, **of), yes=[many], no=[few], unknown=[unknown, none])
        divides(backend, _measure("average", "at_least", 1.5, **of), yes=[few, many], unknown=[unknown, none])
        divides(backend, _measure("average", "more_than", 1.5, **of), yes=[many], no=[few], unknown=[unknown, none])
        divides(backend, _measure("average", "equals", 1.501, **of), no=[few, many], unknown=[unknown, none])

    def test_an_average_is_compared_without_dividing(self, backend: Backend, make: Factory) -> None:
        """A third is not 0.333, and nothing is rounded; where there is nothing, nothing is decided."""
        third, half, none = _who(backend, make, _bought(0, 0, 1), _bought(0, 1), [])
        of = {"of": "event.quantity"}
        divides(backend, _measure("average", "more_than", 0.333, **of), yes=[third, half], unknown=[none])
        divides(backend, _measure("average", "less_than", 0.334, **of), yes=[third], no=[half], unknown=[none])
        divides(backend, _measure("average", "equals", 0.5, **of), yes=[half], no=[third], unknown=[none])

    def test_an_average_of_great_amounts_is_exact(self, backend: Backend, make: Factory) -> None:
        """Sums and products that need more than 64 bits are neither refused nor rounded."""
        great = 2**63 - 1
        equal, below, small, none = _who(
            backend, make, _worth(*[_dkk(great)] * 3), _worth(_dkk(great), _dkk(great - 1)), _worth(_dkk(1)), []
        )
        of_great = _measure("average", "at_least", _literal(great))
        divides(backend, of_great, yes=[equal], no=[below, small], unknown=[none])
        divides(backend, _measure("average", "more_than", _literal(great)), no=[equal, below, small], unknown=[none])
        negative = _measure("average", "more_than", _literal(-great))
        divides(backend, negative, yes=[equal, below, small], unknown=[none])
        one = _measure("average", "equals", _literal(1))
        divides(backend, one, yes=[small], no=[equal, below], unknown=[none])

    def test_amounts_inside_a_window_and_a_condition(self, backend: Backend, make: Factory) -> None:
        """Both ends of the window belong to it; what its condition leaves out, or cannot decide, is not measured."""
        start = NOW - 30 * _DAY
        events: list[list[dict[str, Any]]] = [
            [{"at": start, "value": _dkk(5), "product": "Helmet"}],
            [{"at": start - _MOMENT, "value": _dkk(5), "product": "Helmet"}],
            [{"at": NOW + _MOMENT, "value": _dkk(5), "product": "Helmet"}],
            [{"at": NOW, "value": _dkk(5), "product": None}],
            [{"at": NOW, "value": _dkk(4), "product": "HELMET"}],
        ]
        inside, before, after, undecided, low = _who(backend, make, *events)
        helmet = nodes.Equals(field="event.product", value="helmet")
        rule = _measure("average", "at_least", _literal(5), within_days=30, where=helmet)
        divides(backend, rule, yes=[inside], no=[low], unknown=[before, after, undecided])

    def test_the_first_and_the_last(self, backend: Backend, make: Factory) -> None:
        """Moments are compared to the microsecond; without an event there is none."""
        early, late = NOW - 9 * _DAY, NOW - _DAY
        both, only_late, future, none = _who(
            backend, make, _at(early, late, late), _at(late), _at(NOW + _MOMENT), _at(early, kind="visit")
        )
        cases: list[tuple[Any, datetime, list[Contact]]] = [
            ("at_most", early, [both]),
            ("less_than", early, []),
            ("less_than", late, [both]),
            ("at_most", late, [both, only_late]),
        ]
        for comparison, at, yes in cases:
            first = nodes.EventMoment(op="first_event", kind="purchase", comparison=comparison, value=at.isoformat())
            no = [one for one in (both, only_late) if one not in yes]
            divides(backend, first, yes=yes, no=no, unknown=[future, none])
        last = nodes.EventMoment(op="last_event", kind="purchase", comparison="older_than_days", value=1)
        divides(backend, last, no=[both, only_late], unknown=[future, none])
        lately = nodes.EventMoment(op="last_event", kind="purchase", comparison="within_last_days", value=1)
        divides(backend, lately, yes=[both, only_late], unknown=[future, none])
        in_window = nodes.EventMoment(
            op="first_event", kind="purchase", within_days=1, comparison="at_least", value=late.isoformat()
        )
        divides(backend, in_window, yes=[both, only_late], unknown=[future, none])

    def test_one_after_the_other(self, backend: Backend, make: Factory) -> None:
        """At most so much later, and never at the same instant; the order of recording says nothing."""
        at, limit = NOW - 20 * _DAY, 7 * _DAY

        def pair(after: timedelta) -> list[dict[str, Any]]:
            return _at(at + after, kind="visit") + _at(at)

        last, too_late, tie, next_moment, before = _who(
            backend, make, pair(limit), pair(limit + _MOMENT), pair(timedelta(0)), pair(_MOMENT), pair(-_MOMENT)
        )
        rule = nodes.EventSequence(first=_PURCHASE, then=_VISIT, within_days=7)
        divides(backend, rule, yes=[last, next_moment], no=[too_late, tie, before])

    def test_one_after_the_other_inside_a_window(self, backend: Backend, make: Factory) -> None:
        """Both lie in the window; one event may follow another of its kind; conditions are each pattern's own."""
        start = NOW - 10 * _DAY
        events: list[list[dict[str, Any]]] = [
            _at(start, start + _MOMENT),
            _at(start - _MOMENT, start),
            _at(NOW, NOW + _MOMENT),
            _at(NOW, NOW),
            [{"at": start, "product": "Tent"}, {"at": NOW, "product": "Rope"}],
        ]
        twice, outside, unseen, tie, wares = _who(backend, make, *events)
        rule = nodes.EventSequence(first=_PURCHASE, then=_PURCHASE, within_days=10, since_days=10)
        divides(backend, rule, yes=[twice, wares], no=[outside, unseen, tie])
        tent, rope = (
            nodes.EventPattern(kind="purchase", where=nodes.Equals(field="event.product", value=name))
            for name in ("tent", "rope")
        )
        in_order = nodes.EventSequence(first=tent, then=rope, within_days=10)
        divides(backend, in_order, yes=[wares], no=[twice, outside, unseen, tie])
        other_way = nodes.EventSequence(first=rope, then=tent, within_days=10)
        divides(backend, other_way, no=[twice, outside, unseen, tie, wares])

    def test_regularly(self, backend: Backend, make: Factory) -> None:
        """A block is open at its beginning and closed at its end; several events in one block are one."""
        week = 7 * _DAY
        both, at_edge, one_block, beyond, none = _who(
            backend,
            make,
            _at(NOW, NOW - week),
            _at(NOW - week + _MOMENT, NOW - 2 * week + _MOMENT),
            _at(NOW, NOW - _MOMENT, NOW - week + _MOMENT),
            _at(NOW - 2 * week, NOW - week),
            [],
        )
        rule = nodes.EventRegularity(events=_PURCHASE, at_least=2, of_periods=2, period_days=7)
        divides(backend, rule, yes=[both, at_edge], no=[one_block, beyond, none])
        at_all = nodes.EventRegularity(events=_PURCHASE, at_least=1, of_periods=366, period_days=36_525)
        divides(backend, at_all, yes=[both, at_edge, one_block, beyond], no=[none])

    def test_started(self, backend: Backend, make: Factory) -> None:
        """The first event ever lies in the window, whose both ends belong to it."""
        start = NOW - 30 * _DAY
        first_day, now, earlier, none = _who(
            backend, make, _at(start, NOW), _at(NOW), _at(start - _MOMENT, NOW), _at(NOW + _MOMENT)
        )
        rule = nodes.EventStart(events=_PURCHASE, within_days=30)
        divides(backend, rule, yes=[first_day, now], no=[earlier, none])

    def test_restarted(self, backend: Backend, make: Factory) -> None:
        """The gap is longer than so many days; an event at the same instant is no predecessor."""
        start, gap = NOW - 30 * _DAY, 90 * _DAY
        longer, exactly, filled, only, tie, too_early, later = _who(
            backend,
            make,
            _at(start - gap - _MOMENT, start),
            _at(start - gap, start),
            _at(start - gap - _MOMENT, start - _DAY, start),
            _at(start),
            _at(start - gap - _MOMENT, start, start),
            _at(start - gap - _DAY, start - _MOMENT),
            _at(start - 2 * gap, start - _DAY, start, NOW),
        )
        rule = nodes.EventRestart(events=_PURCHASE, gap_days=90, within_days=30)
        divides(backend, rule, yes=[longer, tie], no=[exactly, filled, only, too_early, later])

    @pytest.mark.parametrize("op", ["event_sequence", "events_restarted"])
    def test_what_a_condition_leaves_out_fills_no_gap(self, backend: Backend, make: Factory, op: str) -> None:
        """Only events for which the condition is true are there at all."""
        wares: list[dict[str, Any]] = [
            {"at": NOW - 100 * _DAY, "product": "Tent"},
            {"at": NOW - 50 * _DAY, "product": "Rope"},
            {"at": NOW, "product": "Tent"},
        ]
        whole, unnamed = _who(backend, make, wares, [{**one, "product": None} for one in wares])
        tent = nodes.EventPattern(kind="purchase", where=nodes.Equals(field="event.product", value="Tent"))
        rule = (
            nodes.EventRestart(events=tent, gap_days=60, within_days=1)
            if op == "events_restarted"
            else nodes.EventSequence(first=tent, then=tent, within_days=100)
        )
        divides(backend, rule, yes=[whole], no=[unnamed])
