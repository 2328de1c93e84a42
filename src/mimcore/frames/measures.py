"""What is computed over the rows of a companion for each contact, and joined to the people by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mimcore.errors import InvalidValueError, UnknownFieldError, nearest
from mimcore.frames.columns import Columns
from mimcore.frames.notation import Native
from mimcore.frames.tables import Table

__all__ = ["Measures", "People", "key_column"]


@dataclass(frozen=True, slots=True)
class People:
    """The frame that is asked, and where its ids stand."""

    columns: Columns
    key: str

    @property
    def table(self) -> Table:
        """The frame."""
        return self.columns.table


def key_column(table: Table, asked: tuple[str, ...]) -> str:
    """Return the column of the people that holds their ids.

    Args:
        table: The people's frame.
        asked: Names in the order in which they are looked for.

    Raises:
        UnknownFieldError: If there is none.
    """
    found = next((name for name in asked if name in table.names), None)
    if found is None:
        raise UnknownFieldError(
            f"the frame has no column '{asked[-1]}' to join by{nearest(asked[-1], table.names)}; give key="
        )
    return found


class Measures:
    """Collects what is computed of a companion, and computes it in one pass."""

    def __init__(self, columns: Columns, contact: str, people: People, prefix: str) -> None:
        """Take the companion.

        Args:
            columns: Its prepared columns.
            contact: Its column with the contacts' ids.
            people: The frame that is asked.
            prefix: Tells the columns of several companions apart.

        Raises:
            InvalidValueError: If the two cannot be joined.
        """
        self.columns, self._people, self._prefix = columns, people, prefix
        self._computed: dict[str, tuple[nw.Expr, str]] = {}
        self._apart: list[nw.LazyFrame[Any]] = []
        _check_engines(columns.table, people.table, prefix)
        self._mine, theirs = _keys(columns.table, contact, people.table, people.key)
        self.key = people.columns.name_of("key", lambda: theirs)

    def of(self, contribution: nw.Expr, way: str) -> nw.Expr:
        """Return the people's column with the sum, min, max or n_unique of what each row contributes.

        Args:
            contribution: Over the companion's prepared columns; missing ones are left out.
            way: How they are brought together.
        """
        name = f"__mim_{self._prefix}_{len(self._computed)}"
        self._computed[name] = contribution, way
        return nw.col(name)

    def rows(self) -> nw.LazyFrame[Any]:
        """Return the companion with its prepared columns and the key."""
        return self.columns.table.prepared({**self.columns.made, self.key: self._mine})

    def apart(self, frame: nw.LazyFrame[Any], answer: nw.Expr, way: str = "max") -> nw.Expr:
        """Return the people's column with what the rows of another frame come to, over the same contacts.

        Args:
            frame: Has the key.
            answer: Over its columns, as a whole number.
            way: max or sum.
        """
        name = f"__mim_{self._prefix}_apart_{len(self._apart)}"
        named = frame.select(nw.col(self.key), answer.alias(name))
        self._apart.append(named.group_by(self.key).agg(getattr(nw.col(name), way)()))
        return nw.col(name)

    def joined(self, people: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Join everything to the people.

        Args:
            people: The working frame, with the key among its prepared columns.
        """
        self.columns.tell_of_gaps()
        for one in [*([self._totals()] if self._computed else []), *self._apart]:
            people = self._people.table.joined(people, one, self.key)
        return people

    def _totals(self) -> nw.LazyFrame[Any]:
        named = [contribution.alias(name) for name, (contribution, _) in self._computed.items()]
        ways = [getattr(nw.col(name), way)() for name, (_, way) in self._computed.items()]
        return self.rows().select(nw.col(self.key), *named).group_by(self.key).agg(*ways)


def _check_engines(mine: Table, theirs: Table, prefix: str) -> None:
    """Native engines join among themselves only; what goes through Polars may be mixed."""
    native = {"duckdb", "spark"}
    if mine.engine != theirs.engine and {mine.engine, theirs.engine} & native:
        raise InvalidValueError(
            f"{prefix}s",
            f"are a frame of {mine.engine} and the people one of {theirs.engine}",
            f"give both to {theirs.engine}",
        )


def _keys(mine: Table, contact: str, theirs: Table, key: str) -> tuple[Native, Native]:
    """Return both columns of ids in one form: text, or whole numbers."""
    kinds = {_is_text(mine, contact), _is_text(theirs, key)} - {None}
    if len(kinds) > 1:
        raise InvalidValueError(
            f"column '{contact}'", f"and the people's '{key}' are not of one type", "cast one of them"
        )
    form = "text" if True in kinds else "whole"
    one, other = (
        getattr(table.notation, form)(table.notation.column(name)) for table, name in ((mine, contact), (theirs, key))
    )
    return one, other


def _is_text(table: Table, name: str) -> bool | None:
    dtype = table.dtype(name)
    if dtype is None:
        return None
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        return True
    if dtype.is_numeric():
        return False
    raise InvalidValueError(
        f"column '{name}'", f"is of type {dtype}, which is no id", "give ids as text or whole numbers"
    )
