"""The same rules on tables of the application's own."""
