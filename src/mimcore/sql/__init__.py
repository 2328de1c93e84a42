"""The SQL back end: schema, column maps, rule compiler, repositories, transactions and migrations. SQLite now."""
