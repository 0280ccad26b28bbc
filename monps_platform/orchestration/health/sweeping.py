"""A sweep: measure everything, judge it, tell it."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg

from monps_platform.db import errors
from monps_platform.db.database import Database
from monps_platform.db.health import measure_connections, measure_database
from monps_platform.db.repositories.health import KEEP, Recorded
from monps_platform.domain.health import Finding, HealthCheck, HealthSeverity, Sweep
from monps_platform.domain.health.exposition import exposition
from monps_platform.domain.health.judging import judge
from monps_platform.domain.health.measurements import Connection, DatabaseState, Measurements
from monps_platform.domain.health.metrics import samples
from monps_platform.orchestration.health.surroundings import measure_dagster, measure_disks, newest_verified_backup
from monps_platform.settings import Settings

HEALTH_VERSION = "health 1"
"""Changes when a check measures or judges otherwise."""

NOT_RUNNING = Connection("server", ok=False, milliseconds=0.0, reason="the embedded PostgreSQL is not running")


@dataclass(frozen=True)
class Swept:
    """A sweep and what it rests on."""

    sweep: Sweep
    measured: Measurements

    @property
    def metrics(self) -> str:
        """It as Prometheus reads it."""
        return exposition(samples(self.sweep, self.measured))

    def having(self, finding: Finding) -> Swept:
        """The same with one more finding."""
        return replace(self, sweep=replace(self.sweep, findings=(*self.sweep.findings, finding)))


@dataclass(frozen=True)
class Sweeper:
    """Whoever looks: ``database`` is None where the embedded server is down, ``instance`` where Dagster cannot be
    asked; ``observer`` is kept by those who sweep again and again.
    """

    settings: Settings
    database: Database | None
    instance: dg.DagsterInstance | None
    observer: Database | None = None

    def look(self, now: datetime) -> Swept:
        """Measure everything and judge it; whatever does not answer is a finding."""
        begun = time.perf_counter()
        connections = (NOT_RUNNING,) if self.database is None else measure_connections(self.database)
        connections, state = self._ask_server(connections, now)
        measured = Measurements(
            connections=connections,
            database=state,
            disks=measure_disks(self.settings),
            dagster=None if self.instance is None else measure_dagster(self.instance, now),
            newest_backup=newest_verified_backup(self.settings, self._database_name),
        )
        findings = judge(measured, now)
        return Swept(Sweep(uuid4(), now, time.perf_counter() - begun, findings), measured)

    @property
    def _database_name(self) -> str:
        return self.settings.db_name if self.database is None else self.database.address.database

    def _ask_server(
        self, connections: tuple[Connection, ...], now: datetime
    ) -> tuple[tuple[Connection, ...], DatabaseState | None]:
        if self.database is None or not connections[0].ok:
            return connections, None
        try:
            return connections, measure_database(self.database, now, self.observer)
        except errors.FAILURES as error:
            lost = Connection("sweep", ok=False, milliseconds=0.0, reason=str(error))
            return (*connections, lost), None

    def record(self, swept: Swept, keep: timedelta = KEEP) -> Recorded:
        """Keep it in ops.health_sweeps, and let go of what is older than ``keep``. Raises DatabaseError."""
        if self.database is None:
            raise errors.ServerUnavailableError("the embedded PostgreSQL is not running. Start it: monps up")
        with self.database.unit_of_work() as unit:
            recorded = unit.health.record(swept.sweep, keep=keep)
            unit.commit()
        return recorded


def not_recorded(error: Exception) -> Finding:
    """The finding of a sweep that could not be kept."""
    text = f"this sweep could not be kept in ops.health_sweeps: {error}"
    remedy = "Run monps migrate if the table is missing; else see what the connection check says"
    return Finding(HealthCheck.RECORDING, "ops.health_sweeps", HealthSeverity.WARNING, text, remedy)


def write_metrics(path: Path, text: str) -> None:
    """Put the metrics where node_exporter's textfile collector reads them, in one step: it sees the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        fresh.chmod(0o644)  # the collector is another user
        fresh.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            fresh.unlink()
        raise
