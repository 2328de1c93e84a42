"""Acts of consent as the gate reads them: a few columns, and no record of what proves them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mimcore.domain.consent_acts import ActInBrief, ConsentAction, LawfulBasis
from mimcore.sql.rows.codec import Codec
from mimcore.sql.tables.schema_work import consent_event as _consent

__all__ = ["BRIEF_COLUMNS", "in_brief"]

BRIEF_COLUMNS = [
    _consent.c[name]
    for name in (
        "identifier",
        "id",
        "action",
        "occurred_at",
        "recorded_at",
        "expires_at",
        "basis",
        "method",
        "import_id",
        "evidence",
    )
]
"""The columns that an act in brief is read from."""

_ACTIONS = {one.value: one for one in ConsentAction}
_BASES = {one.value: one for one in LawfulBasis}


def in_brief(rows: Iterable[Any], codec: Codec) -> Iterator[tuple[str, ActInBrief]]:
    """Yield the acts of rows with `BRIEF_COLUMNS`, each with its identifier.

    Args:
        rows: As the driver gives them.
        codec: The driver's primitives.
    """
    get_id, get_instant, get_json = codec.get_id, codec.get_instant, codec.get_json
    for identifier, raw_id, action, occurred, recorded, expires, basis, method, import_id, evidence in rows:
        occurred_at = get_instant(occurred)
        yield (
            identifier,
            ActInBrief(
                get_id(raw_id),
                _ACTIONS[action],
                occurred_at,
                occurred_at if recorded == occurred else get_instant(recorded),
                None if expires is None else get_instant(expires),
                _BASES[basis],
                method,
                None if import_id is None else get_id(import_id),
                evidence is not None and bool(get_json(evidence)),
            ),
        )
