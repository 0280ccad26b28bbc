"""The one Definitions object: everything Dagster runs and shows. Building it does no I/O."""

from __future__ import annotations

import dagster as dg

from monps_platform.orchestration.assets import football_data, forecasts, odds_api, picks, quantum, understat
from monps_platform.orchestration.checks import forecasts as forecast_checks
from monps_platform.orchestration.checks import quantum as quantum_checks
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.jobs import JOBS
from monps_platform.orchestration.outcomes import Progress
from monps_platform.orchestration.resources import build_resources
from monps_platform.orchestration.schedules import SCHEDULES
from monps_platform.orchestration.sensors import SENSORS


def build_definitions(progress: Progress | None = None) -> dg.Definitions:
    """Everything Dagster runs and shows; ``progress`` shows how far a step is, for runs in a terminal."""
    return dg.Definitions(
        assets=[
            *football_data.ASSETS,
            *understat.ASSETS,
            *forecasts.ASSETS,
            *picks.ASSETS,
            *quantum.ASSETS,
            *odds_api.ASSETS,
        ],
        asset_checks=[*SCHEMA_CHECKS, *CHECKS, *forecast_checks.CHECKS, *quantum_checks.CHECKS],
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources=build_resources(progress),
        # Steps follow each other and share one process; a process for each would cost two seconds and gain nothing.
        executor=dg.in_process_executor,
    )


defs = build_definitions()
