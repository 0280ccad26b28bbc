"""A sweep as Prometheus metrics: the families that are exported, and their samples.

Names follow https://prometheus.io/docs/practices/naming/: base units, the unit at the end, ``_total`` for counters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from monps_platform.domain.health.data_age import LeagueData, due_matches
from monps_platform.domain.health.finding import HealthCheck, Sweep
from monps_platform.domain.health.measurements import (
    Connection,
    DagsterState,
    DatabaseState,
    Disk,
    IndexState,
    Measurements,
    Pool,
    Schema,
    Sessions,
    TableState,
)
from monps_platform.domain.health.thresholds import RUN_SECONDS, run_seconds


class Kind(StrEnum):
    """What Prometheus may do with a family."""

    GAUGE = "gauge"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name, what it says, and the labels by which its samples differ."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Kind = Kind.GAUGE


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a family."""

    family: str
    value: float
    labels: Mapping[str, str]


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            Family("monps_up", "1 if the database answered the sweep through every driver, else 0"),
            Family("monps_sweep_timestamp_seconds", "when the sweep looked, in seconds since 1970"),
            Family("monps_sweep_duration_seconds", "how long the sweep took"),
            Family("monps_health_findings", "findings of the sweep by severity", ("severity",)),
            Family("monps_health_check_severity", "worst of a check: 0 ok, 1 info, 2 warning, 3 critical", ("check",)),
            Family("monps_connection_up", "1 if the driver got an answer, else 0", ("driver",)),
            Family("monps_connection_latency_seconds", "from asking the pool to the answer", ("driver",)),
            Family("monps_pool_size", "connections that the pool keeps open"),
            Family("monps_pool_limit", "the most connections that the pool may have"),
            Family("monps_pool_checked_out", "connections of the pool in use"),
            Family("monps_pool_overflow", "connections of the pool beyond its size"),
            Family("monps_pool_waits_total", "times that somebody waited for a connection", kind=Kind.COUNTER),
            Family("monps_pool_timeouts_total", "times that nobody gave one in time", kind=Kind.COUNTER),
            Family("monps_migrations_pending", "revisions that the database lacks"),
            Family("monps_schema_differences", "differences of the tables from the models"),
            Family("monps_table_rows", "rows, as the server estimates them", ("schema", "table")),
            Family("monps_table_bytes", "size with indexes and toasted values", ("schema", "table")),
            Family("monps_table_dead_rows", "rows that VACUUM would remove", ("schema", "table")),
            Family("monps_table_changed_rows", "rows changed since the last ANALYZE", ("schema", "table")),
            Family("monps_table_analyze_timestamp_seconds", "when it was last analysed", ("schema", "table")),
            Family("monps_indexes", "indexes by state: valid, invalid, being_built", ("state",)),
            Family("monps_longest_transaction_seconds", "age of the oldest open transaction"),
            Family("monps_blocked_sessions", "sessions that wait for a lock of another one"),
            Family("monps_sequence_used_ratio", "share of a sequence's numbers that is used up", ("sequence",)),
            Family("monps_server_connections", "client connections of the server by state", ("state",)),
            Family("monps_server_connections_limit", "client connections that the server allows"),
            Family("monps_replica_lag_seconds", "how far a replica is behind", ("replica",)),
            Family("monps_disk_size_bytes", "size of the file system that a folder is on", ("folder",)),
            Family("monps_disk_free_bytes", "what of it is free", ("folder",)),
            Family("monps_data_age_seconds", "since the newest version of a file was fetched", ("source", "league")),
            Family("monps_data_due_matches", "matches due by the calendar and not there", ("source", "league")),
            Family("monps_matches_without_score", "matches that are over without a score", ("source", "league")),
            Family("monps_daemon_heartbeat_age_seconds", "since the last sign of life of a daemon", ("daemon",)),
            Family("monps_runs_unfinished", "Dagster runs by state that are not over", ("state",)),
            Family("monps_runs_stuck", "Dagster runs that are longer in their state than they should be"),
            Family("monps_backup_age_seconds", "since the newest verified backup; absent: there is none"),
        )
    }
)
"""Everything that is exported, by name."""


def samples(sweep: Sweep, measured: Measurements) -> tuple[Sample, ...]:
    """The samples of a sweep: no paths, no addresses, no names of people."""
    at = sweep.swept_at
    up = bool(measured.connections) and all(item.ok for item in measured.connections)
    return (
        _sample("monps_up", up),
        _sample("monps_sweep_timestamp_seconds", at.timestamp()),
        _sample("monps_sweep_duration_seconds", sweep.seconds),
        *_findings(sweep),
        *(sample for item in measured.connections for sample in _connection(item)),
        *(() if measured.database is None else _database(measured.database, at)),
        *(sample for item in measured.disks for sample in _disk(item)),
        *(() if measured.dagster is None else _dagster(measured.dagster)),
        *_backup(measured.newest_backup, at),
    )


