"""How a rule is written comfortably: typed handles of fields, events, accounts and measures."""
