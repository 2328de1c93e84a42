"""One person, one profile: records that share identifying keys, and merges that show themselves and can be undone."""
