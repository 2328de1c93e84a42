"""The segmentation language: what a rule is, what it means, and how Python evaluates and explains it."""
