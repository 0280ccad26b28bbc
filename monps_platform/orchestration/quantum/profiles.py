"""Tactical profiles: a row per team, with the profile or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.profiles.classify import PROFILES_VERSION, Classification, classify
from monps_platform.orchestration.quantum.derivation import Days, Rows, Table, season_alone


def _rows(unit: UnitOfWork, partition: Partition, days: Days) -> Rows:
    season = unit.league_seasons.get(partition, days[partition])
    return [_row(team_id, found) for team_id, found in classify(season).items()]


def _row(team_id: int, found: Classification) -> Mapping[str, Any]:
    return {
        "team_id": team_id,
        "n_matches": found.n_matches,
        "profile": found.profile,
        "no_profile_reason": found.no_profile_reason,
        "score": found.score,
        "runner_up": found.runner_up,
        "margin": found.margin,
        "features": found.features.to_json(),
    }


PROFILES = Table(
    version=PROFILES_VERSION,
    reads=frozenset({"matches", "understat_matches", "shots"}),
    needs=frozenset({"matches"}),
    sees=season_alone,
    repository=lambda unit: unit.tactical_profiles,
    rows=_rows,
)
