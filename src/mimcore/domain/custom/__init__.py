"""Custom attributes: how an application declares them, the handles that rules use, and what a value must be."""
