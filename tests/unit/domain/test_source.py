"""Sources: reliability, and when the next delivery is due."""

from __future__ import annotations

from datetime import date

import pytest

from mimcore.domain.source import DEFAULT_RELIABILITY, Source, SourceBlock
from mimcore.errors import InvalidValueError

WEEKLY = Source(key="crm", refresh_days=7)


def test_a_source_that_nobody_rated_has_the_default_reliability() -> None:
    """It belongs to the company's own data unless said otherwise."""
    assert (WEEKLY.reliability, WEEKLY.block) == (DEFAULT_RELIABILITY, SourceBlock.INTERNAL)
    assert {block.value for block in SourceBlock} == {"internal", "third_party", "intelligence", "research"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"sensitivity": 0.5, "false_confirmation": 0.5}, "false_confirmation"),
        ({"sensitivity": 0.1, "false_confirmation": 0.9}, "false_confirmation"),
        ({"reliability": 0}, "reliability"),
        ({"reliability": 1.01}, "reliability"),
        ({"sensitivity": float("nan")}, "sensitivity"),
        ({"refresh_days": 0}, "refresh_days"),
        ({"priority": 0}, "priority"),
        ({"planned_from": 5}, "planned_from"),
        ({"key": "Our CRM"}, "key"),
    ],
)
def test_a_source_that_tells_nothing_is_refused(fields: dict[str, object], place: str) -> None:
    """A check that confirms wrong values as often as right ones is no information."""
    with pytest.raises(InvalidValueError) as caught:
        Source(**{"key": "crm", **fields})
    assert caught.value.field == place


def test_the_next_delivery() -> None:
    """A rhythm after the newest delivery; the planned day before the first; never without a rhythm."""
    assert WEEKLY.next_due(date(2026, 2, 25)) == date(2026, 3, 4)
    assert WEEKLY.next_due(None) is None
    assert WEEKLY.evolve(planned_from="2026-04-01").next_due(None) == date(2026, 4, 1)
    assert Source(key="fair").next_due(date(2026, 2, 25)) is None


def test_overdue_is_the_day_after_the_due_day() -> None:
    """On the day itself it may still come."""
    late = [WEEKLY.is_overdue(date(2026, 2, 25), date(2026, 3, day)) for day in (3, 4, 5)]
    assert late == [False, False, True]
    assert not WEEKLY.is_overdue(None, date(2026, 3, 5))
    assert not Source(key="fair").is_overdue(date(2020, 1, 1), date(2026, 3, 5))
