"""Dagster's home: the configuration it runs with, and runs that a killed process left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from monps_platform.orchestration.runner import RUN_BY_TAG
from monps_platform.settings import PROJECT_ROOT, Settings

UNFINISHED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


def prepare(settings: Settings) -> None:
    """Put the project's dagster.yaml where Dagster looks for it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    own, used = PROJECT_ROOT / "dagster.yaml", settings.dagster_home / "dagster.yaml"
    if not used.is_file() or used.read_bytes() != own.read_bytes():
        # In one step: another process may be reading it.
        fresh = used.with_suffix(".new")
        shutil.copyfile(own, fresh)
        fresh.replace(used)


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance over its own database. Runs of an earlier `monps up` that was killed are marked failed:
    the lock of `monps up` says that none is at work.
    """
    prepare(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        # By default each event opens a connection of its own, which costs more than the event.
        instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=1800, max_overflow=2)
        for run in instance.get_runs(dg.RunsFilter(tags={RUN_BY_TAG: "monps up"}, statuses=UNFINISHED)):
            if run.remote_job_origin is not None:
                continue  # run again from the UI, which copies the tags
            instance.report_run_failed(run, "The process of this run was killed; its partitions are old or new, whole.")
            # The daemon would free its place in the pool, but need not be running: four such runs would block the next.
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        yield instance
