"""Many rules at once: which of thousands of segments one contact is in."""
