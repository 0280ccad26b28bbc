"""What a database holds, table by table, in figures that tell two databases apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from monps_platform.db.models import Base
from monps_platform.db.schema.introspection import qualified_name
from monps_platform.db.schema.introspection.catalogue import VERSION_TABLE

# Independent of the order of the rows. The numeric sum cannot overflow.
_CONTENT = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"
_SESSION = (
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL statement_timeout = 0",
)
"""The text of a row is another one under other settings."""


@dataclass(frozen=True)
class Content:
    """A table's rows: how many, and the sum of their hashes."""

    rows: int
    checksum: str


def expected_tables() -> list[str]:
    """Every table of the models, and Alembic's own."""
    return sorted([*map(qualified_name, Base.metadata.sorted_tables), VERSION_TABLE])


def contents(connection: Connection) -> Mapping[str, Content]:
    """What the platform's tables hold that are there, within the transaction that is open or begins here."""
    for statement in _SESSION:
        connection.execute(text(statement))
    inspector = inspect(connection)
    found = {}
    for name in expected_tables():
        schema, _, table = name.rpartition(".")
        if inspector.has_table(table, schema or None):
            rows, checksum = connection.execute(text(_CONTENT.format(name))).one()
            found[name] = Content(rows, checksum)
    return found
