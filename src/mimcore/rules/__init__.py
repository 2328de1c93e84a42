"""The segmentation language: what a rule is, how it is written, what it means in Python, how it is told and exchanged."""
