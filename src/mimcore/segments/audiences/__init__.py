"""Frozen audiences: kept under a key, divided into groups, capped, and handed over with the gate asked again."""
