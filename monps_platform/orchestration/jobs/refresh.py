"""Jobs that run the pipelines one after another, as `monps up` does: over the seasons in progress, or any others."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.data_definitions import build_data_definitions
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, UNDERSTAT
from monps_platform.orchestration.refreshing import tasks_of, to_backfill, to_refresh, unreachable, with_later_seasons
from monps_platform.orchestration.resources import DatabaseResource
from monps_platform.orchestration.run_reporting import LogProgress, failure, is_of_checks_alone, metadata, problems
from monps_platform.orchestration.runner import LONG_RUN, PARENT_TAG, RUN_BY_TAG, run_tasks
from monps_platform.orchestration.turns import BACKFILL, REFRESH, NotOurTurnError, end_killed_runs, turn
from monps_platform.settings import Settings


class RefreshConfig(dg.Config):
    """What a refresh takes."""

    leagues: list[str] = Field(
        default=[], description="leagues by code, as in [E0, SP1]; none: the real ones that are held, else the top five"
    )
    patience: float = Field(
        default=600, ge=0, description="seconds to wait for a `monps up`, a refresh or a backfill under way"
    )


class BackfillConfig(dg.Config):
    """What a backfill takes."""

    leagues: list[str] = Field(description="leagues by code, as in [E0, SP1]")
    seasons: str = Field(description="seasons, as in 2019-20:2021-22 or 2019-20")
    reload: bool = Field(default=False, description="load again even what has not changed since it was loaded")
    patience: float = Field(
        default=600, ge=0, description="seconds to wait for a `monps up`, a refresh or a backfill under way"
    )


@dg.op(
    description="Fetch what changed, load it, forecast, pick and derive, pipeline by pipeline: what fails in one costs "
    "the others nothing. Fails in the end if anything was not loaded or a blocking check failed, and says what.",
)
def refresh(context: dg.OpExecutionContext, config: RefreshConfig, database: DatabaseResource) -> None:
    """Run the pipelines over the seasons in progress."""
    chosen = to_refresh(config.leagues, _held(database), datetime.now(UTC).date())
    _run(context, database, chosen, REFRESH, config.patience)


@dg.op(
    description="The same over any leagues and seasons. Forecasts, picks and derived tables of the leagues' later "
    "seasons, which look back on these, are made anew, too.",
)
def backfill(context: dg.OpExecutionContext, config: BackfillConfig, database: DatabaseResource) -> None:
    """Run the pipelines over leagues and seasons."""
    chosen = to_backfill(config.leagues, config.seasons, datetime.now(UTC).date())
    if config.reload:
        with database.unit_of_work() as unit:
            unit.raw_files.forget_loads(chosen)
            unit.commit()
    _run(context, database, chosen, BACKFILL, config.patience)


def _held(database: DatabaseResource) -> Sequence[Partition]:
    with database.unit_of_work() as unit:
        return unit.matches.partitions()


def _run(
    context: dg.OpExecutionContext,
    database: DatabaseResource,
    partitions: Sequence[Partition],
    run_by: str,
    patience: float,
) -> None:
    """Run the pipelines over partitions, in runs of their own in this process; raises dg.Failure."""
    settings = Settings()
    try:
        with turn(settings.home, patience):
            # By default each event opens a connection of its own, which costs more than the event.
            context.instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=1800, max_overflow=2)
            end_killed_runs(context.instance)
            away = unreachable(settings, partitions)
            tasks = tasks_of(
                partitions,
                with_later_seasons(partitions, _held(database)),
                football_data=FOOTBALL_DATA.job not in away,
                understat=UNDERSTAT.job not in away,
            )
            tags = {RUN_BY_TAG: run_by, PARENT_TAG: context.run_id}
            report = run_tasks(build_data_definitions, context.instance, tasks, LogProgress(context.log), tags)
    except NotOurTurnError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    told = metadata(report, partitions)
    if found := problems(report, away):
        raise failure(found, told, of_checks_alone=is_of_checks_alone(report, away))
    context.add_output_metadata(told)


@dg.job(
    name=REFRESH,
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "data", **LONG_RUN},
    metadata=page("operations"),
    description="Bring the seasons in progress up to date: football-data.co.uk, Understat, forecasts, picks, quantum "
    "tables, each with its checks, in this order. In July and August the season before is among them. What has not "
    "changed is not touched. The runs of its pipelines bear the tag `monps/parent_run`.",
)
def refresh_job() -> None:
    """The daily work."""
    refresh()


@dg.job(
    name=BACKFILL,
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "data", **LONG_RUN},
    metadata=page("operations"),
    description="Load, check and derive any leagues x seasons: `leagues: [E0, SP1]`, `seasons: 2015-16:2018-19`. "
    "Run it as often as you like; it goes on where it was interrupted, because what is loaded is not loaded again.",
)
def backfill_job() -> None:
    """The work on the past."""
    backfill()


JOBS = (refresh_job, backfill_job)
