"""Running pipelines in this process: the fewest runs that cover the partitions, and one report over all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import dagster as dg

from monps_platform.domain.partitions import Block, Partition, blocks
from monps_platform.orchestration.outcomes import Outcome, Progress, Status
from monps_platform.orchestration.partitions import range_tags
from monps_platform.orchestration.pipelines import LOAD_STEPS, Pipeline

RUN_BY_TAG = "monps/run_by"
RUN_BY_UP = "monps up"
PARENT_TAG = "monps/parent_run"
"""On each run that a refresh or a backfill begins: the job's own run, which tells how it ended."""
MAX_RUNTIME_TAG = "dagster/max_runtime"
"""Seconds after which Dagster's run monitoring ends the run that bears it, in place of those of dagster.yaml."""
LONG_RUN: Mapping[str, str] = MappingProxyType({MAX_RUNTIME_TAG: "86400"})
"""The tag of runs that may take more than two hours: many leagues and seasons in one."""
# Every event is kept in Dagster's storage; on the terminal it would bury the progress.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_INTERRUPTS = frozenset({"DagsterExecutionInterruptedError", "KeyboardInterrupt"})


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
    not_run: list[tuple[str, Partition]] = field(default_factory=list)

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
        """Whether every step was done for every partition and every blocking check passed."""
        return not (self.failures or self.errors or self.not_run or self.blocked)

    @property
    def blocked(self) -> set[str]:
        """The assets of which a blocking check failed."""
        return {check.asset for check in self.checks.values() if check.blocks and not check.passed}

    @property
    def changed(self) -> int:
        """Rows of the loaded tables that were inserted, updated or deleted."""
        return sum(outcome.changes.total for step in LOAD_STEPS for outcome in self.outcomes.get(step, []))


class _Recorder:
    """Passes progress on, and keeps the outcomes and the wall time of every step, of ``failed`` those of one run."""

    def __init__(self, shown: Progress, report: RunReport) -> None:
        self._shown = shown
        self._report = report
        self._begun = 0.0
        self.failed: list[tuple[str, Partition]] = []

    def start(self, step: str, partitions: int) -> None:
        self._begun = time.perf_counter()
        self._shown.start(step, partitions)

    def part(self, step: str, partition: Partition, done: int, total: int) -> None:
        self._shown.part(step, partition, done, total)

    def advance(self, step: str, outcome: Outcome) -> None:
        self._report.outcomes.setdefault(step, []).append(outcome)
        if outcome.status is Status.FAILED:
            self.failed.append((step, outcome.partition))
        self._shown.advance(step, outcome)

    def finish(self, step: str) -> None:
        spent = time.perf_counter() - self._begun
        self._report.seconds[step] = self._report.seconds.get(step, 0.0) + spent
        self._shown.finish(step)


@dataclass(frozen=True)
class Task:
    """A pipeline and the partitions that it is to take; with ``fetch`` false, what was fetched before is loaded."""

    pipeline: Pipeline
    partitions: Sequence[Partition]
    fetch: bool = True

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps to be run."""
        return self.pipeline.steps if self.fetch else self.pipeline.load


def run_tasks(
    build_definitions: Callable[[Progress], dg.Definitions],
    instance: dg.DagsterInstance,
    tasks: Iterable[Task],
    progress: Progress,
    tags: Mapping[str, str] = MappingProxyType({RUN_BY_TAG: RUN_BY_UP}),
) -> RunReport:
    """Fetch, load and check partitions through the pipelines' jobs, one after another, in as few runs as their blocks
    allow.

    A partition that fails is left out of the rest of its pipeline, and the steps that its failure held up are run
    again for the others. A pipeline that needs an asset whose blocking checks failed is not run at all. Raises
    KeyboardInterrupt when a run is interrupted. Each run bears the ``tags``, and may
    take a day.
    """
    report = RunReport()
    recorder = _Recorder(progress, report)
    definitions = build_definitions(recorder)
    for task in tasks:
        if report.blocked & set(task.pipeline.needs):
            report.not_run += _not_run(report, task)
            continue
        job = definitions.resolve_job_def(task.pipeline.job)
        _run_task(_Work(job, instance, recorder, report, task.pipeline, {**LONG_RUN, **tags}), task)
    return report


def _run_task(work: _Work, task: Task) -> None:
    report, steps = work.report, task.pipeline.steps
    if not task.pipeline.by_partition:
        _run(work, None, steps, steps)
        return
    errors = len(report.errors)
    for block in blocks(task.partitions):
        _work_through(work, block, task.steps)
    # A check may have held up one block for what a later one mended: what was not done has a second chance.
    held_up = [] if len(report.errors) > errors else _not_run(report, task)
    first_step = {partition: step for step, partition in reversed(held_up)}
    for step in task.pipeline.load:
        for block in blocks(partition for partition, first in first_step.items() if first == step):
            _work_through(work, block, steps[steps.index(step) :])
    report.not_run += _not_run(report, task)


def _not_run(report: RunReport, task: Task) -> list[tuple[str, Partition]]:
    """Steps that a partition has not been through, though it failed in none of the pipeline's."""
    steps = task.pipeline.steps
    failed = {outcome.partition for step, outcome in report.failures if step in steps}
    done = {(step, outcome.partition) for step in steps for outcome in report.outcomes.get(step, [])}
    return [
        (step, partition)
        for step in task.pipeline.load
        for partition in task.partitions
        if partition not in failed and (step, partition) not in done
    ]


