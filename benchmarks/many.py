"""Many different rules, as a company with many segments has them."""

from __future__ import annotations

from random import Random

import mimcore as mim
from benchmarks.people import COUNTRIES, INTERESTS
from mimcore import fields as f

__all__ = ["SEGMENTS", "many_rules"]

SEGMENTS = 500


def many_rules(count: int) -> list[mim.Rule]:
    """Make rules of two to four conditions over a few fields with many constants."""
    random = Random(11)
    return [_rule(random) for _ in range(count)]


def _rule(random: Random) -> mim.Rule:
    low = random.randrange(18, 60)
    rule = f.contact.country.is_in(*random.sample(COUNTRIES, 3)) & f.contact.age.is_between(low, low + 20)
    if random.random() < 0.5:
        rule &= f.contact.interests.overlaps(*random.sample(INTERESTS, 2))
    if random.random() < 0.3:
        rule &= f.contact.acquired_at.within_days(random.randrange(10, 300))
    return rule
