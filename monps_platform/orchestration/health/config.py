"""The configuration of runs that sweep."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
from pydantic import Field


class HealthConfig(dg.Config):
    """For how long findings are kept."""

    keep_days: int = Field(default=30, ge=1, le=3650, description="days after which a sweep's findings are removed")

    @property
    def keep(self) -> timedelta:
        """The same as a time."""
        return timedelta(days=self.keep_days)
