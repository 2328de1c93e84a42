"""What would change the answer of a rule: time alone, or the smallest change of what is known."""
