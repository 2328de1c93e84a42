"""An in-memory store from data frames, in one line, for notebooks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from mimcore.capture.importing.plan import ImportPlan
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.errors import CaptureError
from mimcore.store.connecting import connect, system_clock
from mimcore.store.store import Store

__all__ = ["from_frames"]


def from_frames(
    *,
    contacts: Any,
    purchases: Any = None,
    contact_mapping: ImportMapping | dict[str, Any] | None = None,
    purchase_mapping: ImportMapping | dict[str, Any] | None = None,
    region: str | None = None,
    zone: str | ZoneInfo = "UTC",
    clock: Callable[[], datetime] = system_clock,
    out: TextIO | None = None,
) -> Store:
    """Load data frames into a store in memory, and print how the columns were matched.

    Args:
        contacts: A pandas or Polars frame, a list of dicts, or the path of a CSV file; one row a contact. It needs a
            column with an e-mail address, a phone number or an external id.
        purchases: The same for purchases; one row a purchase, with a column that tells whose it is.
        contact_mapping: Field by column; guessed unless given.
        purchase_mapping: Field by column; guessed unless given.
        region: ISO country in which national phone numbers are read.
        zone: Time zone of the store.
        clock: Returns the present instant.
        out: Where the matching is printed; standard output unless given.

    Returns:
        The store. Refused rows are counted in what is printed; plan the import yourself to see them one by one.

    Raises:
        CaptureError: If no row at all could be taken.

    Examples:
        >>> import io
        >>> people = [{"email": "ana@example.com", "country": "Denmark"}]
        >>> from_frames(contacts=people, out=io.StringIO()).contacts.count()
        1
    """
    store = connect("memory:", zone=zone, clock=clock)
    _load(store.plan_import(contacts, source="contacts-frame", mapping=contact_mapping, region=region), "contacts", out)
    if purchases is not None:
        plan = store.plan_import(purchases, source="purchases-frame", mapping=purchase_mapping, kind="purchases")
        _load(plan, "purchases", out)
    return store


def _load(plan: ImportPlan, what: str, out: TextIO | None) -> None:
    print(plan, file=out or sys.stdout)
    if plan.total and plan.counts.get("rejected", 0) == plan.total:
        raise CaptureError(
            f"none of the {plan.total} rows of {what} could be taken; see the plan printed above for the reasons"
        )
    plan.apply()
