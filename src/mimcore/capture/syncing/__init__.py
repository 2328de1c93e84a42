"""Synchronising with a source that delivers again and again: what is new, what is late, what is missing."""
