"""A version of a record beside the one before it: as plain JSON values, what differs, and the way back."""
