"""What a job that runs pipelines tells of them: progress in its log, a table in its metadata, and why it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.pipelines import STEPS
from monps_platform.orchestration.reporting import table
from monps_platform.orchestration.runner import RunReport

MOST_PROBLEMS = 20
OF_CHECKS_ALONE = "failed_by_checks_alone"
"""In the metadata of a failure: nothing but blocking checks made it one, and these are told by themselves."""


class LogProgress:
    """Tells the log of a run when a step begins, and of each partition that fails."""

    def __init__(self, log: dg.DagsterLogManager) -> None:
        self._log = log

    def start(self, step: str, partitions: int) -> None:
        """A step begins."""
        self._log.info(f"{step}: {partitions} partitions")

    def part(self, step: str, partition: Partition, done: int, total: int) -> None:
        """Nothing: some partitions have hundreds of files."""

    def advance(self, step: str, outcome: Outcome) -> None:
        """A partition is done."""
        if outcome.status is Status.FAILED:
            self._log.error(f"{step} {outcome.partition}: {outcome.detail}")
        elif outcome.warning:
            self._log.warning(f"{step} {outcome.partition}: {outcome.warning}")

    def finish(self, step: str) -> None:
        """Nothing."""


def problems(report: RunReport, away: Mapping[str, str]) -> list[str]:
    """What went wrong, a line each: sources that did not answer, partitions, blocking checks, what was held up."""
    lines = [
        f"{site} cannot be reached: nothing new was fetched there, what was fetched before is loaded"
        for site in away.values()
    ]
    lines += [f"{step} {outcome.partition}: {outcome.detail}" for step, outcome in report.failures]
    lines += [
        f"{check.asset} / {check.name}: a blocking check failed"
        + ("" if check.found is None else f", {check.found} found")
        for check in report.checks.values()
        if check.blocks and not check.passed
    ]
    lines += [f"{step} {partition}: not run, a check or a failure held it up" for step, partition in report.not_run]
    return lines + report.errors


def metadata(report: RunReport, partitions: Sequence[Partition]) -> dict[str, Any]:
    """What was done, as Dagster shows it: figures that plot, and a row for each step."""
    checks = report.checks.values()
    return {
        "partitions": len(partitions),
        "rows_changed": report.changed,
        "checks_passed": sum(check.passed for check in checks),
        "checks_failed": sum(not check.passed for check in checks),
        "runs": len(report.run_ids),
        "seconds": round(sum(report.seconds.values()), 1),
        "steps": table([_step(report, step) for step in STEPS if step in report.outcomes]),
    }


def is_of_checks_alone(report: RunReport, away: Mapping[str, str]) -> bool:
    """Whether all that went wrong is blocking checks that failed, and what these held up."""
    return bool(report.blocked) and not (away or report.failures or report.errors)


def failure(lines: Sequence[str], told: Mapping[str, Any], *, of_checks_alone: bool) -> dg.Failure:
    """The end of a run of which something went wrong; what was loaded whole stays."""
    shown = [
        *lines[:MOST_PROBLEMS],
        *([f"... and {len(lines) - MOST_PROBLEMS} more"] if len(lines) > MOST_PROBLEMS else []),
    ]
    description = "Not everything is loaded and right; what is not, is as it was before:\n- " + "\n- ".join(shown)
    return dg.Failure(description, metadata={**told, OF_CHECKS_ALONE: of_checks_alone}, allow_retries=False)


def _step(report: RunReport, step: str) -> dict[str, Any]:
    outcomes = report.outcomes[step]
    counts = sum((outcome.counts for outcome in outcomes), RowCounts())
    checks = [check for check in report.checks.values() if check.asset == step]
    return {
        "asset": step,
        "partitions": len(outcomes),
        "failed": sum(outcome.status is Status.FAILED for outcome in outcomes),
        "read": counts.read,
        "loaded": counts.loaded,
        "rejected": counts.rejected,
        "changed": sum(outcome.changes.total for outcome in outcomes),
        "checks_passed": sum(check.passed for check in checks),
        "checks_failed": sum(not check.passed for check in checks),
        "seconds": round(report.seconds.get(step, 0.0), 1),
    }
