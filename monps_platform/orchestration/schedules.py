"""The schedules: what runs at its time, as long as Dagster's daemon runs (`monps ui`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import dagster as dg

from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.jobs.backups import backup_job
from monps_platform.orchestration.jobs.health import health_sweep_job
from monps_platform.orchestration.jobs.odds_api import odds_snapshot_schedule
from monps_platform.orchestration.jobs.quality import data_quality_job
from monps_platform.orchestration.jobs.refresh import refresh_job
from monps_platform.orchestration.jobs.retention import retention_job
from monps_platform.orchestration.turns import UNFINISHED
from monps_platform.settings import Settings

GIVEN_UP = timedelta(days=1)
"""A run that is unfinished for longer holds up nothing: Dagster's run monitoring ends one after two hours, a refresh
or a backfill after a day."""


@dataclass(frozen=True)
class Timed:
    """A job and when it runs; ``why`` says what it is good for that it runs by itself from the start."""

    job: dg.JobDefinition | dg.UnresolvedAssetJobDefinition
    cron: str
    setting: str
    why: str
    status: dg.DefaultScheduleStatus = dg.DefaultScheduleStatus.RUNNING


def timed_jobs(settings: Settings) -> list[Timed]:
    """What runs when."""
    return [
        Timed(
            refresh_job,
            settings.refresh_cron,
            "MONPS_REFRESH_CRON",
            "Tables that nobody refreshes grow old unseen, and what has not changed costs a conditional request.",
        ),
        Timed(
            data_quality_job,
            settings.quality_cron,
            "MONPS_QUALITY_CRON",
            "It only reads, and finds what was broken past the platform.",
        ),
        Timed(
            health_sweep_job,
            settings.health_cron,
            "MONPS_HEALTH_CRON",
            "It takes about a second, and says what is wrong before somebody else does.",
        ),
        Timed(
            backup_job,
            settings.backup_cron,
            "MONPS_BACKUP_CRON",
            "A backup that has to be switched on first is missing on the day when it is needed.",
        ),
        Timed(
            retention_job,
            settings.retention_cron,
            "MONPS_RETENTION_CRON",
            "Dagster's storage and the fetched bytes grow for ever otherwise; it never deletes what is in use.",
        ),
    ]


def build_schedule(timed: Timed, timezone: str) -> dg.ScheduleDefinition:
    """The schedule of a job; a tick at which a run of the job is unfinished asks for no other, and says so."""
    name = timed.job.name

    @dg.schedule(
        cron_schedule=timed.cron,
        job=timed.job,
        name=f"{name.removesuffix('_job')}_schedule",
        execution_timezone=timezone,
        default_status=timed.status,
        owners=OWNERS,
        tags={"monps/kind": "schedule"},
        metadata=page("operations"),
        description=f"Runs {name} at `{timed.cron}` ({timezone}): set {timed.setting} for other times. It is on from "
        f"the start. {timed.why} While a run of the job is unfinished, a tick asks for no other.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        unfinished = dg.RunsFilter(
            job_name=name, statuses=UNFINISHED, created_after=context.scheduled_execution_time - GIVEN_UP
        )
        if runs := context.instance.get_runs(unfinished, limit=1):
            return dg.SkipReason(f"run {runs[0].run_id} of {name} is {runs[0].status.value.lower()} still")
        return dg.RunRequest()

    return schedule


def build_schedules(settings: Settings) -> Sequence[dg.ScheduleDefinition]:
    """All schedules, at the times of the settings."""
    return [build_schedule(timed, settings.timezone) for timed in timed_jobs(settings)]


SCHEDULES = [*build_schedules(Settings()), odds_snapshot_schedule]
