"""The job of The Odds API, and the schedule that runs it at the pace of the kickoffs."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import dagster as dg

from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.fetching.odds_api import NO_KEY, Planner, Terms
from monps_platform.orchestration.resources import DatabaseResource
from monps_platform.settings import Settings

STEPS = ("raw_odds_api", "odds_snapshots")
CRON = "*/10 * * * *"
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

odds_snapshot_job = dg.define_asset_job(
    "odds_snapshot_job",
    selection=dg.AssetSelection.assets(*STEPS),
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "data"},
    metadata=page("odds-api"),
    description="Ask The Odds API for the leagues whose turn it is, add its prices to the odds with the instant at "
    "which they stood, and check them. Spends credits, and never those of the reserve.",
)


def _default_status() -> dg.DefaultScheduleStatus:
    """Running where there is a key. Settings are not read for it: a wrong one must not keep the code from loading."""
    has_key = bool(os.environ.get("MONPS_ODDS_API_KEY"))
    return dg.DefaultScheduleStatus.RUNNING if has_key else dg.DefaultScheduleStatus.STOPPED


@dg.schedule(
    job=odds_snapshot_job,
    cron_schedule=CRON,
    execution_timezone="UTC",
    default_status=_default_status(),
    owners=OWNERS,
    tags={"monps/kind": "schedule"},
    metadata=page("odds-api"),
    description="Looks every 10 minutes which leagues have a match ahead, and runs where one's turn has come: from 72 "
    "hours ahead once a day, from 24 every 6 hours, from 6 every hour, in the last hour every 10 minutes; within the "
    "credits. It runs by default only where MONPS_ODDS_API_KEY is set, for it spends credits.",
)
def odds_snapshot_schedule(
    context: dg.ScheduleEvaluationContext, database: DatabaseResource
) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run if any league is to be asked now."""
    settings = Settings()
    if settings.odds_api_key is None:
        return dg.SkipReason(NO_KEY)
    filters = dg.RunsFilter(job_name=odds_snapshot_job.name, statuses=_UNDER_WAY)
    if context.instance.get_runs_count(filters):
        return dg.SkipReason("a run is under way")
    plan = Planner(database.unit_of_work, Terms.of(settings), lambda: datetime.now(UTC)).plan()
    if not plan.leagues:
        waiting = [f"{each.league.code}: {each.why}" for each in plan.choices if each.kickoff is not None]
        return dg.SkipReason("; ".join(waiting) or "no match of the next 72 hours is known: load some, monps up")
    codes = ", ".join(league.code for league in plan.leagues)
    context.log.info("to be asked for: %s", codes)
    return dg.RunRequest(tags={"leagues": codes})
