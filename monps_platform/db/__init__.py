"""The database: from the embedded server and the connections to models, repositories and units of work. See docs/database.md."""
