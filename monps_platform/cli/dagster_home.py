"""Dagster's home: the configuration it runs with, and runs that a killed process left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from monps_platform.orchestration.turns import end_killed_runs
from monps_platform.settings import PROJECT_ROOT, Settings


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
    """Dagster's instance over its own database. Runs of a process that was killed are marked failed: whoever
    opens it has the turn, which says that none is at work.
    """
    prepare(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        # By default each event opens a connection of its own, which costs more than the event.
        instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=1800, max_overflow=2)
        end_killed_runs(instance)
        yield instance
