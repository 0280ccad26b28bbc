"""New files in the watched folder of picks begin a run."""

from __future__ import annotations

import hashlib
import time

import dagster as dg

from monps_platform.orchestration.documentation import page
from monps_platform.orchestration.jobs.data import picks_job
from monps_platform.orchestration.picks.importing import QUIET, files_in
from monps_platform.settings import Settings

SECONDS = 30


@dg.sensor(
    job=picks_job,
    minimum_interval_seconds=SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A CSV file in the watched folder of picks (MONPS_PICKS_DIR) is new or has changed: import it. Runs "
    "from the start, because it does nothing as long as the folder is empty.",
    tags={"monps/kind": "picks"},
    metadata=page("picks"),
)
def picks_folder_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run whenever names, sizes or times of the files are others than at the last run that was asked for.

    The cursor counts the runs: Dagster runs a key once and never again, and a folder may come to be as it was before.
    """
    folder = Settings().watched_dir
    files = [(path.name, path.stat()) for path in files_in(folder) if path.exists()]
    if not files:
        return dg.SkipReason(f"there is no CSV file in {folder}")
    if any(0 <= time.time() - stat.st_mtime < QUIET.total_seconds() for _, stat in files):
        return dg.SkipReason("a file was written to a moment ago: it may not be whole yet")
    listing = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in files)
    seen = hashlib.sha256(listing.encode()).hexdigest()
    count, _, last = (context.cursor or "").rpartition(":")
    if seen == last:
        return dg.SkipReason("no file is new or has changed")
    cursor = f"{int(count or 0) + 1}:{seen}"
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=cursor)], cursor=cursor)
