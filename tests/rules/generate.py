"""Seeded random rules on seeded random people: every kind of condition, in groups of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.rules.alphabet import ATTRIBUTES, HALF_LIVES, NOWS, ZONES
from tests.rules.people import Dataset, People, Person, State
from tests.rules.rules_of_companions import CompanionRules

from mimcore.domain.vocabularies import RecordStatus
from mimcore.rules.language import nodes

__all__ = ["ATTRIBUTES", "HALF_LIVES", "NOWS", "Dataset", "Person", "Rules", "State", "dataset", "rules"]


class Rules(CompanionRules):
    """Makes random rules."""

    def rule(self, depth: int = 3) -> nodes.Rule:
        """A rule of at most so many levels of groups."""
        if depth == 0 or self.rng.random() < 0.3:
            return self.condition()
        match self.rng.randrange(6):
            case 0 | 1:
                return nodes.AllOf(rules=tuple(self.rule(depth - 1) for _ in range(self.rng.choice((1, 2, 2, 3)))))
            case 2 | 3:
                return nodes.AnyOf(rules=tuple(self.rule(depth - 1) for _ in range(self.rng.choice((1, 2, 2, 3)))))
            case 4:
                return nodes.Not(rule=self.rule(depth - 1))
            case _:
                return nodes.OrMissing(rule=self.rule(depth - 1))

    def condition(self) -> nodes.Rule:
        """One condition on a contact."""
        if self.has_custom and self.rng.random() < 0.5:
            return self._on_custom()
        return self.rng.choice((self._on_values, self._on_values, self._on_companions))()

    def _on_values(self) -> nodes.Rule:
        makers: tuple[Callable[[], nodes.Rule], ...] = (
            self._code,
            self._code,
            self._text,
            self._text,
            self._pattern,
            self._integer,
            self._number,
            self._money,
            self._boolean,
            self._date,
            self._instant,
            self._elapsed,
            self._calendar,
            self._calendar,
            self._anniversary,
            self._clock,
            self._pair,
            self._age,
            self._age,
            self._collection,
            self._collection,
            self._record,
            self._elements,
            self._distance,
            self._known,
        )
        return self.rng.choice(makers)()

    def _on_companions(self) -> nodes.Rule:
        makers: tuple[Callable[[], nodes.Rule], ...] = (
            self._measure,
            self._measure,
            self._moment_of,
            self._sequence,
            self._regularity,
            self._start,
            self._restart,
            self._any_account,
            self._accounts,
            self._accounts,
            self._changed,
            self._ever,
            self._permitted,
            self._sample,
            self._segment,
            self._segment,
            self._fresh,
            self._any_fresh,
            self._undated,
            nodes.Everyone,
        )
        return self.rng.choice(makers)()


def dataset(seed: int, size: int = 80, *, has_custom: bool = False) -> Dataset:
    """Make people for one seed, with values of custom attributes if those are wanted."""
    rng = random.Random(seed)
    now = NOWS[seed % len(NOWS)]
    maker = People(rng, now, has_custom=has_custom)
    people = tuple(maker.person() for _ in range(size))
    outside = tuple(maker.person(status=RecordStatus.ARCHIVED) for _ in range(max(1, size // 20)))
    segments = {
        "one": Rules(rng, now, segments=(), has_custom=has_custom).rule(2),
        "two": nodes.OrMissing(rule=nodes.Not(rule=nodes.InSegment(segment="one"))),
        "listed": None,
    }
    zone = ZoneInfo(ZONES[seed // 2 % len(ZONES)])
    return Dataset(people, now, zone, segments, has_custom, outside=outside, further=(*maker.archived, *maker.accounts))


def rules(seed: int, how_many: int, now: datetime, *, has_custom: bool = False) -> list[nodes.Rule]:
    """Make rules for one seed."""
    maker = Rules(random.Random(1_000_003 * (seed + 1)), now, has_custom=has_custom)
    return [maker.rule() for _ in range(how_many)]
