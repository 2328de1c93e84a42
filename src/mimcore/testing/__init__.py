"""For your tests: people who do not exist, a clock that stands still, contract suites for back ends, a pytest plugin.

Names load when they are first used: `factories`, `clock` and `assertions` need no test library, `contracts` needs
pytest, `strategies` needs Hypothesis, `postgres` the extra `testing-postgres`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mimcore.testing.assertions import assert_segment as assert_segment
    from mimcore.testing.clock import FixedClock as FixedClock
    from mimcore.testing.contracts import RepositoryContract as RepositoryContract
    from mimcore.testing.factories import Factory as Factory
    from mimcore.testing.factories import using_factory as using_factory
    from mimcore.testing.postgres import PostgresServer as PostgresServer

_NAMES: dict[str, str] = {
    "Factory": "factories",
    "FixedClock": "clock",
    "PostgresServer": "postgres",
    "RepositoryContract": "contracts",
    "assert_segment": "assertions",
    "using_factory": "factories",
}
_MODULES = ("assertions", "clock", "contracts", "factories", "plugin", "postgres", "strategies")

__all__ = [  # noqa: PLE0604, RUF100 - names that load on first use
    "Factory",
    "FixedClock",
    "PostgresServer",
    "RepositoryContract",
    "assert_segment",
    "using_factory",
]


def __getattr__(name: str) -> Any:
    """Load a public name, or one of the modules, on first use."""
    if name in _MODULES:
        return import_module(f"mimcore.testing.{name}")
    if name not in _NAMES:
        raise AttributeError(f"module 'mimcore.testing' has no attribute '{name}'")
    value = getattr(import_module(f"mimcore.testing.{_NAMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, *_MODULES]
