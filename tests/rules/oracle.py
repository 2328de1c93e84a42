"""An independent reading of the semantics: brute force over the rule as it was written.

Nothing of `mimcore.rules.lowering.bind`, `bound` or the tests of leaves is used; values are reached by attribute names, text
is folded, ages are counted, calendars walked and Kleene's tables are written out once more.
"""

from __future__ import annotations

import hashlib
import math
import operator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.rules import oracle_readings as read
from tests.rules.oracle_readings import Answer, folded, kleene_and, kleene_not, kleene_or
from tests.rules.people import Dataset, Person

from mimcore.rules.language import nodes

ORDERS = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
    "equals": operator.eq,
}
TEXTS = {
    "motto", "city", "occupation", "name", "industry", "product", "browser", "source", "region", "given", "family", "referrer",
    "refund_of",
}  # fmt: skip
CODE_LISTS = ("channels", "topics")
NOBODY = object()
METRE = 0.001
"""In kilometres. No two places of the alphabet lie so close to a distance that is asked for."""
PRIME = 2**31 - 1


def answer(rule: nodes.Rule, person: Person, world: Dataset) -> Answer:
    """Whether a rule holds for a person: true, false, or None for unknown."""
    return _Reading(person, world).of(rule)


class _Values:
    """Conditions on single values, collections and time."""

    def __init__(self, person: Person, world: Dataset, *, event: Any = None, account: Any = NOBODY) -> None:
        self.person, self.world, self.event = person, world, event
        self.account = person.account if account is NOBODY else account

    def of(self, rule: nodes.Rule) -> Answer:
        if str(getattr(rule, "field", "")).startswith("any_account."):
            return self._for_any(rule)
        return getattr(self, f"_{type(rule).__name__.lower()}")(rule)

    def _for_any(self, rule: nodes.Rule) -> Answer:
        changed = {part: getattr(rule, part).removeprefix("any_") for part in ("field", "other") if hasattr(rule, part)}
        own = rule.model_copy(update=changed)
        return kleene_or([_Reading(self.person, self.world, account=one).of(own) for one in self.person.accounts])

    # groups
    def _allof(self, rule: nodes.AllOf) -> Answer:
        return kleene_and([self.of(part) for part in rule.rules])

    def _anyof(self, rule: nodes.AnyOf) -> Answer:
        return kleene_or([self.of(part) for part in rule.rules])

    def _not(self, rule: nodes.Not) -> Answer:
        return kleene_not(self.of(rule.rule))

    def _ormissing(self, rule: nodes.OrMissing) -> Answer:
        return self.of(rule.rule) is not False

    def _everyone(self, _rule: nodes.Everyone) -> Answer:
        return True

    # values
    def _value(self, name: str) -> Any:
        entity, *path = name.split(".")
        owner: Any = {"contact": self.person.contact, "account": self.account, "event": self.event}[entity]
        if owner is None:
            return NOBODY
        for step in path:
            if owner is None:
                return None
            owner = owner.get(step) if hasattr(owner, "keys") else getattr(owner, step)
        return getattr(owner, "value", owner) if path[0].startswith("primary_") else owner

    def _scalar(self, name: str) -> Any:
        value = self._value(name)
        if value is NOBODY or value is None:
            return None
        return folded(value) if name.rpartition(".")[2] in TEXTS else value

    def _literal(self, name: str, value: Any) -> Any:
        if name.rpartition(".")[2] in TEXTS:
            return folded(value)
        if name.endswith((".at", "_at")):
            return datetime.fromisoformat(value)
        if name.endswith(("birth_date", "_on")):
            return date.fromisoformat(value)
        return value

    def _compared(self, name: str, compare: Any, value: Any) -> Answer:
        if name.endswith(".age"):
            return self._aged(compare, value)
        own = self._scalar(name)
        if own is None:
            return None
        if isinstance(value, nodes.MoneyLiteral):
            return compare(own.minor_units, value.minor_units) if own.currency == value.currency else None
        return compare(own, self._literal(name, value))

    def _equals(self, rule: nodes.Equals) -> Answer:
        return self._compared(rule.field, operator.eq, rule.value)

    def _isin(self, rule: nodes.IsIn) -> Answer:
        if self._scalar(rule.field) is None:
            return None
        return kleene_or([self._compared(rule.field, operator.eq, value) for value in rule.values])

    def _compare(self, rule: nodes.Compare) -> Answer:
        return self._compared(rule.field, ORDERS[rule.op], rule.value)

    def _between(self, rule: nodes.Between) -> Answer:
        return kleene_and(
            [self._compared(rule.field, operator.ge, rule.low), self._compared(rule.field, operator.le, rule.high)]
        )

    def _comparefields(self, rule: nodes.CompareFields) -> Answer:
        one, other = self._scalar(rule.field), self._scalar(rule.other)
        if one is None or other is None:
            return None
        if hasattr(one, "currency"):
            if one.currency != other.currency:
                return None
            one, other = one.minor_units, other.minor_units
        return ORDERS[rule.comparison](one, other)

    def _texttest(self, rule: nodes.TextTest) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        is_code = rule.field.rpartition(".")[2] not in TEXTS
        if rule.op == "matches":
            return read.fits(read.wild(rule.value, is_code=is_code), own)
        piece = rule.value if is_code else folded(rule.value)
        return {
            "contains": piece in own,
            "starts_with": own[: len(piece)] == piece,
            "ends_with": own[-len(piece) :] == piece,
        }[rule.op]

    def _known(self, rule: nodes.Known) -> Answer:
        if rule.field.endswith(".age"):
            return self._ages() is not None
        value = self._value(rule.field)
        return not (value is NOBODY or value is None or value == ())

    # age
    def _today(self, zone: ZoneInfo | None = None) -> date:
        return self.world.now.astimezone(zone or self.world.zone).date()

    def _ages(self) -> set[int] | None:
        """Every age the person can have today."""
        home, today = self.person.contact.demographic, self._today()
        if home.birth_date is not None:
            return {read.age(home.birth_date, today)}
        if home.birth_year is not None:
            return {read.age(date(home.birth_year, 1, 1), today), read.age(date(home.birth_year, 12, 31), today)}
        if home.age_band is None:
            return None
        youngest, oldest = map(int, home.age_band.value.split("-"))
        earliest = date(home.age_band_on.year - oldest - 2, 12, 1)
        while read.age(earliest, home.age_band_on) > oldest:
            earliest += timedelta(days=1)
        latest = home.age_band_on - timedelta(days=max(0, 365 * youngest - 2))
        while read.age(latest, home.age_band_on) < youngest:
            latest -= timedelta(days=1)
        return set(range(read.age(latest, today), read.age(earliest, today) + 1))

    def _aged(self, compare: Any, value: int) -> Answer:
        ages = self._ages()
        if ages is None:
            return None
        if compare is operator.eq:
            return kleene_and([self._aged(operator.ge, value), self._aged(operator.le, value)])
        answers = {compare(one, value) for one in ages}
        return answers.pop() if len(answers) == 1 else None

    # collections
    def _overlaps(self, rule: nodes.Overlaps) -> Answer:
        held = self._value(rule.field)
        if rule.op == "contains_all" and not rule.values:
            return True
        if held is NOBODY:
            return None
        change = str if rule.field.endswith(CODE_LISTS) else folded
        mine, wanted = {change(word) for word in held or ()}, {change(word) for word in rule.values}
        return bool(mine & wanted) if rule.op == "overlaps" else wanted <= mine

    def _fitting(self, record: Any, where: Any) -> bool:
        return all(self._record_fits(record, one) for one in where)

    def _record_fits(self, record: Any, one: nodes.RecordCondition) -> bool:
        own = getattr(record, one.name)
        if own is None:
            return False
        if one.comparison == "within_last_days":
            return self.world.now - timedelta(days=one.value) <= own <= self.world.now
        if one.name in TEXTS:
            own = folded(own)
        return ORDERS[one.comparison](own, self._literal(one.name, one.value))

    def _hasrecord(self, rule: nodes.HasRecord) -> Answer:
        return any(self._fitting(record, rule.where) for record in self._value(rule.field))

    def _elementcount(self, rule: nodes.ElementCount) -> Answer:
        held = self._value(rule.field)
        if held is NOBODY:
            return None
        if rule.field.endswith("devices"):
            number = len([record for record in held if self._fitting(record, rule.where)])
        else:
            change = str if rule.field.endswith(CODE_LISTS) else folded
            number = len({change(word) for word in held or ()})
        return ORDERS[rule.comparison](number, rule.value)

    def _distance(self, rule: nodes.Distance) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        centre = (math.radians(rule.latitude), math.radians(rule.longitude))
        place = (math.radians(own.latitude), math.radians(own.longitude))
        return read.great_circle_km(centre, place) <= rule.km + METRE

    # time
    def _now_for(self, own: Any) -> Any:
        return self.world.now.astimezone(UTC) if isinstance(own, datetime) else self._today()

    def _window(self, rule: nodes.Window) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        now, n = self._now_for(own), timedelta(days=rule.days)
        return {
            "within_last_days": now - n <= own <= now,
            "older_than_days": own < now - n,
            "within_next_days": now < own <= now + n,
        }[rule.op]

    def _elapsed(self, rule: nodes.Elapsed) -> Answer:
        own = self._scalar(rule.field)
        return None if own is None else self._now_for(own) - own >= timedelta(days=rule.days)

    def _calendarwindow(self, rule: nodes.CalendarWindow) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        zone = self.world.zone if rule.zone is None else ZoneInfo(rule.zone)
        first, after = read.period(self._today(zone), rule.period, rule.unit, rule.week_start or "monday")
        if isinstance(own, datetime):
            return read.first_moment(first, zone) <= own < read.first_moment(after, zone)
        return first <= own < after

    def _anniversary(self, rule: nodes.Anniversary) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        today = self._today()
        return any(read.returns_on(own, today + timedelta(days=step)) for step in range(rule.days + 1))

    def _clocktest(self, rule: nodes.ClockTest) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        if isinstance(own, datetime):
            own = own.astimezone(self.world.zone if rule.zone is None else ZoneInfo(rule.zone))
        return (own.isoweekday() if rule.op == "weekday_is_in" else own.hour) in rule.values


