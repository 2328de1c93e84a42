"""Planning a push: what is new, what is changed and who moves, what has no file; conflicts and mistakes by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mimcore.capture.segment_files.document import fingerprint_of, written
from mimcore.capture.segment_files.folder import Folder, FoundFile, read_folder
from mimcore.capture.segment_files.moves import World, check_references
from mimcore.capture.segment_files.push_plan import FileChange, PushPlan, PushStep, is_same
from mimcore.domain.segment import Segment
from mimcore.errors import ConflictError, InvalidValueError, Problem
from mimcore.repositories.workspace import Workspace
from mimcore.rules.explaining.differences import difference_of

__all__ = ["plan_push"]

_TOLD = ("name", "description", "team", "visibility", "tags")


def plan_push(workspace: Workspace, folder: Path, at: datetime, *, archive_missing: bool, overwrite: bool) -> PushPlan:
    """Compare the files of a folder with the segments of a store; nothing is written.

    Args:
        workspace: The store.
        folder: The folder.
        at: The instant as of which members are counted.
        archive_missing: Whether segments without a file are archived.
        overwrite: Whether segments that were changed in the store since they were pulled become what the files say.

    Raises:
        InvalidValueError: Naming every file that is wrong, the place in it, and what would be right.
        ConflictError: Naming the segments that were changed in the store since they were pulled.
        CaptureError: If the folder cannot be read.
    """
    with workspace.read() as work:
        found = read_folder(folder, work.catalogue)
        stored = {one.key: one for one in work.segments.all()}
        compared = _Compared(found.all(), stored)
        compared.refuse_other_kinds()
        if not overwrite:
            compared.refuse_conflicts()
        new = compared.new()
        check_references(stored, new)
        world = World(work, at, stored, new)
        touched = world.touched()
        steps = [
            *(_step(world, key, touched) for key in sorted(new)),
            *(PushStep(key, "moved", (), world.moves(key, touched), stored[key]) for key in touched if key not in new),
            *(_missing(stored[key], is_archived=archive_missing) for key in compared.missing()),
        ]
        unchanged = (
            len(found.files) - len(new) - sum(1 for one in steps if one.kind == "moved" and one.key in found.files)
        )
    return PushPlan(folder, at, tuple(steps), unchanged, workspace, _files(found))


@dataclass(frozen=True, slots=True)
class _Compared:
    """Files and stored segments, by key."""

    files: Mapping[str, FoundFile]
    stored: Mapping[str, Segment]

    def said(self) -> dict[str, Segment]:
        """What the files say."""
        return {key: one.says.segment for key, one in self.files.items() if one.says is not None}

    def new(self) -> dict[str, Segment]:
        """The segments that are not yet as their files say, as they would be."""
        found: dict[str, Segment] = {}
        for key, said in self.said().items():
            held = self.stored.get(key)
            if held is None:
                found[key] = said
            elif held.is_archived or not is_same(held, said):
                found[key] = said.model_copy(
                    update={"id": held.id, "version": held.version, "is_pinned": held.is_pinned}
                )
        return found

    def missing(self) -> list[str]:
        """Keys of live segments without a file."""
        return sorted(key for key, one in self.stored.items() if not one.is_archived and key not in self.files)

    def refuse_conflicts(self) -> None:
        """Refuse what was changed in the store since it was pulled."""
        names = [
            key for key, one in self.files.items() if one.says is not None and self._is_conflict(key, one.says.base)
        ]
        if names:
            raise ConflictError(
                f"changed in the store since they were pulled: {', '.join(names)}; "
                "commit the files, pull them again with overwrite, and merge in git"
            )

    def _is_conflict(self, key: str, base: str | None) -> bool:
        held = self.stored.get(key)
        if held is None:
            return False
        if held.is_archived:
            return base is not None  # pulled while it was alive; a new file brings it back
        return not is_same(held, self.said()[key]) and base != fingerprint_of(held)

    def refuse_other_kinds(self) -> None:
        """Refuse to make a list of a segment with a rule, or the other way: its members would be lost."""
        problems = [
            Problem(
                f"{key}.json, rule",
                "is missing, and the segment has one" if said.rule is None else "is given, and the segment is a list",
                "use another key",
            )
            for key, said in self.said().items()
            if key in self.stored and self.stored[key].is_dynamic is not said.is_dynamic
        ]
        if problems:
            raise InvalidValueError.of(problems)


def _step(world: World, key: str, touched: tuple[str, ...]) -> PushStep:
    held, becomes = world.stored.get(key), world.new[key]
    moves = world.moves(key, touched) if key in touched else None
    if held is None:
        return PushStep(key, "new", (), moves, None, becomes)
    details = tuple(
        f"{name}: {_told(held, name)} → {_told(becomes, name)}" for name in _TOLD if _differs(held, becomes, name)
    )
    edits = () if held.rule is None or becomes.rule is None else difference_of(held.rule, becomes.rule).edits
    returns = ("back from the archive",) if held.is_archived else ()
    return PushStep(key, "changed", (*returns, *(one.text for one in edits), *details), moves, held, becomes)


def _differs(held: Segment, becomes: Segment, name: str) -> bool:
    return bool(getattr(held, name) != getattr(becomes, name))


def _told(segment: Segment, name: str) -> str:
    value: object = ", ".join(segment.tags) if name == "tags" else getattr(segment, name)
    return str(value) if value else "–"


def _missing(held: Segment, *, is_archived: bool) -> PushStep:
    if not is_archived:
        return PushStep(held.key, "missing", (), None, held)
    return PushStep(held.key, "archived", (), None, held, held.evolve(is_archived=True))


def _files(found: Folder) -> dict[Path, FileChange]:
    """Return what each file becomes: canonical, with the fingerprint of what the store holds then."""
    return {
        one.path: FileChange(one.raw, written(one.says.segment, fingerprint_of(one.says.segment)).encode())
        for one in found.files.values()
        if one.says is not None
    }
