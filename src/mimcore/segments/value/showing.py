"""What all results about value share: they print themselves, and become data frames."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from mimcore.display import Table
from mimcore.display.framing import Framed
from mimcore.display.style import fragment
from mimcore.domain.contact import Contact

__all__ = ["Shown", "key_of"]

_ROWS_SHOWN = 50


class Shown(Framed):
    """A result with a table and rows."""

    @abstractmethod
    def table(self) -> Table:
        """Return it as a table."""

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return fragment(self.table().html(max_rows=_ROWS_SHOWN))


def key_of(customer: Any) -> Any:
    """Return what a customer is known by: a contact by its id, anything else by itself."""
    return customer.id if isinstance(customer, Contact) else customer
