"""What a bound rule means in Python: over the facts of one contact, and over many at once."""
