"""The door: a user's frame as a lazy Polars frame of the columns that a rule needs, and the way back to its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar, cast

import polars as pl

from mimcore.errors import InvalidValueError, MimcoreError, MissingExtraError

__all__ = ["LazyTable", "PandasTable", "PolarsTable", "Table", "guarded", "open_table"]

T = TypeVar("T")


class Table(Protocol):
    """What the rest of this room sees of a frame."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    def dtype(self, name: str) -> pl.DataType:
        """Type of a column, in Polars' terms."""
        ...

    def has_times(self, name: str) -> bool:
        """Whether a naive datetime column holds anything but midnights; a lazy frame cannot rule it out."""
        ...

    def lazy(self) -> pl.LazyFrame:
        """The columns asked for so far, in the frame's order."""
        ...

    def keep(self, members: pl.Series) -> Any:
        """Return the rows for which `members` is true, in the frame's own kind."""
        ...

    def series(self, answers: pl.Series, *, is_verdict: bool) -> Any:
        """Return answers as a boolean series of the frame's own kind."""
        ...

    def extended(self, answers: Mapping[str, pl.Series]) -> Any:
        """Return the frame with more columns."""
        ...


def guarded(what: str, act: Callable[[], T]) -> T:
    """Run an act of a frame library; its errors, which may quote values, never leave.

    Args:
        what: Name of the column or frame that is worked on.
        act: What to do.

    Raises:
        InvalidValueError: If the library fails.
    """
    try:
        return act()
    except MimcoreError:
        raise
    except Exception as error:  # noqa: BLE001 - polars, pyarrow, narwhals and pandas share no ancestor
        kind = type(error).__name__
    raise InvalidValueError(what, f"cannot be read or evaluated ({kind})", "give one plain type for each column")


class PolarsTable:
    """An eager Polars frame."""

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

    def dtype(self, name: str) -> pl.DataType:
        """Type of a column; of one without any value: `Null`."""
        column = self.frame[name]
        return pl.Null() if column.null_count() == len(column) else column.dtype

    def has_times(self, name: str) -> bool:
        """Whether any value is not a midnight."""
        return not (self.frame[name].drop_nulls().dt.truncate("1d") == self.frame[name].drop_nulls()).all()

    def lazy(self) -> pl.LazyFrame:
        """The whole frame: selecting is free."""
        return self.frame.lazy()

    def keep(self, members: pl.Series) -> pl.DataFrame:
        """Return the rows that are members."""
        return self.frame.filter(members)

    def series(self, answers: pl.Series, *, is_verdict: bool) -> pl.Series:  # noqa: ARG002 - the protocol's signature
        """Return the answers as they are."""
        return answers

    def extended(self, answers: Mapping[str, pl.Series]) -> pl.DataFrame:
        """Return the frame with more columns."""
        return self.frame.with_columns(**answers)


class LazyTable:
    """A lazy Polars frame: it can be filtered and extended without being read."""

    def __init__(self, frame: pl.LazyFrame) -> None:
        """Wrap a frame and read its schema.

        Args:
            frame: The user's frame.
        """
        self.frame = frame
        self._schema = guarded("frame", frame.collect_schema)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._schema.names())

    def dtype(self, name: str) -> pl.DataType:
        """Type of a column."""
        return self._schema[name]

    def has_times(self, name: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Always true: nothing is read before the user collects."""
        return True

    def lazy(self) -> pl.LazyFrame:
        """The frame itself."""
        return self.frame

    def keep(self, members: pl.Series) -> Any:
        """Refuse: a lazy frame is filtered by expression."""
        raise _not_collected(members)

    def series(self, answers: pl.Series, *, is_verdict: bool) -> Any:  # noqa: ARG002 - the protocol's signature
        """Refuse: a lazy frame has no series."""
        raise _not_collected(answers)

    def extended(self, answers: Mapping[str, pl.Series]) -> Any:
        """Refuse: a lazy frame is extended by expression."""
        raise _not_collected(answers)


def _not_collected(_answers: object) -> InvalidValueError:
    return InvalidValueError("frame", "is lazy and has no rows yet", "collect() it first, or use filter or classify")


class PandasTable:
    """A pandas frame, of which only the columns that a rule needs are converted, once."""

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

    def dtype(self, name: str) -> pl.DataType:
        """Type of a column; of one without any value: `Null`, whatever pandas made of it."""
        column = self._column(name)
        return pl.Null() if column.null_count() == len(column) else column.dtype

    def has_times(self, name: str) -> bool:
        """Whether any value is not a midnight."""
        return PolarsTable(self._column(name).to_frame()).has_times(name)

    def lazy(self) -> pl.LazyFrame:
        """The columns converted so far, and the number of each row."""
        rows = pl.int_range(len(self.frame), eager=True).alias("__mim_index")
        return pl.DataFrame([rows, *self._converted.values()]).lazy()

    def keep(self, members: pl.Series) -> Any:
        """Return the rows that are members, with their index."""
        return self.frame[members.to_numpy()]

    def series(self, answers: pl.Series, *, is_verdict: bool) -> Any:
        """Return the answers with the frame's index: pandas' nullable booleans for a verdict, else plain ones."""
        import pandas as pd  # pyright: ignore[reportMissingTypeStubs] - an optional library without types

        values = answers.to_list()
        dtype = "boolean" if is_verdict else "bool"
        return pd.Series(pd.array(values, dtype=dtype), index=self.frame.index, dtype=dtype)

    def extended(self, answers: Mapping[str, pl.Series]) -> Any:
        """Return a copy of the frame with more columns."""
        return self.frame.assign(**{name: self.series(answer, is_verdict=True) for name, answer in answers.items()})


def open_table(frame: Any, what: str = "frame") -> Table:
    """Recognise a frame.

    Args:
        frame: A Polars DataFrame or LazyFrame, or a pandas DataFrame.
        what: Name used in an error.

    Returns:
        The door to it.

    Raises:
        InvalidValueError: If it is something else.
    """
    import narwhals as nw

    if isinstance(frame, pl.DataFrame):
        return PolarsTable(frame)
    if isinstance(frame, pl.LazyFrame):
        return LazyTable(frame)
    if nw.dependencies.is_pandas_dataframe(frame):
        return PandasTable(frame)
    raise InvalidValueError(what, "is not a data frame that rules can be asked of", "give a Polars or pandas DataFrame")
