"""What all results about value share: they print themselves, and become data frames."""

from __future__ import annotations

from typing import Any

from mimcore.display.framing import Framed
from mimcore.display.showing import Tabled
from mimcore.domain.contact import Contact

__all__ = ["Shown", "key_of"]


class Shown(Tabled, Framed):
    """A result with a table and rows."""


def key_of(customer: Any) -> Any:
    """Return what a customer is known by: a contact by its id, anything else by itself."""
    return customer.id if isinstance(customer, Contact) else customer
