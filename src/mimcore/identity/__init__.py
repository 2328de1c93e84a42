"""One person, one profile: records that share identifying keys, merges that show themselves first and can be taken back."""
