"""Tasks: steps, approval, dependencies without circles."""

from __future__ import annotations

from datetime import date
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.domain.task import Task, TaskStatus, in_order, ready
from mimcore.errors import InvalidValueError, TransitionError

ALLOWED = {
    "open": {"in_progress", "done", "cancelled"},
    "in_progress": {"open", "in_review", "done", "cancelled"},
    "in_review": {"in_progress", "done", "cancelled"},
    "done": {"open"},
    "cancelled": {"open"},
}


def task(number: int, *after: int, **fields: object) -> Task:
    """A task with a number for an id, that waits for others."""
    depends_on = [UUID(int=other) for other in after]
    return Task(id=UUID(int=number), title=f"Task {number}", depends_on=depends_on, **fields)


@pytest.mark.parametrize(("before", "after"), list(product(TaskStatus, TaskStatus)), ids=str)
def test_only_sensible_steps_are_allowed(before: TaskStatus, after: TaskStatus) -> None:
    """All 25 pairs; a refusal names the allowed steps."""
    one = task(1, status=before)
    if after in ALLOWED[before]:
        assert one.move(after.value).status is after
    else:
        with pytest.raises(TransitionError) as caught:
            one.move(after)
        assert all(step in str(caught.value) for step in ALLOWED[before])


def test_approval_comes_before_done() -> None:
    """A task with approvers passes through review."""
    one = task(1, approvers=["maria"])
    for status in ("open", "in_progress"):
        with pytest.raises(TransitionError, match="in_review"):
            one.evolve(status=status).move("done")
    assert one.move("in_progress").move("in_review").move("done").status is TaskStatus.DONE
    with pytest.raises(TransitionError, match="allowed"):
        one.move("finished")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": None}, "title"),
        ({"start_on": "2026-03-02", "due_on": "2026-03-01"}, "due_on"),
        ({"depends_on": [UUID(int=1)]}, "depends_on"),
        ({"campaign": "Spring Sale"}, "campaign"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object], place: str) -> None:
    """No title, due before the start, waiting for itself."""
    with pytest.raises(InvalidValueError) as caught:
        Task(**{"id": UUID(int=1), "title": "Call", **fields})
    assert caught.value.field == place


def test_overdue_is_what_is_late_and_not_finished() -> None:
    """The due day itself is not late."""
    one = task(1, due_on="2026-03-01")
    assert [one.is_overdue(date(2026, 3, day)) for day in (1, 2)] == [False, True]
    assert not one.move("done").is_overdue(date(2026, 3, 2))
    assert not one.move("cancelled").is_overdue(date(2026, 3, 2))
    assert not task(1).is_overdue(date(2026, 3, 2))


def test_order_puts_each_task_after_those_it_waits_for() -> None:
    """A dependency outside the list is ignored."""
    order = [one.id.int for one in in_order([task(3, 2), task(2, 1, 99), task(1), task(4, 1, 3)])]
    assert order == [1, 2, 3, 4]


@pytest.mark.parametrize("tasks", [[task(1, 2), task(2, 1)], [task(0), task(1, 3), task(2, 1), task(3, 2)]])
def test_a_circle_is_refused(tasks: list[Task]) -> None:
    """The message says how many tasks wait for each other."""
    with pytest.raises(InvalidValueError, match=f"{sum(bool(one.depends_on) for one in tasks)} tasks"):
        in_order(tasks)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_order_exists_exactly_without_circles(edges: list[tuple[int, int]]) -> None:
    """Compared with taking away what waits for nothing, again and again."""
    edges = [(one, other) for one, other in edges if one != other]
    tasks = [task(number, *{other for one, other in edges if one == number}) for number in range(10)]
    left = {one.id: set(one.depends_on) for one in tasks}
    while free := [key for key, waits in left.items() if not waits & left.keys()]:
        for key in free:
            del left[key]
    if left:
        with pytest.raises(InvalidValueError, match="circle"):
            in_order(tasks)
    else:
        place = {one.id: index for index, one in enumerate(in_order(tasks))}
        assert len(place) == 10
        assert all(place[other] < place[one.id] for one in tasks for other in one.depends_on)


def test_ready_is_what_can_be_begun_now() -> None:
    """Open, everything before it done, the earliest due first; an unknown dependency is not done."""
    tasks = [
        task(1, status="done"),
        task(2, 1, due_on="2026-03-09"),
        task(3, 1, due_on="2026-03-05"),
        task(4, 2),
        task(5, 99),
        task(6, status="in_progress"),
        task(7, status="cancelled"),
        task(8, 7),
        task(9),
    ]
    assert [one.id.int for one in ready(tasks)] == [3, 2, 9]
    assert ready([]) == ()
