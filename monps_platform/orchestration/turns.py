"""One process at a time loads in a home: `monps up`, the refresh and the backfill take turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg

from monps_platform.db.embedded import EmbeddedServerError
from monps_platform.db.embedded.locking import exclusive
from monps_platform.orchestration.runner import RUN_BY_TAG, RUN_BY_UP

REFRESH, BACKFILL = "refresh_job", "backfill_job"
RUNNERS = (RUN_BY_UP, REFRESH, BACKFILL)
"""Who runs pipelines inside a process of its own."""
AT_WORK = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]
UNFINISHED = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, *AT_WORK]
"""Those that wait to begin, too."""


class NotOurTurnError(RuntimeError):
    """Another process loads in the same home."""


@contextmanager
def turn(home: Path, patience: float = 0.0) -> Iterator[None]:
    """A block in which nobody else loads in a home, after waiting so many seconds at most; raises NotOurTurnError."""
    home.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(home / "up.lock", patience))
        except EmbeddedServerError:
            waited = f" (waited {time.monotonic() - begun:.0f} s)" if patience else ""
            raise NotOurTurnError(
                f"another `monps up`, or a refresh or backfill, is at work in {home}{waited}: let it finish first"
            ) from None
        yield


def end_killed_runs(instance: dg.DagsterInstance) -> None:
    """Mark the runs failed that a killed process left unfinished; for whoever has the turn, so that none is at work."""
    for run in instance.get_runs(dg.RunsFilter(tags={RUN_BY_TAG: list(RUNNERS)}, statuses=AT_WORK)):
        if run.remote_job_origin is not None:
            continue  # run again from the UI, which copies the tags
        instance.report_run_failed(run, "The process of this run was killed; its partitions are old or new, whole.")
        # The daemon would free its place in the pool, but need not be running: four such runs would block the next.
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
