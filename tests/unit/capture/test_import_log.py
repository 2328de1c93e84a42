"""What a store remembers of its imports: those that ended, those that stopped, and why."""

from __future__ import annotations

import pytest

from mimcore.capture import plan_import
from mimcore.errors import InvalidValueError, NotFoundError
from mimcore.repositories.records import Outcome

MAPPING = {"mail": "contact.emails", "city": "contact.city"}
ROWS = [{"mail": f"p{number}@example.com", "city": "Ribe"} for number in range(5)] + [{"mail": "bad", "city": ""}]


def plan(store, rows=ROWS):
    """Plan an import from the fair."""
    return plan_import(store, rows, source="fair", mapping=MAPPING)


class PlugPulledError(Exception):
    """What somebody else's code may throw; its text could hold a person's data."""


def test_finished_imports_are_listed_with_their_rows(import_store):
    """The list and the outcomes print themselves; nothing of a row but its place is kept."""
    result = plan(import_store).apply()
    (record,) = import_store.imports.all()
    assert (record.id, record.failure, dict(record.counts)) == (result.id, "", {"created": 5, "rejected": 1})
    assert import_store.imports.all().unfinished == ()
    (refused,) = import_store.imports.rows(result.id, "rejected")
    assert (refused.line, refused.column, refused.code) == (6, "mail", "invalid_value")
    assert len(import_store.imports.rows(str(result.id))) == 6
    printed = str(import_store.imports.all()) + str(import_store.imports.rows(result.id))
    assert "finished" in printed
    assert "5 created, 1 rejected" in printed
    assert "example.com" not in printed


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PlugPulledError("ana@example.com"), "ended by PlugPulledError"),
        (KeyboardInterrupt(), "interrupted"),
        (InvalidValueError("disk", "is full", "make room"), "disk: is full — make room"),
    ],
)
@pytest.mark.parametrize("after", [0, 2])
def test_an_import_that_fails_says_how_far_it_came_and_why(import_store, monkeypatch, error, told, after):
    """The error goes on to the caller; the record stays; the same call goes on and clears it."""
    from mimcore.repositories.recording import Recorder

    planned, calls, created = plan(import_store), [0], Recorder.created

    def failing(self, *given, **options):
        calls[0] += 1
        if calls[0] > after:
            raise error
        return created(self, *given, **options)

    monkeypatch.setattr(Recorder, "created", failing)
    with pytest.raises(type(error)):
        planned.apply(batch_size=2)
    monkeypatch.undo()
    (stopped,) = import_store.imports.all().unfinished
    assert (stopped.failure, stopped.next_row) == (told, 2 * after)
    assert f"{stopped.id}  stopped: {told}" in str(import_store.imports.all())
    assert "ana@" not in str(import_store.imports.all())
    result = plan(import_store).apply()
    (record,) = import_store.imports.all()
    assert (record.id, record.status, record.failure) == (result.id, "finished", "")
    assert dict(record.counts) == {"created": 5, "rejected": 1}
    assert [one.outcome for one in import_store.imports.rows(result.id)] == [Outcome.CREATED] * 5 + [Outcome.REJECTED]


def test_somebody_who_asks_for_what_is_not_there_is_told(import_store):
    """An unknown import, a misspelt outcome."""
    with pytest.raises(NotFoundError):
        import_store.imports.rows("019d0000-0000-7000-8000-000000000000")
    with pytest.raises(InvalidValueError, match="did you mean 'rejected'"):
        import_store.imports.rows("019d0000-0000-7000-8000-000000000000", "rejectd")
