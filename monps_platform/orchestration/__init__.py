"""Orchestration: the only package that imports Dagster. Resources, partitions, assets, checks and jobs."""

import warnings

import dagster as dg

# Backfill policies and job owners are beta in the pinned version of Dagster; the tests hold us to it.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
