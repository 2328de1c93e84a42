"""What a change may touch: the fields and companions that conditions read."""

from __future__ import annotations

from collections.abc import Iterable

from mimcore.rules.explaining.needs import COMPANIONS
from mimcore.rules.language.catalogue import Catalogue

__all__ = ["readings"]


def readings(changed: Iterable[str], catalogue: Catalogue) -> frozenset[str]:
    """Return what conditions that must be asked again read.

    Args:
        changed: Names of fields and of parts of `Facts`.
        catalogue: The declared fields.

    Raises:
        UnknownFieldError: If there is no such field or part.
    """
    found: set[str] = set()
    for name in changed:
        if name in COMPANIONS:
            found |= {name, "account.*"} if name in {"account", "accounts"} else {name}
        else:
            spec = catalogue[name]
            found |= {spec.name, f"{spec.entity}.*"}
    return frozenset(found)
