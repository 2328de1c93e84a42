"""Pieces of SQL that each database is told in its own words."""
