"""Jobs of operation, run as the code location has them, with the resources that the environment names."""

from __future__ import annotations

from typing import Any

import dagster as dg

from monps_platform.definitions import defs
from monps_platform_tests.orchestration.platform import QUIET


def run_job(
    name: str, instance: dg.DagsterInstance, ops: dict[str, dict[str, Any]] | None = None
) -> dg.ExecuteInProcessResult:
    """Run a job; a failure is a result."""
    config = {**QUIET, "ops": {op: {"config": values} for op, values in (ops or {}).items()}}
    job = defs.resolve_job_def(name)
    return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)


def told(result: dg.ExecuteInProcessResult, op: str) -> dict[str, Any]:
    """The metadata that an op left, of its output or its failure."""
    for event in result.all_events:
        if event.step_key == op and event.is_successful_output:
            return {name: value.value for name, value in event.step_output_data.metadata.items()}
        if event.step_key == op and event.is_step_failure:
            data = event.step_failure_data.user_failure_data
            return {} if data is None else {name: value.value for name, value in data.metadata.items()}
    return {}


def why(result: dg.ExecuteInProcessResult) -> str:
    """What a job that failed says of it; empty when it succeeded."""
    said = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    return "\n".join(str(item.user_failure_data.description if item.user_failure_data else item.error) for item in said)
