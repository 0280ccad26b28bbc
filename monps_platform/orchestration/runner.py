"""Running the main job in this process: the fewest runs that cover the partitions, and one report over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import dagster as dg

from monps_platform.domain.partitions import Partition, blocks
from monps_platform.orchestration.jobs import FOOTBALL_DATA_JOB
from monps_platform.orchestration.outcomes import Outcome, Progress, Status
from monps_platform.orchestration.partitions import range_tags

STEPS = ("raw_football_data", "matches", "odds")
LOAD_STEPS = STEPS[1:]
RUN_BY_TAG = "monps/run_by"
# Every event is kept in Dagster's storage; on the terminal it would bury the progress.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class CheckResult:
    """How one check of an asset ended, and what it found, for people."""

    asset: str
    name: str
    passed: bool
    blocks: bool
    found: int | None


@dataclass
class RunReport:
    """What all runs of one call did: outcomes by step, the last result of each check, wall seconds by step."""

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    checks: dict[tuple[str, str], CheckResult] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    run_ids: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def failures(self) -> list[tuple[str, Outcome]]:
        """Partitions that failed, with their step."""
        return [
            (step, outcome)
            for step, outcomes in self.outcomes.items()
            for outcome in outcomes
            if outcome.status is Status.FAILED
        ]

    @property
    def ok(self) -> bool:
        """Whether every partition was done and every blocking check passed."""
        blocked = any(not check.passed and check.blocks for check in self.checks.values())
        return not (self.failures or self.errors or blocked)

    @property
    def changed(self) -> int:
        """Rows of matches and odds that were inserted, updated or deleted."""
        return sum(outcome.changes.total for step in LOAD_STEPS for outcome in self.outcomes.get(step, []))


class _Recorder:
    """Passes progress on, and keeps the outcomes and the time of every step."""

    def __init__(self, shown: Progress, report: RunReport) -> None:
        self._shown = shown
        self._report = report

    def start(self, step: str, partitions: int) -> None:
        self._shown.start(step, partitions)

    def advance(self, step: str, outcome: Outcome) -> None:
        self._report.outcomes.setdefault(step, []).append(outcome)
        self._shown.advance(step, outcome)

    def finish(self, step: str) -> None:
        self._shown.finish(step)


def load_partitions(
    build_definitions: Callable[[Progress], dg.Definitions],
    instance: dg.DagsterInstance,
    partitions: Iterable[Partition],
    progress: Progress,
    *,
    fetch: bool = True,
) -> RunReport:
    """Fetch, load and check partitions through the main job, in as few runs as their blocks allow.

    A partition that fails is left out, and the steps that its failure held up are run again for the others. With
    ``fetch`` false, what was fetched before is loaded.
    """
    report = RunReport()
    recorder = _Recorder(progress, report)
    job = build_definitions(recorder).resolve_job_def(FOOTBALL_DATA_JOB)
    for block in blocks(partitions):
        pending = list(block.partitions)
        steps: Sequence[str] = STEPS if fetch else LOAD_STEPS
        while pending and steps:
            steps, pending = _run_blocks(job, instance, pending, steps, report)
    return report


def _run_blocks(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    partitions: Sequence[Partition],
    steps: Sequence[str],
    report: RunReport,
) -> tuple[Sequence[str], list[Partition]]:
    """Run the steps over the partitions; returns what is left: the steps held up by failures, for the others."""
    held_up: Sequence[str] = ()
    failed: set[Partition] = set()
    for block in blocks(partitions):
        known = len(report.failures)
        result = job.execute_in_process(
            instance=instance,
            run_config=_QUIET,
            tags={**range_tags(block), RUN_BY_TAG: "monps up"},
            asset_selection=[dg.AssetKey(step) for step in steps],
            raise_on_error=False,
        )
        _record(result, report)
        new = report.failures[known:]
        failed |= {outcome.partition for _, outcome in new}
        if new:
            held_up = steps[steps.index(new[0][0]) + 1 :]
        elif not result.success:
            report.errors += _run_errors(result)
    return held_up, [partition for partition in partitions if partition not in failed]


def _record(result: dg.ExecuteInProcessResult, report: RunReport) -> None:
    report.run_ids.append(result.run_id)
    for evaluation in result.get_asset_check_evaluations():
        asset = evaluation.asset_key.to_user_string()
        found = evaluation.metadata.get("found")
        report.checks[asset, evaluation.check_name] = CheckResult(
            asset,
            evaluation.check_name,
            evaluation.passed,
            bool(evaluation.blocking),
            int(found.value) if isinstance(found, dg.IntMetadataValue) and found.value is not None else None,
        )
    for event in result.get_step_success_events():
        if event.step_key in STEPS:
            spent = event.step_success_data.duration_ms / 1000
            report.seconds[event.step_key] = report.seconds.get(event.step_key, 0.0) + spent


def _run_errors(result: dg.ExecuteInProcessResult) -> list[str]:
    """Why a run failed other than by partitions or blocking checks, which the report holds."""
    errors = []
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            message = event.step_failure_data.error.message.strip()
            if "DagsterAssetCheckFailedError" not in message:
                errors.append(f"{event.step_key}: {message}")
    return errors
