"""Comparing segments: with everybody, with each other, and with themselves earlier."""
