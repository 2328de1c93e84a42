"""Frames beside the people: one row for each event, or for each link to an account; and what their columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.frames.naming import checked_mapping
from mimcore.frames.tables import open_table
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.rules.writing.fields import Field, FrameColumn
from mimcore.values.currencies import CURRENCIES

__all__ = ["AccountFrame", "EventFrame", "accounts", "events"]


@dataclass(frozen=True, slots=True)
class EventFrame:
    """A frame with one row for each event, and what its columns mean."""

    frame: Any = field(repr=False)
    contact: str
    columns: dict[str, str]
    """Short name of the event's field to column."""
    constants: dict[str, str]
    """Short name of the event's field to the one value of all rows."""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class AccountFrame:
    """A frame with one row for each link between a contact and an account, and what its columns mean."""

    frame: Any = field(repr=False)
    contact: str
    columns: Mapping[str, Field | FrameColumn]
    """Column to the account's field, where it is not named after it."""
    key: str | None = None


def accounts(
    frame: Any, *, contact: str, columns: Mapping[str, Field | FrameColumn] | None = None, key: str | None = None
) -> AccountFrame:
    """Say what the columns of a frame of accounts mean, for rules about any, all or so many of a contact's accounts.

    Args:
        frame: One row for each account that a contact is linked to now; of a kind that `filter` accepts, and of the
            people's engine where that is DuckDB or Spark. Columns are named after the account's fields: `country`,
            `employees`, or `account_country`.
        contact: Column with the id of the contact.
        columns: Column name to field, where a column is not named after its field.
        key: Column of the people's frame that holds the contact's id: `id`, or the name in `contact`, unless given.

    Returns:
        What `accounts=` of the other functions takes.

    Raises:
        UnknownFieldError: If a column is not in the frame, with the nearest name.
        InvalidValueError: If the frame is not one.

    Examples:
        >>> import polars as pl
        >>> links = pl.DataFrame({"person": [1, 1], "country": ["DK", "SE"]})
        >>> accounts(links, contact="person").contact
        'person'
    """
    names = open_table(frame, "accounts").names
    mapped = checked_mapping(columns)
    for column in (contact, *mapped):
        _existing(column, names, "accounts")
    return AccountFrame(frame, contact, dict(mapped), key)


def events(
    frame: Any,
    *,
    contact: str,
    at: str,
    kind: str | None = None,
    value: str | None = None,
    currency: str | None = None,
    product: str | None = None,
    channel: str | None = None,
    campaign: str | None = None,
    quantity: str | None = None,
    is_gift: str | None = None,
    refund_of: str | None = None,
    external_id: str | None = None,
    key: str | None = None,
) -> EventFrame:
    """Say what the columns of a frame of events mean.

    Args:
        frame: One row for each event; of a kind that `filter` accepts, and of the people's engine where that is DuckDB
            or Spark.
        contact: Column with the id of the contact.
        at: Column with the instant, with a time zone.
        kind: A declared kind of event that all rows are, or the column with the kind; the column `kind` unless given.
        value: Column with the money that moved, in major units.
        currency: An ISO code that all rows have, or the column with the codes.
        product: Column with the product.
        channel: Column with the channel.
        campaign: Column with the key of the campaign.
        quantity: Column with the quantity.
        is_gift: Column with true for gifts.
        refund_of: Column with the id of the refunded purchase.
        external_id: Column with the id of the event in its source.
        key: Column of the people's frame that holds the contact's id: `id`, or the name in `contact`, unless given.

    Returns:
        What `events=` of the other functions takes.

    Raises:
        UnknownFieldError: If a column is not in the frame, with the nearest name.
        InvalidValueError: If the frame is not one.

    Examples:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"CustomerID": [1, 1], "Day": ["2026-01-02", "2026-02-03"]})
        >>> orders = orders.with_columns(pl.col("Day").str.to_datetime(time_zone="UTC"))
        >>> events(orders, contact="CustomerID", at="Day", kind="purchase").constants
        {'kind': 'purchase'}
    """
    names = open_table(frame, "events").names
    given = {
        "at": at,
        "value": value,
        "product": product,
        "channel": channel,
        "campaign": campaign,
        "quantity": quantity,
        "is_gift": is_gift,
        "refund_of": refund_of,
        "external_id": external_id,
    }
    columns = {short: _existing(column, names) for short, column in given.items() if column is not None}
    constants: dict[str, str] = {}
    _placed("kind", kind, default_catalogue().event_kinds, columns, constants, names)
    _placed("currency", currency, frozenset(CURRENCIES), columns, constants, names)
    return EventFrame(frame, _existing(contact, names), columns, constants, key)


def _existing(column: Any, names: tuple[str, ...], what: str = "events") -> str:
    if not isinstance(column, str):
        raise InvalidValueError(f"a column of the {what}", "is not named by text", "give the name of the column")
    if column not in names:
        hint = nearest(column, names) or f": it has {', '.join(names)}"
        raise UnknownFieldError(f"the {what} have no column '{column}'{hint}")
    return column


def _placed(  # noqa: PLR0917 - private, called twice
    short: str,
    given: str | None,
    constants: frozenset[str],
    columns: dict[str, str],
    fixed: dict[str, str],
    names: tuple[str, ...],
) -> None:
    """Tell whether a name is one value of all rows or a column."""
    if given is None:
        columns |= {short: short} if short in names else {}
    elif given in constants:
        fixed[short] = given
    else:
        columns[short] = _existing(given, names)
