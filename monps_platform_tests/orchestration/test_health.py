"""The health sweep as Dagster runs it: the job, what it keeps and shows, and its checks seen failing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat
from pydantic import SecretStr

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.database import Database
from monps_platform.db.errors import ServerUnavailableError
from monps_platform.definitions import build_definitions
from monps_platform.domain.health import HealthCheck, HealthSeverity
from monps_platform.orchestration.health.config import HealthConfig
from monps_platform.orchestration.health.exporting import Exporter
from monps_platform.orchestration.health.showing import summary
from monps_platform.orchestration.health.surroundings import measure_dagster, measure_disks
from monps_platform.orchestration.health.sweeping import Sweeper, write_metrics
from monps_platform.settings import Settings
from monps_platform_tests.domain.health.exposed import parse
from monps_platform_tests.orchestration.platform import QUIET, Platform, failure_text, materializations
from monps_platform_tests.waiting import at_once


@pytest.fixture
def layer(database: DatabaseAddress) -> Iterator[Database]:
    made = Database(database)
    yield made
    made.dispose()


def run(instance: dg.DagsterInstance, config: HealthConfig | None = None) -> dg.ExecuteInProcessResult:
    """The job, as the code location has it."""
    job = build_definitions().resolve_job_def("health_sweep_job")
    ops = {"database_health": config or HealthConfig()}
    return job.execute_in_process(
        instance=instance, run_config=dg.RunConfig(ops=ops, loggers=QUIET["loggers"]), raise_on_error=False
    )


def test_the_job_keeps_what_was_found_shows_it_and_writes_it_for_prometheus(
    environment: Platform, shared_instance: dg.DagsterInstance
) -> None:
    environment.do(
        "INSERT INTO ops.health_sweeps (sweep_id, swept_at, check_name, subject, severity, finding) VALUES "
        "(gen_random_uuid(), now() - interval '8 days', 'pool', 'all', 'ok', 'old')"
    )
    result = run(shared_instance, HealthConfig(keep_days=7))
    assert result.success, failure_text(result)
    (shown,) = materializations(result, "database_health").values()
    rows = environment.rows("SELECT check_name, subject, severity::text FROM ops.health_sweeps")
    assert {row[0] for row in rows} == set(HealthCheck) - {HealthCheck.RECORDING}
    assert {name: shown[name] for name in ("dagster/row_count", "rows_inserted", "rows_deleted")} == {
        "dagster/row_count": len(rows),
        "rows_inserted": len(rows),
        "rows_deleted": 1,
    }
    for severity in HealthSeverity:
        assert shown[severity.value] == sum(row[2] == severity.value for row in rows)
    assert isinstance(shown["seconds"], float)
    told = parse(Settings().metrics_file.read_text(encoding="utf-8"))
    assert told["monps_up", ()] == 1
    assert told["monps_health_findings", (("severity", "warning"),)] == shown["warning"]
    evaluations = {item.check_name: item for item in result.get_asset_check_evaluations()}
    assert {name for name, item in evaluations.items() if not item.passed} == {"nothing_is_wrong_with_backup_age"}
    failed = evaluations["nothing_is_wrong_with_backup_age"]
    assert (failed.severity, failed.blocking) == (dg.AssetCheckSeverity.WARN, False)
    (warning,) = failed.metadata["examples"].value.records  # type: ignore[union-attr]
    assert warning.data["severity"] == "warning"
    assert warning.data["remedy"]


def test_a_sweep_is_a_table_worst_first_with_what_to_do(
    environment: Platform, shared_instance: dg.DagsterInstance
) -> None:
    environment.do("CREATE SEQUENCE ops.short MAXVALUE 100; SELECT setval('ops.short', 99)")
    try:
        result = run(shared_instance)
    finally:
        environment.do("DROP SEQUENCE ops.short")
    assert result.success, failure_text(result)
    (event,) = result.get_asset_materialization_events()
    table = event.materialization.metadata["findings"]
    assert isinstance(table, dg.TableMetadataValue)
    first = table.records[0].data
    assert (first["severity"], first["check"], first["subject"]) == ("critical", "sequences", "ops.short")
    assert "bigint" in str(first["remedy"])
    assert len(table.records) == environment.value("SELECT count(*) FROM ops.health_sweeps")
    assert "**critical** sequences, ops.short" in str(event.materialization.metadata["summary"].value)
    evaluations = {item.check_name: item for item in result.get_asset_check_evaluations()}
    critical = evaluations["nothing_is_wrong_with_sequences"]
    assert (critical.passed, critical.severity, critical.blocking) == (False, dg.AssetCheckSeverity.ERROR, False)


def test_a_check_of_the_sweep_that_blocks_fails_its_run(
    environment: Platform, shared_instance: dg.DagsterInstance
) -> None:
    assert run(shared_instance).success
    environment.do("UPDATE ops.health_sweeps SET severity = 'info' WHERE check_name = 'disk_space'")
    check = dg.AssetCheckKey(dg.AssetKey("database_health"), "severities_recompute_from_values")
    definitions = build_definitions()
    selected = dg.define_asset_job("one_check", selection=dg.AssetSelection.checks(check))
    merged = dg.Definitions.merge(definitions, dg.Definitions(jobs=[selected]))
    result = merged.resolve_job_def("one_check").execute_in_process(
        instance=shared_instance, run_config=QUIET, raise_on_error=False
    )
    (evaluation,) = result.get_asset_check_evaluations()
    assert (result.success, evaluation.passed, evaluation.blocking) == (False, False, True)


def test_a_server_that_is_away_is_a_critical_finding_and_no_exception(
    tmp_path: Path, database: DatabaseAddress
) -> None:
    away = Database(replace(database, port=1))
    swept = Sweeper(Settings(), away, None).look(datetime.now(UTC))
    assert swept.measured.database is None
    critical = [item.subject for item in swept.sweep.findings if item.severity is HealthSeverity.CRITICAL]
    assert critical == ["psycopg2", "asyncpg"]
    assert parse(swept.metrics)["monps_up", ()] == 0
    assert "**critical** connection, psycopg2" in summary(swept)
    with pytest.raises(ServerUnavailableError):
        Sweeper(Settings(), away, None).record(swept)
    with pytest.raises(ServerUnavailableError, match="monps up"):
        Sweeper(Settings(), None, None).record(swept)


def test_no_finding_and_no_metric_holds_a_password(database: DatabaseAddress) -> None:
    wrong = Database(replace(database, password=SecretStr("Zebra7Quartz")))
    swept = Sweeper(Settings(), wrong, None).look(datetime.now(UTC))
    assert swept.sweep.is_critical
    assert "Zebra7Quartz" not in swept.metrics + repr(swept)
    right = Sweeper(Settings(), Database(database), None).look(datetime.now(UTC))
    assert database.password.get_secret_value() not in right.metrics + repr(right)


@pytest.fixture
def instance_on_disk() -> Iterator[dg.DagsterInstance]:
    """An instance that has daemons."""
    with dg.instance_for_test() as made:
        yield made


def test_daemons_and_runs_are_read_from_the_instance(instance_on_disk: dg.DagsterInstance) -> None:
    instance, now = instance_on_disk, datetime.now(UTC)
    found = measure_dagster(instance, now)
    assert found is not None
    assert (found.daemons, found.runs) == ((), ())
    needed = sorted(instance.get_required_daemon_types())
    for name in (needed[0], "RETIRED_DAEMON"):
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - 400, name, "id", []))
    instance.add_run(dg.DagsterRun("picks_job", run_id="r1", status=dg.DagsterRunStatus.CANCELING))
    instance.add_run(dg.DagsterRun("picks_job", run_id="r2", status=dg.DagsterRunStatus.SUCCESS))
    for name, seconds in (("r3", "86400"), ("r4", "a day")):
        tags = {"dagster/max_runtime": seconds}
        instance.add_run(dg.DagsterRun("refresh_job", run_id=name, status=dg.DagsterRunStatus.STARTED, tags=tags))
    found = measure_dagster(instance, now + timedelta(hours=1))
    assert found is not None
    (daemon,) = found.daemons
    assert (daemon.name, daemon.errors) == (needed[0], 0)
    assert 3900 < daemon.seconds < 4100
    *long, run = sorted(found.runs, key=lambda item: item.run_id, reverse=True)
    assert [(item.run_id, item.max_seconds) for item in long] == [("r4", None), ("r3", 86_400.0)]
    assert run.max_seconds is None
    assert (run.run_id, run.job, run.state) == ("r1", "picks_job", "CANCELING")
    assert 3500 < run.seconds < 3700


def test_a_storage_of_dagster_that_cannot_be_read_is_no_exception(instance_on_disk: dg.DagsterInstance) -> None:
    (runs,) = Path(instance_on_disk.root_directory).rglob("runs.db")
    with closing(sqlite3.connect(runs)) as connection:
        connection.execute("DROP TABLE daemon_heartbeats")
    assert measure_dagster(instance_on_disk, datetime.now(UTC)) is None


def test_the_sweep_says_which_run_is_stuck(layer: Database, instance: dg.DagsterInstance) -> None:
    instance.add_run(dg.DagsterRun("picks_job", run_id="r1", status=dg.DagsterRunStatus.STARTING))
    swept = Sweeper(Settings(), layer, instance).look(datetime.now(UTC) + timedelta(minutes=10))
    (stuck,) = [item for item in swept.sweep.findings if item.check is HealthCheck.STUCK_RUNS]
    assert (stuck.subject, stuck.severity) == ("run r1", HealthSeverity.WARNING)


def test_the_disks_of_folders_that_are_there_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_HOME", str(tmp_path))
    (home,) = measure_disks(Settings())
    assert (home.name, home.path) == ("home", str(tmp_path))
    assert 0 < home.free <= home.size
    monkeypatch.setenv("MONPS_HOME", str(tmp_path / "nowhere"))
    assert measure_disks(Settings()) == ()


def test_metrics_are_replaced_in_one_step_and_a_failed_write_leaves_the_old_ones(tmp_path: Path) -> None:
    file = tmp_path / "metrics" / "monps.prom"
    write_metrics(file, "a 1\n")
    before = file.stat().st_ino
    write_metrics(file, "b 2\n")
    assert file.read_text(encoding="utf-8") == "b 2\n"
    assert file.stat().st_ino != before
    with pytest.raises(UnicodeEncodeError):
        write_metrics(file, "\ud800")
    assert file.read_text(encoding="utf-8") == "b 2\n"
    assert [path.name for path in file.parent.iterdir()] == ["monps.prom"]


def test_whoever_asks_within_seconds_gets_the_same_sweep() -> None:
    made: list[str] = []
    now = [0.0]

    def sweep() -> str:
        made.append(f"{len(made)}\n")
        time.sleep(0.05)
        return made[-1]

    exporter = Exporter(sweep, max_age=5, clock=lambda: now[0])
    assert at_once(*(exporter.text for _ in range(8))) == ["0\n"] * 8
    now[0] = 4.9
    assert exporter.text() == "0\n"
    now[0] = 5.0
    assert exporter.text() == "1\n"
    assert len(made) == 2
