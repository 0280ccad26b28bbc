"""What ended runs say of their jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import dagster as dg

from monps_platform.domain.alerts.incident import AlertKind, Incident, Sighting
from monps_platform.orchestration.run_reporting import OF_CHECKS_ALONE
from monps_platform.orchestration.runner import PARENT_TAG, RUN_BY_TAG

ASSETS = "assets "
"""How a subject begins that is no job of ours but assets that somebody, or automation, chose."""
_STEP_FAILED = (
    "Open the link: the first red step says why. Mend that, then run it again (Re-execute in the UI, or monps up)."
)
_NO_STEP_FAILED = (
    "No step failed by itself: the process of the run was killed, or never began. What was loaded whole stays. Run it "
    "again (Re-execute in the UI, or monps up); if it is killed again, look at memory and disk space."
)
_LONGEST_MESSAGE = 600


def failed_run(instance: dg.DagsterInstance, run: dg.DagsterRun, at: datetime, reason: str, ui: str) -> Sighting | None:
    """A failed run; None when others tell of it: the run that began it, or the blocking checks that alone failed."""
    if _is_told_by_its_parent(instance, run):
        return None
    failures = list(_step_failures(instance, run.run_id))
    told = [f"{step}: {message}" for step, message, is_check in failures if not is_check]
    if failures and not told:
        return None
    return Sighting(
        AlertKind.JOB,
        subject_of(instance, run),
        is_well=False,
        at=at,
        what="\n".join(told) or f"The run came to no end of its own. Dagster says: {reason}",
        place=_place(instance, run),
        remedy=_STEP_FAILED if told else _NO_STEP_FAILED,
        link=f"{ui}/runs/{run.run_id}",
        partitions=partitions_of_run(run.tags),
    )


def good_run(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    assets_of_jobs: Mapping[str, frozenset[str]],
    known: Iterable[Incident],
    at: datetime,
) -> Iterator[Sighting]:
    """A run that succeeded: its job is well, and so are assets that failed when somebody ran them by themselves."""
    subjects = {subject_of(instance, run)}
    waiting = [item.subject for item in known if item.is_open and item.subject.startswith(ASSETS)]
    if waiting:
        made = chosen_assets(instance, run) or assets_of_jobs.get(run.job_name, frozenset())
        subjects |= {name for name in waiting if made.issuperset(name.removeprefix(ASSETS).split(", "))}
    for subject in sorted(subjects):
        yield Sighting(AlertKind.JOB, subject, is_well=True, at=at, partitions=partitions_of_run(run.tags))


def subject_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """The job, or the assets of a run that is of no job of ours."""
    if not run.job_name.startswith("__"):
        return f"job {run.job_name}"
    return ASSETS + (", ".join(sorted(chosen_assets(instance, run))) or f"of run {run.run_id[:8]}")


def chosen_assets(instance: dg.DagsterInstance, run: dg.DagsterRun) -> frozenset[str]:
    """The assets that a run was to make, or to check; none: all of its job's."""
    keys = run.asset_selection or {key.asset_key for key in run.asset_check_selection or ()}
    if not keys and run.job_name.startswith("__"):
        planned = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
        events = (entry.dagster_event for entry in planned)
        keys = {event.asset_key for event in events if event is not None and event.asset_key is not None}
    return frozenset(key.to_user_string() for key in keys)


def partitions_of_run(tags: Mapping[str, str]) -> str:
    """The partitions of a run, as first and last; empty: all, or there are none."""
    if (single := tags.get("dagster/partition")) is not None:
        return single
    first, last = (tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end"))
    return "" if first is None or last is None else first if first == last else f"{first}:{last}"


def _place(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    parts = [f"run {run.run_id[:8]} of {subject_of(instance, run)}"]
    if partitions := partitions_of_run(run.tags):
        parts.append(f"partitions {partitions.replace('|', ' ').replace(':', ' to ')}")
    for tag, word in (
        ("dagster/schedule_name", "schedule"),
        ("dagster/sensor_name", "sensor"),
        (RUN_BY_TAG, "begun by"),
    ):
        if tag in run.tags:
            parts.append(f"{word} {run.tags[tag]}")
    return ", ".join(parts)


def _is_told_by_its_parent(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a refresh or a backfill that is not deleted began the run; run again by hand, it bears the tag, too."""
    parent = run.tags.get(PARENT_TAG)
    return parent is not None and run.parent_run_id is None and instance.has_run(parent)


def _step_failures(instance: dg.DagsterInstance, run_id: str) -> Iterator[tuple[str, str, bool]]:
    """Step, message, and whether it is a blocking check that failed."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        if event is None:
            continue
        data = event.step_failure_data
        description = data.user_failure_data.description if data.user_failure_data else None
        is_check = "DagsterAssetCheckFailedError" in (data.error.message if data.error else "") or _is_of_checks(data)
        yield event.step_key or "a step", _cut(description or _innermost(data.error)), is_check


def _is_of_checks(data: Any) -> bool:
    """Whether a refresh or a backfill says that checks alone failed in the runs that it began."""
    told = data.user_failure_data.metadata if data.user_failure_data else {}
    return told.get(OF_CHECKS_ALONE) == dg.MetadataValue.bool(True)


def _innermost(error: Any) -> str:
    """The innermost cause; what Dagster wraps around it says only where it happened."""
    if error is None:
        return "it says nothing"
    while error.cause is not None:
        error = error.cause
    return str(error.message).strip()


def _cut(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE].rstrip()} ..."
