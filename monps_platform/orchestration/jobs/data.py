"""The jobs that make data: one per pipeline, and one for each step of picks."""

from __future__ import annotations

from functools import partial

import dagster as dg

from monps_platform.domain.picks import PickStep
from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.picks.config import PicksConfig
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, FORECASTS, PICKS, QUANTUM, UNDERSTAT

# Steps of their own process would cost two seconds each and gain nothing: they follow each other.
_job = partial(dg.define_asset_job, executor_def=dg.in_process_executor, owners=OWNERS)

football_data_job = _job(
    FOOTBALL_DATA.job,
    metadata=page("football-data"),
    selection=dg.AssetSelection.assets(*FOOTBALL_DATA.steps),
    description="Fetch what changed at football-data.co.uk, load matches and odds, and check them. Takes any block of "
    "leagues and seasons in one run.",
)
understat_job = _job(
    UNDERSTAT.job,
    metadata=page("understat"),
    selection=dg.AssetSelection.assets(*UNDERSTAT.steps),
    description="Fetch what changed at Understat, prove which of our clubs and matches it means, load shots and "
    "players, and check that goals and xG add up. Takes any block of leagues and seasons in one run.",
)
forecasts_job = _job(
    FORECASTS.job,
    metadata=page("forecasts"),
    selection=dg.AssetSelection.assets(*FORECASTS.steps),
    description="Forecast the matches of any block of leagues and seasons, week by week from what stood before each, "
    "and check the forecasts.",
)
_picks_job = partial(_job, selection=dg.AssetSelection.assets(*PICKS.steps), metadata=page("picks"))


def _only(step: PickStep) -> dg.RunConfig:
    """The configuration of a run that does one step and no other."""
    return dg.RunConfig(ops={PICKS.load[0]: PicksConfig(steps=[step.value], import_files=False)})


picks_job = _picks_job(
    PICKS.job,
    description="Import new files of picks, let the agents pick, enter closing prices and settle what is played: all "
    "that changed, or the leagues and seasons of the run's configuration.",
)
take_picks_job = _picks_job(
    "take_picks_job",
    config=_only(PickStep.TAKE),
    description="Let the agents pick, over history and on the matches to come.",
)
close_picks_job = _picks_job(
    "close_picks_job",
    config=_only(PickStep.CLOSE),
    description="Enter the closing price of each pick whose match is over, or why there is none.",
)
settle_picks_job = _picks_job(
    "settle_picks_job",
    config=_only(PickStep.SETTLE),
    description="Settle the picks of played matches, and correct those whose score is another by now.",
)
quantum_job = _job(
    QUANTUM.job,
    metadata=page("team-dna"),
    selection=dg.AssetSelection.assets(*QUANTUM.steps),
    description="Derive what is known of teams, pairs of teams, strategies and scorers, as of the day after the last "
    "match held or any other day, and check it: all that changed, or the leagues and seasons of the configuration.",
)
JOBS = (
    *(football_data_job, understat_job, forecasts_job),
    *(picks_job, take_picks_job, close_picks_job, settle_picks_job),
    quantum_job,
)
