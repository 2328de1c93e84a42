"""At which instants time alone may change the answer of a rule: where windows end, days turn and values grow stale.

What is found is a superset: between two neighbours no answer changes, and at one of them it need not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mimcore.rules.evaluation.facts import Absent, Facts, ValueState
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.lowering.binding import Binding
from mimcore.rules.lowering.time_conditions import period
from mimcore.rules.lowering.value_conditions import freshness_cutoff
from mimcore.values.instants import MICROSECOND, as_zone, from_microseconds, start_of_day, to_microseconds

__all__ = ["HORIZON", "edges"]

_FIRST, HORIZON = datetime(3, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Beyond it nothing is looked for: windows must fit the calendar."""

_LEAP_YEARS = 12
"""So many years hold every pattern of anniversaries, even round a common year such as 2100."""

Owners = Mapping[str, Sequence[Any]]


def edges(rule: nodes.Rule, facts: Facts, binding: Binding) -> list[datetime]:
    """Return the instants after `binding.now`, in order, at which the answer may change.

    Args:
        rule: Any rule.
        facts: What is known about the contact.
        binding: With the instant from which to look ahead.
    """
    now, found = binding.instant("the next change"), _Edges(facts, binding)
    owners: Owners = {
        "contact": [facts.contact],
        "account": [] if facts.account is None or isinstance(facts.account, Absent) else [facts.account],
        "any_account": () if isinstance(facts.accounts, Absent) else facts.accounts,
    }
    finite = [at for at in found.of(rule, owners) if now - timedelta(days=1) < at < HORIZON]
    finite += found.anniversaries(now, max([now, *finite]))
    return sorted({one for at in finite for one in (at, at + MICROSECOND) if now < one < HORIZON})


