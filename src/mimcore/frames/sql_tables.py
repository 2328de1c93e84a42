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
        self._types = self._read_types()

    def _read_types(self) -> dict[str, Any]:
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise InvalidValueError(f"column '{twice[0]}'", "stands in the frame twice", "rename one of them")
        frame: nw.LazyFrame[Any] = nw.from_native(self.frame)
        return dict(guarded("frame", frame.collect_schema))

    def dtype(self, name: str) -> Any:
        """Type of a column."""
        return self._types[name]


class DuckDBTable(_SqlTable):
    """A DuckDB relation."""

    engine = "duckdb"
    notation: SqlNotation = DuckDBNotation()

    def _read_types(self) -> dict[str, Any]:
        found = super()._read_types()
        for name, native in zip(self.names, self.frame.types, strict=True):
            if str(native) == "UUID":
                found[name] = nw.String()
            elif str(native).strip('"') == "NULL":
                found[name] = None
        return found

    def prepared(self, made: Mapping[str, str]) -> nw.LazyFrame[Any]:
        """The relation with prepared columns."""
        more = [f"{expression} AS {self.notation.column(name)}" for name, expression in made.items()]
        wider: nw.LazyFrame[Any] = nw.from_native(guarded("frame", lambda: self.frame.project(", ".join(["*", *more]))))
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
