"""Ready mappings for the exports of well-known programs, recognised by their columns.

Each module tells where the names of the columns are documented. Names are compared as `sniff.header_key` gives them.
"""
