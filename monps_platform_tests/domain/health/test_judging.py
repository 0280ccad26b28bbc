"""Each check of the sweep: fine on good measurements, and seen failing on bad ones, with what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.health import Finding, HealthCheck, HealthSeverity
from monps_platform.domain.health.judging import judge
from monps_platform.domain.health.measurements import (
    Blocked,
    Connection,
    Daemon,
    DagsterState,
    Disk,
    Measurements,
    Pool,
    Replica,
    Run,
    Schema,
    Sequence,
    Sessions,
    Transaction,
    UnindexedKey,
)
from monps_platform.domain.health.thresholds import LIMITS, RUN_SECONDS, Reading, judged
from monps_platform.domain.seasons import Season
from monps_platform_tests.domain.health.measured import (
    E0,
    GOOD,
    INDEX,
    NOW,
    ODDS,
    database,
    findings,
    severities,
    sweep,
)

OK, INFO, WARNING, CRITICAL = HealthSeverity
HEAD = {"current": "0008", "newest": "0008", "pending": 0, "is_known": True, "differences": {}}


def schema(**changes: Any) -> Measurements:
    return database(schema=Schema(**{**HEAD, **changes}))


def table(**changes: Any) -> Measurements:
    return database(tables=(replace(ODDS, **changes),))


def index(**changes: Any) -> Measurements:
    return database(indexes=(replace(INDEX, **changes),))


def transaction(seconds: float, state: str = "active") -> Measurements:
    return database(transactions=(Transaction(42, "psql", "ann", state, seconds),))


def dagster(*daemons: Daemon, runs: tuple[Run, ...] = ()) -> Measurements:
    return replace(GOOD, dagster=DagsterState(daemons, runs))


def disk(free: float) -> Measurements:
    return replace(GOOD, disks=(Disk("data", "/srv/data", 1000, int(free * 1000)),))


def backup(hours: float) -> Measurements:
    return replace(GOOD, newest_backup=NOW - timedelta(hours=hours))


def data(**changes: Any) -> Measurements:
    return database(data=(replace(E0, **changes),))


DAYS_BEFORE = {date(2024, 10, 5): 10, date(2024, 10, 12): 10, date(2024, 9, 21): 20, date(2024, 9, 14): 10}
BAD: dict[str, tuple[HealthCheck, Measurements, list[tuple[str, HealthSeverity]]]] = {
    "no answer": (
        HealthCheck.CONNECTION,
        replace(GOOD, connections=(Connection("asyncpg", ok=False, milliseconds=1.0, reason="refused"),)),
        [("asyncpg", CRITICAL)],
    ),
    "a slow answer": (
        HealthCheck.CONNECTION,
        replace(GOOD, connections=(Connection("asyncpg", ok=True, milliseconds=700.0),)),
        [("asyncpg", WARNING)],
    ),
    "a pool without connections left": (
        HealthCheck.POOL,
        database(pool=Pool(5, 15, 15, 10, 3, 1)),
        [("all", WARNING)],
    ),
    "a revision is missing": (HealthCheck.MIGRATION, schema(current="0007", pending=1), [("alembic", WARNING)]),
    "a newer checkout migrated": (
        HealthCheck.MIGRATION,
        schema(current="0099", is_known=False),
        [("alembic", CRITICAL)],
    ),
    "a table is not as its model": (
        HealthCheck.SCHEMA_DRIFT,
        schema(differences={"public.odds": 1, "public.teams": 0}),
        [("public.odds", WARNING)],
    ),
    "tables that could not be compared": (
        HealthCheck.SCHEMA_DRIFT,
        schema(differences=None, reason="no right"),
        [("all", INFO)],
    ),
    "dead rows": (HealthCheck.DEAD_ROWS, table(dead_rows=300_000), [("public.odds", WARNING)]),
    "stale statistics": (HealthCheck.STATISTICS, table(changed_rows=600_000), [("public.odds", WARNING)]),
    "no statistics": (HealthCheck.STATISTICS, table(analyzed_at=None, changed_rows=20_000), [("public.odds", WARNING)]),
    "an invalid index": (HealthCheck.INVALID_INDEXES, index(is_valid=False), [("public.ix_odds", WARNING)]),
    "an invalid key": (
        HealthCheck.INVALID_INDEXES,
        index(is_valid=False, is_key=True),
        [("public.ix_odds", CRITICAL)],
    ),
    "a table that is read whole": (
        HealthCheck.MISSING_INDEXES,
        table(whole_scans=6000, rows_of_whole_scans=10**9),
        [("public.odds", WARNING)],
    ),
    "a foreign key without an index": (
        HealthCheck.MISSING_INDEXES,
        database(unindexed_keys=(UnindexedKey("public.odds", "fk", "bookmaker_id", 10_000),)),
        [("foreign keys", INFO)],
    ),
    "an index that nobody reads": (HealthCheck.UNUSED_INDEXES, index(scans=0), [("public.ix_odds", INFO)]),
    "a long transaction": (HealthCheck.LONG_TRANSACTIONS, transaction(700), [("process 42", WARNING)]),
    "a very long transaction": (HealthCheck.LONG_TRANSACTIONS, transaction(3600), [("process 42", CRITICAL)]),
    "a transaction that does nothing": (
        HealthCheck.LONG_TRANSACTIONS,
        transaction(61, "idle in transaction"),
        [("process 42", WARNING)],
    ),
    "a blocked session": (
        HealthCheck.BLOCKED_SESSIONS,
        database(blocked=(Blocked(5, "psql", 11.0, (8, 9)), Blocked(6, "psql", 130.0, (5,)))),
        [("process 5", WARNING), ("process 6", CRITICAL)],
    ),
    "a sequence near its end": (
        HealthCheck.SEQUENCES,
        database(sequences=(Sequence("public.a", 95, 100), Sequence("public.b", 75, 100), Sequence("public.c", 1, 9))),
        [("public.a", CRITICAL), ("public.b", WARNING)],
    ),
    "hardly a connection left": (
        HealthCheck.CONNECTIONS_USED,
        database(sessions=Sessions({"idle": 95}, 100, sees_all=True)),
        [("all", CRITICAL)],
    ),
    "a replica that lags": (
        HealthCheck.REPLICA_LAG,
        database(replicas=(Replica("a", 61.0), Replica("b", 601.0))),
        [("a", WARNING), ("b", CRITICAL)],
    ),
    "a replica that is away": (
        HealthCheck.REPLICA_LAG,
        database(replicas=(Replica("a", None, "refused"), Replica("b", 0.0))),
        [("a", WARNING), ("all", OK)],
    ),
    "a disk that fills up": (HealthCheck.DISK_SPACE, disk(0.08), [("data", WARNING)]),
    "a full disk": (HealthCheck.DISK_SPACE, disk(0.02), [("data", CRITICAL)]),
    "a round that is missing": (
        HealthCheck.DATA_DUE,
        data(newest_result=date(2025, 10, 5), days_before=DAYS_BEFORE),
        [("football-data E0", WARNING)],
    ),
    "four rounds that are missing": (
        HealthCheck.DATA_DUE,
        data(newest_result=date(2025, 9, 10), days_before=DAYS_BEFORE),
        [("football-data E0", CRITICAL)],
    ),
    "a league of which history only is held": (
        HealthCheck.DATA_DUE,
        data(newest_season=Season(2022)),
        [("leagues not followed", INFO), ("all", OK)],
    ),
    "a match that is over without a score": (
        HealthCheck.MISSING_SCORES,
        data(unscored=2, oldest_unscored=date(2025, 10, 1)),
        [("football-data E0", WARNING)],
    ),
    "a dead daemon": (
        HealthCheck.DAEMON,
        dagster(Daemon("SENSOR", 4000.0, 0), Daemon("SCHEDULER", 3000.0, 0)),
        [("all", WARNING)],
    ),
    "one dead daemon of two": (
        HealthCheck.DAEMON,
        dagster(Daemon("SENSOR", 4000.0, 0), Daemon("SCHEDULER", 30.0, 0)),
        [("SENSOR", WARNING)],
    ),
    "a daemon that tells errors": (
        HealthCheck.DAEMON,
        dagster(Daemon("SENSOR", 4.0, 2)),
        [("SENSOR errors", WARNING), ("all", OK)],
    ),
    "a daemon that never ran": (HealthCheck.DAEMON, dagster(), [("all", INFO)]),
    "a storage that does not answer": (HealthCheck.DAEMON, replace(GOOD, dagster=None), [("all", WARNING)]),
    "a stuck run": (
        HealthCheck.STUCK_RUNS,
        dagster(
            Daemon("SENSOR", 4.0, 0),
            runs=(Run("r1", "picks_job", "STARTING", 301.0), Run("r2", "picks_job", "STARTED", 301.0)),
        ),
        [("run r1", WARNING)],
    ),
    "a run that is longer under way than its tag says": (
        HealthCheck.STUCK_RUNS,
        dagster(
            Daemon("SENSOR", 4.0, 0),
            runs=(
                Run("r1", "refresh_job", "STARTED", 86_401.0, 86_400.0),
                Run("r2", "refresh_job", "STARTED", 80_000.0, 86_400.0),
                Run("r3", "picks_job", "STARTED", 7201.0),
                Run("r4", "refresh_job", "STARTING", 301.0, 86_400.0),
            ),
        ),
        [("run r1", WARNING), ("run r3", WARNING), ("run r4", WARNING)],
    ),
    "an old backup": (HealthCheck.BACKUP_AGE, backup(40), [("all", WARNING)]),
    "a very old backup": (HealthCheck.BACKUP_AGE, backup(24 * 8), [("all", CRITICAL)]),
    "no backup": (HealthCheck.BACKUP_AGE, replace(GOOD, newest_backup=None), [("all", WARNING)]),
}


def test_good_measurements_give_one_fine_finding_for_every_check_and_each_driver() -> None:
    found = judge(GOOD, NOW)
    assert {item.severity for item in found} == {OK}
    assert [item.check for item in found if item.check is not HealthCheck.CONNECTION] == [
        check for check in HealthCheck if check not in {HealthCheck.CONNECTION, HealthCheck.RECORDING}
    ]
    assert [item.subject for item in found if item.check is HealthCheck.CONNECTION] == ["psycopg2", "asyncpg"]


@pytest.mark.parametrize(("check", "measured", "expected"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_found_and_has_a_remedy(
    check: HealthCheck, measured: Measurements, expected: list[tuple[str, HealthSeverity]]
) -> None:
    assert severities(measured, check) == expected
    assert all(item.remedy for item in findings(measured, check) if item.severity in {WARNING, CRITICAL})
    others = [item for item in judge(measured, NOW) if item.check is not check]
    assert {item.severity for item in others} == {OK}


def test_every_check_but_that_of_recording_has_been_seen_finding_something() -> None:
    assert {check for check, _, _ in BAD.values()} == set(HealthCheck) - {HealthCheck.RECORDING}


@pytest.mark.parametrize("measured", [GOOD, *(case[1] for case in BAD.values())])
def test_severity_and_unit_follow_from_the_value_where_there_is_one(measured: Measurements) -> None:
    for item in judge(measured, NOW):
        if item.value is not None:
            assert (item.severity, item.unit) == (LIMITS[item.check].grade(item.value), LIMITS[item.check].unit)


@pytest.mark.parametrize("measured", [GOOD, *(case[1] for case in BAD.values())])
def test_no_check_says_two_things_about_one_subject(measured: Measurements) -> None:
    named = [(item.check, item.subject) for item in judge(measured, NOW)]
    assert len(set(named)) == len(named)


def test_a_sweep_without_a_server_says_so_and_still_looks_at_disks_dagster_and_backups() -> None:
    down = Connection("server", ok=False, milliseconds=0.0, reason="not running")
    found = judge(replace(GOOD, connections=(down,), database=None), NOW)
    assert [(item.check, item.severity) for item in found] == [
        (HealthCheck.CONNECTION, CRITICAL),
        (HealthCheck.DISK_SPACE, OK),
        (HealthCheck.DAEMON, OK),
        (HealthCheck.STUCK_RUNS, OK),
        (HealthCheck.BACKUP_AGE, OK),
    ]


@pytest.mark.parametrize(
    ("measured", "check"),
    [
        (table(dead_rows=9_000, rows=100), HealthCheck.DEAD_ROWS),
        (table(changed_rows=9_000, rows=100), HealthCheck.STATISTICS),
        (index(is_valid=False, is_being_built=True), HealthCheck.INVALID_INDEXES),
        (table(whole_scans=6000, rows=9_000), HealthCheck.MISSING_INDEXES),
        (database(unindexed_keys=(UnindexedKey("a", "fk", "b", 9_999),)), HealthCheck.MISSING_INDEXES),
        (index(scans=0, is_key=True), HealthCheck.UNUSED_INDEXES),
        (index(scans=0, bytes=999_999), HealthCheck.UNUSED_INDEXES),
        (
            database(indexes=(replace(INDEX, scans=0),), counted_since=NOW - timedelta(days=6)),
            HealthCheck.UNUSED_INDEXES,
        ),
        (database(replicas=()), HealthCheck.REPLICA_LAG),
    ],
)
def test_what_is_small_new_or_needed_is_fine(measured: Measurements, check: HealthCheck) -> None:
    assert {item.severity for item in findings(measured, check)} == {OK}


def test_leagues_that_could_not_be_read_are_told_as_such() -> None:
    found = [
        *findings(database(data=None), HealthCheck.DATA_DUE),
        *findings(database(data=None), HealthCheck.MISSING_SCORES),
    ]
    assert [(item.subject, item.severity) for item in found] == [("all", INFO), ("all", INFO)]


def test_a_user_who_does_not_see_other_sessions_is_told_how_to() -> None:
    (found,) = findings(database(sessions=Sessions({}, 57, sees_all=False)), HealthCheck.LONG_TRANSACTIONS)
    assert "pg_read_all_stats" in found.text


def test_a_finding_that_matters_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="say what is to be done"):
        Finding(HealthCheck.POOL, "all", WARNING, "bad")


def test_a_sweep_tells_the_worst_first_and_counts_what_is_not_there_too() -> None:
    made = sweep(
        database(transactions=(Transaction(42, "psql", "ann", "active", 4000),), pool=Pool(5, 15, 15, 0, 0, 0))
    )
    assert [item.severity for item in made.worst_first][:3] == [CRITICAL, WARNING, OK]
    assert (made.counts[CRITICAL], made.counts[WARNING], made.counts[INFO], made.is_critical) == (1, 1, 0, True)
    assert (made.worst_of(HealthCheck.POOL), made.worst_of(HealthCheck.RECORDING)) == (WARNING, None)
    assert not sweep().is_critical


@given(st.sampled_from(sorted(LIMITS)), st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_higher_value_never_matters_less(check: HealthCheck, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert LIMITS[check].grade(low).rank <= LIMITS[check].grade(high).rank


@given(st.lists(st.floats(0, 1e5), max_size=8))
def test_what_is_fine_is_one_finding_with_the_highest_value(values: list[float]) -> None:
    limit = LIMITS[HealthCheck.DAEMON]
    found = judged(HealthCheck.DAEMON, (Reading(str(n), value, "t", "r") for n, value in enumerate(values)), "fine")
    bad = [value for value in values if value >= limit.warning]
    highest: list[float | None] = [max(values) if values else None]
    assert [item.value for item in found] == (bad or highest)


def test_every_limit_is_in_order() -> None:
    assert all(limit.critical is None or limit.warning < limit.critical for limit in LIMITS.values())
    assert set(LIMITS) | {
        HealthCheck.INVALID_INDEXES,
        HealthCheck.MISSING_INDEXES,
        HealthCheck.UNUSED_INDEXES,
        HealthCheck.RECORDING,
    } == set(HealthCheck)
    assert all(seconds > 0 for seconds in RUN_SECONDS.values())
