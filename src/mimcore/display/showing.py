"""What a result with a table shows of itself: the first rows as text, and with style in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mimcore.display.style import fragment
from mimcore.display.tables import ROWS_SHOWN, Table

__all__ = ["Tabled"]


class Tabled(ABC):
    """Something that is read as one table."""

    __slots__ = ()

    @abstractmethod
    def table(self) -> Table:
        """Return it as a table."""

    def __str__(self) -> str:
        """The table as text, its first rows."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return fragment(self.table().html(max_rows=ROWS_SHOWN))
