"""Columns of a file and the fields that they mean: kinds, transforms, proposals, cells."""
