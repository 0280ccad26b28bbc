"""Alembic's entry: migrates the platform's own tables, and only those."""

from sqlalchemy import Connection

from alembic import context
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.connection.server import ensure_database
from monps_platform.db.schema.migrations import exclusively, migration_options
from monps_platform.settings import Settings


def run(connection: Connection) -> None:
    context.configure(connection=connection, **migration_options())
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Offline SQL is not supported: migrations look at the live database. Run: monps migrate")

given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    # As monps migrate does: one at a time, and without holding up those who use the tables.
    with build_engine(ensure_database(Settings())).connect() as own, exclusively(own):
        run(own)
