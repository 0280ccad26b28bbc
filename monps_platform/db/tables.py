"""How many rows the platform's tables hold."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, inspect, select

from monps_platform.db.models import Base
from monps_platform.db.schema.introspection import qualified_name


def row_counts(connection: Connection) -> Mapping[str, int]:
    """Rows by table, for the tables that exist."""
    inspector = inspect(connection)
    return {
        qualified_name(table): int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in Base.metadata.sorted_tables
        if inspector.has_table(table.name, table.schema)
    }
