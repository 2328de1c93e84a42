"""What is in a file, before anything is stored."""
