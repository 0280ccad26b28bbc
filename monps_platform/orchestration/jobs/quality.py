"""The job that checks everything and changes nothing."""

from __future__ import annotations

import dagster as dg

from monps_platform.orchestration.assets.tables import OWNERS
from monps_platform.orchestration.documentation import page

data_quality_job = dg.define_asset_job(
    "data_quality_job",
    selection=dg.AssetSelection.all_asset_checks(),
    # A process for each check would cost two seconds, and there are more than 150.
    executor_def=dg.in_process_executor,
    owners=OWNERS,
    tags={"monps/kind": "operation"},
    metadata=page("operations"),
    description="Run every check of every asset, and nothing else: what somebody changed past the platform, what went "
    "missing, and what has grown old are found without loading anything. Fails if a blocking check fails.",
)
JOBS = (data_quality_job,)
