"""Automation: what is derived is made again when what it is made from has changed, unless a job does so anyway."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dagster as dg

from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.pipelines import FORECASTS, PICKS, PIPELINES, QUANTUM
from monps_platform.orchestration.turns import UNFINISHED

MARTS = (*FORECASTS.steps, *PICKS.steps, *QUANTUM.steps)
"""The assets that follow others by themselves."""
MAKING_JOBS = frozenset({*(pipeline.job for pipeline in PIPELINES), "refresh_job", "backfill_job"})
"""The jobs that make tables, one after another: the marts are among them, or come next."""
QUIET = timedelta(seconds=60)
"""How long nothing must have been made: between two jobs of `monps up` pass a few seconds."""
SECONDS = 30
_RUNS = 100


class NothingIsBeingMade(dg.AutomationCondition[dg.AssetKey]):
    """No job that makes tables is at work, waits to begin, or has ended a moment ago."""

    @property
    def name(self) -> str:
        """As the UI shows it."""
        return "nothing is being made"

    def evaluate(self, context: dg.AutomationContext[Any]) -> dg.AutomationResult[Any]:
        """All of the candidates, or none."""
        instance = context.asset_graph_view.instance
        since = context.evaluation_time - QUIET
        filters = (dg.RunsFilter(statuses=UNFINISHED), dg.RunsFilter(updated_after=since))
        runs = [run for item in filters for run in instance.get_runs(item, limit=_RUNS)]
        is_quiet = not any(run.job_name in MAKING_JOBS or run.job_name.startswith("__") for run in runs)
        return dg.AutomationResult(
            context, true_subset=context.candidate_subset if is_quiet else context.get_empty_subset()
        )


def follows_what_it_is_made_from() -> dg.AutomationCondition[dg.AssetKey]:
    """Something it is made from was updated since it was last made, all of that passes its blocking checks, and nobody
    is at work on it. It does not wait for partitions that do not exist yet: a new season begins empty.
    """
    condition = dg.AutomationCondition
    changed = condition.any_deps_updated().since_last_handled()
    marts = dg.AssetSelection.assets(*MARTS)
    return (
        changed
        # A mart that it is made from comes first.
        & ~condition.any_deps_match(changed).allow(marts)
        & ~condition.any_deps_in_progress()
        & ~condition.in_progress()
        & condition.all_deps_blocking_checks_passed()
        & NothingIsBeingMade()
    ).with_label("follows what it is made from")


def condition_of(asset: str) -> dg.AutomationCondition[dg.AssetKey] | None:
    """The condition of an asset; None for those that are fetched and loaded by jobs alone."""
    return follows_what_it_is_made_from() if asset in MARTS else None


marts_sensor = dg.AutomationConditionSensorDefinition(
    "marts_sensor",
    target=dg.AssetSelection.assets(*MARTS),
    minimum_interval_seconds=SECONDS,
    # Running from the start: whoever loads a table by hand would otherwise look at figures of the table before.
    default_status=dg.DefaultSensorStatus.RUNNING,
    use_user_code_server=True,
    description="Something that forecasts, picks or quantum tables are made from was loaded outside of `monps up` and "
    "the refresh: make them again, once it passes its blocking checks and no job is making tables.",
    tags={"monps/kind": "automation"},
    metadata=page("automation"),
)
