"""The part of the code location that makes data: what pipelines need when a job runs them, without the other jobs."""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg

from monps_platform.orchestration.assets import football_data, forecasts, picks, quantum, understat
from monps_platform.orchestration.checks import forecasts as forecast_checks
from monps_platform.orchestration.checks import quantum as quantum_checks
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.jobs import data
from monps_platform.orchestration.outcomes import Progress
from monps_platform.orchestration.pipelines import STEPS
from monps_platform.orchestration.resources import build_resources


def checks_of(assets: Collection[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the tables of some assets."""
    return as_steps(check for check in (*SCHEMA_CHECKS, *CHECKS) if check.asset in assets)


ASSETS = (*football_data.ASSETS, *understat.ASSETS, *forecasts.ASSETS, *picks.ASSETS, *quantum.ASSETS)
ASSET_CHECKS = (*checks_of(STEPS), *forecast_checks.CHECKS, *quantum_checks.CHECKS)


def build_data_definitions(progress: Progress) -> dg.Definitions:
    """Assets, checks and jobs of the pipelines; ``progress`` is told how far a step is."""
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=ASSET_CHECKS,
        jobs=data.JOBS,
        resources=build_resources(progress),
        executor=dg.in_process_executor,
    )
