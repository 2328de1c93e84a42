"""The contract of queries: sorting and paging, the three verdicts, streams, and the questions of other aggregates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from mimcore.domain import fields as f
from mimcore.domain.contact import Contact
from mimcore.domain.vocabularies import RecordStatus
from mimcore.repositories.ports import Backend, Query, Transaction
from mimcore.rules.language.nodes import Everyone
from mimcore.rules.lowering.bind import Binding
from mimcore.rules.ordering import ByEvents, Order, Sort, bind_order, sort_keys
from mimcore.testing.contract_setup import NOW, ContractSetup, bound, ids, reading, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.money import Money

__all__ = ["QueryContract"]


def order(*sort: Sort, work: Transaction | None = None) -> Order:
    """Bind a sort as a store would."""
    return bind_order(sort_keys(sort), Binding(now=NOW), None if work is None else work.contacts.currencies)


def found(work: Transaction, *sort: Sort, **query: Any) -> list[UUID]:
    """Return ids in an order."""
    return work.contacts.find(Query(order=order(*sort, work=work), **query))


def paged(work: Transaction, wanted: Order, size: int, **query: Any) -> list[UUID]:
    """Return ids in an order, asked for page by page."""
    seen: list[UUID] = []
    page = work.contacts.find(Query(order=wanted, limit=size, **query))
    while page:
        seen += page
        place = work.contacts.place(page[-1], wanted)
        assert place is not None
        page = work.contacts.find(Query(order=wanted, limit=size, after=page[-1], place=place, **query))
    return seen


def people(backend: Backend, **columns: Sequence[Any]) -> list[Contact]:
    """Store people with ids that count up, one a row of the columns; None leaves a field out."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    made = [
        Contact(id=UUID(int=at + 1), version=1, **{name: one for name, one in row.items() if one is not None})
        for at, row in enumerate(rows)
    ]
    stored(backend, contacts=made[::-1])
    return made


def numbers(found: Sequence[UUID]) -> list[int]:
    """Return the ids as the numbers that `people` gave."""
    return [one.int for one in found]


