"""What newer deliveries have said of records already: a file that comes late does not speak after them.

A value that a newer file only repeats leaves no trace of its own: nothing changed. That the file spoke of the record,
and of which fields, stands in the import log, and there it is looked up by an import whose rows are older.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mimcore.capture.importing.row_changes import Seen
from mimcore.capture.mapping.field_policies import Sight
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.repositories.records import ImportRecord, ImportStatus
from mimcore.repositories.unit_of_work import UnitOfWork

__all__ = ["hear_later_words"]


def hear_later_words(work: UnitOfWork, seen: Mapping[UUID, Seen], moments: Iterable[datetime | None]) -> None:
    """Let the newest file that spoke of a field of a record count as the last sight of the field's value.

    An empty cell of such a file counts too, since it is not known any more: what is older then changes nothing. Fields
    that a file was not allowed to change because it is newer, by its policy, do not count.

    Args:
        work: The open unit of work.
        seen: Who said each stored value, by record; brought up to date.
        moments: When the rows were observed that are about to be taken over.
    """
    earliest = min((one for one in moments if one is not None), default=None)
    if earliest is None or not seen:
        return
    newer = {one.id: one for one in work.transaction.imports.all() if _speaks_after(one, earliest)}
    for import_id, record_id in work.transaction.imports.about(list(newer), list(seen)):
        _hear(seen[record_id], newer[import_id])


def _speaks_after(record: ImportRecord, moment: datetime) -> bool:
    is_taken_back = record.status is ImportStatus.UNDONE
    return record.observed_at is not None and record.observed_at > moment and not is_taken_back


def _hear(seen: Seen, record: ImportRecord) -> None:
    for field in _each(record.fields):
        old = seen.get(field, Sight(None, 0.0))
        if record.observed_at is not None and (old.at is None or old.at < record.observed_at):
            seen[field] = old._replace(at=record.observed_at)


def _each(fields: Sequence[str]) -> Iterator[str]:
    """Yield the fields; a whole name stands for its parts."""
    for field in fields:
        yield field
        if field == "contact.name":
            yield from (spec.name for spec in CONTACT_FIELDS if spec.name.startswith("contact.name."))
