"""The repositories on SQL, and what they write together."""
