"""A rule becomes SQL."""
