"""The one Definitions object: everything Dagster runs and shows. Building it does no I/O."""

from __future__ import annotations

import dagster as dg

from monps_platform.orchestration.assets import health
from monps_platform.orchestration.assets import odds_api as odds_api_assets
from monps_platform.orchestration.checks import health as health_checks
from monps_platform.orchestration.data_definitions import ASSET_CHECKS, ASSETS, checks_of
from monps_platform.orchestration.jobs import backups, data, migration, odds_api, quality, refresh, retention
from monps_platform.orchestration.jobs import health as health_jobs
from monps_platform.orchestration.outcomes import Progress
from monps_platform.orchestration.resources import build_resources
from monps_platform.orchestration.schedules import SCHEDULES
from monps_platform.orchestration.sensors import SENSORS

JOBS = (
    *data.JOBS,
    odds_api.odds_snapshot_job,
    *refresh.JOBS,
    *migration.JOBS,
    *quality.JOBS,
    *health_jobs.JOBS,
    *backups.JOBS,
    *retention.JOBS,
)
"""Those that make data, one per pipeline and one for each step of picks, and those that keep the platform running."""


def build_definitions(progress: Progress | None = None) -> dg.Definitions:
    """Everything Dagster runs and shows; ``progress`` shows how far a step is, for runs in a terminal."""
    return dg.Definitions(
        assets=[*ASSETS, *odds_api_assets.ASSETS, *health.ASSETS],
        asset_checks=[*ASSET_CHECKS, *checks_of(odds_api.STEPS), *health_checks.CHECKS],
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources=build_resources(progress),
        # Steps follow each other and share one process; a process for each would cost two seconds and gain nothing.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
