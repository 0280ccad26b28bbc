"""The vocabulary of the health sweep."""

from __future__ import annotations

from enum import StrEnum


class HealthSeverity(StrEnum):
    """How much a finding matters: nothing to do, worth knowing, to be looked at, to be mended at once."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
