"""The composition root: `connect`, `from_frames`, and the `Store` on which all work with stored data hangs."""
