"""A desk of one's own for every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mistakes.judging import NOW, Desk

import mimcore as mim


@pytest.fixture
def desk(tmp_path: Path):
    """A desk of one's own."""
    with mim.connect("memory:", actor="maria@acme", clock=lambda: NOW) as store:
        ana = mim.Contact(name="Ana Zqxsen", emails=["ana.zqx@example.dk"], country="DK")
        with store.begin(source="shop") as work:
            (stored,) = work.add(ana)
        yield Desk(tmp_path, store, stored)
