"""The job that deletes what has grown old: Dagster's runs, and superseded versions of fetched files."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.resources import DatabaseResource, RawStoreResource
from monps_platform.orchestration.run_retention import deletable_runs, delete_runs
from monps_platform.settings import Settings

IN_USE = timedelta(hours=1)
"""A body that was put again within this time stays: whoever did may be about to point to it."""


class RetentionConfig(dg.Config):
    """What is old enough to go."""

    runs_days: int | None = Field(
        default=None, ge=1, le=3650, description="days since a run ended; unset: MONPS_RUNS_KEEP_DAYS"
    )
    raw_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="days since a newer version of a file came; unset: MONPS_RAW_KEEP_DAYS",
    )
    dry_run: bool = Field(default=False, description="delete nothing: tell what would go")


@dg.op(
    description="Delete runs that ended long ago, with their events and logs, but for those that hold the newest "
    "materialisation of an asset or a partition, or the newest result of a check.",
)
def delete_old_runs(context: dg.OpExecutionContext, config: RetentionConfig) -> None:
    """Keep Dagster's storage small."""
    days = config.runs_days or Settings().runs_keep_days
    old = deletable_runs(context.instance, datetime.now(UTC) - timedelta(days=days))
    if not config.dry_run:
        delete_runs(context.instance, old)
    context.add_output_metadata({"runs": len(old), "days": days, "dry_run": config.dry_run})


@dg.op(
    description="Delete versions of fetched files that newer ones followed long ago, with their rejected rows, and the "
    "bytes that nothing points to any more. The version in force and the one before stay, and all files of picks.",
)
def delete_superseded_files(
    context: dg.OpExecutionContext, config: RetentionConfig, database: DatabaseResource, raw_store: RawStoreResource
) -> None:
    """Keep the folder of fetched bytes small."""
    days = config.raw_days or Settings().raw_keep_days
    before = datetime.now(UTC) - timedelta(days=days)
    with database.unit_of_work() as unit:
        files = unit.raw_files.superseded(before)
        rows = [{"file": item.key, "fetched_at": item.fetched_at, "bytes": item.bytes} for item in files]
        # The rows first: bytes without a row are waste, a row without its bytes would be a lie.
        addresses = [] if config.dry_run else list(unit.raw_files.forget(files))
        unit.commit()
    store = raw_store.store()
    freed = sum(store.remove(address, unless_used_within=IN_USE) for address in addresses)
    told: dict[str, Any] = {"files": len(rows), "freed_bytes": freed, "days": days, "dry_run": config.dry_run}
    context.add_output_metadata(told | {"deleted": table(rows)})


@dg.job(
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "operation"},
    metadata=page("operations"),
    description="Delete old Dagster runs with their events (MONPS_RUNS_KEEP_DAYS) and superseded versions of fetched "
    "files (MONPS_RAW_KEEP_DAYS), of each never what is in use. With `dry_run: true` it only tells what would go.",
)
def retention_job() -> None:
    """Delete what has grown old."""
    delete_old_runs()
    delete_superseded_files()


JOBS = (retention_job,)