class _Edges:
    def __init__(self, facts: Facts, binding: Binding) -> None:
        self.facts = facts
        self.binding = binding
        self.yearly: list[tuple[date, int]] = []

    def of(self, rule: nodes.Rule, owners: Owners) -> Iterator[datetime]:
        """Yield the edges of a rule; anniversaries, which have no end, are gathered beside."""
        match rule:
            case nodes.InSegment(segment=key):
                inner = None if self.binding.segment is None else self.binding.segment(key).rule
                if inner is not None:
                    yield from self.of(inner, owners)
            case nodes.AccountTest(where=where):
                yield from self.of(where, {"account": owners["any_account"]})
            case nodes.FreshnessTest(field=name, value=value):
                yield from self._freshness(self._states().get(self.binding.catalogue[name].name), value)
            case nodes.AnyFreshness(points=points, value=value):
                for place, state in self._states().items():
                    if place.startswith(f"contact.{points}."):
                        yield from self._freshness(state, value)
            case nodes.ChangedWithin(field=name, days=days):
                canonical = self.binding.catalogue[name].name
                past = () if isinstance(self.facts.history, Absent) else self.facts.history
                yield from _at([one.at for one in past if one.field == canonical], (0, days))
            case _ if hasattr(rule, "field"):
                yield from self._valued(rule, owners)
            case _:
                yield from self._events(rule, owners)

    def _events(self, rule: nodes.Rule, owners: Owners) -> Iterator[datetime]:
        every: Sequence[Any] = () if isinstance(self.facts.events, Absent) else self.facts.events
        for kind, days in _reaches(rule):
            yield from _at([event.at for event in every if event.kind == kind], days)
        inside = {"event": every} if next(_reaches(rule), None) else owners
        for part in rule.parts():
            yield from self.of(part, inside)

    def _states(self) -> Mapping[str, ValueState]:
        return {} if isinstance(self.facts.states, Absent) else self.facts.states

    def _freshness(self, state: ValueState | None, threshold: float) -> Iterator[datetime]:
        if state is None or state.key is None or state.pool not in self.binding.half_lives:
            return
        now = self.binding.instant("freshness")
        cutoff, present = freshness_cutoff(now, self.binding.half_lives[state.pool], threshold), to_microseconds(now)
        at = present + state.key - cutoff
        if present <= at < to_microseconds(HORIZON):
            yield from_microseconds(at)

    def _valued(self, rule: Any, owners: Owners) -> Iterator[datetime]:
        spec = self.binding.catalogue[rule.field]
        values = [one for owner in owners.get(spec.entity, ()) if (one := spec.read(owner)) is not None]
        match rule:
            case nodes.Window(days=days) | nodes.Elapsed(days=days):
                yield from self._moved(spec, values, (0, days, -days))
            case nodes.CalendarWindow():
                yield from self._calendar(rule, spec, values)
            case nodes.Anniversary(days=days):
                self.yearly += [(value, days) for value in values]
            case nodes.HasRecord(where=where) | nodes.ElementCount(where=where):
                yield from self._records(spec, values, where)
            case nodes.Equals() | nodes.Compare() | nodes.Between() if spec.kind is Kind.AGE:
                literals = [getattr(rule, name) for name in ("value", "low", "high") if hasattr(rule, name)]
                years = {one + more for one in literals for more in (0, 1)}
                yield from self._birthdays([day for bounds in values for day in bounds], years)
            case _:
                return

    def _moved(self, spec: FieldSpec, values: Iterable[Any], days: tuple[int, ...]) -> Iterator[datetime]:
        if spec.kind is Kind.INSTANT:
            yield from _at(values, days)
            return
        for day in _at(values, sorted({one + beside for one in days for beside in (-1, 0, 1)})):
            yield from self._midnight(day)

    def _midnight(self, day: date, zone: Any = None) -> Iterator[datetime]:
        if date(2, 1, 1) < day < HORIZON.date():
            yield start_of_day(day, zone or self.binding.zone)

    def _calendar(self, rule: nodes.CalendarWindow, spec: FieldSpec, values: Iterable[Any]) -> Iterator[datetime]:
        """The days on which the periods round a value's own begin."""
        zone = self.binding.zone if rule.zone is None else as_zone(rule.zone)
        for value in values:
            if spec.kind is not Kind.DATE and not _FIRST < value < HORIZON:
                continue
            day = value if spec.kind is Kind.DATE else value.astimezone(zone).date()
            if not date(3, 1, 1) < day < HORIZON.date() - timedelta(days=800):
                continue
            for step in (-1, 0, 1, 2):
                yield from self._midnight(period(day, rule.unit, step, rule.week_start or "monday")[0], zone)

    def _records(self, spec: FieldSpec, values: Iterable[Any], where: Iterable[Any]) -> Iterator[datetime]:
        inner = {one.short: one for one in spec.record_fields}
        for one in where:
            if one.comparison == "within_last_days":
                seen = [at for records in values for record in records if (at := inner[one.name].read(record))]
                yield from _at(seen, (0, one.value))

    def _birthdays(self, births: Iterable[date], years: set[int]) -> Iterator[datetime]:
        for birth in births:
            for year in {birth.year + one for one in years} & set(range(2, HORIZON.year)):
                yield from self._round(date(year, birth.month, min(birth.day, 28)), 3)

    def _round(self, day: date, after: int, before: int = 1) -> Iterator[datetime]:
        for one in _at([day], tuple(range(-before, after + 1))):
            yield from self._midnight(one)

    def anniversaries(self, now: datetime, last: datetime) -> list[datetime]:
        """Return the edges of the yearly windows, until they repeat."""
        years = range(max(3, now.year - 1), min(HORIZON.year - 1, last.year + _LEAP_YEARS))
        return [
            at
            for day, days in dict.fromkeys(self.yearly)
            for year in years
            for start in (-days, 0)
            for at in self._round(date(year, day.month, min(day.day, 28)) + timedelta(days=start), 4)
        ]


def _reaches(rule: nodes.Rule) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the kinds of events that a condition asks for, and after how many days they may count for less."""
    match rule:
        case nodes.EventTest(kind=kind, within_days=days):
            yield kind, (0, days or 0)
        case nodes.EventMoment(kind=kind, within_days=days, value=value):
            is_window = rule.comparison in {"within_last_days", "older_than_days"}
            yield kind, (0, days or 0, value if is_window and isinstance(value, int) else 0)
        case nodes.EventSequence(first=first, then=then, within_days=within, since_days=since):
            yield first.kind, (0, since or 0, within)
            yield then.kind, (0, since or 0)
        case nodes.EventRegularity(events=events, of_periods=periods, period_days=days):
            yield events.kind, tuple(days * step for step in range(periods + 1))
        case nodes.EventStart(events=events, within_days=days):
            yield events.kind, (0, days)
        case nodes.EventRestart(events=events, within_days=days, gap_days=gap):
            yield events.kind, (0, days, gap)
        case _:
            return


def _at(moments: Iterable[Any], days: Iterable[int]) -> Iterator[Any]:
    """Yield the moments so many days later, as far as the calendar goes."""
    shifts = sorted(set(days))
    for moment in moments:
        for step in shifts:
            try:
                yield moment + timedelta(days=step)
            except OverflowError:
                continue
