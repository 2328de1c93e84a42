"""What one row of a deal becomes: an event. A deal changes its stage; an event never changes.

Every stage and value in which a deal was seen is one event of kind `deal`, whose external id says deal, stage and
value. The same export again brings nothing new; a stage or a value that changed adds an event. A deal that is won is
one purchase, on the day on which it was closed: its external id says deal and stage only, so that money which was
counted is never counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mimcore.capture.mapping.amounts import amount_of
from mimcore.domain.interaction import Interaction
from mimcore.errors import InvalidValueError
from mimcore.values.text import fold

__all__ = ["DEAL_KIND", "deal_event", "is_same_deal"]

DEAL_KIND, _WON_KIND = "deal", "purchase"
_WON = ("closed won", "closedwon")
"""How the name of the stage of deals that are won begins, where no column says so."""
_KEPT = {
    "deal.id": "deal",
    "deal.stage": "stage",
    "deal.name": "name",
    "deal.pipeline": "pipeline",
    "deal.type": "type",
}

Values = Mapping[str, Any]


def deal_event(values: Values, clamp: Callable[[Any, str], datetime], observed_at: datetime | None) -> dict[str, Any]:
    """Return the arguments of the event that a row of a deal stands for.

    Args:
        values: Values by target: `deal.id` and `deal.stage`; if known `deal.is_won`, `deal.value`, `deal.currency`, and
            its moments: `deal.closed_at` is that of a purchase, of other stages the first that is known of
            `deal.entered_at`, `deal.modified_at`, `deal.created_at`.
        clamp: Reads an instant that must not lie in the future.
        observed_at: When the file was observed: when a deal was in a stage if nothing else tells.

    Raises:
        InvalidValueError: If the row does not say which deal it is and in which stage, or what its amount is of.
    """
    for target in ("deal.id", "deal.stage"):
        if not values.get(target):
            raise InvalidValueError(target, "is empty, and a deal is known by its id and stage", "fill it in")
    is_won = values["deal.is_won"] if "deal.is_won" in values else fold(values["deal.stage"]).startswith(_WON)
    value = amount_of(values, "deal.value")
    parts = [values["deal.id"], values["deal.stage"]]
    if value is not None and not is_won:
        parts.append(f"{value.amount} {value.currency}")
    return {
        "kind": _WON_KIND if is_won else DEAL_KIND,
        "at": _at(values, clamp, observed_at, is_won=is_won),
        "value": value,
        "external_id": ":".join(parts),
        "properties": {name: values[target] for target, name in _KEPT.items() if target in values},
    }


def is_same_deal(known: Interaction, event: Interaction, zone: ZoneInfo) -> bool:
    """Tell whether a row tells of a stored event: a deal in a stage was seen before, or a purchase is as it was.

    Args:
        known: The stored event.
        event: The event of the row, of the same external id.
        zone: The store's zone: a purchase of a day without a time has the time at which it was first seen that day.
    """
    if known.kind == event.kind == DEAL_KIND:
        return True
    days = (one.at.astimezone(zone).date() for one in (known, event))
    return (known.kind, known.value) == (event.kind, event.value) and len(set(days)) == 1


def _at(
    values: Values, clamp: Callable[[Any, str], datetime], observed_at: datetime | None, *, is_won: bool
) -> datetime:
    if is_won and "deal.closed_at" in values:
        return clamp(values["deal.closed_at"], "deal.closed_at")
    known = (values.get(f"deal.{name}") for name in ("entered_at", "modified_at", "created_at"))
    found = next((at for at in known if at is not None), observed_at)
    if found is None:
        reason = "is not known, nor when the file was observed"
        raise InvalidValueError("deal.entered_at", reason, "map a column that tells when the deal was in its stage")
    return found