@dataclass(frozen=True)
class _Work:
    """The job of a pipeline, where its runs are kept, and what they add to."""

    job: dg.JobDefinition
    instance: dg.DagsterInstance
    recorder: _Recorder
    report: RunReport
    pipeline: Pipeline
    tags: Mapping[str, str]


def _work_through(work: _Work, block: Block, steps: Sequence[str]) -> None:
    """Run the steps over a block. When partitions fail in one, what comes after it, and the checks that it owes, run
    again for the others, in blocks of their own.
    """
    # The checks of what came before run again, too: those that block guard these steps.
    whole = work.pipeline.steps
    pending: list[tuple[Block, Sequence[str], Sequence[str]]] = [(block, steps, whole)]
    while pending:
        block, steps, checked = pending.pop(0)
        failed_step, failed = _run(work, block, steps, checked)
        if failed_step is not None:
            left = [partition for partition in block.partitions if partition not in failed]
            at = whole.index(failed_step)
            pending += [(smaller, whole[at + 1 :], whole[at:]) for smaller in blocks(left)]


def _run(
    work: _Work, block: Block | None, steps: Sequence[str], checked: Sequence[str]
) -> tuple[str | None, frozenset[Partition]]:
    """Run some steps, and the checks of some, over a block (None: over all that is held); returns the step in which
    partitions failed, and those.
    """
    work.recorder.failed.clear()
    result = _select(work, steps, checked).execute_in_process(
        instance=work.instance,
        run_config=_QUIET,
        tags={**(range_tags(block) if block else {}), **work.tags},
        raise_on_error=False,
    )
    _raise_if_interrupted(result)
    _record(result, work.report)
    failed_step = work.recorder.failed[0][0] if work.recorder.failed else None
    work.report.errors += _run_errors(result, failed_step)
    return failed_step, frozenset(partition for _, partition in work.recorder.failed)


def _select(work: _Work, steps: Sequence[str], checked: Sequence[str]) -> dg.JobDefinition:
    """The job with some of its steps and the checks of some, those that block before what they guard."""
    job = work.job
    if tuple(steps) == work.pipeline.steps:
        return job
    checks = {key for key in job.asset_layer.asset_graph.asset_check_keys if key.asset_key.to_user_string() in checked}
    return job.get_subset(asset_selection={dg.AssetKey(step) for step in steps}, asset_check_selection=checks)


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


def _raise_if_interrupted(result: dg.ExecuteInProcessResult) -> None:
    """Dagster takes an interrupt for the failure of the run it hits; the runs to come must not begin."""
    if (error := _run_failure(result)) is not None and error.cls_name in _INTERRUPTS:
        raise KeyboardInterrupt


def _run_errors(result: dg.ExecuteInProcessResult, failed_step: str | None) -> list[str]:
    """Why a run failed other than by partitions (of the step named) or blocking checks, which the report holds."""
    failures = {event.step_key: event.step_failure_data.error for event in result.all_events if event.is_step_failure}
    if not failures and (error := _run_failure(result)) is not None:
        return [_message(error)]
    return [
        f"{step}: {_message(error)}"
        for step, error in failures.items()
        if error is not None and step != failed_step and "DagsterAssetCheckFailedError" not in error.message
    ]


def _run_failure(result: dg.ExecuteInProcessResult) -> Any:
    """What ended a run that did not succeed, in Dagster's own form; None when it succeeded."""
    ends = [event for event in result.all_events if event.event_type is dg.DagsterEventType.RUN_FAILURE]
    return ends[-1].job_failure_data.error if ends else None


def _message(error: Any) -> str:
    """The innermost cause; what Dagster wraps around it says only where it happened."""
    while error.cause is not None:
        error = error.cause
    return str(error.message).strip()
