"""The roles that a connection may work as. What each may do is set up with the schema: see docs/roles.md."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """A group role; nobody logs in as one. The owner may do all that the writer may, the writer all that the reader
    may.
    """

    OWNER = "monps_owner"
    WRITER = "monps_writer"
    READER = "monps_reader"


def assume(connection: Any, role: Role) -> bool:
    """Let a DB-API connection work as a role until it is closed, if there is the role and its user may take it on.

    For psycopg2's connections and SQLAlchemy's adapters of asyncpg's, outside a transaction; a later rollback does
    not undo it. Returns whether it did; if not, the connection goes on as the user who logged in.
    """
    before = connection.autocommit
    connection.autocommit = True
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_ASSUME[role])
            return cursor.fetchone() is not None
    finally:
        connection.autocommit = before


# The right to take on a role that one is a member of is a right of its own from PostgreSQL 16 on.
MAY_SET = "CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END"
_ASSUME = {
    role: f"SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = '{role}' "  # noqa: S608 - own names
    f"AND pg_has_role(session_user, oid, {MAY_SET})"
    for role in Role
}
