"""The schedules: what runs at its time."""

from __future__ import annotations

import dagster as dg

from monps_platform.orchestration.jobs.odds_api import odds_snapshot_schedule

SCHEDULES: list[dg.ScheduleDefinition] = [
    odds_snapshot_schedule,
]
