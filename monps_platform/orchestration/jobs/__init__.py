"""The jobs: data.py makes the platform's data; each other module looks after one side of its operation."""

from monps_platform.orchestration.jobs import data, odds_api

JOBS = (*data.JOBS, odds_api.odds_snapshot_job)
