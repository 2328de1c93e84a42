"""What a push would do, segment by segment; it prints itself, does it in one transaction, and takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from mimcore.capture.segment_files.document import fingerprint_of
from mimcore.capture.segment_files.folder import unchanged, writing
from mimcore.capture.segment_files.moves import Moves
from mimcore.display import Column, Table, count, utc_minute
from mimcore.display.markup import clean
from mimcore.display.style import fragment
from mimcore.display.widths import wrap
from mimcore.domain.declaring.entity import CLEAR
from mimcore.domain.segment import Segment
from mimcore.errors import ConflictError, InvalidValueError
from mimcore.repositories.unit_of_work import UnitOfWork
from mimcore.repositories.workspace import Workspace

__all__ = ["PushPlan", "PushStep", "Pushed"]

Kind = Literal["new", "changed", "archived", "moved", "missing"]
_FIELDS = ("name", "description", "rule", "team", "visibility", "tags", "is_archived")
_WIDTH = 76
_WORDS: Mapping[Kind, str] = {"moved": "moves with others", "missing": "has no file"}


@dataclass(frozen=True, slots=True)
class PushStep:
    """What would become of one segment.

    Attributes:
        key: The segment.
        kind: It is `new`, `changed` or `archived`; it is `moved` by the rule of another one; or it is in the store and
            `missing` in the folder, and stays as it is.
        details: What of it changes, in words.
        moves: Who would enter and leave; None where nobody can.
        held: What the store holds; None if it is new.
        becomes: What it would be; None if it stays as it is.
    """

    key: str
    kind: Kind
    details: tuple[str, ...] = ()
    moves: Moves | None = None
    held: Segment | None = field(default=None, repr=False)
    becomes: Segment | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after a push."""

    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push would do; nothing is written until `apply()`.

    Attributes:
        folder: Where the files are.
        at: The instant as of which members are counted.
        steps: What would become of each segment; those that stay as they are, are counted only.
        unchanged: How many stay as they are.
    """

    folder: Path
    at: datetime
    steps: tuple[PushStep, ...]
    unchanged: int
    workspace: Workspace = field(repr=False)
    files: Mapping[Path, FileChange] = field(repr=False)
    _done: list[Pushed] = field(default_factory=list["Pushed"], repr=False, compare=False)

    def __iter__(self) -> Iterator[PushStep]:
        """Each step."""
        return iter(self.steps)

    @property
    def changes_nothing(self) -> bool:
        """Whether the store is as the files say."""
        return not any(one.becomes is not None for one in self.steps)

    def table(self) -> Table:
        """A line for each segment."""
        rows: list[tuple[object, ...]] = []
        for one in self.steps:
            moves = one.moves
            told = ("", "", "") if moves is None else (moves.before, moves.entering, moves.leaving)
            rows.append((one.key, _WORDS.get(one.kind, one.kind), *told))
        numbers = [Column(name, "right") for name in ("members", "would enter", "would leave")]
        caption = f"{count(self.unchanged)} unchanged · {utc_minute(self.at)}"
        return Table.of(("segment", "what", *numbers), rows, title="Push", caption=caption)

    def details(self) -> Table:
        """A line for each change of a segment."""
        rows = [(one.key, line) for one in self.steps for line in one.details]
        return Table.of(("segment", "change"), rows, title="Changes")

    def __str__(self) -> str:
        """The table as text, and below it in full what of each segment changes."""
        lines = (f"{one.key}: {line}" for one in self.steps for line in one.details)
        wrapped = (f"{'' if place == 0 else '    '}{part}" for line in lines for place, part in enumerate(_lines(line)))
        return "\n".join((str(self.table()), *wrapped))

    def _repr_html_(self) -> str:
        return fragment(self.table().html() + self.details().html())

    def apply(self, *, actor: str | None = None) -> Pushed:
        """Do it in one transaction, then note in the files what the store holds now.

        Args:
            actor: Who pushes; the store's unless given.

        Raises:
            ConflictError: If a segment was changed since the push was planned; nothing is written then.
            CaptureError: If a file was changed since, or cannot be written; nothing is written then.
        """
        unchanged({path: one.before for path, one in self.files.items()})
        texts = {path: one.after for path, one in self.files.items() if one.after != one.before}
        steps = [one for one in self.steps if one.becomes is not None]
        with writing(texts):
            planned = [(one.key, one.held, one.becomes) for one in steps]
            stored = _written(self.workspace, planned, actor, "this was planned")
        done = Pushed(self, stored)
        self._done.append(done)
        return done

    def undo(self, *, actor: str | None = None) -> None:
        """Take back what `apply` did: every segment and every file is as it was before.

        A segment that was new is archived, for what was recorded about it stays.

        Args:
            actor: Who takes it back; the store's unless given.

        Raises:
            InvalidValueError: If it was not applied, or taken back already.
            ConflictError: If a segment was changed since; nothing is taken back then.
            CaptureError: If a file was changed since.
        """
        if not self._done:
            raise InvalidValueError("plan", "was not applied", "there is nothing to take back")
        done = self._done[-1]
        unchanged({path: one.after for path, one in self.files.items()})
        texts = {path: one.before for path, one in self.files.items() if one.after != one.before}
        back = [(one.key, one, _before(one, held)) for one, held in zip(done.segments, done.held, strict=True)]
        with writing(texts):
            _written(self.workspace, back, actor, "it was pushed")
        self._done.pop()


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did; `plan.undo()` takes it back."""

    plan: PushPlan = field(repr=False)
    segments: tuple[Segment, ...]

    @property
    def held(self) -> tuple[Segment | None, ...]:
        """What the store held of each before; None if it is new."""
        return tuple(one.held for one in self.plan.steps if one.becomes is not None)

    def __str__(self) -> str:
        """One line."""
        kinds = [one.kind for one in self.plan.steps if one.becomes is not None]
        return "pushed: " + ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("new", "changed", "archived"))


def _lines(text: str) -> list[str]:
    return wrap(clean(text), _WIDTH)


def _before(now: Segment, held: Segment | None) -> Segment:
    return now.evolve(is_archived=True) if held is None else held


def _written(
    workspace: Workspace, wanted: Sequence[tuple[str, Segment | None, Segment | None]], actor: str | None, since: str
) -> tuple[Segment, ...]:
    with workspace.begin(actor=actor) as work:
        found = [(_as_planned(work, key, held, since), becomes) for key, held, becomes in wanted]
        # Who a rule refers to need not be stored before it: a rule is bound when it is asked.
        return tuple(_one(work, held, becomes) for held, becomes in found if becomes is not None)


def _as_planned(work: UnitOfWork, key: str, held: Segment | None, since: str) -> Segment | None:
    found = work.segments.find_one(key)
    if (None if found is None else found.version) != (None if held is None else held.version):
        raise ConflictError(f"changed in the store since {since}: {key}; nothing was written, plan again")
    return found


def _one(work: UnitOfWork, held: Segment | None, becomes: Segment) -> Segment:
    if held is None:
        return work.add(becomes)[0]
    return work.change(held, **_changes(held, becomes))


def _changes(held: Segment, becomes: Segment) -> dict[str, Any]:
    new = {name: getattr(becomes, name) for name in _FIELDS}
    return {name: CLEAR if value is None else value for name, value in new.items() if value != getattr(held, name)}


def is_same(one: Segment, other: Segment) -> bool:
    """Tell whether the files of two segments say the same."""
    return fingerprint_of(one) == fingerprint_of(other)
