"""Migrations of Django's own tables."""
