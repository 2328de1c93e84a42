"""Reading everybody once, and counting what the members of a segment have and others have not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.domain.contact import Contact
from mimcore.domain.declaring.attributes import is_listed
from mimcore.errors import InvalidValueError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language.catalogue import FieldSpec, Kind
from mimcore.rules.language.handles import Field
from mimcore.rules.language.nodes import Rule
from mimcore.segments.comparing.figures import distance_of_numbers, distance_of_shares, quantiles_of, shares_of
from mimcore.segments.comparing.profile import AttributeProfile, SegmentProfile, ranked
from mimcore.values.instants import day_of

__all__ = ["Chosen", "profile"]

Chosen = Sequence[Field | str]
"""Fields by handle or by name."""

_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.AGE, Kind.DATE, Kind.INSTANT})
_WORDS = frozenset({Kind.TAGS, Kind.CODES})
_NEVER = frozenset({Kind.RECORDS, Kind.LOCATION})
_TELLS_WHO = frozenset({Kind.TEXT, Kind.DATE})


def profile(
    work: UnitOfWork,
    rule: Rule,
    at: datetime,
    *,
    name: str,
    fields: Chosen | None = None,
    include_special_category: bool = False,
    least: int = 5,
) -> SegmentProfile:
    """Compare the members of a segment with everybody.

    Args:
        work: Open unit of work.
        rule: The segment's rule.
        at: Instant of evaluation.
        name: What the segment is called.
        fields: Fields of contacts; unless given all but those that tell who somebody is.
        include_special_category: Whether fields of special categories may be among them.
        least: From how many members on something is told.

    Raises:
        InvalidValueError: If `least` is not positive, or a field cannot be compared.
        UnknownFieldError: If there is no such field.
    """
    if least < 1:
        raise InvalidValueError(
            "least", "must be positive", "say from how many members on something is told, such as 5"
        )
    tallies = [
        _Tally(spec, _reader(spec, at, work.origin.zone))
        for spec in _specs(work, fields, is_open=include_special_category)
    ]
    members, everyone = frozenset(work.contacts.ids(rule, now=at)), 0
    for contact in work.contacts.stream(now=at):
        everyone += 1
        is_member = contact.id in members
        for tally in tallies:
            tally.add(contact, is_member=is_member)
    found = [(tally, tally.profile(len(members), everyone, least)) for tally in tallies]
    told = ranked([one for _, one in found if one is not None])
    too_few = tuple(tally.spec.name for tally, one in found if one is None and tally.known[1])
    return SegmentProfile(name, at, len(members), everyone, told, too_few, least)


def _specs(work: UnitOfWork, fields: Chosen | None, *, is_open: bool) -> list[FieldSpec]:
    if fields is not None:
        return [_asked(work, one, is_open=is_open) for one in fields]
    every = (one for one in work.catalogue.of("contact") if one.kind not in _NEVER)
    open_ones = (one for one in every if not (one.is_personal and one.kind in _TELLS_WHO))
    return [one for one in open_ones if is_open or not one.is_special_category]


def _asked(work: UnitOfWork, name: Field | str, *, is_open: bool) -> FieldSpec:
    known = name.spec.name if isinstance(name, Field) else name if "." in name else f"contact.{name}"
    spec = work.catalogue[known]
    if spec.entity != "contact" or spec.kind in _NEVER:
        raise InvalidValueError("fields", f"{spec.name} cannot be compared", "give single values or words of contacts")
    if spec.is_special_category and not is_open:
        remedy = "give include_special_category=True if you may use it"
        raise InvalidValueError("fields", f"{spec.name} is a special category", remedy)
    return spec


Reader = Callable[[Contact], Any]


def _reader(spec: FieldSpec, at: datetime, zone: ZoneInfo) -> Reader:
    today = day_of(at, zone, "now")
    if spec.kind is Kind.AGE:
        return lambda contact: contact.age_on(today)
    if spec.kind is Kind.INSTANT:
        return lambda contact: _day(spec.read(contact), zone)
    return spec.read


def _day(instant: datetime | None, zone: ZoneInfo) -> date | None:
    if instant is None:
        return None
    try:
        return instant.astimezone(zone).date()
    except OverflowError:  # 9999-12-31 in UTC, a day later in the zone: the calendar has no such day
        return instant.date()


@dataclass(slots=True)
class _Tally:
    """What is known of one field: of members and of everybody."""

    spec: FieldSpec
    read: Reader
    known: list[int] = field(default_factory=lambda: [0, 0])
    values: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    numbers: tuple[list[Any], list[Any]] = field(default_factory=lambda: ([], []))

    def add(self, contact: Contact, *, is_member: bool) -> None:
        """Take in one contact."""
        value = self.read(contact)
        if value is None or value == ():
            return
        for index in (0, 1) if is_member else (1,):
            self.known[index] += 1
            if self.spec.kind in _NUMBERS:
                self.numbers[index].append(value)
            else:
                self.values[index].update(_told(value))

    def profile(self, members: int, everyone: int, least: int) -> AttributeProfile | None:
        """Return the profile, or None if too little is known."""
        label = self.spec.short.replace("_", " ")
        if self.spec.kind is Kind.MONEY:
            label = self._one_currency(label)
        if self.known[0] < least:
            return None
        missing = (1 - self.known[0] / members, 1 - self.known[1] / everyone)
        if self.spec.kind in _NUMBERS:
            return self._of_numbers(label, missing)
        is_single = self.spec.kind not in _WORDS
        # Words are never missing: their shares are of all members.
        known = (self.known[0], self.known[1]) if is_single else (members, everyone)
        shares = shares_of(self.values[0], self.values[1], known, least, has_rest=is_single)
        return AttributeProfile(
            self.spec.name,
            label,
            self.known[0],
            *missing,
            distance_of_shares(shares, is_single=is_single),
            any(one.is_clear for one in shares),
            shares,
        )

    def _of_numbers(self, label: str, missing: tuple[float, float]) -> AttributeProfile:
        inside, everybody = (sorted(map(_number, numbers)) for numbers in self.numbers)
        difference, is_clear = distance_of_numbers(inside, everybody)
        return AttributeProfile(
            self.spec.name,
            label,
            self.known[0],
            *missing,
            difference,
            is_clear,
            (),
            quantiles_of(inside, has_interval=True),
            quantiles_of(everybody),
            self.spec.kind in {Kind.DATE, Kind.INSTANT},
        )

    def _one_currency(self, label: str) -> str:
        """Keep the amounts in the most frequent currency; others are as good as not known."""
        currencies = Counter(money.currency for money in self.numbers[1])
        if not currencies:
            return label
        first = min(currencies, key=lambda one: (-currencies[one], one))
        kept = tuple([money for money in numbers if money.currency == first] for numbers in self.numbers)
        self.numbers = (kept[0], kept[1])
        self.known = [len(numbers) for numbers in self.numbers]
        return f"{label} ({first})"


def _told(value: Any) -> Iterable[str]:
    return tuple(dict.fromkeys(map(_word, value))) if is_listed(value) else (_word(value),)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(getattr(value, "value", value))


def _number(value: Any) -> float:
    if isinstance(value, date):
        return value.toordinal()
    return float(getattr(value, "amount", value))
