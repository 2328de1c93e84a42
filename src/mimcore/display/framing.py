"""What lets a report become a data frame: it knows its rows, and whoever made it knows the frame libraries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mimcore.errors import StoreError

__all__ = ["Framed", "Framer", "unframed"]

Framer = Callable[[Sequence[Mapping[str, Any]], str], Any]
"""Makes a frame of rows, of the kind that is named."""


def unframed(rows: Sequence[Mapping[str, Any]], kind: str) -> Any:
    """Refuse: what was made without a store knows no frame library.

    Raises:
        StoreError: Always.
    """
    del rows, kind
    raise StoreError("this was made without a store: use to_rows(), and make the frame yourself")


class Framed(ABC):
    """Something with rows."""

    framer: Framer

    @abstractmethod
    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dict a row, in plain values."""

    def to_frame(self, kind: str = "pandas") -> Any:
        """Return the rows as a data frame.

        Args:
            kind: pandas or polars.

        Raises:
            MissingExtraError: If the frame library is not installed.
        """
        return self.framer(self.to_rows(), kind)
