"""Faults of a running platform: each gives exactly one alert and one recovery, through the real sensor."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.definitions import build_definitions
from monps_platform.domain.partitions import Block
from monps_platform.domain.seasons import Season
from monps_platform.orchestration import refreshing
from monps_platform.orchestration.checks.check import Check, Verdict, as_steps
from monps_platform.orchestration.data_definitions import build_data_definitions
from monps_platform.orchestration.jobs import refresh
from monps_platform.orchestration.outcomes import Progress, SilentProgress
from monps_platform.orchestration.partitions import range_tags
from monps_platform.orchestration.runner import PARENT_TAG
from monps_platform.orchestration.sensors.alerts import alerts_sensor
from monps_platform.settings import Settings
from monps_platform_tests.notify.servers import Hook, serving_hook
from monps_platform_tests.orchestration.football_files import key_of, partition
from monps_platform_tests.orchestration.operations.jobs import run_job, why
from monps_platform_tests.orchestration.platform import QUIET, Platform
from monps_platform_tests.sources.picks.pick_files import file_of

E0, SP1 = partition("E0", "2019-20"), partition("SP1", "2019-20")
SECRET = "Walrus9Onyx"
OPEN = "SELECT subject FROM ops.alerts WHERE resolved_at IS NULL ORDER BY subject"


@pytest.fixture(scope="module")
def kept_instance(server: DatabaseAddress) -> Iterator[dg.DagsterInstance]:
    """An instance whose storage is PostgreSQL, as the platform's is."""
    admin = create_engine(server.other("postgres").url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE alerts_dagster TEMPLATE template0"))
    settings = {
        "scheme": "postgresql+psycopg2",
        "hostname": server.host,
        "port": server.port,
        "username": server.user,
        "password": server.password.get_secret_value(),
        "db_name": "alerts_dagster",
    }
    with dg.instance_for_test(overrides={"storage": {"postgres": {"postgres_db": settings}}}) as made:
        yield made
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE alerts_dagster WITH (FORCE)"))


@pytest.fixture
def empty_instance(kept_instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """The instance without a run or an event."""
    kept_instance.wipe()
    return kept_instance


@pytest.fixture
def hook() -> Iterator[Hook]:
    with serving_hook() as served:
        yield served


@pytest.fixture
def definitions() -> dg.Definitions:
    return build_definitions(SilentProgress())


@dataclass
class Operated:
    """A platform whose sensor is asked by hand, so that no test waits for the daemon."""

    platform: Platform
    instance: dg.DagsterInstance
    definitions: dg.Definitions
    hook: Hook
    cursor: str | None = None
    said: list[str] = field(default_factory=list)

    def tick(self) -> list[tuple[str, str]]:
        """What a tick of the sensor sends: status and subject."""
        before = len(self.hook.told)
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"database": self.platform.resources()["database"]},
            definitions=self.definitions,
        ) as context:
            result = alerts_sensor(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        self.said.append(str(result.skip_reason.skip_message if result.skip_reason else ""))
        return self.hook.told[before:]

    def run(self, job: str, block: Block | None = None, *checks: str) -> bool:
        """Run a job as Dagster does, with these of its checks; whether it succeeded."""
        whole = self.definitions.resolve_job_def(job)
        keys = {key for key in whole.asset_layer.asset_graph.asset_check_keys if key.name in checks}
        assets = set(whole.asset_layer.selected_asset_keys)
        result = whole.get_subset(asset_selection=assets, asset_check_selection=keys).execute_in_process(
            instance=self.instance,
            tags=range_tags(block) if block else {},
            run_config=QUIET,
            raise_on_error=False,
        )
        return result.success

    def drop(self, name: str, body: bytes) -> None:
        """Put a file into the watched folder, as if it had lain there for a minute."""
        folder = Settings().watched_dir
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(body)
        os.utime(folder / name, (time.time() - 60, time.time() - 60))

    def check(self, passed: bool, *, blocking: bool, severity: dg.AssetCheckSeverity) -> bool:
        """Run a check of an asset, which passes or not."""

        @dg.asset
        def a_table() -> None: ...

        @dg.asset_check(asset=a_table, blocking=blocking, description="Rows are as they should be.")
        def rows_are_right() -> dg.AssetCheckResult:
            examples = dg.MetadataValue.table([dg.TableRecord({"id": 7, "price": "0.9"})])
            return dg.AssetCheckResult(
                passed=passed, severity=severity, metadata={"found": 0 if passed else 1, "examples": examples}
            )

        return dg.materialize(
            [a_table, rows_are_right], instance=self.instance, raise_on_error=False, run_config=QUIET
        ).success


@pytest.fixture
def operated(
    environment: Platform,
    empty_instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    hook: Hook,
    monkeypatch: pytest.MonkeyPatch,
) -> Operated:
    """A platform with a webhook, whose sensor has looked once."""
    monkeypatch.setenv("MONPS_ALERT_WEBHOOK_URL", hook.url)
    made = Operated(environment, empty_instance, definitions, hook)
    assert made.tick() == []
    return made


def test_a_source_that_is_down_is_told_once_and_once_more_when_it_is_back(operated: Operated) -> None:
    block = Block((E0.league,), (E0.season,))
    for _ in range(2):
        assert not operated.run("football_data_job", block)
    assert operated.tick() == [("alert", "job football_data_job")]
    assert not operated.run("football_data_job", block)
    assert operated.tick() == []
    alert = operated.hook.documents[0]
    assert "raw_football_data: " in alert["what"]
    assert key_of(E0) in alert["what"] or "E0 2019-20" in alert["what"]
    assert "partitions E0 2019-20" in alert["where"]
    assert alert["link"].startswith("http://127.0.0.1:3000/runs/")
    assert "Mend that, then run it again" in alert["what_to_do"]
    operated.platform.publish(SP1)
    assert operated.run("football_data_job", Block((SP1.league,), (SP1.season,)))
    assert operated.tick() == []  # another league says nothing of the one that failed
    operated.platform.publish(E0)
    assert operated.run("football_data_job", block)
    assert operated.tick() == [("recovery", "job football_data_job")]
    assert operated.tick() == []
    assert operated.platform.rows(OPEN) == []
    assert operated.platform.rows("SELECT times_seen, closed_at IS NULL FROM ops.alerts") == [(3, False)]


@pytest.fixture
def refreshed(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Lets a refresh take one pipeline, with a blocking check that passes if all of the list is true."""
    passes = [True]

    def judge(*_: object) -> Verdict:
        return Verdict(all(passes), {"found": 0 if all(passes) else 1})

    def with_one_check(progress: Progress) -> dg.Definitions:
        whole = build_data_definitions(progress)
        checks = as_steps([Check("matches", "rows_are_right", "Rows are as they should be.", True, judge)])
        return dg.Definitions(whole.assets, asset_checks=checks, jobs=whole.jobs, resources=whole.resources)

    monkeypatch.setattr(refresh, "build_data_definitions", with_one_check)
    monkeypatch.setattr(refreshing, "seasons_in_progress", lambda _: (Season(2019),))
    monkeypatch.setattr(refresh, "tasks_of", lambda *chosen, **fetch: refreshing.tasks_of(*chosen, **fetch)[:1])
    return passes


def test_what_fails_in_a_refresh_is_told_once_and_not_by_the_runs_that_it_began(
    operated: Operated, refreshed: list[bool]
) -> None:
    ops = {"refresh": {"leagues": ["E0"]}}
    assert not run_job("refresh_job", operated.instance, ops).success
    failed = operated.instance.get_runs(dg.RunsFilter(job_name="football_data_job"))
    assert [run.status for run in failed] == [dg.DagsterRunStatus.FAILURE]
    assert operated.tick() == [("alert", "job refresh_job")]
    assert "raw_football_data E0 2019-20" in operated.hook.documents[0]["what"]
    operated.platform.publish(E0)
    assert run_job("refresh_job", operated.instance, ops).success
    assert operated.tick() == [("recovery", "job refresh_job")]


def test_a_refresh_in_which_a_blocking_check_alone_failed_is_not_told_besides_the_check(
    operated: Operated, refreshed: list[bool]
) -> None:
    ops = {"refresh": {"leagues": ["E0"]}}
    operated.platform.publish(E0)
    refreshed[:] = [False]
    result = run_job("refresh_job", operated.instance, ops)
    assert "rows_are_right: a blocking check failed, 1 found" in why(result)
    assert "odds E0 2019-20: not run, a check or a failure held it up" in why(result)
    assert operated.tick() == [("alert", "check matches/rows_are_right")]
    refreshed[:] = [True]
    assert run_job("refresh_job", operated.instance, ops).success
    assert operated.tick() == [("recovery", "check matches/rows_are_right")]


def test_a_run_of_a_refresh_is_told_if_it_is_executed_again_or_the_refresh_is_deleted(operated: Operated) -> None:
    job = operated.definitions.resolve_job_def("forecasts_job")

    def fail(parent: str, again: dg.DagsterRun | None = None) -> dg.DagsterRun:
        ran = operated.instance.create_run_for_job(
            job,
            tags={PARENT_TAG: parent},
            parent_run_id=again.run_id if again else None,
            root_run_id=again.run_id if again else None,
        )
        operated.instance.report_run_failed(ran, "killed")
        return ran

    refresh_run = operated.instance.create_run_for_job(operated.definitions.resolve_job_def("refresh_job"))
    first = fail(refresh_run.run_id)
    assert operated.tick() == []
    fail(refresh_run.run_id, first)
    assert operated.tick() == [("alert", "job forecasts_job")]
    fail("0" * 8)
    operated.tick()
    assert operated.platform.value("SELECT times_seen FROM ops.alerts") == 2


def test_a_bad_file_of_picks_is_told_once_and_its_correction_too(operated: Operated) -> None:
    operated.platform.publish(E0)
    assert operated.run("football_data_job", Block((E0.league,), (E0.season,)))
    name = "pick_files_are_imported"
    told = [("alert", f"check tracking_clv_picks/{name}")]
    for away in ("Brentfort", "Brentfort", "Brentford"):
        operated.drop("mine.csv", file_of({"away": away}))
        assert operated.run("picks_job", None, name)
        operated.tick()
        if away == "Brentfort":
            assert operated.hook.told == told
            assert "mine.csv" in operated.hook.documents[0]["what"]
    assert operated.hook.told == [*told, ("recovery", f"check tracking_clv_picks/{name}")]
    assert operated.platform.value("SELECT count(*) FROM tracking_clv_picks WHERE origin = 'own'") == 1


@pytest.mark.parametrize("severity", list(dg.AssetCheckSeverity))
@pytest.mark.parametrize("blocking", [True, False])
def test_a_failed_check_is_told_once_whatever_it_blocks_and_its_run_is_not_told_besides(
    operated: Operated, severity: dg.AssetCheckSeverity, blocking: bool
) -> None:
    succeeded = operated.check(passed=False, blocking=blocking, severity=severity)
    assert succeeded is not (blocking and severity is dg.AssetCheckSeverity.ERROR)
    assert operated.tick() == [("alert", "check a_table/rows_are_right")]
    alert = operated.hook.documents[0]
    assert alert["what"].splitlines()[1:] == ["Found: 1", "id 7; price 0.9"]
    assert alert["where"].startswith(
        f"asset a_table ({severity.value}, {'blocking' if blocking else 'not blocking'}), run "
    )
    assert alert["link"] == "http://127.0.0.1:3000/assets/a_table?view=checks&checkDetail=rows_are_right"
    operated.check(passed=False, blocking=blocking, severity=severity)
    assert operated.tick() == []
    operated.check(passed=True, blocking=blocking, severity=severity)
    assert operated.tick() == [("recovery", "check a_table/rows_are_right")]


def test_a_new_problem_of_health_is_told_while_another_one_lasts(operated: Operated) -> None:
    names = [f"nothing_is_wrong_with_{name}" for name in ("backup_age", "sequences")]
    backup, sequences = (f"check database_health/{name}" for name in names)
    assert operated.run("health_sweep_job", None, *names)
    assert operated.tick() == [("alert", backup)]
    operated.platform.do("CREATE SEQUENCE ops.short MAXVALUE 100; SELECT setval('ops.short', 99)")
    try:
        assert operated.run("health_sweep_job", None, *names)
    finally:
        operated.platform.do("DROP SEQUENCE ops.short")
    assert operated.tick() == [("alert", sequences)]
    assert "ops.short" in operated.hook.documents[-1]["what"]
    assert "(ERROR, not blocking)" in operated.hook.documents[-1]["where"]
    assert operated.run("health_sweep_job", None, *names)
    assert operated.tick() == [("recovery", sequences)]


def test_a_run_whose_process_was_killed_is_told_once_and_the_next_success_of_its_job_too(operated: Operated) -> None:
    job = operated.definitions.resolve_job_def("forecasts_job")
    run = operated.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    operated.instance.report_run_failed(run, "Run worker failed unexpectedly: the process was killed")
    assert operated.tick() == [("alert", "job forecasts_job")]
    alert = operated.hook.documents[0]
    assert "the process was killed" in alert["what"]
    assert alert["what_to_do"].startswith("No step failed by itself: the process of the run was killed")
    good = operated.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    operated.instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, "forecasts_job", message="done"), run_id=good.run_id
    )
    assert operated.tick() == [("recovery", "job forecasts_job")]


def test_assets_that_failed_when_somebody_ran_them_are_well_when_any_run_made_them(operated: Operated) -> None:
    def materialize(fails: bool, *names: str) -> None:
        def build(name: str) -> dg.AssetsDefinition:
            @dg.asset(name=name)
            def made() -> None:
                if fails:
                    raise ValueError("no room left")

            return made

        assets = [build(name) for name in ("one", "two", "three")]
        dg.materialize(assets, instance=operated.instance, selection=names, raise_on_error=False, run_config=QUIET)

    materialize(True, "one", "two")
    assert operated.tick() == [("alert", "assets one, two")]
    assert "no room left" in operated.hook.documents[0]["what"]
    materialize(False, "one")
    assert operated.tick() == []
    materialize(False, "one", "two", "three")
    assert operated.tick() == [("recovery", "assets one, two")]


def test_a_daemon_that_starts_anew_neither_repeats_nor_forgets(operated: Operated) -> None:
    warn = dg.AssetCheckSeverity.WARN
    operated.check(passed=False, blocking=False, severity=warn)
    assert len(operated.tick()) == 1
    operated.cursor = None  # the cursor is lost as well
    assert operated.tick() == []
    operated.check(passed=True, blocking=False, severity=warn)
    operated.check(passed=False, blocking=False, severity=warn)
    operated.check(passed=True, blocking=False, severity=warn)
    operated.cursor = None
    assert operated.tick() == [("recovery", "check a_table/rows_are_right")]


def test_what_was_well_again_before_the_first_look_is_not_told(operated: Operated) -> None:
    for passed in (False, True):
        operated.check(passed=passed, blocking=False, severity=dg.AssetCheckSeverity.WARN)
    operated.cursor = None
    assert operated.tick() == []


def test_a_webhook_that_is_down_is_shown_in_the_tick_and_kept_without_its_address(
    operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    operated.hook.status = 503
    operated.check(passed=False, blocking=False, severity=dg.AssetCheckSeverity.WARN)
    assert operated.tick() == []
    said = "webhook: 127.0.0.1: HTTP 503 Service Unavailable"
    assert operated.said[-1] == (f"failing: check a_table/rows_are_right; not delivered, will be tried again: {said}")
    assert operated.platform.rows("SELECT delivery_error, last_sent_at FROM ops.alerts") == [(said, None)]
    operated.hook.status = 200
    assert operated.tick() == []  # it waits a minute after the first try
    past = """jsonb_set(deliveries, '{webhook,next_try_at}', '"2020-01-01T00:00:00+00:00"')"""
    operated.platform.do(f"UPDATE ops.alerts SET deliveries = {past}")
    assert operated.tick() == [("alert", "check a_table/rows_are_right")]
    assert operated.said[-1] == "failing: check a_table/rows_are_right; messages sent: 1"
    assert operated.platform.rows("SELECT delivery_error FROM ops.alerts") == [(None,)]
    assert SECRET not in f"{operated.said} {operated.platform.rows('SELECT a::text FROM ops.alerts a')}"


def test_without_a_channel_alerts_are_kept_and_the_tick_says_that_nobody_is_told(
    operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONPS_ALERT_WEBHOOK_URL")
    operated.check(passed=False, blocking=False, severity=dg.AssetCheckSeverity.WARN)
    assert operated.tick() == []
    assert operated.said[-1].endswith(
        "no channel is configured, nobody is told: alerts are kept in ops.alerts, `monps alerts` shows them"
    )
    assert operated.platform.rows(OPEN) == [("check a_table/rows_are_right",)]


def test_the_sensor_runs_from_the_start(definitions: dg.Definitions, tmp_path: Path) -> None:
    sensor = definitions.get_repository_def().get_sensor_def("alerts_sensor")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 30
