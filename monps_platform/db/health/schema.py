"""Where the database stands in the schema's history, and where its tables differ from the models."""

from __future__ import annotations

from sqlalchemy import Connection

from monps_platform.db import errors
from monps_platform.db.schema import migrations
from monps_platform.db.schema.introspection import compare_schema
from monps_platform.domain.health.measurements import Schema


def measure(connection: Connection) -> Schema:
    """The migration, and the differences by table; the tables of a database that is not migrated are not compared."""
    standing = migrations.standing(connection)
    differences: dict[str, int] | None = None
    reason: str | None = "the database is not at the newest migration"
    if standing.is_newest:
        try:
            compared = compare_schema(connection)
            differences, reason = {name: len(found) for name, found in compared.tables.items()}, None
        except errors.FAILURES as error:
            reason = str(errors.in_words(error, "this database") or error)
    return Schema(standing.current, standing.newest, len(standing.pending), standing.is_known, differences, reason)
