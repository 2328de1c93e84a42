"""Rows of a database query: what `select(Customer)` gives, streamed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from mimcore.capture.files.csv_reader import Row, clean_headers
from mimcore.capture.reading.plain_cells import cell_text
from mimcore.capture.reading.row_source import digest_of, row_of
from mimcore.errors import CaptureError, InvalidValueError, Problem

__all__ = ["QueryRows", "read_query"]

_BATCH = 1_000


class QueryRows:
    """Rows of a query, asked anew by each iteration; the first row is line 1.

    Attributes:
        name: What it is, for people.
        headers: Cleaned, distinct column names.
        notes: What was mended.
    """

    def __init__(self, statement: Any, bind: Engine | Connection) -> None:
        """Use `read_query`."""
        self.name = "query"
        self._statement, self._bind = statement, bind
        self.headers, notes = clean_headers([str(name) for name in statement.selected_columns.keys()])  # noqa: SIM118 (no dict)
        self.notes = tuple(notes)

    def __iter__(self) -> Iterator[Row]:
        """Ask the database and give the rows as text.

        Yields:
            Rows; one with a cell that has no text carries a problem.

        Raises:
            CaptureError: If the database refuses.
        """
        with self._connected() as connection, _asking():
            found = connection.execute(self._statement, execution_options={"yield_per": _BATCH})
            for number, cells in enumerate(found, start=1):
                yield self._row(number, tuple(cells))

    @contextmanager
    def _connected(self) -> Generator[Connection]:
        if isinstance(self._bind, Connection):
            yield self._bind
            return
        with _asking():
            connection = self._bind.connect()
        with connection:
            yield connection

    def _row(self, number: int, cells: tuple[object, ...]) -> Row:
        values: list[str] = []
        for place, cell in enumerate(cells):
            try:
                values.append(cell_text(cell))
            except InvalidValueError as error:
                column = f"column {place + 1} '{self.headers[place]}'"
                return Row(number, (), Problem(column, error.reason, error.remedy))
        return row_of(number, values, self.headers)

    def sha256(self) -> str:
        """Return a hash of names and cells."""
        return digest_of(self)


def read_query(statement: Any, bind: Any) -> QueryRows:
    """See the rows of a query as something to import or audit.

    It is asked several times (planning, checking, applying), so it must say its order.

    Args:
        statement: A `select(…)` of SQLAlchemy with `order_by`.
        bind: An engine, a connection or a session.

    Raises:
        CaptureError: If it is no query, has no order, or there is nothing to ask.

    Examples:
        >>> from sqlalchemy import create_engine, literal, select
        >>> mail = literal("ana@acme.dk").label("mail")
        >>> [row.values for row in read_query(select(mail).order_by(mail), create_engine("sqlite://"))]
        [('ana@acme.dk',)]
    """
    if not hasattr(statement, "selected_columns"):
        raise CaptureError("not a query — give select(…) of SQLAlchemy")
    if not getattr(statement, "_order_by_clauses", ()):
        raise CaptureError("the query has no order, so that a second reading could differ — add .order_by(…)")
    found = bind if isinstance(bind, Engine | Connection) else _connection_of(bind)
    if not isinstance(found, Engine | Connection):
        raise CaptureError("nothing to ask the query of — give an engine, a connection or a session")
    return QueryRows(statement, found)


def _connection_of(session: Any) -> object:
    with _asking():
        return session.connection() if callable(getattr(session, "connection", None)) else None


@contextmanager
def _asking() -> Generator[None]:
    kind = None
    try:
        yield
    except SQLAlchemyError as error:
        kind = type(error).__name__
    if kind is not None:
        raise CaptureError(f"the database refused the query ({kind})")
