"""A synchronisation that dies goes on the next time: every delivery once, in its order, and the late one where it belongs."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime

import pytest
from tests.crash.steps import KILLED, Steps, ended, in_child, leaving_at
from tests.crash.test_import_killed import content

import mimcore as mim

MAPPING = {"email": "contact.email", "city": "contact.city", "likes": ("contact.interests", mim.capture.split())}
DAYS = {2: range(9), 3: range(4, 12), 4: range(2, 8), 6: range(14)}


@pytest.fixture
def folder(tmp_path):
    """Four deliveries, one is missing between them; a person is said to live elsewhere every day."""
    (tmp_path / "crm").mkdir()
    for day, people in DAYS.items():
        lines = [f"p{who}@example.dk,Town {(who + day) % 5},{'chess;opera' if who % 2 else ''}" for who in people]
        text = "\n".join(["email,city,likes", *lines]) + "\n"
        (tmp_path / "crm" / f"crm-2026-03-{day:02}.csv").write_text(text, encoding="utf-8")
    return tmp_path / "crm"


def sync(path, folder, act=None):
    """Synchronise and return how many steps it took."""
    connector = mim.folder_connector(
        folder, source="crm", mapping=MAPPING, every_days=1, starts_on=date(2026, 3, 2)
    )  # fmt: skip
    clock = datetime(2026, 3, 8, tzinfo=UTC)
    with mim.connect(f"sqlite:///{path}", actor="tester", clock=lambda: clock, secret=b"s" * 32) as store:
        with Steps(act) as steps:
            done = store.sync(connector)
        assert [one.outcome.value for one in done.deliveries].count("failed") == 0
        assert [one.on.day for one in done.state.missing] == [5, 7, 8]
        return steps.count


def test_a_synchronisation_that_dies_anywhere_goes_on(tmp_path, folder):
    """At 16 of its steps, first and last among them: the same call again gives exactly the undisturbed database."""
    empty, whole = tmp_path / "empty.db", tmp_path / "whole.db"
    mim.connect(f"sqlite:///{empty}", actor="tester", secret=b"s" * 32).close()
    shutil.copy(empty, whole)
    steps = sync(whole, folder)
    expected = content(f"sqlite:///{whole}")
    assert len(expected["imports"]) == len(DAYS)
    places = {1, steps, *random.Random(20260308).sample(range(2, steps), 14)}
    for place in sorted(places):
        path = tmp_path / f"{place}.db"
        shutil.copy(empty, path)
        assert ended(in_child(lambda path=path, place=place: sync(path, folder, leaving_at(place)))) == KILLED
        sync(path, folder)
        assert content(f"sqlite:///{path}") == expected, f"step {place}"
