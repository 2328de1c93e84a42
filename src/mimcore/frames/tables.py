"""The door: a user's frame as a lazy narwhals frame of the columns that a rule needs, and the way back to its kind.

Polars frames, pandas frames and PyArrow tables are asked through Polars; DuckDB relations and Spark frames where they
are, unread.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

import narwhals as nw

from mimcore.errors import InvalidValueError, MimcoreError, MissingExtraError
from mimcore.frames.notation import Native, Notation

__all__ = ["LazyTable", "Table", "guarded", "open_table"]

T = TypeVar("T")
_COMPLAINT = re.compile(
    r"(?:Invalid Input Error: |\[USER_RAISED_EXCEPTION\] )(column '[^\n]*?'): ([^\n]*?) — ([^\n]*?)(?: SQLSTATE.*)?$",
    re.MULTILINE,
)
"""What a relation says where `Notation.complaint` made it fail: our own words, with no value in them."""
_KINDS = "a Polars or pandas DataFrame, a PyArrow table, a DuckDB relation or a Spark DataFrame"


class Table(Protocol):
    """What the rest of this room sees of a frame."""

    engine: str
    """polars, polars lazy, pandas, pyarrow, duckdb or spark."""

    @property
    def notation(self) -> Notation:
        """How columns are prepared here."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    def dtype(self, name: str) -> Any:
        """Type of a column, in narwhals' terms; None if it is known to hold no value at all."""
        ...

    def has_times(self, name: str) -> bool | None:
        """Whether a naive datetime column holds anything but midnights; None of a lazy frame, which is not read."""
        ...

    def missing_elements(self, name: str) -> int:
        """How many elements of a column of lists are missing; 0 where nothing is read."""
        ...

    def prepared(self, made: Mapping[str, Native]) -> nw.LazyFrame[Any]:
        """The frame with prepared columns, or those alone."""
        ...

    def joined(self, people: nw.LazyFrame[Any], more: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
        """Join columns by a key that stands once on the right, keeping every row of the left, in order."""
        ...

    def kept(self, working: nw.LazyFrame[Any], members: nw.Expr) -> Any:
        """Return the rows of which an expression is true, in the frame's own kind."""
        ...

    def number(self, working: nw.LazyFrame[Any], members: nw.Expr) -> int:
        """Return of how many rows an expression is true."""
        ...

    def numbers(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> dict[str, int]:
        """Return of how many rows each of several expressions is true, in one pass."""
        ...

    def words(self, prepared: Native) -> list[str]:
        """Return the different words of a prepared column, of text or of lists; none where nothing is read."""
        ...

    def series(self, working: nw.LazyFrame[Any], answer: nw.Expr, *, is_verdict: bool) -> Any:
        """Return answers as a boolean series of the frame's own kind."""
        ...

    def extended(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> Any:
        """Return the frame with more columns."""
        ...


class LazyTable(ABC):
    """What is filtered and extended without being read."""

    engine = ""
    names: tuple[str, ...] = ()

    @abstractmethod
    def read(self, frame: nw.LazyFrame[Any]) -> tuple[Any, ...]:
        """Read the first row."""
        ...

    def number(self, working: nw.LazyFrame[Any], members: nw.Expr) -> int:
        """Filter and count: an engine need not look at conditions that no longer matter."""
        return int(guarded("frame", lambda: self.read(working.filter(members).select(nw.len())))[0])

    def numbers(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> dict[str, int]:
        """Count for several answers in one pass."""
        asked = [answer.cast(nw.Int64).sum().alias(name) for name, answer in answers.items()]
        found = guarded("frame", lambda: self.read(working.select(*asked)))
        return {name: int(number or 0) for name, number in zip(answers, found, strict=True)}

    def has_times(self, name: str) -> bool | None:  # noqa: ARG002 - the protocol's signature
        """Not known: nothing is read."""
        return None

    def missing_elements(self, name: str) -> int:  # noqa: ARG002 - the protocol's signature
        """Not known: nothing is read."""
        return 0

    def words(self, prepared: Native) -> list[str]:  # noqa: ARG002 - the protocol's signature
        """None: nothing is read."""
        return []

    def joined(self, people: nw.LazyFrame[Any], more: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
        """Join by narwhals; a relation has no order."""
        return people.join(more, on=key, how="left")

    def kept(self, working: nw.LazyFrame[Any], members: nw.Expr) -> Any:
        """Return the members, unread."""
        return guarded("frame", lambda: working.filter(members).select(*self.names).to_native())

    def series(self, working: nw.LazyFrame[Any], answer: nw.Expr, *, is_verdict: bool) -> Any:  # noqa: ARG002 - as above
        """Refuse: it has no series."""
        raise InvalidValueError(
            "frame", f"is lazy ({self.engine}) and has no series", "collect() it first, or use filter or classify"
        )

    def extended(self, working: nw.LazyFrame[Any], answers: Mapping[str, nw.Expr]) -> Any:
        """Return the frame with the answers, unread."""
        asked = [answer.alias(name) for name, answer in answers.items()]
        # One projection: DuckDB compares the names in every expression with those of all columns.
        return guarded("frame", lambda: working.select(*self.names, *asked).to_native())


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
    except Exception as error:  # noqa: BLE001 - polars, pyarrow, narwhals, duckdb and pandas share no ancestor
        refused, kind = _COMPLAINT.match(str(error)), type(error).__name__
    if refused is not None:
        raise InvalidValueError(*refused.groups())
    raise InvalidValueError(what, f"cannot be read or evaluated ({kind})", "give one plain type for each column")


def open_table(frame: Any, what: str = "frame") -> Table:
    """Recognise a frame.

    Args:
        frame: A Polars DataFrame or LazyFrame, a pandas DataFrame, a PyArrow table, a DuckDB relation or a Spark
            DataFrame.
        what: Name used in an error.

    Returns:
        The door to it.

    Raises:
        InvalidValueError: If it is something else.
        MissingExtraError: If a library is missing that it is asked through.
    """
    known: Any = nw.dependencies
    doors: dict[str, Callable[[Any], bool]] = {
        "polars_tables.PolarsTable": known.is_polars_dataframe,
        "polars_tables.LazyPolarsTable": known.is_polars_lazyframe,
        "polars_tables.PandasTable": known.is_pandas_dataframe,
        "polars_tables.ArrowTable": known.is_pyarrow_table,
        "sql_tables.DuckDBTable": known.is_duckdb_relation,
        "sql_tables.SparkTable": known.is_pyspark_dataframe,
    }
    for door, fits in doors.items():
        if fits(frame) or (door == "sql_tables.SparkTable" and known.is_pyspark_connect_dataframe(frame)):
            return _opened(door, frame)
    raise InvalidValueError(what, "is not a data frame that rules can be asked of", f"give {_KINDS}")


def _opened(door: str, frame: Any) -> Table:
    module, _, name = door.partition(".")
    if module == "polars_tables" and find_spec("polars") is None:
        raise MissingExtraError("asking rules of pandas, Polars and PyArrow frames", "frames")
    table: Table = getattr(import_module(f"mimcore.frames.{module}"), name)(frame)
    return table
