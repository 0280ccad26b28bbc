"""Judging what the server tells of itself: connections, schema, tables, indexes, sessions, sequences, replicas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from monps_platform.domain.health.finding import Finding, HealthCheck, HealthSeverity
from monps_platform.domain.health.measurements import (
    Blocked,
    Connection,
    DatabaseState,
    IndexState,
    Pool,
    Replica,
    Schema,
    Sessions,
    TableState,
    Transaction,
    UnindexedKey,
)
from monps_platform.domain.health.measurements import Sequence as NumberSequence
from monps_platform.domain.health.thresholds import (
    IDLE_FACTOR,
    LARGE_INDEX,
    LONG_ENOUGH,
    MANY_ROWS,
    MANY_SCANS,
    Reading,
    judged,
)

_SERVER_DOWN = (
    "Check that the server is up (monps status); monps up starts the embedded one. On a server of your own check "
    "MONPS_DB_HOST, MONPS_DB_PORT, MONPS_DB_USER and MONPS_DB_PASSWORD"
)


def judge_connections(connections: Iterable[Connection]) -> list[Finding]:
    """Whether both drivers get an answer, and how fast."""
    return [finding for item in connections for finding in _connection(item)]


def judge_database(state: DatabaseState, now: datetime) -> list[Finding]:
    """Everything that the server tells."""
    return [
        *judge_pool(state.pool),
        *judge_schema(state.schema),
        *judge_dead_rows(state.tables),
        *judge_statistics(state.tables),
        *judge_invalid_indexes(state.indexes),
        *judge_missing_indexes(state.tables, state.unindexed_keys),
        *judge_unused_indexes(state.indexes, state.counted_since, now),
        *judge_transactions(state.transactions, sees_all=state.sessions.sees_all),
        *judge_blocked(state.blocked),
        *judge_sequences(state.sequences),
        *judge_sessions(state.sessions),
        *judge_replicas(state.replicas),
    ]


def _connection(item: Connection) -> list[Finding]:
    check = HealthCheck.CONNECTION
    if not item.ok:
        text = f"{item.driver} gets no answer: {item.reason or 'no reason given'}"
        return [Finding(check, item.driver, HealthSeverity.CRITICAL, text, _SERVER_DOWN)]
    text = f"{item.driver} has an answer after {item.milliseconds:.0f} ms"
    remedy = "Look for what keeps the server busy (long_transactions, blocked_sessions, disk_space), or the network"
    return judged(check, [Reading(item.driver, item.milliseconds, text, remedy)], text, item.driver)


def judge_pool(pool: Pool) -> list[Finding]:
    """Whether the pool of the process that sweeps has connections left."""
    text = f"{pool.checked_out} of {pool.limit} connections in use, {pool.waits} waits, {pool.timeouts} time-outs"
    remedy = "Close units of work and sessions sooner, or raise MONPS_DB_POOL_SIZE or MONPS_DB_MAX_OVERFLOW"
    return judged(HealthCheck.POOL, [Reading("all", pool.checked_out / pool.limit, text, remedy)], text)


def judge_schema(schema: Schema) -> list[Finding]:
    """Whether the database is at the newest migration, and its tables are those of the models."""
    return [*_migration(schema), *_drift(schema)]


def _migration(schema: Schema) -> list[Finding]:
    check = HealthCheck.MIGRATION
    if not schema.is_known:
        text = f"the database is at migration {schema.current}, which this checkout does not have"
        return [
            Finding(check, "alembic", HealthSeverity.CRITICAL, text, "Update the checkout: a newer one migrated it")
        ]
    text = f"the database is at migration {schema.current or 'none'}, the checkout at {schema.newest}"
    return judged(check, [Reading("alembic", schema.pending, text, "Run: monps migrate")], text, "alembic")


def _drift(schema: Schema) -> list[Finding]:
    check = HealthCheck.SCHEMA_DRIFT
    if schema.differences is None:
        return [Finding(check, "all", HealthSeverity.INFO, f"tables were not compared: {schema.reason}")]
    remedy = "See them with monps introspect, then run monps migrate; what nobody migrated has to be undone by hand"
    readings = [
        Reading(table, found, f"{found} {_plural(found, 'difference')} from the model", remedy)
        for table, found in schema.differences.items()
    ]
    return judged(check, readings, f"{len(readings)} tables are those of the models")


def judge_dead_rows(tables: Sequence[TableState]) -> list[Finding]:
    """Whether large tables carry many dead rows."""
    readings = [
        Reading(
            item.name,
            item.dead_rows / (item.rows + item.dead_rows),
            f"{item.dead_rows:,} of {item.rows + item.dead_rows:,} rows are dead",
            f"Run VACUUM (ANALYZE) {item.name}; if that does not help, end the oldest transaction (long_transactions)",
        )
        for item in tables
        if item.dead_rows >= MANY_ROWS
    ]
    return judged(HealthCheck.DEAD_ROWS, readings, f"no table of {len(tables)} carries many dead rows")


def judge_statistics(tables: Sequence[TableState]) -> list[Finding]:
    """Whether the planner knows what large tables hold."""
    readings = [
        Reading(item.name, _stale_share(item), _statistics_text(item), f"Run ANALYZE {item.name}")
        for item in tables
        if max(item.rows, item.changed_rows) >= MANY_ROWS
    ]
    fine = f"statistics of the {len(readings)} large tables are good"
    return judged(HealthCheck.STATISTICS, readings, fine)


def _stale_share(item: TableState) -> float:
    # Statistics of a table may be old and good: what counts is how many rows changed since.
    if item.analyzed_at is None and item.changed_rows >= MANY_ROWS:
        return 1.0
    return item.changed_rows / max(item.rows, 1)


def _statistics_text(item: TableState) -> str:
    when = "never, as far as is counted" if item.analyzed_at is None else f"{item.analyzed_at:%Y-%m-%d %H:%M} UTC"
    return f"{item.changed_rows:,} of {item.rows:,} rows changed since the last ANALYZE ({when})"


def judge_invalid_indexes(indexes: Sequence[IndexState]) -> list[Finding]:
    """Indexes that a failed build left behind: they cost writes, serve nobody, and may not keep their rule."""
    check = HealthCheck.INVALID_INDEXES
    found = [
        Finding(
            check,
            item.name,
            HealthSeverity.CRITICAL if item.is_key else HealthSeverity.WARNING,
            f"an index of {item.table} is invalid" + (": nothing keeps its rows unique" if item.is_key else ""),
            f"Run REINDEX INDEX CONCURRENTLY {item.name}, or drop it and run monps migrate",
        )
        for item in indexes
        if not item.is_valid and not item.is_being_built
    ]
    return found or [Finding(check, "all", HealthSeverity.OK, f"all {len(indexes)} indexes are valid")]


def judge_missing_indexes(tables: Sequence[TableState], keys: Sequence[UnindexedKey]) -> list[Finding]:
    """Large tables that are mostly read whole, and foreign keys that no index serves."""
    check = HealthCheck.MISSING_INDEXES
    remedy = "See which statements read it (MONPS_DB_SLOW_STATEMENT logs them) and add an index in a migration"
    scanned = [
        Finding(
            check,
            item.name,
            HealthSeverity.WARNING,
            f"read whole {item.whole_scans:,} times ({item.rows_of_whole_scans:,} rows), by an index "
            f"{item.index_scans:,} times",
            remedy,
        )
        for item in tables
        if item.rows >= MANY_ROWS and item.whole_scans >= MANY_SCANS and item.whole_scans > item.index_scans
    ]
    fine = [Finding(check, "all", HealthSeverity.OK, "large tables are read by their indexes")]
    return [*scanned, *_unserved(keys)] or fine


def _unserved(keys: Sequence[UnindexedKey]) -> list[Finding]:
    large = [item for item in keys if item.rows >= MANY_ROWS]
    if not large:
        return []
    listed = ", ".join(f"{item.table} ({item.columns})" for item in large)
    text = f"no index begins with the columns of these foreign keys, so deleting what they point to is slow: {listed}"
    remedy = "Leave it where such rows are never deleted, else add an index in a migration"
    return [Finding(HealthCheck.MISSING_INDEXES, "foreign keys", HealthSeverity.INFO, text, remedy)]


def judge_unused_indexes(indexes: Sequence[IndexState], counted_since: datetime, now: datetime) -> list[Finding]:
    """Large indexes that nothing has read and no rule needs; they are worth knowing, and harm nobody."""
    check = HealthCheck.UNUSED_INDEXES
    if now - counted_since < LONG_ENOUGH:
        text = f"use is counted since {counted_since:%Y-%m-%d %H:%M} UTC only: that tells nothing yet"
        return [Finding(check, "all", HealthSeverity.OK, text)]
    unused = [item for item in indexes if item.scans == 0 and not item.is_key and item.bytes >= LARGE_INDEX]
    return [
        Finding(
            check,
            item.name,
            HealthSeverity.INFO,
            f"an index of {item.table} with {item.bytes / 1e6:.0f} MB was not read since {counted_since:%Y-%m-%d}",
            "Leave it, or drop it in a migration if a whole season did not need it",
        )
        for item in unused
    ] or [Finding(check, "all", HealthSeverity.OK, f"no large index is unused since {counted_since:%Y-%m-%d}")]


def judge_transactions(transactions: Sequence[Transaction], *, sees_all: bool) -> list[Finding]:
    """Transactions that are open for long: they hold locks, and keep dead rows from being removed."""
    readings = [
        Reading(
            f"process {item.pid}",
            item.seconds * (IDLE_FACTOR if item.is_idle else 1),
            f"{item.program}, user {item.login}, {item.state}, has a transaction of {item.seconds:.0f} s"
            + (f" and does nothing, which counts {IDLE_FACTOR} times" if item.is_idle else ""),
            f"Let it end or, if nobody needs it: SELECT pg_terminate_backend({item.pid})",
        )
        for item in transactions
    ]
    hidden = "" if sees_all else "; other users' are hidden (GRANT pg_read_all_stats to the user shows them)"
    return judged(HealthCheck.LONG_TRANSACTIONS, readings, f"{len(readings)} open, none for long{hidden}")


def judge_blocked(blocked: Sequence[Blocked]) -> list[Finding]:
    """Sessions that wait for a lock."""
    readings = [
        Reading(
            f"process {item.pid}",
            item.seconds,
            f"{item.program} waits for {item.seconds:.0f} s for process {', '.join(map(str, item.blockers))}",
            f"Let that one end or, if nobody needs it: SELECT pg_terminate_backend({item.blockers[0]})",
        )
        for item in blocked
        if item.blockers
    ]
    return judged(HealthCheck.BLOCKED_SESSIONS, readings, "no session waits for another for long")


def judge_sequences(sequences: Sequence[NumberSequence]) -> list[Finding]:
    """Sequences that run out of numbers."""
    readings = [
        Reading(
            item.name,
            item.share,
            f"{item.last:,} of {item.maximum:,} numbers are used up",
            "Make the column and its sequence bigint in a migration before it ends: inserts fail then",
        )
        for item in sequences
    ]
    return judged(HealthCheck.SEQUENCES, readings, f"none of {len(readings)} sequences is near its end")


def judge_sessions(sessions: Sessions) -> list[Finding]:
    """Whether the server has connections left."""
    states = ", ".join(f"{count} {state}" for state, count in sorted(sessions.by_state.items()))
    text = f"{sessions.used} of {sessions.limit} connections are used ({states or 'none'})"
    remedy = "Close other clients, lower MONPS_DB_POOL_SIZE and MONPS_DB_MAX_OVERFLOW, or raise max_connections"
    return judged(HealthCheck.CONNECTIONS_USED, [Reading("all", sessions.used / sessions.limit, text, remedy)], text)


def judge_replicas(replicas: Sequence[Replica]) -> list[Finding]:
    """How far copies are behind."""
    check = HealthCheck.REPLICA_LAG
    if not replicas:
        return [Finding(check, "all", HealthSeverity.OK, "there is no replica")]
    unknown = [
        Finding(
            check,
            item.name,
            HealthSeverity.WARNING,
            f"the lag of the replica is not known: {item.reason or 'it has not reported yet'}",
            "Check MONPS_DB_REPLICA_URL and the replica's log; unset it to read from the primary meanwhile",
        )
        for item in replicas
        if item.lag_seconds is None
    ]
    readings = [
        Reading(
            item.name,
            item.lag_seconds,
            f"the replica is {item.lag_seconds:.0f} s behind",
            "Look for long reads on the replica, its disk and its network",
        )
        for item in replicas
        if item.lag_seconds is not None
    ]
    known = judged(check, readings, f"{len(readings)} replicas keep up") if readings else []
    return [*unknown, *known]


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
