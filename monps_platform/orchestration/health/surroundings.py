"""What a sweep measures outside of the platform's database: the machine's disks, Dagster's storage, backups."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import SQLAlchemyError

from monps_platform.db.backups.catalogue import catalogue, newest_verified
from monps_platform.db.connection.server import embedded_server
from monps_platform.domain.health.measurements import Daemon, DagsterState, Disk, Run
from monps_platform.domain.health.thresholds import RUN_SECONDS
from monps_platform.orchestration.runner import MAX_RUNTIME_TAG
from monps_platform.settings import Settings

_UNFINISHED = [dg.DagsterRunStatus(state) for state in RUN_SECONDS]


def measure_disks(settings: Settings) -> tuple[Disk, ...]:
    """The disks of MONPS_HOME and of the embedded server's data, as far as they are there. The data of a server of
    one's own may be on another machine: that disk is the server's to watch.
    """
    folders = {"home": settings.home, "data": embedded_server(settings).status().data_dir}
    found = ((name, path) for name, path in folders.items() if _is_there(path))
    return tuple(_disk(name, path) for name, path in found)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False  # the data folder is closed to everybody but the server's account


def _disk(name: str, path: Path) -> Disk:
    usage = shutil.disk_usage(path)
    # Not total - used: what is kept for the administrator is of no use to the server.
    return Disk(name, str(path), usage.used + usage.free, usage.free)


def measure_dagster(instance: dg.DagsterInstance, now: datetime) -> DagsterState | None:
    """Its daemons and the runs that are not over; None where its storage does not answer."""
    try:
        heartbeats = instance.get_daemon_heartbeats()
        needed = instance.get_required_daemon_types()
        records = instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED))
    except (SQLAlchemyError, DagsterPostgresException):
        return None
    daemons = (
        Daemon(name, max(0.0, now.timestamp() - beat.timestamp), len(beat.errors or ()))
        for name, beat in sorted(heartbeats.items())
        if name in needed
    )
    return DagsterState(tuple(daemons), tuple(_run(record, now) for record in records))


def _run(record: dg.RunRecord, now: datetime) -> Run:
    run = record.dagster_run
    is_started = run.status is dg.DagsterRunStatus.STARTED and record.start_time is not None
    since = record.start_time if is_started else record.update_timestamp.timestamp()
    seconds = max(0.0, now.timestamp() - (since or now.timestamp()))
    return Run(run.run_id, run.job_name, run.status.value, seconds, _max_seconds(run))


def _max_seconds(run: dg.DagsterRun) -> float | None:
    """What a run's own tag allows it; None where it has none, or one that is no number."""
    try:
        return float(run.tags[MAX_RUNTIME_TAG])
    except (KeyError, ValueError):
        return None


def newest_verified_backup(settings: Settings, database: str) -> datetime | None:
    """When the newest backup of a database was made that was verified, None where there is none."""
    newest = newest_verified([item for item in catalogue(settings.backups_folder) if item.database == database])
    return None if newest is None else newest.finished_at
