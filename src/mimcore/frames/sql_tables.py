"""Doors to DuckDB relations and Spark frames: nothing is read but what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from mimcore.errors import InvalidValueError
from mimcore.frames.sql_notation import DuckDBNotation, SparkNotation, SqlNotation
from mimcore.frames.tables import LazyTable, guarded

__all__ = ["DuckDBTable", "SparkTable"]


class _SqlTable(LazyTable):
    """What both have in common."""

    def __init__(self, frame: Any) -> None:
        """Wrap a frame and read its schema.

        Args:
            frame: The user's relation or frame.
        """
        self.frame = frame
        self.names = tuple(frame.columns)
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise InvalidValueError(f"column '{twice[0]}'", "stands in the frame twice", "rename one of them")
        self._types = self._read_types()

    def _read_types(self) -> dict[str, Any]:
        return _schema(self.frame)

    def dtype(self, name: str) -> Any:
        """Type of a column."""
        return self._types[name]


class DuckDBTable(_SqlTable):
    """A DuckDB relation."""

    engine = "duckdb"
    notation: SqlNotation = DuckDBNotation()

    def _read_types(self) -> dict[str, Any]:
        kinds = dict(zip(self.names, map(str, self.frame.types), strict=True))
        # For their zone narwhals would run the relation; that they are instants is all that is asked.
        instants = {
            name: nw.Datetime("us", "UTC") for name, kind in kinds.items() if kind == "TIMESTAMP WITH TIME ZONE"
        }
        others = ", ".join(self.notation.column(name) for name in kinds if name not in instants)
        found = instants | (_schema(guarded("frame", lambda: self.frame.project(others))) if others else {})
        for name, kind in kinds.items():
            if kind == "UUID":
                found[name] = nw.String()
            elif kind.strip('"') == "NULL":
                found[name] = None
        return found

    def prepared(self, made: Mapping[str, str]) -> nw.LazyFrame[Any]:
        """The relation with prepared columns."""
        more = [f"{expression} AS {self.notation.column(name)}" for name, expression in made.items()]
        wider: nw.LazyFrame[Any] = nw.from_native(guarded("frame", lambda: self.frame.project(", ".join(["*", *more]))))
        return wider

    def joined(self, people: nw.LazyFrame[Any], more: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
        """Join in SQL: by narwhals every column of both is an expression of its own."""
        column = self.notation.column(key)
        added = [f"measured.{self.notation.column(name)}" for name in more.columns if name != key]
        measured = more.to_native().set_alias("measured")
        both = people.to_native().set_alias("person").join(measured, f"person.{column} = measured.{column}", how="left")
        wider: nw.LazyFrame[Any] = nw.from_native(both.project(", ".join(["person.*", *added])))
        return wider

    def read(self, frame: nw.LazyFrame[Any]) -> tuple[Any, ...]:
        """Read the first row."""
        row: tuple[Any, ...] = frame.to_native().fetchall()[0]
        return row


class SparkTable(_SqlTable):
    """A Spark frame."""

    engine = "spark"
    notation: SqlNotation = SparkNotation()

    def _read_types(self) -> dict[str, Any]:
        found = super()._read_types()
        for field in self.frame.schema.fields:
            if field.dataType.typeName() == "void":
                found[field.name] = None
        return found

    def prepared(self, made: Mapping[str, str]) -> nw.LazyFrame[Any]:
        """The frame with prepared columns."""
        more = [f"{expression} AS {self.notation.column(name)}" for name, expression in made.items()]
        wider: nw.LazyFrame[Any] = nw.from_native(guarded("frame", lambda: self.frame.selectExpr("*", *more)))
        return wider

    def read(self, frame: nw.LazyFrame[Any]) -> tuple[Any, ...]:
        """Read the first row."""
        return tuple(frame.to_native().collect()[0])


def _schema(frame: Any) -> dict[str, Any]:
    lazy: nw.LazyFrame[Any] = nw.from_native(frame)
    return dict(guarded("frame", lazy.collect_schema))