def _sample(family: str, value: float, *labels: str) -> Sample:
    return Sample(family, float(value), dict(zip(FAMILIES[family].labels, labels, strict=True)))


def _findings(sweep: Sweep) -> Iterator[Sample]:
    for severity, count in sweep.counts.items():
        yield _sample("monps_health_findings", count, severity)
    for check in HealthCheck:
        if (worst := sweep.worst_of(check)) is not None:
            yield _sample("monps_health_check_severity", worst.rank, check)


def _connection(item: Connection) -> Iterator[Sample]:
    yield _sample("monps_connection_up", item.ok, item.driver)
    if item.ok:
        yield _sample("monps_connection_latency_seconds", item.milliseconds / 1000, item.driver)


def _database(state: DatabaseState, now: datetime) -> Iterator[Sample]:
    yield from _pool(state.pool)
    yield from _schema(state.schema)
    for table in state.tables:
        yield from _table(table)
    yield from _indexes(state.indexes)
    yield _sample("monps_longest_transaction_seconds", max((each.seconds for each in state.transactions), default=0))
    yield _sample("monps_blocked_sessions", len(state.blocked))
    for sequence in state.sequences:
        yield _sample("monps_sequence_used_ratio", sequence.share, sequence.name)
    yield from _sessions(state.sessions)
    for replica in state.replicas:
        if replica.lag_seconds is not None:
            yield _sample("monps_replica_lag_seconds", replica.lag_seconds, replica.name)
    for data in state.data or ():
        yield from _data(data, now)


def _pool(pool: Pool) -> Iterator[Sample]:
    yield _sample("monps_pool_size", pool.size)
    yield _sample("monps_pool_limit", pool.limit)
    yield _sample("monps_pool_checked_out", pool.checked_out)
    yield _sample("monps_pool_overflow", pool.overflow)
    yield _sample("monps_pool_waits_total", pool.waits)
    yield _sample("monps_pool_timeouts_total", pool.timeouts)


def _schema(schema: Schema) -> Iterator[Sample]:
    yield _sample("monps_migrations_pending", schema.pending)
    if schema.differences is not None:
        yield _sample("monps_schema_differences", sum(schema.differences.values()))


def _table(item: TableState) -> Iterator[Sample]:
    where = item.schema, item.table
    yield _sample("monps_table_rows", item.rows, *where)
    yield _sample("monps_table_bytes", item.bytes, *where)
    yield _sample("monps_table_dead_rows", item.dead_rows, *where)
    yield _sample("monps_table_changed_rows", item.changed_rows, *where)
    if item.analyzed_at is not None:
        yield _sample("monps_table_analyze_timestamp_seconds", item.analyzed_at.timestamp(), *where)


def _indexes(indexes: Iterable[IndexState]) -> Iterator[Sample]:
    states = ["being_built" if item.is_being_built else "valid" if item.is_valid else "invalid" for item in indexes]
    for state in ("valid", "invalid", "being_built"):
        yield _sample("monps_indexes", states.count(state), state)


def _sessions(sessions: Sessions) -> Iterator[Sample]:
    for state, count in sessions.by_state.items():
        yield _sample("monps_server_connections", count, state)
    yield _sample("monps_server_connections_limit", sessions.limit)


def _disk(item: Disk) -> Iterator[Sample]:
    yield _sample("monps_disk_size_bytes", item.size, item.name)
    yield _sample("monps_disk_free_bytes", item.free, item.name)


def _data(item: LeagueData, now: datetime) -> Iterator[Sample]:
    if item.newest_file is None and item.newest_season is None:
        return
    where = item.source, item.league.code
    if item.newest_file is not None:
        yield _sample("monps_data_age_seconds", (now - item.newest_file).total_seconds(), *where)
    yield _sample("monps_data_due_matches", due_matches(item, now.date()), *where)
    yield _sample("monps_matches_without_score", item.unscored, *where)


def _dagster(state: DagsterState) -> Iterator[Sample]:
    for daemon in state.daemons:
        yield _sample("monps_daemon_heartbeat_age_seconds", daemon.seconds, daemon.name)
    for name in RUN_SECONDS:
        yield _sample("monps_runs_unfinished", sum(run.state == name for run in state.runs), name)
    stuck = [run for run in state.runs if run.seconds >= run_seconds(run.state, run.max_seconds)]
    yield _sample("monps_runs_stuck", len(stuck))


def _backup(newest: datetime | None, now: datetime) -> Iterator[Sample]:
    if newest is not None:
        yield _sample("monps_backup_age_seconds", max(0.0, (now - newest).total_seconds()))
