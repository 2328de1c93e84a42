"""One tick: everything in a store whose time has come is done, and said. There is no scheduler inside: you call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from mimcore.display import Table, utc_minute
from mimcore.display.showing import Tabled
from mimcore.errors import DuplicateKeyError, MimcoreError
from mimcore.repositories.workspace import asked_at
from mimcore.segments.refreshed import Refresh
from mimcore.segments.value.following import follow_lifecycle
from mimcore.store.opening import OpenStore
from mimcore.store.segments import SegmentsAccessor

__all__ = ["DueReport", "DueWork", "Ran", "Ticking", "add_due_work", "due_work"]

DueWork = Callable[["Ticking", datetime], str]
"""Does what is due in a store at an instant, each step once however often it is called, and tells what in a line.

A store that has nothing of the kind is not told of: an empty line.
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """One piece of due work.

    Attributes:
        name: Its name.
        told: What it did, or why it failed.
        has_failed: Whether it ended with an error; the others ran all the same.
    """

    name: str
    told: str
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class DueReport(Tabled):
    """What a tick did; it prints itself."""

    at: datetime
    ran: tuple[Ran, ...]

    @property
    def has_failed(self) -> bool:
        """Whether any of it failed."""
        return any(one.has_failed for one in self.ran)

    def __iter__(self) -> Iterator[Ran]:
        """Each piece of work."""
        return iter(self.ran)

    def table(self) -> Table:
        """A line for each piece of work."""
        rows = [(one.name, f"failed: {one.told}" if one.has_failed else one.told) for one in self.ran]
        return Table.of(("what", "result"), rows, title="Due work", caption=utc_minute(self.at))


_WORK: dict[str, DueWork] = {}


def add_due_work(name: str, work: DueWork) -> None:
    """Let every tick do something more.

    Args:
        name: How the report calls it.
        work: Does it; several processes may call it at once, and each step must happen once.

    Raises:
        DuplicateKeyError: If something of that name is there.
    """
    if name in _WORK:
        raise DuplicateKeyError(f"there is due work of the name '{name}' already")
    _WORK[name] = work


def due_work() -> MappingProxyType[str, DueWork]:
    """Return what a tick does, by name, in its order."""
    return MappingProxyType(_WORK)


class Ticking(OpenStore):
    """A store that does what is due when it is told to."""

    segments: SegmentsAccessor

    def run_due(self, now: datetime | None = None) -> DueReport:
        """Do everything whose time has come: refresh segments, and what else is due. Call it as often as you like.

        Each piece of work locks what it changes, so two calls at once do nothing twice; a piece that fails keeps none
        of the others from running, and is due again at the next call.

        Args:
            now: The instant; the store's clock unless given.

        Returns:
            What was done, in order.
        """
        at = asked_at(self, now)
        ran = (self._ran(name, work, at) for name, work in _WORK.items())
        return DueReport(at, tuple(one for one in ran if one.told))

    def _ran(self, name: str, work: DueWork, at: datetime) -> Ran:
        try:
            return Ran(name, work(self, at))
        except MimcoreError as error:
            return Ran(name, str(error), has_failed=True)


def _refresh_segments(store: Ticking, at: datetime) -> str:
    return _told(store.segments.refresh(now=at))


def _told(done: Refresh) -> str:
    said = f"{done.entered} entered, {done.left} left, {done.asked} contacts asked"
    failed = f"; not refreshed: {', '.join(done.failed)}" if done.failed else ""
    return f"{said}{failed}{'; a later refresh does the rest' if done.is_superseded else ''}"


def _follow_lifecycle(store: Ticking, at: datetime) -> str:
    return str(follow_lifecycle(store, at) or "")


add_due_work("lifecycle", _follow_lifecycle)  # before the segments, whose rules may ask for its attribute
add_due_work("segments", _refresh_segments)
