"""Stores of every kind, and ids that count up."""

from __future__ import annotations

from tests.stores import _ids_count_up, clock, everywhere, store

__all__ = ["_ids_count_up", "clock", "everywhere", "store"]
