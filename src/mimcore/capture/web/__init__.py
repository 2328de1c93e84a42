"""Capturing leads on the web: where a person came from, what they consented to, and keeping it."""
