"""How far copies of the database are behind: those that the server sends its changes to, and the one for reading."""

from __future__ import annotations

from sqlalchemy import Connection, text

from monps_platform.db import errors
from monps_platform.db.database import Database
from monps_platform.domain.health.measurements import Replica

# Nothing to replay means no lag, however long ago the last change was. Where nothing was replayed since the start, the
# lag is no longer than that.
_SENT = text("""
    SELECT coalesce(nullif(application_name, ''), 'replica') || ' ' || pid AS name,
        CASE WHEN pg_current_wal_lsn() = replay_lsn THEN 0 ELSE extract(epoch FROM replay_lag)::float8 END AS lag
    FROM pg_stat_replication ORDER BY 1""")
_OWN = text("""
    SELECT pg_is_in_recovery() AS is_copy, CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE extract(epoch FROM clock_timestamp()
            - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))::float8 END AS lag""")


def measure(database: Database) -> tuple[Replica, ...]:
    """Every copy that is known: of the server's own list and, where one is configured, the one that is read from."""
    with database.session() as session:
        sent = _listed(session.connection())
        session.rollback()
    return sent if database.replica is None else (*sent, _configured(database))


def _listed(connection: Connection) -> tuple[Replica, ...]:
    if connection.scalar(text("SELECT pg_is_in_recovery()")):
        return ()
    return tuple(Replica(row.name, row.lag) for row in connection.execute(_SENT))


def _configured(database: Database) -> Replica:
    name = "MONPS_DB_REPLICA_URL"
    try:
        with database.session(read_only=True) as session:
            row = session.execute(_OWN).one()
    except errors.FAILURES as error:
        return Replica(name, None, str(error))
    if not row.is_copy:
        return Replica(name, None, "it is no copy: it takes writes of its own")
    return Replica(name, row.lag)
