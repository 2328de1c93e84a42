"""Which data anybody reads: fields, sources and kinds of interactions beside the readers that there are."""
