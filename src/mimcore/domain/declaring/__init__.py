"""What entities are declared with: the marks of an attribute, what every aggregate shares, short names."""
