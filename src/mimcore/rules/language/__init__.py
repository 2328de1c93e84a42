"""What a rule is: inert data, the fields it may mention, and the limits it keeps."""
