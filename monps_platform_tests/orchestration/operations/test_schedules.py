"""Schedules: when, in which time zone, and that runs do not pile up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from pydantic import ValidationError

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.definitions import defs
from monps_platform.orchestration.schedules import build_schedules, timed_jobs
from monps_platform.orchestration.turns import UNFINISHED
from monps_platform.settings import Settings
from monps_platform_tests.environment import database_variables, set_variables

TIMES = {
    "refresh_schedule": ("refresh_job", "0 6 * * *"),
    "data_quality_schedule": ("data_quality_job", "30 * * * *"),
    "health_sweep_schedule": ("health_sweep_job", "*/15 * * * *"),
    "backup_schedule": ("backup_job", "0 3 * * *"),
    "retention_schedule": ("retention_job", "0 4 * * 0"),
}
SCHEDULES = build_schedules(Settings())
VARIABLES = ("REFRESH", "QUALITY", "HEALTH", "BACKUP", "RETENTION")


@pytest.fixture(autouse=True)
def _database(server: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is only made where the resources' variables are there."""
    set_variables(monkeypatch, database_variables(server))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """An instance that a schedule can look at: one that it could open again."""
    with dg.instance_for_test() as made:
        yield made


def test_jobs_and_times_are_these_and_all_are_on_from_the_start() -> None:
    found = {item.name: (item.job_name, item.cron_schedule) for item in SCHEDULES}
    assert found == TIMES
    assert {item.execution_timezone for item in SCHEDULES} == {"UTC"}
    assert {item.default_status for item in SCHEDULES} == {dg.DefaultScheduleStatus.RUNNING}


def test_every_schedule_says_when_it_runs_which_setting_changes_that_and_why_it_is_on() -> None:
    for schedule, timed in zip(build_schedules(Settings()), timed_jobs(Settings()), strict=True):
        said = schedule.description or ""
        assert timed.setting in said
        assert f"`{timed.cron}` (UTC)" in said
        assert "It is on from the start." in said
        assert schedule.owners


def test_times_and_time_zone_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(f"MONPS_{name}_CRON", "* * * * *")
    monkeypatch.setenv("MONPS_TIMEZONE", "Europe/Zurich")
    found = build_schedules(Settings())
    assert {item.cron_schedule for item in found} == {"* * * * *"}
    assert {item.execution_timezone for item in found} == {"Europe/Zurich"}


@pytest.mark.parametrize("name", [*(f"{name}_CRON" for name in VARIABLES), "TIMEZONE"])
def test_a_time_that_is_none_is_told_by_its_setting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"MONPS_{name}", "every now and then")
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("KEEP_DAYS", "70000"), ("KEEP_DAYS", "0"), ("KEEP_COUNT", "0"), ("KEEP_COUNT", "1000")]
)
def test_a_slip_of_the_keyboard_in_the_retention_of_backups_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"MONPS_BACKUPS_{name}", value)
    with pytest.raises(ValidationError, match=f"backups_{name.lower()}"):
        Settings()


def tick(schedule: dg.ScheduleDefinition, instance: dg.DagsterInstance) -> dg.RunRequest | str:
    """What a tick now asks for, or why it asks for nothing."""
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=datetime.now(UTC))
    found = schedule(context)
    if isinstance(found, dg.SkipReason):
        return found.skip_message or ""
    assert isinstance(found, dg.RunRequest)
    return found


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda item: item.name)
def test_a_tick_asks_for_a_run_unless_one_of_the_job_is_unfinished(
    schedule: dg.ScheduleDefinition, instance: dg.DagsterInstance
) -> None:
    assert isinstance(tick(schedule, instance), dg.RunRequest)
    other = next(item for item in SCHEDULES if item is not schedule)
    instance.create_run_for_job(defs.resolve_job_def(other.job_name), status=dg.DagsterRunStatus.STARTED)
    assert isinstance(tick(schedule, instance), dg.RunRequest)
    job = defs.resolve_job_def(schedule.job_name)
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert tick(schedule, instance) == f"run {run.run_id} of {schedule.job_name} is started still"
    instance.report_run_failed(run)
    assert isinstance(tick(schedule, instance), dg.RunRequest)


@pytest.mark.parametrize("status", UNFINISHED)
def test_whatever_is_unfinished_counts_but_not_for_ever(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    schedule = next(item for item in SCHEDULES if item.name == "backup_schedule")
    location = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("monps_platform"), "__repository__")
    origin = RemoteJobOrigin(location, "backup_job")  # without one no run is queued
    instance.create_run_for_job(defs.resolve_job_def("backup_job"), status=status, remote_job_origin=origin)
    assert isinstance(tick(schedule, instance), str)
    in_two_days = datetime.now(UTC) + timedelta(days=2)
    later = dg.build_schedule_context(instance=instance, scheduled_execution_time=in_two_days)
    assert isinstance(schedule(later), dg.RunRequest)
