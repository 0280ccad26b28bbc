"""Good measurements of everything, and ways to spoil one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from monps_platform.domain.health import Finding, HealthCheck, HealthSeverity, Sweep
from monps_platform.domain.health.data_age import LeagueData
from monps_platform.domain.health.judging import judge
from monps_platform.domain.health.measurements import (
    Connection,
    Daemon,
    DagsterState,
    DatabaseState,
    Disk,
    IndexState,
    Measurements,
    Pool,
    Replica,
    Run,
    Schema,
    Sequence,
    Sessions,
    TableState,
    Transaction,
)
from monps_platform.domain.leagues import league
from monps_platform.domain.seasons import Season

NOW = datetime(2025, 10, 20, 12, tzinfo=UTC)
LARGE = 1_000_000
ODDS = TableState("public", "odds", LARGE, 10**9, 0, 0, NOW - timedelta(days=1), 10, 100, 5000)
INDEX = IndexState("public.ix_odds", "public.odds", 10**8, 500, is_valid=True, is_key=False, is_being_built=False)
E0 = LeagueData(
    "football-data",
    league("E0"),
    Season(2025),
    newest_file=NOW - timedelta(hours=20),
    newest_result=date(2025, 10, 19),
    days_before={},
    played=80,
    teams=20,
)
GOOD_DATABASE = DatabaseState(
    pool=Pool(5, 15, 1, 0, 0, 0),
    schema=Schema("0008", "0008", 0, is_known=True, differences={"public.odds": 0}),
    tables=(ODDS,),
    indexes=(INDEX,),
    unindexed_keys=(),
    counted_since=NOW - timedelta(days=60),
    transactions=(Transaction(7, "psql", "ann", "active", 3.0),),
    blocked=(),
    sequences=(Sequence("public.odds_id_seq", 1000, 2**31 - 1),),
    sessions=Sessions({"active": 2, "idle": 3}, 57, sees_all=True),
    replicas=(Replica("copy", 0.0),),
    data=(E0,),
)
GOOD = Measurements(
    connections=(Connection("psycopg2", ok=True, milliseconds=2.0), Connection("asyncpg", ok=True, milliseconds=3.0)),
    database=GOOD_DATABASE,
    disks=(Disk("home", "/srv/monps", 10**12, 5 * 10**11),),
    dagster=DagsterState((Daemon("SCHEDULER", 20.0, 0),), (Run("r1", "picks_job", "STARTED", 60.0),)),
    newest_backup=NOW - timedelta(hours=10),
)


def database(**changes: Any) -> Measurements:
    """Good measurements but for something of the database."""
    return replace(GOOD, database=replace(GOOD_DATABASE, **changes))


def findings(measured: Measurements, check: HealthCheck, now: datetime = NOW) -> list[Finding]:
    """What a check finds."""
    return [item for item in judge(measured, now) if item.check is check]


def sweep(measured: Measurements = GOOD, now: datetime = NOW) -> Sweep:
    """A sweep of measurements."""
    return Sweep(UUID(int=1), now, 0.5, judge(measured, now))


def severities(measured: Measurements, check: HealthCheck) -> list[tuple[str, HealthSeverity]]:
    """Subject and severity of what a check finds."""
    return [(item.subject, item.severity) for item in findings(measured, check)]
