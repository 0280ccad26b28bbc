"""Where a test's database stands, and what is in it."""

from __future__ import annotations

from collections.abc import Iterable

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from monps_platform.db.schema import migrations

Rows = list[dict[str, object]]


def revision(engine: Engine) -> str | None:
    """The revision a database is stamped with, if any."""
    with engine.connect() as connection:
        return migrations.current(connection)


def drift(engine: Engine) -> list[object]:
    """What Alembic would change to make the database that of the models."""
    with engine.connect() as connection:
        options = migrations.migration_options()
        target = options.pop("target_metadata")
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), target))


def rows_by_table(engine: Engine, tables: Iterable[str]) -> dict[str, Rows]:
    """All that is in the tables."""
    with engine.connect() as connection:
        return {
            table: list(connection.scalars(text(f"SELECT to_jsonb(t) FROM {table} t ORDER BY id"))) for table in tables
        }
