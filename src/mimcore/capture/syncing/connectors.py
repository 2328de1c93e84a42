"""What brings deliveries of a source: the protocol, the rhythm that is expected, and one for folders of dated files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from inspect import signature
from pathlib import Path
from typing import Any, Protocol

from mimcore.capture.importing.plan import plan_import
from mimcore.domain.declaring.entity import check_source
from mimcore.errors import CaptureError, InvalidValueError, nearest
from mimcore.values.instants import as_date
from mimcore.values.text import clean
from mimcore.values.unknown_names import shown

__all__ = ["Connector", "Delivery", "FolderConnector", "Rhythm", "folder_connector"]

_DAY = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a source delivers for one day.

    Attributes:
        name: Its name, unique among those of the day, such as the name of a file.
        on: The day that it is for.
        data: Its rows: whatever `store.plan_import` takes; personal.
    """

    name: str
    on: date
    data: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a source is expected to deliver.

    Attributes:
        every_days: A delivery is expected for every period of so many days.
        starts_on: First day of the first period.
        grace_days: So many days after its period has begun a delivery is still in time.
    """

    every_days: int
    starts_on: date
    grace_days: int = 0

    def __post_init__(self) -> None:
        """Refuse a rhythm that says nothing."""
        if self.every_days < 1 or self.grace_days < 0:
            raise InvalidValueError("rhythm", "is out of range", "give every_days from 1 and grace_days from 0")

    def due(self, today: date) -> Iterator[date]:
        """Yield the first day of every period whose delivery should be there.

        Args:
            today: A local day.

        Examples:
            >>> [str(one) for one in Rhythm(7, date(2026, 3, 2), grace_days=1).due(date(2026, 3, 16))]
            ['2026-03-02', '2026-03-09']
        """
        period = self.starts_on
        while period + timedelta(days=self.grace_days) <= today:
            yield period
            period += timedelta(days=self.every_days)

    def period_of(self, day: date) -> date:
        """Return the first day of the period that a day lies in."""
        return day - timedelta(days=(day - self.starts_on).days % self.every_days)


class Connector(Protocol):
    """Brings the deliveries of one source. State is kept by source: two connectors need two sources."""

    @property
    def source(self) -> str:
        """Key of the source."""
        ...

    @property
    def rhythm(self) -> Rhythm | None:
        """How often it is expected to deliver, or None if nobody knows."""
        ...

    @property
    def options(self) -> Mapping[str, Any]:
        """How its rows are read: `mapping`, `key`, `region` … of `store.plan_import`."""
        ...

    def pull(self, since: date | None) -> Iterable[Delivery]:
        """Return what is for a day and later, in any order; what was returned before may be returned again.

        Args:
            since: First day that is asked for; None for everything.
        """
        ...


@dataclass(frozen=True, slots=True)
class FolderConnector:
    """Brings the files of a folder whose names bear a date, such as `crm-2026-03-01.csv`.

    Attributes:
        folder: The folder.
        pattern: Which files.
    """

    folder: Path
    source: str
    pattern: str = "*.csv"
    rhythm: Rhythm | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def pull(self, since: date | None) -> Iterable[Delivery]:
        """Return the files for a day and later, the oldest first.

        Args:
            since: First day that is asked for; None for everything.

        Raises:
            CaptureError: If the folder is not there, or a file bears no date.
        """
        if not self.folder.is_dir():
            raise CaptureError(f"the folder of '{self.source}' is not there")
        found = [(_day_of(path), path) for path in self.folder.glob(self.pattern) if not path.name.startswith(".")]
        wanted = sorted((on, path.name, path) for on, path in found if since is None or on >= since)
        return [Delivery(name, on, path) for on, name, path in wanted]


def folder_connector(
    folder: str | os.PathLike[str],
    *,
    source: str,
    pattern: str = "*.csv",
    every_days: int | None = None,
    starts_on: date | str | None = None,
    grace_days: int = 0,
    **options: Any,
) -> FolderConnector:
    """Bring the files of a folder whose names bear a date.

    Args:
        folder: The folder. Whoever writes to it should rename finished files into place; names with a dot in front are
            not looked at.
        source: Key of the source.
        pattern: Which files.
        every_days: A file is expected for every period of so many days; nothing is expected unless given.
        starts_on: First day of the first period; required with `every_days`.
        grace_days: So many days after its period has begun a file is still in time.
        **options: How the rows are read; see `store.plan_import`.

    Raises:
        InvalidValueError: If the source is no key, a rhythm has no beginning, or an import has no such option.
    """
    _check_options(options)
    rhythm = None
    if (every_days is None) is not (starts_on is None):
        raise InvalidValueError("every_days", "and starts_on belong together", "give both, or neither")
    if every_days is not None:
        rhythm = Rhythm(every_days, as_date(starts_on, "starts_on"), grace_days)
    return FolderConnector(Path(folder), check_source(source), pattern, rhythm, dict(options))


def _check_options(options: Mapping[str, Any]) -> None:
    """Refuse here what the first import would refuse, perhaps days later."""
    named = signature(plan_import).parameters.values()
    known = [one.name for one in named if one.kind is one.KEYWORD_ONLY and one.name != "source"]
    for name in options:
        if name not in known:
            raise InvalidValueError(shown(name), f"is no option of an import{nearest(name, known)}", "see plan_import")


def _day_of(path: Path) -> date:
    found = _DAY.search(path.name)
    shown = clean(path.name, "file", 200)
    try:
        if found is not None:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise CaptureError(f"{shown}: its name bears no date — call it like crm-2026-03-01.csv, or change the pattern")
