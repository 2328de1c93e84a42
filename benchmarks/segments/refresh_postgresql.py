"""Refreshing fifty segments of a million people on PostgreSQL."""

from __future__ import annotations

from benchmarks.segments.refresh import measure_postgresql as measure

__all__ = ["measure"]
