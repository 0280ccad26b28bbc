"""Who works on the server: open transactions, sessions that wait, connections in use. No statement is read: it may
hold what nobody else should see.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from monps_platform.domain.health.measurements import Blocked, Sessions, Transaction

SWEEP = "monps health sweep"
"""The name of the sweep's own sessions, which are not among those that it finds."""
_PROGRAM = "coalesce(nullif(a.application_name, ''), 'a client')"

# Of others' sessions a user without the right to know is told that they are there, and no more.
_CLIENTS = """(a.backend_type = 'client backend'
        OR a.backend_type IS NULL AND a.datid IS NOT NULL AND a.usesysid IS NOT NULL)"""

_TRANSACTIONS = text(f"""
    SELECT a.pid, {_PROGRAM} AS program, a.usename AS login, coalesce(a.state, 'working') AS state,
        extract(epoch FROM clock_timestamp() - CASE WHEN a.state LIKE 'idle%' THEN a.state_change ELSE a.xact_start END
        )::float8 AS seconds
    FROM pg_stat_activity a
    WHERE {_CLIENTS} AND a.xact_start IS NOT NULL AND a.application_name <> '{SWEEP}'
        AND a.pid <> pg_backend_pid()
    ORDER BY a.xact_start""")  # noqa: S608 - own text

_BLOCKED = text(f"""
    SELECT a.pid, {_PROGRAM} AS program, pg_blocking_pids(a.pid) AS blockers, extract(epoch FROM clock_timestamp() -
        coalesce((SELECT min(l.waitstart) FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted), a.state_change)
        )::float8 AS seconds
    FROM pg_stat_activity a WHERE a.wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(a.pid)) > 0
    ORDER BY 1""")  # noqa: S608 - own text

_SESSIONS = text(f"""
    SELECT coalesce(a.state, 'hidden') AS state, count(*) AS sessions FROM pg_stat_activity a
    WHERE {_CLIENTS} GROUP BY 1""")  # noqa: S608 - own text

_LIMIT = text("""
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
        pg_has_role('pg_read_all_stats', 'USAGE')""")


def transactions(connection: Connection) -> tuple[Transaction, ...]:
    """Every open transaction but the sweep's own; one that does nothing counts from when it began to."""
    return tuple(Transaction(**row) for row in connection.execute(_TRANSACTIONS).mappings())


def blocked(connection: Connection) -> tuple[Blocked, ...]:
    """Every session that waits for a lock of another one."""
    return tuple(
        Blocked(row.pid, row.program, row.seconds, tuple(row.blockers)) for row in connection.execute(_BLOCKED)
    )


def sessions(connection: Connection) -> Sessions:
    """The client connections by state, and how many an ordinary user may have."""
    limit, sees_all = connection.execute(_LIMIT).tuples().one()
    by_state = {str(row.state): int(row.sessions) for row in connection.execute(_SESSIONS)}
    return Sessions(by_state, limit, sees_all)
