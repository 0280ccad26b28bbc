"""Team DNA: a row of nine vectors per team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.dna.team_dna import DNA_VERSION, VECTORS, TeamDna, team_dna
from monps_platform.domain.quantum.profiles.classify import PROFILES_VERSION, classify
from monps_platform.domain.quantum.season import LeagueSeason
from monps_platform.orchestration.quantum.derivation import Days, Rows, Table, league_up_to


def dna_of(season: LeagueSeason) -> Mapping[int, TeamDna]:
    """The DNA of every team of a season, by team id."""
    return team_dna(season, {team_id: found.profile for team_id, found in classify(season).items()})


def _rows(unit: UnitOfWork, partition: Partition, days: Days) -> Rows:
    season = unit.league_seasons.get(partition, days[partition])
    return [_row(team_id, len(season.of_team(team_id)), dna) for team_id, dna in dna_of(season).items()]


def _row(team_id: int, n_matches: int, dna: TeamDna) -> Mapping[str, Any]:
    vectors = {name: getattr(dna, name).to_json() for name in VECTORS}
    return {"team_id": team_id, "n_matches": n_matches, **vectors}


DNA = Table(
    version=f"{DNA_VERSION} {PROFILES_VERSION}",
    reads=frozenset(
        {
            *("matches", "odds", "quantum.match_forecasts"),
            *("understat_matches", "shots", "player_matches", "player_seasons"),
        }
    ),
    needs=frozenset({"matches"}),
    sees=league_up_to,
    repository=lambda unit: unit.team_dna,
    rows=_rows,
    is_compared=True,
)