class QueryContract(ContractSetup):
    """Holds for sorting, paging, verdicts and streams."""

    def test_text_sorts_folded_in_code_points(self, backend: Backend) -> None:
        """Case does not count, letters beyond ASCII come after Z, and nothing depends on a language."""
        people(
            backend,
            city=[
                "Ørsted",
                "zebra",
                "Aarhus",
                "ÅRHUS",
                "aarhus",
                "Zebra",
                "\N{MATHEMATICAL SCRIPT CAPITAL X}town",
                "Ωmega",
                None,
            ],
        )
        with reading(backend) as work:
            upwards = numbers(found(work, f.contact.city))
            downwards = numbers(found(work, -f.contact.city))
        # Folded, where the letter of mathematics is an x: aarhus 3 5, xtown 7, zebra 2 6, århus 4, ørsted 1, ωmega 8.
        assert upwards == [3, 5, 7, 2, 6, 4, 1, 8, 9]
        assert downwards == [8, 1, 4, 2, 6, 7, 3, 5, 9]

    def test_missing_values_come_last_in_both_directions(self, backend: Backend) -> None:
        """Whoever has no value stands at the end, in order of ids."""
        people(backend, household_size=[None, 3, 1, None, 2])
        with reading(backend) as work:
            assert numbers(found(work, f.contact.household_size)) == [3, 5, 2, 1, 4]
            assert numbers(found(work, -f.contact.household_size)) == [2, 5, 3, 1, 4]

    def test_ties_are_broken_by_id_in_both_directions(self, backend: Backend) -> None:
        """Descending turns the key round, not the ids."""
        people(backend, country=["SE", "DK", "SE", "DK"])
        with reading(backend) as work:
            assert numbers(found(work, f.contact.country)) == [2, 4, 1, 3]
            assert numbers(found(work, -f.contact.country)) == [1, 3, 2, 4]

    def test_several_keys_in_mixed_directions(self, backend: Backend) -> None:
        """The first key decides, the next one within it."""
        people(backend, country=["DK", "SE", "DK", None, "SE", "DK"], household_size=[1, 5, 4, 9, None, None])
        with reading(backend) as work:
            both = (f.contact.country, -f.contact.household_size)
            assert numbers(found(work, *both)) == [3, 1, 6, 2, 5, 4]
            assert numbers(found(work, -both[0], -both[1])) == [2, 5, 1, 3, 6, 4]

    def test_yes_comes_after_no_and_late_after_early(self, backend: Backend) -> None:
        """Booleans, dates and instants have their natural order."""
        people(
            backend,
            is_decision_maker=[True, None, False],
            job_started_on=["2020-01-01", "1999-12-31", None],
            acquired_at=[None, NOW, NOW - timedelta(microseconds=1)],
        )
        with reading(backend) as work:
            assert numbers(found(work, f.contact.is_decision_maker)) == [3, 1, 2]
            assert numbers(found(work, -f.contact.is_decision_maker)) == [1, 3, 2]
            assert numbers(found(work, f.contact.job_started_on)) == [2, 1, 3]
            assert numbers(found(work, f.contact.acquired_at)) == [3, 2, 1]

    def test_money_sorts_by_currency_and_then_by_amount(self, backend: Backend) -> None:
        """Amounts of two currencies are not compared: currencies stand one after the other, A to Z."""
        amounts = [(500, "EUR"), (9_000, "DKK"), None, (100, "DKK"), (400, "EUR")]
        incomes = [None if one is None else Money(minor_units=one[0], currency=one[1]) for one in amounts]
        people(backend, annual_income=incomes)
        with reading(backend) as work:
            assert numbers(found(work, f.contact.annual_income)) == [4, 2, 5, 1, 3]
            assert numbers(found(work, -f.contact.annual_income)) == [2, 4, 1, 5, 3]

    def test_the_youngest_come_first(self, backend: Backend) -> None:
        """Age sorts by the earliest possible birth date, however the age is known."""
        people(backend, birth_date=["1990-05-01", None, None, "1991-06-01"], birth_year=[None, 1991, None, None])
        with reading(backend) as work:
            assert numbers(found(work, f.contact.age)) == [4, 2, 1, 3]
            assert numbers(found(work, -f.contact.age)) == [1, 2, 4, 3]

    def test_people_sort_by_their_account(self, backend: Backend, make: Factory) -> None:
        """Without an active primary account the value is missing."""
        small, big = make.account(version=1, employees=5), make.account(version=1, employees=500)
        gone = make.account(version=1, employees=50, status=RecordStatus.ARCHIVED)
        stored(backend, accounts=[small, big, gone])
        people(backend, account=[big, None, small, gone])
        with reading(backend) as work:
            assert numbers(found(work, f.account.employees)) == [3, 1, 2, 4]
            assert numbers(found(work, -f.account.employees)) == [1, 3, 2, 4]

    def test_people_sort_by_what_they_did(self, backend: Backend, make: Factory) -> None:
        """Counts and totals inside their window and condition; who did nothing counts as 0, not as missing."""
        one, two, three = people(backend, country=["DK", "DK", "DK"])
        events = [
            make.interaction(contact=one, value=Money(minor_units=900, currency="DKK"), at=NOW - timedelta(days=400)),
            make.interaction(contact=one, value=Money(minor_units=10, currency="DKK"), at=NOW),
            make.interaction(contact=three, value=Money(minor_units=20, currency="DKK"), at=NOW, product="helmet"),
            make.interaction(contact=two, value=Money(minor_units=1, currency="EUR"), at=NOW, kind="refund"),
        ]
        with writing(backend) as work:
            work.interactions.add(events)
        bought = f.contact.purchases
        with reading(backend) as work:
            assert numbers(found(work, -bought.count())) == [1, 3, 2]
            assert numbers(found(work, -bought.total())) == [1, 3, 2]
            assert numbers(found(work, -bought.total(within_days=365))) == [3, 1, 2]
            assert numbers(found(work, bought.total(within_days=365))) == [2, 1, 3]
            helmets = bought.where(f.event.product == "HELMET")
            assert numbers(found(work, -helmets.count())) == [3, 1, 2]
            assert numbers(found(work, -bought.total(currency="EUR"))) == [1, 2, 3]

    def test_the_currencies_of_a_total_are_known(self, backend: Backend, make: Factory) -> None:
        """Of the events that would be added up, and no others."""
        (one,) = people(backend, country=["DK"])
        moneys = [Money(minor_units=1, currency=code) for code in ("DKK", "EUR", "USD")]
        days = (0, 1, 500)
        events = [
            make.interaction(contact=one, value=money, at=NOW - timedelta(days=ago), product=f"p{ago}")
            for money, ago in zip(moneys, days, strict=True)
        ]
        with writing(backend) as work:
            work.interactions.add(events)
        with reading(backend) as work:

            def known(measure: Any) -> frozenset[str]:
                (term,) = order(measure)
                assert isinstance(term, ByEvents)
                return work.contacts.currencies(term.leaf)

            assert known(f.contact.purchases.total(currency="DKK")) == {"DKK", "EUR", "USD"}
            assert known(f.contact.purchases.total(currency="DKK", within_days=30)) == {"DKK", "EUR"}
            only = f.contact.purchases.where(f.event.product == "p1")
            assert known(only.total(currency="DKK")) == {"EUR"}
            assert known(f.contact.events("visit").total(currency="DKK")) == frozenset()

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
    def test_pages_in_an_order_join_to_the_whole(self, backend: Backend, make: Factory, size: int) -> None:
        """Whatever the keys and wherever a page ends: nobody is left out, nobody comes twice."""
        made = people(
            backend,
            city=["b", None, "a", "B", "c", None, "a", "ø", "A"],
            household_size=[1, None, 2, 1, None, 3, None, 2, 2],
            annual_income=[None if at % 3 else Money(minor_units=at, currency="DKK") for at in range(9)],
        )
        with writing(backend) as work:
            work.interactions.add([make.interaction(contact=made[at], at=NOW) for at in (0, 3, 3, 5)])
        c = f.contact
        keys: list[tuple[Sort, ...]] = [(c.city,), (-c.city,), (c.household_size, -c.city), (-c.annual_income,)]
        keys += [(-c.purchases.count(), -c.household_size), (c.annual_income, c.city, c.purchases.count())]
        with reading(backend) as work:
            for sort in keys:
                whole = found(work, *sort)
                assert sorted(numbers(whole)) == list(range(1, 10))
                assert paged(work, order(*sort), size) == whole

    def test_a_page_of_a_rule_in_an_order(self, backend: Backend) -> None:
        """Rule, order and limit together: only those for whom the rule is true are counted."""
        people(backend, country=["DK", "SE", "DK", "DK"], household_size=[2, 9, 3, 1])
        danes = bound(f.contact.country == "DK")
        with reading(backend) as work:
            assert numbers(found(work, -f.contact.household_size, where=danes, limit=2)) == [3, 1]
            assert numbers(paged(work, order(-f.contact.household_size), 1, where=danes)) == [3, 1, 4]

    def test_a_place_is_known_of_everyone_stored(self, backend: Backend) -> None:
        """Archived records have a place as well, so that a page can go on behind them; nobody else has."""
        one, two = people(backend, city=["b", None], status=[RecordStatus.ARCHIVED, None])
        with reading(backend) as work:
            assert work.contacts.place(one.id, order(f.contact.city)) == ("b",)
            assert work.contacts.place(two.id, order(f.contact.city)) == (None,)
            assert work.contacts.place(UUID(int=9), order(f.contact.city)) is None

    def test_the_three_verdicts(self, backend: Backend) -> None:
        """Members, non-members and those for whom the rule cannot be decided, as lists and as counts."""
        people(backend, country=["DK", None, "SE", "DK"], city=[None, "Aarhus", "Malmö", "Odense"])
        rule = bound((f.contact.country == "DK") & (f.contact.city == "Odense"))
        wanted = {"member": [4], "non_member": [3], "unknown": [1]}
        with reading(backend) as work:
            # 2 lives elsewhere, whatever the country.
            wanted["non_member"] = [2, 3]
            for verdict in ("member", "non_member", "unknown"):
                assert numbers(work.contacts.find(Query(rule, verdict=verdict))) == wanted[verdict]
                assert work.contacts.count(rule, verdict) == len(wanted[verdict])
                streamed = work.contacts.stream(Query(rule, verdict=verdict))
                assert [one.id.int for one in streamed] == wanted[verdict]

    def test_everyone_is_a_member_of_everyone(self, backend: Backend) -> None:
        """Without a rule, and with the rule that is true for all, the other two lists are empty."""
        people(backend, country=["DK", None])
        with reading(backend) as work:
            for rule in (None, bound(Everyone())):
                assert work.contacts.count(rule, "member") == 2
                assert work.contacts.find(Query(rule, verdict="non_member")) == []
                assert work.contacts.count(rule, "unknown") == 0

    def test_a_stream_is_what_is_found(self, backend: Backend, make: Factory) -> None:
        """Whole contacts with everything that belongs to them, in order of ids; archived ones are left out."""
        account = make.account(version=1)
        made = [make.contact(version=1, account=account, external_ids={"crm": str(at)}) for at in range(5)]
        gone = make.contact(version=1, status=RecordStatus.ARCHIVED)
        stored(backend, accounts=[account], contacts=[*made, gone])
        with reading(backend) as work:
            assert list(work.contacts.stream(Query())) == sorted(made, key=lambda one: one.id.bytes)
            last = ids(*made)[2]
            assert [one.id for one in work.contacts.stream(Query(after=last))] == ids(*made)[3:]

    def test_a_stream_goes_beyond_one_portion(self, backend: Backend) -> None:
        """More people than are read at once come all, once, in order."""
        stored(backend, contacts=[Contact(id=UUID(int=at + 1), version=1, birth_year=1900) for at in range(4_001)])
        with reading(backend) as work:
            streamed = work.contacts.stream(Query(bound(f.contact.birth_year == 1900)))
            assert [one.id.int for one in streamed] == list(range(1, 4_002))

    def test_a_campaign_is_active_on_the_days_of_its_period(self, backend: Backend, make: Factory) -> None:
        """First and last day included, the days round it not."""
        spring = make.campaign(version=1, runs=("2026-03-01", "2026-03-31"))
        stored(backend, campaigns=[spring])
        with reading(backend) as work:
            for day, wanted in ((1, [spring]), (31, [spring])):
                assert work.campaigns.active_on(date(2026, 3, day)) == wanted
            assert work.campaigns.active_on(date(2026, 2, 28)) == []
            assert work.campaigns.active_on(date(2026, 4, 1)) == []
