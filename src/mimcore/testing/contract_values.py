"""The contract of conditions on values: patterns, records, fields with fields, calendars and clocks, by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mimcore.domain.contact import Contact
from mimcore.repositories.ports import Backend
from mimcore.rules.language import nodes
from mimcore.testing.contract_setup import NOW, ContractSetup, divides, stored, writing
from mimcore.testing.factories import Factory
from mimcore.values.instants import as_instant
from mimcore.values.money import Money

__all__ = ["ValueContract"]

_MOMENT = timedelta(microseconds=1)
_DANISH = "Europe/Copenhagen"


def _people(backend: Backend, field: str, *values: Any) -> list[Contact]:
    """Store somebody without a value, then somebody with each of the values."""
    people = [Contact(version=1), *(Contact(version=1, **{field: value}) for value in values)]
    stored(backend, contacts=people)
    return people


def _matches(field: str, pattern: str) -> nodes.Rule:
    return nodes.TextTest(op="matches", field=field, value=pattern)


class ValueContract(ContractSetup):
    """Holds for conditions on a contact's own values and those of its account."""

    def test_a_pattern_is_literal_but_for_its_wildcards(self, backend: Backend) -> None:
        """`*` is any text, `?` one character; what engines hold for special is not, and case is folded."""
        texts = ("Aarhus N", "Århus N", "a%b_c[d]e", "aXbYc[d]e", "a\\b*c?d", "aarhus", "Straße 7")
        nobody, aarhus, aarhus_too, special, other, wild, short, street = _people(backend, "city", *texts)
        everybody = [aarhus, aarhus_too, special, other, wild, short, street]

        def only(pattern: str, *yes: Contact) -> None:
            rule = _matches("contact.demographic.city", pattern)
            divides(backend, rule, yes=yes, no=[one for one in everybody if one not in yes], unknown=[nobody])

        only("?arhus*n", aarhus)
        only("?rhus*N", aarhus_too)
        only("a%b_c[d]*", special)
        only("a?b?c[d]e", special, other)
        only(r"a\\b\*c\?*d", wild)
        only("*[d]*e", special, other)
        only("aa*hu?", short)
        only("STRASSE*?", street)
        only("*a*r*h*u*s*", aarhus, short)

    def test_a_code_without_a_vocabulary_is_matched_exactly(self, backend: Backend) -> None:
        """Codes are not folded: capital letters count."""
        field = "contact.preferences.time_zone"
        nobody, danish, african = _people(backend, "time_zone", _DANISH, "Africa/Cairo")
        cases: list[tuple[Any, str]] = [
            ("contains", "/Co"),
            ("ends_with", "nhagen"),
            ("matches", "E*/?openhagen"),
            ("matches", "Eur*"),
        ]
        for op, text in cases:
            rule = nodes.TextTest(op=op, field=field, value=text)
            divides(backend, rule, yes=[danish], no=[african], unknown=[nobody])
        divides(backend, _matches(field, "e*/?openhagen"), no=[danish, african], unknown=[nobody])

    def test_records_are_compared_in_every_field(self, backend: Backend) -> None:
        """One record must fit all conditions; a field it lacks fits none; a window of days includes both ends."""
        edge = NOW - timedelta(days=30)
        nobody, seen, too_old, ahead, split, unseen = _people(
            backend,
            "devices",
            [{"kind": "tablet", "browser": "Firefox", "last_seen_at": edge}],
            [{"kind": "tablet", "last_seen_at": edge - _MOMENT}],
            [{"kind": "tablet", "last_seen_at": NOW + _MOMENT}],
            [{"kind": "laptop", "last_seen_at": NOW}, {"kind": "tablet", "browser": "firefox"}],
            [{"kind": "tablet"}],
        )
        tablet = nodes.RecordCondition(name="kind", value="tablet")
        lately = nodes.RecordCondition(name="last_seen_at", comparison="within_last_days", value=30)
        rule = nodes.HasRecord(field="contact.technology.devices", where=(tablet, lately))
        divides(backend, rule, yes=[seen], no=[nobody, too_old, ahead, split, unseen])
        older = nodes.RecordCondition(name="last_seen_at", comparison="less_than", value=edge.isoformat())
        divides(
            backend,
            nodes.HasRecord(field="contact.technology.devices", where=(older,)),
            yes=[too_old],
            no=[nobody, seen, ahead, split, unseen],
        )
        then = nodes.RecordCondition(name="last_seen_at", value=edge.isoformat())
        divides(
            backend,
            nodes.HasRecord(field="contact.technology.devices", where=(tablet, then)),
            yes=[seen],
            no=[nobody, too_old, ahead, split, unseen],
        )
        firefox = nodes.RecordCondition(name="browser", value="FIREFOX")
        divides(
            backend,
            nodes.HasRecord(field="contact.technology.devices", where=(tablet, firefox)),
            yes=[seen, split],
            no=[nobody, too_old, ahead, unseen],
        )
        laptop = nodes.RecordCondition(name="kind", value="laptop")
        both = nodes.HasRecord(field="contact.technology.devices", where=(tablet, laptop))
        divides(backend, both, no=[nobody, seen, too_old, ahead, split, unseen])
        counted = nodes.ElementCount(
            field="contact.technology.devices", where=(tablet,), comparison="less_than", value=1
        )
        divides(backend, counted, yes=[nobody], no=[seen, too_old, ahead, split, unseen])
        two = nodes.ElementCount(field="contact.technology.devices", comparison="equals", value=2)
        divides(backend, two, yes=[split], no=[nobody, seen, too_old, ahead, unseen])

    def test_different_words_are_counted(self, backend: Backend) -> None:
        """Words that fold to one are one; nothing is none."""
        people = [Contact(version=1), Contact(version=1, tags=["a", "b"]), Contact(version=1, tags=["Vip", "vip", "b"])]
        single = Contact(version=1, tags=["x"], preferred_channels=["sms", "email"])
        stored(backend, contacts=[*people, single])
        nothing, *two = people
        rule = nodes.ElementCount(field="contact.tags", comparison="at_least", value=2)
        divides(backend, rule, yes=two, no=[nothing, single])
        none = nodes.ElementCount(field="contact.tags", comparison="equals", value=0)
        divides(backend, none, yes=[nothing], no=[*two, single])
        codes = nodes.ElementCount(field="contact.preferences.channels", comparison="more_than", value=1)
        divides(backend, codes, yes=[single], no=[nothing, *two])

    def test_two_values_of_one_contact_are_compared(self, backend: Backend) -> None:
        """Text is compared folded; where one of the two is missing, nothing is decided."""
        same = Contact(version=1, city="STRASSE", region="straße")
        other = Contact(version=1, city="Odense", region="Fyn")
        half = Contact(version=1, city="Odense")
        stored(backend, contacts=[same, other, half, empty := Contact(version=1)])
        rule = nodes.CompareFields(
            field="contact.demographic.city", comparison="equals", other="contact.demographic.region"
        )
        divides(backend, rule, yes=[same], no=[other], unknown=[half, empty])

    def test_a_contact_is_compared_with_its_account(self, backend: Backend, make: Factory) -> None:
        """The active primary account counts; without one nothing is decided."""
        danish, foreign, bare, gone = (make.account(version=1, country=code) for code in ("DK", "SE", None, "DK"))
        gone = gone.evolve(status="archived")
        accounts = [danish, foreign, bare, gone, None]
        people = [Contact(version=1, country="DK", account=one) for one in accounts]
        nowhere = Contact(version=1, account=danish)
        stored(backend, accounts=accounts[:4], contacts=[*people, nowhere])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - not None
        rule = nodes.CompareFields(
            field="contact.demographic.country", comparison="equals", other="account.firmographic.country"
        )
        divides(backend, rule, yes=people[:1], no=people[1:2], unknown=[*people[2:], nowhere])
        mirrored = rule.model_copy(update={"field": rule.other, "other": rule.field})
        divides(backend, mirrored, yes=people[:1], no=people[1:2], unknown=[*people[2:], nowhere])

    def test_money_is_compared_in_one_currency(self, backend: Backend, make: Factory) -> None:
        """Amounts of different currencies are neither equal nor different."""

        def money(units: int, currency: str = "DKK") -> Money:
            return Money(minor_units=units, currency=currency)

        amounts = [money(5), money(6), money(5), None, money(4)]
        revenues = [money(4), money(6), money(4, "EUR"), money(4), None]
        accounts = [make.account(version=1, annual_revenue=one) for one in revenues]
        people = [
            Contact(version=1, account=account, annual_income=one)
            for account, one in zip(accounts, amounts, strict=True)
        ]
        stored(backend, accounts=accounts, contacts=[*people, alone := Contact(version=1, annual_income=money(9))])
        rule = nodes.CompareFields(
            field="contact.demographic.annual_income",
            comparison="more_than",
            other="account.firmographic.annual_revenue",
        )
        more, equal, *rest = people
        divides(backend, rule, yes=[more], no=[equal], unknown=[*rest, alone])

    def test_two_values_of_one_event_are_compared(self, backend: Backend, make: Factory) -> None:
        """An event counts where the comparison is true; one that lacks a value is not decided."""
        values = [("Tent", "TENT"), ("Tent", "Rope"), ("Tent", None)]
        people = [make.contact(version=1) for _ in values]
        stored(backend, contacts=people)
        with writing(backend) as work:
            for one, (product, outside) in zip(people, values, strict=True):
                work.interactions.add([make.interaction(contact=one, product=product, external_id=outside)])
        same = nodes.CompareFields(field="event.product", comparison="equals", other="event.external_id")
        cases: list[tuple[Any, set[int]]] = [(same, {0}), (~same, {1}), (same.or_missing(), {0, 2})]
        for where, yes in cases:
            rule = nodes.EventTest(op="event_count", kind="purchase", where=where, comparison="at_least", value=1)
            divides(
                backend,
                rule,
                yes=[people[at] for at in yes],
                no=[one for at, one in enumerate(people) if at not in yes],
            )

    @pytest.mark.parametrize(
        ("now", "days", "yes"),
        [
            ("2027-02-27T12:00Z", 1, {"02-27", "02-28"}),
            ("2027-02-28T12:00Z", 1, {"02-28", "02-29", "03-01"}),
            ("2028-02-28T12:00Z", 1, {"02-28", "02-29"}),
            ("2026-12-31T12:00Z", 1, {"12-31", "01-01"}),
            ("2026-12-31T23:30Z", 0, {"12-31"}),
        ],
    )
    def test_an_anniversary_returns_every_year(self, backend: Backend, now: str, days: int, yes: set[str]) -> None:
        """29 February turns on 1 March in common years; the turn of the year is no border."""
        dates = ("02-27", "02-28", "02-29", "03-01", "12-31", "01-01")
        nobody, *born = _people(backend, "birth_date", *(f"1988-{one}" for one in dates))
        rule = nodes.Anniversary(field="contact.demographic.birth_date", days=days)
        wanted = [one for one, day in zip(born, dates, strict=True) if day in yes]
        others = [one for one, day in zip(born, dates, strict=True) if day not in yes]
        divides(backend, rule, yes=wanted, no=others, unknown=[nobody], now=as_instant(now))

    def test_the_weekday_of_a_date(self, backend: Backend) -> None:
        """1 is Monday, 7 Sunday, in every century."""
        nobody, monday, sunday, thursday = _people(backend, "birth_date", "2026-03-30", "1999-02-28", "1925-01-01")
        rule = nodes.ClockTest(op="weekday_is_in", field="contact.demographic.birth_date", values=(1, 7))
        divides(backend, rule, yes=[monday, sunday], no=[thursday], unknown=[nobody])

    def test_the_hour_of_a_local_clock(self, backend: Backend) -> None:
        """Hours are those of the zone at the moment: in summer, in winter, and before 1970."""
        times = {
            "2026-03-29T00:59:59.999999Z": 1,  # the last microsecond of winter time
            "2026-03-29T01:00Z": 3,  # there is no hour 2 that day
            "2026-10-25T00:59:59.999999Z": 2,
            "2026-10-25T01:00Z": 2,  # the second hour 2
            "2026-10-25T01:59:59.999999Z": 2,
            "2026-10-25T02:00Z": 3,
            "1969-12-31T23:59:59.999999Z": 0,
            "1969-12-31T22:59:59.999999Z": 23,
            "1960-07-01T12:30Z": 13,
            "1880-06-01T00:00Z": 1,  # the offset of 1900 counts for everything before it
        }
        nobody, *people = _people(backend, "acquired_at", *map(as_instant, times))
        for hour in (0, 1, 2, 3, 13, 23):
            rule = nodes.ClockTest(op="hour_is_in", field="contact.acquisition.at", values=(hour,), zone=_DANISH)
            by_hour = list(zip(people, times.values(), strict=True))
            divides(
                backend,
                rule,
                yes=[one for one, shown in by_hour if shown == hour],
                no=[one for one, shown in by_hour if shown != hour],
                unknown=[nobody],
            )

    def test_the_weekday_of_a_local_clock(self, backend: Backend) -> None:
        """A day ends at local midnight, to the microsecond."""
        sunday_end = as_instant("2026-03-29T21:59:59.999999Z")  # 23:59:59.999999 in summer time
        long_ago = as_instant("1969-12-28T22:59:59.999999Z")
        nobody, *people = _people(
            backend, "acquired_at", sunday_end, sunday_end + _MOMENT, long_ago, long_ago + _MOMENT
        )
        rule = nodes.ClockTest(op="weekday_is_in", field="contact.acquisition.at", values=(7,), zone=_DANISH)
        divides(backend, rule, yes=people[::2], no=people[1::2], unknown=[nobody])

    def test_an_hour_inside_a_window(self, backend: Backend, make: Factory) -> None:
        """Only offsets that the window can meet are asked for; those at its ends are among them."""
        now = as_instant("2026-04-05T12:00Z")
        moments: dict[str, list[datetime]] = {
            "before": [as_instant("2026-03-29T00:30Z")],  # 1:30
            "after": [as_instant("2026-03-29T01:30Z")],  # 3:30
            "outside": [as_instant("2026-03-20T02:30Z")],  # 3:30, too long ago
        }
        people = {name: Contact(version=1) for name in moments}
        stored(backend, contacts=list(people.values()))
        with writing(backend) as work:
            for name, times in moments.items():
                work.interactions.add([make.interaction(contact=people[name], at=at) for at in times])
        at_three = nodes.ClockTest(op="hour_is_in", field="event.at", values=(3,), zone=_DANISH)
        rule = nodes.EventTest(
            op="event_count", kind="purchase", within_days=10, where=at_three, comparison="at_least", value=1
        )
        divides(backend, rule, yes=[people["after"]], no=[people["before"], people["outside"]], now=now)
