"""What stores cost: bulk and single writes, reading, a million and ten million contacts, on SQLite and PostgreSQL."""

from __future__ import annotations

TOPICS = ("bulk", "bulk_postgresql", "single", "streaming", "alchemy", "million")
"""In the order in which they are measured; `ten_million` has a command of its own."""
