"""Doors to what is asked through Polars: its own frames, pandas frames and PyArrow tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, cast

import narwhals as nw
import polars as pl

from mimcore.errors import InvalidValueError, MissingExtraError
from mimcore.frames.polars_notation import PolarsNotation
from mimcore.frames.tables import LazyTable, guarded

__all__ = ["ArrowTable", "LazyPolarsTable", "PandasTable", "PolarsTable"]

_HEIGHT = "__mim_height"


class _Eager(ABC):
    """What has rows: answers are computed in one pass over the prepared columns."""

    engine = ""
    notation = PolarsNotation()

    @abstractmethod
    def _column(self, name: str) -> pl.Series: ...

    @abstractmethod
    def _frame(self) -> pl.LazyFrame: ...

    def dtype(self, name: str) -> Any:
        """Type of a column; None for one without any value, whatever its library made of it."""
        column = self._column(name)
        return None if column.null_count() == len(column) else _type(column.dtype)

    def has_times(self, name: str) -> bool:
        """Whether any value is not a midnight."""
        known = self._column(name).drop_nulls()
        return not (known.dt.truncate("1d") == known).all()

    def missing_elements(self, name: str) -> int:
        """How many elements of a column of lists are missing."""
        lists = self._column(name)
        return int(lists.list.len().sum()) - len(lists.explode().drop_nulls())

    def prepared(self, made: Mapping[str, Any]) -> nw.LazyFrame[Any]:
        """The prepared columns alone."""
        rows = self._frame().with_columns(**made)
        return nw.from_native(rows.select(*made) if made else rows)

    def joined(self, people: nw.LazyFrame[Any], more: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
        """Join in the order of the people."""
        return _joined(people, more, key)

    def answers(self, working: nw.LazyFrame[Any], asked: Mapping[str, nw.Expr]) -> pl.DataFrame:
        """Evaluate."""
        named = [answer.alias(name) for name, answer in asked.items()]
        return guarded("frame", lambda: cast("pl.LazyFrame", working.select(*named).to_native()).collect())

    def members(self, working: nw.LazyFrame[Any], members: nw.Expr) -> pl.Series:
        """Evaluate one answer."""
        return self.answers(working, {"it": members})["it"]

    def number(self, working: nw.LazyFrame[Any], members: nw.Expr) -> int:
        """Return of how many rows an expression is true."""
        return int(self.members(working, members).sum())

    def numbers(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> dict[str, int]:
        """Return of how many rows each expression is true."""
        found = self.answers(working, answers)
        return {name: int(found[name].sum()) for name in answers}

    def words(self, prepared: pl.Expr) -> list[str]:
        """Return the different words of a prepared column."""
        found = guarded("frame", lambda: self._frame().select(it=prepared).collect())["it"]
        flat = found.explode() if isinstance(found.dtype, pl.List) else found
        return [str(one) for one in flat.drop_nulls().unique().to_list()]


class PolarsTable(_Eager):
    """An eager Polars frame."""

    engine = "polars"

    def __init__(self, frame: pl.DataFrame) -> None:
        """Wrap a frame.

        Args:
            frame: The user's frame; never changed.
        """
        self.frame = frame

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.frame.columns)

    def _column(self, name: str) -> pl.Series:
        return self.frame[name]

    def _frame(self) -> pl.LazyFrame:
        return self.frame.lazy()

    def kept(self, working: nw.LazyFrame[Any], members: nw.Expr) -> pl.DataFrame:
        """Return the rows that are members."""
        return self.frame.filter(self.members(working, members))

    def series(self, working: nw.LazyFrame[Any], answer: nw.Expr, *, is_verdict: bool) -> pl.Series:
        """Return the answers."""
        name = "verdict" if is_verdict else "mask"
        return self.members(working, answer).alias(name)

    def extended(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> pl.DataFrame:
        """Return the frame with more columns."""
        return self.frame.with_columns(self.answers(working, answers).get_columns())

    def added(self, made: Mapping[str, pl.Expr]) -> pl.DataFrame:
        """Return the frame with prepared columns."""
        return guarded("frame", lambda: self.frame.with_columns(**made))


class LazyPolarsTable(LazyTable):
    """A lazy Polars frame."""

    engine = "polars lazy"
    notation = PolarsNotation()

    def __init__(self, frame: pl.LazyFrame) -> None:
        """Wrap a frame and read its schema.

        Args:
            frame: The user's frame.
        """
        self.frame = frame
        self._schema = guarded("frame", frame.collect_schema)
        self.names = tuple(self._schema.names())

    def dtype(self, name: str) -> Any:
        """Type of a column."""
        return _type(self._schema[name])

    def prepared(self, made: Mapping[str, Any]) -> nw.LazyFrame[Any]:
        """The frame with prepared columns."""
        return nw.from_native(self.frame.with_columns(**made))

    def added(self, made: Mapping[str, pl.Expr]) -> pl.LazyFrame:
        """Return the frame with prepared columns, unread."""
        return self.frame.with_columns(**made)

    def joined(self, people: nw.LazyFrame[Any], more: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
        """Join in the order of the people."""
        return _joined(people, more, key)

    def read(self, frame: nw.LazyFrame[Any]) -> tuple[Any, ...]:
        """Read the first row."""
        return cast("pl.LazyFrame", frame.to_native()).collect().row(0)


class PandasTable(_Eager):
    """A pandas frame, of which only the columns that a rule needs are converted, once."""

    engine = "pandas"

    def __init__(self, frame: Any) -> None:
        """Wrap a frame.

        Args:
            frame: The user's frame; never changed.
        """
        if find_spec("pyarrow") is None:
            raise MissingExtraError("asking rules of pandas frames", "frames")
        self.frame = frame
        self._converted: dict[str, pl.Series] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that are text."""
        return tuple(name for name in self.frame.columns if isinstance(name, str))

    def _column(self, name: str) -> pl.Series:
        if name not in self._converted:
            self._converted[name] = guarded(f"column '{name}'", lambda: self._convert(name))
        return self._converted[name]

    def _convert(self, name: str) -> pl.Series:
        column = self.frame[name]
        if column.ndim != 1:
            raise InvalidValueError(f"column '{name}'", "stands in the frame twice", "rename one of them")
        converted = cast("pl.Series", pl.from_pandas(column.reset_index(drop=True)))
        return converted.alias(name)

    def _frame(self) -> pl.LazyFrame:
        return _side_by_side(len(self.frame), self._converted)

    def kept(self, working: nw.LazyFrame[Any], members: nw.Expr) -> Any:
        """Return the rows that are members, with their index."""
        return self.frame[self.members(working, members).fill_null(value=False).to_numpy()]

    def series(self, working: nw.LazyFrame[Any], answer: nw.Expr, *, is_verdict: bool) -> Any:
        """Return the answers with the frame's index: pandas' nullable booleans for a verdict, else plain ones."""
        return self._labelled(self.members(working, answer), is_verdict=is_verdict)

    def _labelled(self, answers: pl.Series, *, is_verdict: bool) -> Any:
        import pandas as pd  # pyright: ignore[reportMissingTypeStubs] - an optional library without types

        if not is_verdict:
            return pd.Series(answers.to_numpy(), index=self.frame.index, dtype="bool")
        made = pd.arrays.BooleanArray(
            answers.fill_null(value=False).to_numpy(writable=True), answers.is_null().to_numpy(writable=True)
        )
        return pd.Series(made, index=self.frame.index)

    def added(self, made: Mapping[str, pl.Expr]) -> Any:
        """Return a copy of the frame with prepared columns, of Arrow types."""
        found = guarded("frame", lambda: self._frame().select(**made).collect())
        more: Any = found.to_pandas(use_pyarrow_extension_array=True)
        more.index = self.frame.index
        return self.frame.assign(**{name: more[name] for name in made})

    def extended(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> Any:
        """Return a copy of the frame with more columns."""
        found = self.answers(working, answers)
        return self.frame.assign(**{name: self._labelled(found[name], is_verdict=True) for name in answers})


class ArrowTable(_Eager):
    """A PyArrow table, of which the needed columns are shared, not copied."""

    engine = "pyarrow"

    def __init__(self, frame: Any) -> None:
        """Wrap a table.

        Args:
            frame: The user's table.
        """
        self.frame = frame
        self._converted: dict[str, pl.Series] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.frame.column_names)

    def _column(self, name: str) -> pl.Series:
        if name not in self._converted:
            if self.frame.column_names.count(name) > 1:
                raise InvalidValueError(f"column '{name}'", "stands in the frame twice", "rename one of them")
            self._converted[name] = guarded(f"column '{name}'", lambda: self._convert(name))
        return self._converted[name]

    def _convert(self, name: str) -> pl.Series:
        column: pl.Series = cast("Any", pl).from_arrow(self.frame.column(name))
        return column.alias(name)

    def _frame(self) -> pl.LazyFrame:
        return _side_by_side(self.frame.num_rows, self._converted)

    def kept(self, working: nw.LazyFrame[Any], members: nw.Expr) -> Any:
        """Return the rows that are members."""
        return self.frame.filter(self.members(working, members).to_arrow())

    def series(self, working: nw.LazyFrame[Any], answer: nw.Expr, *, is_verdict: bool) -> Any:  # noqa: ARG002 - as above
        """Return the answers as an Arrow array."""
        answers: Any = self.members(working, answer)
        return answers.to_arrow()

    def added(self, made: Mapping[str, pl.Expr]) -> Any:
        """Return the table with prepared columns."""
        found = guarded("frame", lambda: self._frame().select(**made).collect())
        return self._beside(found)

    def extended(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> Any:
        """Return the table with more columns."""
        return self._beside(self.answers(working, answers))

    def _beside(self, more: pl.DataFrame) -> Any:
        table, added = self.frame, cast("Any", more).to_arrow()
        for name, column in zip(more.columns, added.columns, strict=True):
            at = table.schema.get_field_index(name)
            table = table.append_column(name, column) if at < 0 else table.set_column(at, name, column)
        return table


def _side_by_side(height: int, columns: Mapping[str, pl.Series]) -> pl.LazyFrame:
    """Put columns into a frame that is as high as the user's, even if no column is needed."""
    return pl.DataFrame([pl.repeat(0, height, dtype=pl.Int8, eager=True).alias(_HEIGHT), *columns.values()]).lazy()


def _joined(people: nw.LazyFrame[Any], more: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
    left, right = cast("pl.LazyFrame", people.to_native()), cast("pl.LazyFrame", more.to_native())
    return nw.from_native(left.join(right, on=key, how="left", maintain_order="left"))


def _type(dtype: pl.DataType) -> Any:
    """Return a type in narwhals' terms; None for the type that has no values."""
    if isinstance(dtype, pl.Null):
        return None
    return nw.from_native(pl.Series(dtype=dtype), series_only=True).dtype
