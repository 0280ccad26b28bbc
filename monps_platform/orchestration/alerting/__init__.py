"""Alerts: what Dagster's event log says of jobs and checks, what is kept of it, and who is told."""
