"""Entities and their invariants: no I/O, no clock. Importing this room registers the fields that rules may mention."""
