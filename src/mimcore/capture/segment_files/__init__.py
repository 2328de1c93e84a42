"""Segments as files for git: one stable file for each, pulled from a store, and pushed back by a plan."""
