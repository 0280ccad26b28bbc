"""What a health sweep finds: severities, findings, sweeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class HealthSeverity(StrEnum):
    """How much a finding matters: nothing to do, worth knowing, to be looked at, to be mended at once."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for what is fine to 3 for what is critical."""
        return list(HealthSeverity).index(self)

    @property
    def needs_remedy(self) -> bool:
        """Whether somebody has to do something."""
        return self.rank >= HealthSeverity.WARNING.rank


class HealthCheck(StrEnum):
    """What a sweep looks at; each has at least one finding in every sweep that it could look in."""

    CONNECTION = "connection"
    POOL = "pool"
    MIGRATION = "migration"
    SCHEMA_DRIFT = "schema_drift"
    DEAD_ROWS = "dead_rows"
    STATISTICS = "statistics"
    INVALID_INDEXES = "invalid_indexes"
    MISSING_INDEXES = "missing_indexes"
    UNUSED_INDEXES = "unused_indexes"
    LONG_TRANSACTIONS = "long_transactions"
    BLOCKED_SESSIONS = "blocked_sessions"
    SEQUENCES = "sequences"
    CONNECTIONS_USED = "connections_used"
    REPLICA_LAG = "replica_lag"
    DISK_SPACE = "disk_space"
    DATA_DUE = "data_due"
    MISSING_SCORES = "missing_scores"
    DAEMON = "daemon"
    STUCK_RUNS = "stuck_runs"
    BACKUP_AGE = "backup_age"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found about one subject; ``value`` is the figure behind it, in ``unit``.

    Raises ValueError for a finding that matters and says nothing about what to do.
    """

    check: HealthCheck
    subject: str
    severity: HealthSeverity
    text: str
    remedy: str | None = None
    value: float | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.severity.needs_remedy and not self.remedy:
            raise ValueError(f"{self.check} of {self.subject} is {self.severity}: say what is to be done")

    @property
    def told(self) -> Mapping[str, str | float | None]:
        """The finding by name, as tables and machines are told of it."""
        return {
            "severity": self.severity.value,
            "check": self.check.value,
            "subject": self.subject,
            "finding": self.text,
            "remedy": self.remedy,
            "value": self.value,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Sweep:
    """One look at everything: what was found, and when; ``seconds`` is how long the look took."""

    sweep_id: UUID
    swept_at: datetime
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def worst_first(self) -> Sequence[Finding]:
        """The findings, those that matter most first, in the order of the checks among equals."""
        order = {check: place for place, check in enumerate(HealthCheck)}
        return sorted(self.findings, key=lambda item: (-item.severity.rank, order[item.check], item.subject))

    @property
    def counts(self) -> Mapping[HealthSeverity, int]:
        """How many findings there are of each severity, also of those without any."""
        found = Counter(item.severity for item in self.findings)
        return {severity: found[severity] for severity in HealthSeverity}

    @property
    def is_critical(self) -> bool:
        """Whether something has to be mended at once."""
        return self.counts[HealthSeverity.CRITICAL] > 0

    def worst_of(self, check: HealthCheck) -> HealthSeverity | None:
        """The worst severity of a check; None where it could not look."""
        found = [item.severity for item in self.findings if item.check is check]
        return max(found, key=lambda severity: severity.rank, default=None)
