"""Importing a CSV file into PostgreSQL against COPY of the very same rows."""

from __future__ import annotations

from benchmarks.imports import measure_postgresql as measure

__all__ = ["measure"]
