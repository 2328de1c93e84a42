"""The SQL back end: schema, column maps, rule compiler, repositories, transactions and migrations.

What a host application's env.py needs is importable from here: `metadata`, `migrations_path`, `exclude_mimcore`,
`autogenerate_options`, and `upgrade` and `verify` on a connection of the host's.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mimcore.sql.host_migrations import autogenerate_options as autogenerate_options
    from mimcore.sql.migrate import exclude_mimcore as exclude_mimcore
    from mimcore.sql.migrate import migrations_path as migrations_path
    from mimcore.sql.migrate import upgrade as upgrade
    from mimcore.sql.migrate import verify as verify
    from mimcore.sql.schema import metadata as metadata

_NAMES = {
    "autogenerate_options": "host_migrations",
    "exclude_mimcore": "migrate",
    "metadata": "migrate",  # where both halves of the tables are registered
    "migrations_path": "migrate",
    "upgrade": "migrate",
    "verify": "migrate",
}

__all__ = sorted(_NAMES)  # noqa: PLE0605 # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _NAMES:
        raise AttributeError(f"module 'mimcore.sql' has no attribute '{name}'")
    return getattr(import_module(f"mimcore.sql.{_NAMES[name]}"), name)
