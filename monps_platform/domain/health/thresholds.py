"""From which value on a measurement is to be looked at, and from which on it is to be mended at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from monps_platform.domain.health.finding import Finding, HealthCheck, HealthSeverity

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """From ``warning`` on a value is a warning, from ``critical`` on it is critical; None: it never is."""

    unit: str
    warning: float
    critical: float | None = None

    def grade(self, value: float) -> HealthSeverity:
        """How much a value matters."""
        if self.critical is not None and value >= self.critical:
            return HealthSeverity.CRITICAL
        return HealthSeverity.WARNING if value >= self.warning else HealthSeverity.OK


LIMITS: Mapping[HealthCheck, Limit] = MappingProxyType(
    {
        HealthCheck.CONNECTION: Limit("ms", 500, 5000),
        HealthCheck.POOL: Limit("share", 1.0),
        HealthCheck.MIGRATION: Limit("revisions", 1),
        HealthCheck.SCHEMA_DRIFT: Limit("differences", 1),
        HealthCheck.DEAD_ROWS: Limit("share", 0.2),
        HealthCheck.STATISTICS: Limit("share", 0.5),
        HealthCheck.LONG_TRANSACTIONS: Limit("seconds", 10 * MINUTE, HOUR),
        HealthCheck.BLOCKED_SESSIONS: Limit("seconds", 10, 2 * MINUTE),
        HealthCheck.SEQUENCES: Limit("share", 0.7, 0.9),
        HealthCheck.CONNECTIONS_USED: Limit("share", 0.75, 0.9),
        HealthCheck.REPLICA_LAG: Limit("seconds", MINUTE, 10 * MINUTE),
        HealthCheck.DISK_SPACE: Limit("share", 0.9, 0.97),
        HealthCheck.DATA_DUE: Limit("matches", 8, 40),
        HealthCheck.MISSING_SCORES: Limit("matches", 1),
        HealthCheck.DAEMON: Limit("seconds", 5 * MINUTE),
        HealthCheck.STUCK_RUNS: Limit("times allowed", 1.0),
        HealthCheck.BACKUP_AGE: Limit("seconds", 36 * HOUR, 7 * DAY),
    }
)
"""The limit of every check that measures something."""

MANY_ROWS = 10_000
"""Rows from which on a table is large enough for dead rows, stale statistics and whole scans to cost time."""
MANY_SCANS = 50
"""Whole scans of a large table, since statistics are counted, from which on an index may be missing."""
LARGE_INDEX = 1_000_000
"""Bytes from which on an index that nothing uses is worth telling."""
LONG_ENOUGH = timedelta(days=7)
"""How long statistics have to be counted before an index may be called unused."""
IDLE_FACTOR = 10
"""A transaction that is open and does nothing is judged as if it were this many times as old."""
RUN_SECONDS: Mapping[str, float] = MappingProxyType(
    {
        "QUEUED": 30 * MINUTE,
        "NOT_STARTED": 30 * MINUTE,
        "STARTING": 5 * MINUTE,
        "STARTED": 2 * HOUR,
        "CANCELING": 10 * MINUTE,
    }
)
"""Seconds that a Dagster run may be in each state before it counts as stuck."""


def run_seconds(state: str, max_seconds: float | None = None) -> float:
    """Seconds that a run may be in a state; a started one, those that its own tag gives it, if it has one."""
    if state == "STARTED" and max_seconds:
        return max_seconds
    return RUN_SECONDS.get(state, float("inf"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of one subject, what it means, and what to do should it be too high."""

    subject: str
    value: float
    text: str
    remedy: str


def judged(check: HealthCheck, readings: Iterable[Reading], fine: str, subject: str = "all") -> list[Finding]:
    """A finding for each reading that is beyond the limit of its check; if none is, one that says ``fine``, with the
    highest value.
    """
    limit, taken = LIMITS[check], list(readings)
    graded = [(limit.grade(item.value), item) for item in taken]
    found = [
        Finding(check, item.subject, severity, item.text, item.remedy, item.value, limit.unit)
        for severity, item in graded
        if severity is not HealthSeverity.OK
    ]
    highest = max((item.value for item in taken), default=None)
    unit = None if highest is None else limit.unit
    return found or [Finding(check, subject, HealthSeverity.OK, fine, value=highest, unit=unit)]
