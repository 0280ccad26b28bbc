"""Old Dagster runs: which may go without taking along what the UI and the automation still know by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_AT_ONCE = 500
_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


def deletable_runs(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    """Runs that were over before a moment, oldest first. Kept are those that hold the newest materialisation of an
    asset or of one of its partitions, or the newest result of a check: with a run go its events.
    """
    old = _finished_before(instance, before)
    if not old:
        return []
    kept = set(_runs_of_newest_materializations(instance)) | set(_runs_of_newest_checks(instance, old))
    return [run_id for run_id in old if run_id not in kept]


def delete_runs(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> None:
    """Delete runs with their events and their captured logs."""
    for run_id in run_ids:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)


def _finished_before(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    chosen = dg.RunsFilter(statuses=FINISHED, updated_before=before)
    records = instance.get_run_records(chosen, ascending=True)
    return [record.dagster_run.run_id for record in records]


def _runs_of_newest_materializations(instance: dg.DagsterInstance) -> Iterator[str]:
    log = instance.event_log_storage
    for key in instance.get_asset_keys():
        newest = instance.get_latest_materialization_event(key)
        if newest is not None:
            yield newest.run_id
        ids = log.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_MATERIALIZATION).values()
        for some in _in_parts(sorted(ids)):
            found = instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=key, storage_ids=some), limit=len(some)
            )
            yield from (record.run_id for record in found.records)


def _runs_of_newest_checks(instance: dg.DagsterInstance, old: Sequence[str]) -> Iterator[str]:
    """Of every check that an old run evaluated, the run of its newest result; one that is only planned is none."""
    log = instance.event_log_storage
    keys = {
        dg.AssetCheckKey(evaluation.asset_key, evaluation.check_name)
        for run_id in old
        for evaluation in _evaluations(instance, run_id)
    }
    for key in keys:
        yield from (record.run_id for record in log.get_asset_check_execution_history(key, limit=1, status=_EVALUATED))


def _evaluations(instance: dg.DagsterInstance, run_id: str) -> Iterator[dg.AssetCheckEvaluation]:
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        if entry.dagster_event is not None:
            yield entry.dagster_event.asset_check_evaluation_data


def _in_parts(ids: Sequence[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while part := list(islice(left, _AT_ONCE)):
        yield part