class _Reading(_Values):
    """Conditions on what stands beside a contact."""

    # events
    def _visible(self, kind: str, where: nodes.Rule | None, within_days: int | None = None) -> list[Any]:
        now = self.world.now
        events = [event for event in self.person.events if event.kind == kind and event.at <= now]
        if within_days is not None:
            events = [event for event in events if now - timedelta(days=within_days) <= event.at]
        if where is not None:
            events = [event for event in events if _Reading(self.person, self.world, event=event).of(where) is True]
        return events

    def _eventtest(self, rule: nodes.EventTest) -> Answer:
        events, compare = self._visible(rule.kind, rule.where, rule.within_days), ORDERS[rule.comparison]
        if rule.op == "event_count":
            return compare(len(events), rule.value)
        if rule.of == "event.quantity":
            amounts, value = [event.quantity for event in events if event.quantity is not None], rule.value
        else:
            amounts = [
                event.value.minor_units
                for event in events
                if event.value is not None and event.value.currency == rule.value.currency
            ]
            value = rule.value.minor_units
        if rule.op == "event_total":
            return compare(sum(amounts), value)
        if not amounts:
            return None
        if rule.op == "event_average":
            return compare(Fraction(sum(amounts), len(amounts)), Fraction(str(value)))
        return compare(min(amounts) if rule.op == "event_minimum" else max(amounts), value)

    def _eventmoment(self, rule: nodes.EventMoment) -> Answer:
        moments = sorted(event.at for event in self._visible(rule.kind, rule.where, rule.within_days))
        if not moments:
            return None
        own, now = moments[0 if rule.op == "first_event" else -1], self.world.now
        if rule.comparison == "within_last_days":
            return now - timedelta(days=rule.value) <= own <= now
        if rule.comparison == "older_than_days":
            return own < now - timedelta(days=rule.value)
        return ORDERS[rule.comparison](own, datetime.fromisoformat(rule.value))

    def _eventsequence(self, rule: nodes.EventSequence) -> Answer:
        first, then = (self._visible(one.kind, one.where, rule.since_days) for one in (rule.first, rule.then))
        within = timedelta(days=rule.within_days)
        return any(timedelta(0) < b.at - a.at <= within for a in first for b in then)

    def _eventregularity(self, rule: nodes.EventRegularity) -> Answer:
        events, p = self._visible(rule.events.kind, rule.events.where), timedelta(days=rule.period_days)
        now = self.world.now
        held = [any(now - (i + 1) * p < event.at <= now - i * p for event in events) for i in range(rule.of_periods)]
        return held.count(True) >= rule.at_least

    def _eventstart(self, rule: nodes.EventStart) -> Answer:
        moments = [event.at for event in self._visible(rule.events.kind, rule.events.where)]
        return bool(moments) and min(moments) >= self.world.now - timedelta(days=rule.within_days)

    def _eventrestart(self, rule: nodes.EventRestart) -> Answer:
        moments = [event.at for event in self._visible(rule.events.kind, rule.events.where)]
        start, gap = self.world.now - timedelta(days=rule.within_days), timedelta(days=rule.gap_days)
        for at in moments:
            before = [one for one in moments if one < at]
            if at >= start and before and at - max(before) > gap:
                return True
        return False

    # accounts
    def _accounttest(self, rule: nodes.AccountTest) -> Answer:
        answers = [_Reading(self.person, self.world, account=one).of(rule.where) for one in self.person.accounts]
        if rule.op == "any_account":
            return kleene_or(answers)
        if rule.op == "all_accounts":
            return kleene_and(answers)
        return ORDERS[rule.comparison](answers.count(True), rule.value)

    # the past, consent, lists, chance
    def _changedwithin(self, rule: nodes.ChangedWithin) -> Answer:
        change, now = self._normal(rule.field), self.world.now
        return any(
            now - timedelta(days=rule.days) <= past.at <= now and change(past.value) != change(past.after)
            for past in self.person.history
            if past.field == rule.field and past.is_change and past.after is not None
        )

    def _normal(self, name: str) -> Any:
        return folded if name.rpartition(".")[2] in TEXTS else lambda value: value

    def _everbeen(self, rule: nodes.EverBeen) -> Answer:
        held = [past.value for past in self.person.history if past.field == rule.field]
        held += [past.after for past in self.person.history if past.field == rule.field]
        held.append(self._value(rule.field))
        recorded = {self._normal(rule.field)(one) for one in held if one is not None}
        return None if not recorded else self._literal(rule.field, rule.value) in recorded

    def _mayreceive(self, rule: nodes.MayReceive) -> Answer:
        return (rule.channel, rule.purpose) in self.person.permissions

    def _sample(self, rule: nodes.Sample) -> Answer:
        digest = hashlib.sha256(rule.salt.encode()).digest()
        a, b = int.from_bytes(digest[:8], "big") % (PRIME - 1) + 1, int.from_bytes(digest[8:16], "big") % PRIME
        key = self.person.contact.id.int % PRIME
        return (a * key + b) % PRIME < round(PRIME * rule.percent / 100)

    def _insegment(self, rule: nodes.InSegment) -> Answer:
        inner = self.world.segments[rule.segment]
        return rule.segment in self.person.listed_in if inner is None else self.of(inner)

    # freshness
    def _freshnesstest(self, rule: nodes.FreshnessTest) -> Answer:
        state = self.person.states.get(rule.field)
        if state is None or state.key is None:
            return None
        return self._probability(state) >= rule.value

    def _probability(self, state: Any) -> float:
        days = (state.key / 1_000_000 - self.world.now.timestamp()) / 86_400
        return float(2.0 ** (days / self.world.half_lives[state.pool]))

    def _anyfreshness(self, rule: nodes.AnyFreshness) -> Answer:
        """The best of the dated addresses in use decides."""
        found = [
            self._probability(state)
            for place, point in enumerate(getattr(self.person.contact, rule.points))
            if not point.is_retired
            and (state := self.person.states.get(f"contact.{rule.points}.{place}")) is not None
            and state.key is not None
        ]
        return max(found) >= rule.value if found else None

    def _undated(self, rule: nodes.Undated) -> Answer:
        state = self.person.states.get(rule.field)
        return self._value(rule.field) is not None and (state is None or state.key is None)
