"""The jobs: data.py makes the platform's data; each other module looks after one side of its operation."""

from monps_platform.orchestration.jobs import backups, data, migration, quality, refresh, retention

JOBS = (
    *data.JOBS,
    *refresh.JOBS,
    *migration.JOBS,
    *quality.JOBS,
    *backups.JOBS,
    *retention.JOBS,
)
"""Those that make data, one per pipeline and one for each step of picks, and those that keep the platform running."""
