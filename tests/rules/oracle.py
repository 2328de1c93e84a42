"""An independent reading of the semantics: brute force over the rule as it was written.

Nothing of `mimcore.rules.lowering`, `bound` or `evaluation` is used; values are reached by attribute names, text is
folded, ages are counted and Kleene's tables are written out here once more.
"""

from __future__ import annotations

import operator
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.rules.generate import Dataset, Person

from mimcore.rules import nodes

Answer = bool | None
ORDERS = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
    "equals": operator.eq,
}
TEXTS = {
    "motto", "city", "occupation", "name", "industry", "product", "browser", "source", "region", "given", "family", "referrer",
}  # fmt: skip
NOBODY = object()


def answer(rule: nodes.Rule, person: Person, world: Dataset) -> Answer:
    """Whether a rule holds for a person: true, false, or None for unknown."""
    return _Reading(person, world).of(rule)


def folded(text: str) -> str:
    """Comparable text."""
    once = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def kleene_and(answers: list[Answer]) -> Answer:
    """False wins, then unknown."""
    return False if any(one is False for one in answers) else None if any(one is None for one in answers) else True


def kleene_or(answers: list[Answer]) -> Answer:
    """True wins, then unknown."""
    return True if any(one is True for one in answers) else None if any(one is None for one in answers) else False


def kleene_not(one: Answer) -> Answer:
    """Unknown stays unknown."""
    return {True: False, False: True, None: None}[one]


def age(born: date, day: date) -> int:
    """Whole years; who was born on 29 February grows older on 1 March in common years."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)


class _Reading:
    def __init__(self, person: Person, world: Dataset, event: Any = None) -> None:
        self.person, self.world, self.event = person, world, event

    def of(self, rule: nodes.Rule) -> Answer:
        return getattr(self, f"_{type(rule).__name__.lower()}")(rule)

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

    def _insegment(self, rule: nodes.InSegment) -> Answer:
        inner = self.world.segments[rule.segment]
        return rule.segment in self.person.listed_in if inner is None else self.of(inner)

    # values
    def _value(self, name: str) -> Any:
        entity, *path = name.split(".")
        owner: Any = {"contact": self.person.contact, "account": self.person.account, "event": self.event}[entity]
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

    def _texttest(self, rule: nodes.TextTest) -> Answer:
        own, piece = self._scalar(rule.field), folded(rule.value)
        if own is None:
            return None
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
    def _today(self) -> date:
        return self.world.now.astimezone(self.world.zone).date()

    def _ages(self) -> set[int] | None:
        """Every age the person can have today."""
        home, today = self.person.contact.demographic, self._today()
        if home.birth_date is not None:
            return {age(home.birth_date, today)}
        if home.birth_year is not None:
            return {age(date(home.birth_year, 1, 1), today), age(date(home.birth_year, 12, 31), today)}
        if home.age_band is None:
            return None
        youngest, oldest = map(int, home.age_band.value.split("-"))
        earliest = date(home.age_band_on.year - oldest - 2, 12, 1)
        while age(earliest, home.age_band_on) > oldest:
            earliest += timedelta(days=1)
        latest = home.age_band_on - timedelta(days=max(0, 365 * youngest - 2))
        while age(latest, home.age_band_on) < youngest:
            latest -= timedelta(days=1)
        return set(range(age(latest, today), age(earliest, today) + 1))

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
        same = str if rule.field.endswith(("channels", "topics")) else folded
        mine, wanted = {same(word) for word in held or ()}, {same(word) for word in rule.values}
        return bool(mine & wanted) if rule.op == "overlaps" else wanted <= mine

    def _hasrecord(self, rule: nodes.HasRecord) -> Answer:
        def fits(record: Any, one: Any) -> bool:
            own = getattr(record, one.name)
            if own is None:
                return False
            return folded(own) == folded(one.value) if one.name in TEXTS else own == one.value

        return any(all(fits(record, one) for one in rule.where) for record in self._value(rule.field))

    # time
    def _window(self, rule: nodes.Window) -> Answer:
        own = self._scalar(rule.field)
        if own is None:
            return None
        now: Any = self.world.now.astimezone(UTC) if isinstance(own, datetime) else self._today()
        n = timedelta(days=rule.days)
        return {
            "within_last_days": now - n <= own <= now,
            "older_than_days": own < now - n,
            "within_next_days": now < own <= now + n,
        }[rule.op]

    def _eventtest(self, rule: nodes.EventTest) -> Answer:
        now = self.world.now
        events = [event for event in self.person.events if event.kind == rule.kind and event.at <= now]
        if rule.within_days is not None:
            events = [event for event in events if (now - event.at).total_seconds() <= rule.within_days * 86_400]
        if rule.where is not None:
            events = [event for event in events if _Reading(self.person, self.world, event).of(rule.where) is True]
        if rule.op == "event_count":
            return ORDERS[rule.comparison](len(events), rule.value)
        own = sum(
            event.value.minor_units
            for event in events
            if event.value is not None and event.value.currency == rule.value.currency
        )
        return ORDERS[rule.comparison](own, rule.value.minor_units)

    # freshness
    def _freshnesstest(self, rule: nodes.FreshnessTest) -> Answer:
        state = self.person.states.get(rule.field)
        if state is None or state.key is None:
            return None
        days = (state.key / 1_000_000 - self.world.now.timestamp()) / 86_400
        return 2.0 ** (days / self.world.half_lives[state.pool]) >= rule.value

    def _undated(self, rule: nodes.Undated) -> Answer:
        state = self.person.states.get(rule.field)
        return self._value(rule.field) is not None and (state is None or state.key is None)
