"""Taking data out: which columns, in which form, into which kind of file; and reading such a file again."""
