"""The composition root: `connect`, `from_frames`, and the `Store` on which everything that touches stored data hangs."""
