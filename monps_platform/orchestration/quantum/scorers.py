"""Goalscorers: rows of every player who shot or played for a team, and whether what profiles foretold came true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.scorers.profile import ScorerProfile, scorer_profiles
from monps_platform.orchestration.quantum.derivation import Days, Rows, Table, season_alone

SCORERS_VERSION = "scorers-2"


def _rows(unit: UnitOfWork, partition: Partition, days: Days) -> Rows:
    """A row per player and team."""
    return [_row(profile) for profile in scorer_profiles(unit.league_seasons.get(partition, days[partition]))]


def _row(profile: ScorerProfile) -> Mapping[str, Any]:
    return {**asdict(profile), "goal_periods": profile.goal_periods.to_json()}


SCORERS = Table(
    version=SCORERS_VERSION,
    reads=frozenset({"matches", "shots", "player_matches", "player_seasons"}),
    needs=frozenset({"shots"}),
    sees=season_alone,
    repository=lambda unit: unit.goalscorers,
    rows=_rows,
)
