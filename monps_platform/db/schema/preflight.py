"""What a migration needs before it begins, looked at without changing anything."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from monps_platform.db.schema import migrations
from monps_platform.db.schema.migrations import Standing

OLDEST_SERVER = 15
"""Unique keys that treat NULLs as equal exist from PostgreSQL 15 on."""
LEAST_FREE = 256 * 2**20
"""Bytes of free disk below which no migration begins."""

_LOOK = text("""
    SELECT current_setting('server_version_num')::int / 10000 AS version, current_user AS login,
        pg_is_in_recovery() AS is_replica, pg_database_size(current_database()) AS bytes,
        has_database_privilege(current_database(), 'CREATE') AS may_create,
        CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
            THEN current_setting('data_directory', true) END AS data""")
_FOREIGN = text("""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (:schemas) AND c.relkind IN ('r', 'p') AND NOT pg_has_role(current_user, c.relowner, 'USAGE')
        AND (n.nspname || '.' || c.relname) = ANY (:tables)
    ORDER BY 1 LIMIT 5""")


@dataclass(frozen=True)
class Preflight:
    """What was found: where the database stands, and what stands in the way of a migration, in words."""

    standing: Standing
    version: int
    login: str
    database_bytes: int
    free_bytes: int | None
    """Free bytes where the data lies; None where that is another machine's, or not to be seen."""
    obstacles: tuple[str, ...]


def preflight(connection: Connection, tables: list[str], schemas: list[str]) -> Preflight:
    """Look at server, version, disk, rights and what would be applied."""
    standing = migrations.standing(connection)
    row = connection.execute(_LOOK).one()
    foreign = [str(name) for name in connection.scalars(_FOREIGN, {"tables": tables, "schemas": schemas})]
    free = _free_bytes(row.data)
    obstacles = [
        (
            not standing.is_known,
            f"the database is at migration {standing.current}, which this checkout does not have (its newest is "
            f"{standing.newest}): a newer one migrated it. Update the checkout",
        ),
        (row.is_replica, "the server is a read replica: migrate its primary"),
        (row.version < OLDEST_SERVER, f"the server is version {row.version}: {OLDEST_SERVER} or newer is needed"),
        (
            not row.may_create,
            f"user {row.login} may not create in the database: run monps migrate as its owner, or see docs/roles.md",
        ),
        (
            bool(foreign),
            f"user {row.login} does not own {', '.join(foreign)}, and may not change them: run monps migrate as their "
            "owner, or see docs/roles.md",
        ),
        (
            free is not None and free < LEAST_FREE,
            f"{row.data} has {(free or 0) / 2**20:,.0f} MB left, and {LEAST_FREE / 2**20:,.0f} MB are needed",
        ),
    ]
    found = tuple(said for stands, said in obstacles if stands)
    return Preflight(standing, row.version, row.login, row.bytes, free, found)


def _free_bytes(data: str | None) -> int | None:
    try:
        return None if data is None else shutil.disk_usage(Path(data)).free
    except OSError:  # another machine's folder, or one that this account may not see
        return None
