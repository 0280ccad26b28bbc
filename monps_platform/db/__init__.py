"""The database: engines, the embedded server, models, repositories, unit of work, bulk load, migrations."""
