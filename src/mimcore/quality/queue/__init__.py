"""The stewards' queue: what waits for a person, derived from where it lives."""
