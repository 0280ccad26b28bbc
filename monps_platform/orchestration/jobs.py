"""The jobs: one per pipeline."""

from __future__ import annotations

from functools import partial

import dagster as dg

from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, FORECASTS, UNDERSTAT

# Steps of their own process would cost two seconds each and gain nothing: they follow each other.
_job = partial(dg.define_asset_job, executor_def=dg.in_process_executor, owners=OWNERS)

football_data_job = _job(
    FOOTBALL_DATA.job,
    selection=dg.AssetSelection.assets(*FOOTBALL_DATA.steps),
    description="Fetch what changed at football-data.co.uk, load matches and odds, and check them. Takes any block of "
    "leagues and seasons in one run.",
)
understat_job = _job(
    UNDERSTAT.job,
    selection=dg.AssetSelection.assets(*UNDERSTAT.steps),
    description="Fetch what changed at Understat, prove which of our clubs and matches it means, load shots and "
    "players, and check that goals and xG add up. Takes any block of leagues and seasons in one run.",
)
forecasts_job = _job(
    FORECASTS.job,
    selection=dg.AssetSelection.assets(*FORECASTS.steps),
    description="Forecast the matches of any block of leagues and seasons, week by week from what stood before each, "
    "and check the forecasts.",
)
JOBS = (football_data_job, understat_job, forecasts_job)
