"""The jobs."""

from __future__ import annotations

import dagster as dg

from monps_platform.orchestration.assets.football_data import OWNERS

FOOTBALL_DATA_JOB = "football_data_job"

football_data_job = dg.define_asset_job(
    FOOTBALL_DATA_JOB,
    selection=dg.AssetSelection.assets("raw_football_data", "matches", "odds"),
    # Steps of their own process would cost two seconds each and gain nothing: they follow each other.
    executor_def=dg.in_process_executor,
    description="Fetch what changed at football-data.co.uk, load matches and odds, and check them. Takes any block of "
    "leagues and seasons in one run.",
    owners=OWNERS,
)
