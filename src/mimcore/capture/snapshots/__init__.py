"""A store in a folder of plain files, and back."""
