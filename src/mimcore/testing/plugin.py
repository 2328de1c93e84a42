"""The pytest plugin: `mim_clock`, `mim_factory`, `mim_store`. Nothing else is loaded until a test asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mimcore.store.store import Store
    from mimcore.testing.clock import FixedClock
    from mimcore.testing.factories import Factory

__all__ = ["mim_clock", "mim_factory", "mim_store"]


@pytest.fixture
def mim_clock() -> FixedClock:
    """A clock that stands at noon UTC on 1 April 2026 until the test moves it."""
    from mimcore.testing.clock import FixedClock

    return FixedClock()


@pytest.fixture
def mim_factory(mim_clock: FixedClock) -> Iterator[Factory]:
    """Makes valid objects about people who do not exist, the same ones in every run; `assert_segment` knows it."""
    from mimcore.testing.factories import Factory, using_factory

    with using_factory(Factory(seed=0, clock=mim_clock)) as factory:
        yield factory


@pytest.fixture
def mim_store(mim_clock: FixedClock) -> Iterator[Store]:
    """An empty store in memory, on the test's clock."""
    from mimcore.store.connecting import connect

    with connect("memory:", clock=mim_clock, actor="test", source="test", secret=b"only-for-tests-0") as store:
        yield store
