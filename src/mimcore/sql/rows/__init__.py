"""Rows and cells, and the objects that they are: plain functions both ways."""
