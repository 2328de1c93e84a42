"""Ports that a store implements, and the unit of work that writes through them: one transaction, provenance on every write."""
