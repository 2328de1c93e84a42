"""A store under a clock that the test moves, and a way to write small files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import mimcore as mim


class Clock:
    """The present instant, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@pytest.fixture
def import_clock():
    """A clock that stands at noon of 1 March 2026."""
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def import_store(request, tmp_path, import_clock):
    """An empty store of each kind."""
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    with mim.connect(url, actor="tester", zone="Europe/Copenhagen", clock=import_clock, secret=b"s" * 32) as store:
        yield store


@pytest.fixture
def csv_file(tmp_path):
    """Write text to a file and return its path."""

    def write(text, name="data.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
