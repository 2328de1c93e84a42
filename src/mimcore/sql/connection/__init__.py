"""How a database is reached: engines, dialects, statements sent, errors translated, rows copied, locks."""
