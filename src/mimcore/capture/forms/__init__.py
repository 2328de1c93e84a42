"""Forms from the model: what is asked, as JSON Schema; what is odd about it; and reading what people send."""
