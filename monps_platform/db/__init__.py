"""The database: the embedded server, connections, models, repositories and units of work. See docs/database.md."""
