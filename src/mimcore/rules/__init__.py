"""The segmentation language: what a rule is, how it is written, what it means, how it is told and exchanged."""
