"""How many contacts pass a check: counted by the store where it can be, over keys and points where it cannot.

Completeness and rules are two counts, vocabularies and postal codes are counted by value, all of them inside the
database. Keys and numbers are read once, without the people they belong to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from mimcore.display import count
from mimcore.domain.contact import Contact
from mimcore.domain.quality_rules import (
    MAX_WORDS,
    Complete,
    Consistent,
    Holds,
    QualityRule,
    Unique,
    Vocabulary,
    Working,
)
from mimcore.errors import InvalidValueError
from mimcore.quality.checks.judging import (
    as_rule,
    judge_of,
    key_verdicts,
    narrowed,
    of_country,
    points_work,
    within_words,
)
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.rules.language import nodes
from mimcore.rules.language.nodes import Rule
from mimcore.values.postcodes import fits_country

__all__ = ["Findings", "evaluate", "failing"]

_COUNTRY, _POSTAL_CODE = "contact.demographic.country", "contact.demographic.postal_code"


@dataclass(frozen=True, slots=True)
class Findings:
    """How a check came out.

    Attributes:
        checked: Contacts that were judged.
        good: Those of them who passed.
        undecided: Those who were left out.
        words: Of a vocabulary, the values with the number of contacts who have them.
    """

    checked: int
    good: int
    undecided: int
    words: Mapping[str, int] = field(default_factory=dict[str, int])


def evaluate(work: UnitOfWork, rule: QualityRule, now: datetime) -> Findings:
    """Count how many contacts pass.

    Args:
        work: Open unit of work.
        rule: A rule of quality.
        now: Instant of evaluation.

    Raises:
        MimcoreError: If the rule mentions what the store does not have.
    """
    asked = as_rule(rule.check)
    if asked is not None:
        return _by_rule(work, rule, asked, now)
    judged: Iterable[tuple[UUID, bool | None]]
    match rule.check:
        case Complete() | Holds():
            raise AssertionError
        case Vocabulary():
            return _by_words(work, rule, rule.check, now)
        case Consistent(pair="postal_code_country"):
            return _summed(_postal_codes(work, rule, now))
        case Consistent():
            judged = _numbers(work, rule, now)
        case Working(points=kind):
            judged = ((one, points_work(points)) for one, points in work.transaction.contacts.points(kind))
        case Unique(key=kind):
            judged = key_verdicts(work, kind).items()
    return _among(work, rule, now, judged)


def failing(work: UnitOfWork, rule: QualityRule, now: datetime) -> Iterator[Contact]:
    """Yield the contacts who do not pass, by id.

    Args:
        work: Open unit of work.
        rule: A rule of quality.
        now: Instant of evaluation.
    """
    asked = as_rule(rule.check)
    if asked is not None:
        yield from work.contacts.stream(narrowed(rule, ~asked), now=now)
        return
    judge = judge_of(work, rule.check)
    yield from (one for one in work.contacts.stream(narrowed(rule), now=now) if judge(one) is False)


def _by_rule(work: UnitOfWork, rule: QualityRule, asked: Rule, now: datetime) -> Findings:
    good = work.contacts.count(narrowed(rule, asked), now=now)
    bad = work.contacts.count(narrowed(rule, ~asked), now=now)
    return Findings(good + bad, good, work.contacts.count(narrowed(rule), now=now) - good - bad)


def _by_words(work: UnitOfWork, rule: QualityRule, check: Vocabulary, now: datetime) -> Findings:
    accepted, words = check.accepted(work.catalogue[check.field]), Counter[str]()
    judged: list[tuple[bool | None, int]] = []
    for (value,), number in _tally(work, rule, now, check.field):
        judged.append((within_words(value, accepted), number))
        for word in () if value is None else value if isinstance(value, tuple) else (value,):  # pyright: ignore[reportUnknownVariableType]
            words[word] += number
    if len(words) > MAX_WORDS:
        reason = f"has {count(len(words))} different values: that is no vocabulary"
        raise InvalidValueError(check.field, reason, f"choose a field with at most {count(MAX_WORDS)}")
    return _summed(judged, dict(sorted(words.items())))


def _postal_codes(work: UnitOfWork, rule: QualityRule, now: datetime) -> Iterator[tuple[bool | None, int]]:
    for (code, country), number in _tally(work, rule, now, _POSTAL_CODE, _COUNTRY):
        yield None if code is None or country is None else fits_country(code, country), number


def _tally(work: UnitOfWork, rule: QualityRule, now: datetime, *fields: str) -> list[tuple[tuple[Any, ...], int]]:
    where = None if rule.within is None else work.question(rule.within, now)
    return work.transaction.contacts.tally([work.catalogue[one] for one in fields], where)


def _summed(judged: Iterable[tuple[bool | None, int]], words: Mapping[str, int] | None = None) -> Findings:
    counts = Counter[bool | None]()
    for verdict, number in judged:
        counts[verdict] += number
    return Findings(counts[True] + counts[False], counts[True], counts[None], words or {})


def _numbers(work: UnitOfWork, rule: QualityRule, now: datetime) -> Iterator[tuple[UUID, bool | None]]:
    """Judge numbers by the country of whoever has them; countries are few, so each is asked for its people."""
    countries = [country for (country,), _ in _tally(work, rule, now, _COUNTRY) if country is not None]
    lives_in = {
        one: country
        for country in countries
        for one in work.contacts.ids(narrowed(rule, nodes.Equals(field=_COUNTRY, value=country)), now=now)
    }
    for one, points in work.transaction.contacts.points("phone"):
        if one in lives_in:
            yield one, of_country(points, lives_in[one])


def _among(work: UnitOfWork, rule: QualityRule, now: datetime, judged: Iterable[tuple[UUID, bool | None]]) -> Findings:
    """Sum up verdicts of contacts, of those within the scope; the rest of the scope was left out."""
    if rule.within is None:
        whole, found = work.contacts.count(), _summed((verdict, 1) for _, verdict in judged)
    else:
        scope = frozenset(work.contacts.ids(rule.within, now=now))
        whole, found = len(scope), _summed((verdict, 1) for one, verdict in judged if one in scope)
    return Findings(found.checked, found.good, whole - found.checked)
