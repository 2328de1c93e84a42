"""Imports that were made: how far each came, what became of its rows, and why an attempt ended early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import overload
from uuid import UUID

from mimcore.capture.importing.run import ImportRun
from mimcore.display.markup import element, escape
from mimcore.display.numbers import count
from mimcore.display.style import fragment
from mimcore.display.tables import Table
from mimcore.errors import ConflictError, InvalidValueError, MimcoreError, NotFoundError, nearest
from mimcore.repositories.records import ImportRecord, ImportStatus, Outcome, RowOutcome
from mimcore.repositories.workspace import Workspace

__all__ = ["ImportList", "OutcomeList", "all_imports", "as_outcome", "noting_failure", "outcomes_of"]

_SHOWN = 20
_LONGEST = 200


class ImportList(Sequence[ImportRecord]):
    """Imports, oldest first. Prints itself as a table."""

    def __init__(self, records: Iterable[ImportRecord]) -> None:
        """Hold them.

        Args:
            records: Oldest first.
        """
        self._records = tuple(records)

    @overload
    def __getitem__(self, index: int) -> ImportRecord: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[ImportRecord]: ...

    def __getitem__(self, index: int | slice) -> ImportRecord | Sequence[ImportRecord]:
        """Return one or some of them."""
        return self._records[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._records)

    def __repr__(self) -> str:
        """How many there are."""
        return f"ImportList({len(self)} imports)"

    def __str__(self) -> str:
        """Return them as a table, and below it the whole ids, which a table in a terminal would shorten."""
        told = (f"{number}  {one.id}{_why(one)}" for number, one in enumerate(self, start=1))
        return "\n".join((str(self._table()), *told))

    def _repr_html_(self) -> str:
        """Show them in a notebook."""
        told = (element("p", escape(f"{number}: {one.id}{_why(one)}")) for number, one in enumerate(self, start=1))
        return fragment(self._table().html() + "".join(told))

    @property
    def unfinished(self) -> tuple[ImportRecord, ...]:
        """Imports that stopped midway or are still running: planning the same file again goes on with them."""
        return tuple(one for one in self if one.status is ImportStatus.RUNNING)

    def _table(self) -> Table:
        names = ["", "started", "source", "file", "status", "rows", "rejected"]
        rows = [
            (
                number,
                f"{one.started_at:%Y-%m-%d %H:%M}",
                one.source,
                one.file_name,
                "stopped" if one.failure else one.status.value,
                one.next_row,
                one.counts.get(Outcome.REJECTED, 0),
            )
            for number, one in enumerate(self, start=1)
        ]
        return Table.of(names, rows, title="Imports", caption="times are UTC")


class OutcomeList(Sequence[RowOutcome]):
    """What became of the rows of one import: places and reasons, never values. Prints itself as a table."""

    def __init__(self, outcomes: Iterable[RowOutcome]) -> None:
        """Hold them.

        Args:
            outcomes: In order of rows.
        """
        self._outcomes = tuple(outcomes)

    @overload
    def __getitem__(self, index: int) -> RowOutcome: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[RowOutcome]: ...

    def __getitem__(self, index: int | slice) -> RowOutcome | Sequence[RowOutcome]:
        """Return one or some of them."""
        return self._outcomes[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._outcomes)

    def __repr__(self) -> str:
        """How many there are."""
        return f"OutcomeList({len(self)} rows)"

    def __str__(self) -> str:
        """Return the first of them as a table, and how many there are by outcome."""
        return str(self._table())

    def _repr_html_(self) -> str:
        """Show them in a notebook."""
        return fragment(self._table().html())

    def _table(self) -> Table:
        told = Counter(one.outcome.value for one in self)
        rows = [(one.line, one.outcome.value, one.column, one.reason, one.remedy) for one in self._outcomes[:_SHOWN]]
        more = f"; the first {_SHOWN} are shown" if len(self) > _SHOWN else ""
        caption = ", ".join(f"{count(number)} {name}" for name, number in told.items()) + more
        return Table.of(["line", "outcome", "column", "reason", "remedy"], rows, title="Rows", caption=caption)


def all_imports(workspace: Workspace) -> ImportList:
    """Return all imports, oldest first.

    Args:
        workspace: The store.
    """
    with workspace.read() as work:
        return ImportList(work.transaction.imports.all())


def outcomes_of(workspace: Workspace, import_id: UUID, outcome: Outcome | None = None) -> OutcomeList:
    """Return what became of the rows of an import.

    Args:
        workspace: The store.
        import_id: The import.
        outcome: Only rows with this outcome.

    Raises:
        NotFoundError: If there is no such import.
    """
    with workspace.read() as work:
        if work.transaction.imports.get(import_id) is None:
            raise NotFoundError("there is no import with this id")
        rows = work.transaction.imports.outcomes(import_id)
        return OutcomeList(one for one in rows if outcome is None or one.outcome is outcome)


def as_outcome(given: str) -> Outcome:
    """Return an outcome by its name.

    Raises:
        InvalidValueError: If it is none, with the nearest one.

    Examples:
        >>> as_outcome("rejected")
        <Outcome.REJECTED: 'rejected'>
    """
    names = [one.value for one in Outcome]
    if given not in names:
        raise InvalidValueError("outcome", f"is not known{nearest(given, names)}", f"use one of {', '.join(names)}")
    return Outcome(given)


@contextmanager
def noting_failure(run: ImportRun, record: ImportRecord) -> Generator[None]:
    """Keep with an import why a batch of it failed, and let the error go on.

    Nothing is noted if another process has gone on with the import meanwhile, if the store cannot be written, or if the
    batch merely met another transaction and is to be repeated.

    Args:
        run: The import.
        record: Where it stood before the batch.
    """
    try:
        yield
    except ConflictError:
        raise
    except BaseException as error:
        with suppress(MimcoreError):
            _note(run, record, _told(error))
        raise


def _note(run: ImportRun, record: ImportRecord, failure: str) -> None:
    with run.workspace.begin(source=run.source) as work:
        imports = work.transaction.imports
        imports.lock(run.fingerprint)
        stored = imports.get(record.id)
        if stored is None:
            if imports.with_fingerprint(run.fingerprint) is None:
                imports.put(replace(record, actor=record.actor or work.origin.actor, failure=failure))
        elif stored == record:
            imports.put(replace(stored, failure=failure))


def _told(error: BaseException) -> str:
    """Return an error in words without values: our own say none, of others only the kind is kept."""
    if isinstance(error, MimcoreError):
        return str(error)[:_LONGEST]
    return "interrupted" if isinstance(error, KeyboardInterrupt) else f"ended by {type(error).__name__}"


def _why(record: ImportRecord) -> str:
    return f"  stopped: {record.failure}" if record.failure else ""
