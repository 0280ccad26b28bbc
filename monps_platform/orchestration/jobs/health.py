"""The job of the health sweep."""

from __future__ import annotations

import dagster as dg

from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page

health_sweep_job = dg.define_asset_job(
    "health_sweep_job",
    selection=dg.AssetSelection.assets("database_health"),
    description="Look at the database, the disks, the age of the data, Dagster itself and the newest backup; keep what "
    "was found with what to do about it, and write it as metrics for Prometheus. A finding that is critical fails a "
    "check, not the run.",
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "operation"},
    metadata=page("health"),
)
JOBS = (health_sweep_job,)
