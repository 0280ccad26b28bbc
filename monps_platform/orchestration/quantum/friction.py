"""The friction matrix: a row per ordered pair of a season's teams, of all leagues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.goal_model.dixon_coles import Inputs, fit
from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.friction.matrix import FRICTION_VERSION, Friction, friction_matrix
from monps_platform.domain.quantum.friction.measuring import season_traits
from monps_platform.domain.quantum.friction.predictions import Prediction, predictions
from monps_platform.domain.quantum.friction.traits import Traits
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.quantum.derivation import Days, Rows, Table, all_leagues_up_to
from monps_platform.orchestration.quantum.dna import DNA

_OF_PARTITION = "partition"


def friction_table() -> Table:
    """The table for one run: a season's matrix is computed once for all of its leagues."""
    return Table(
        version=f"{FRICTION_VERSION} {DNA.version}",
        reads=DNA.reads,
        needs=frozenset({"matches"}),
        sees=all_leagues_up_to,
        repository=lambda unit: unit.friction,
        rows=_Matrices().rows,
        days=one_day_a_season,
    )


def one_day_a_season(days: Days) -> Days:
    """Teams of different leagues are compared as of one day: the latest of their leagues' days."""
    latest: dict[tuple[Season, bool], date] = {}
    for item, day in days.items():
        key = item.season, item.league.is_simulated
        latest[key] = max(day, latest.get(key, day))
    return {item: latest[item.season, item.league.is_simulated] for item in days}


@dataclass
class _Matrices:
    """The rows of the season that was asked for last, by the home team's league and season."""

    key: tuple[Season, bool, date] | None = None
    held: dict[Partition, list[Mapping[str, Any]]] = field(default_factory=dict)

    def rows(self, unit: UnitOfWork, partition: Partition, days: Days) -> Rows:
        """The rows of a league's season: those of its teams at home."""
        key = partition.season, partition.league.is_simulated, days[partition]
        if key != self.key:
            self.held = {}
            for row in season_matrix(unit, *key):
                self.held.setdefault(row.partition, []).append(_row(row))
            self.key = key
        return self.held.get(partition, [])


def season_matrix(unit: UnitOfWork, season: Season, is_simulated: bool, as_of: date) -> list[Friction]:
    """All ordered pairs of a season's teams, by their DNA as of a day or earlier. Raises ValueError where a league that
    has played before it has none while another one has: a matrix of the rest would look like the whole one.
    """
    played = unit.league_seasons.played()
    held = [item for item in played if item.season == season and item.league.is_simulated is is_simulated]
    teams: list[Traits] = []
    foretold: dict[tuple[int, int], Prediction] = {}
    active: dict[int, set[Market]] = {}
    without: list[Partition] = []
    for item in held:
        known = _traits(unit, item, as_of)
        teams += known
        if not known and played[item].first < as_of:
            without.append(item)
        foretold |= _predictions(unit, item, [team.team_id for team in known], as_of)
        active |= unit.strategies.active_markets(item, as_of)
    if teams and without:
        names = ", ".join(map(str, without))
        raise ValueError(f"no DNA of {names} as of {as_of} or earlier: derive team_quantum_dna of all leagues first")
    return friction_matrix(teams, foretold, active)


def _traits(unit: UnitOfWork, partition: Partition, as_of: date) -> list[Traits]:
    dna = unit.team_dna.known(partition, as_of)
    if not dna:
        return []
    day = next(iter(dna.values())).risk.as_of
    return season_traits(unit.league_seasons.get(partition, day), dna)


def _predictions(
    unit: UnitOfWork, partition: Partition, team_ids: Sequence[int], as_of: date
) -> Mapping[tuple[int, int], Prediction]:
    """By the goal model fitted to what stood before the day; none where that is too little."""
    matches = unit.forecasts.matches(partition.league, partition.season)
    teams = np.array(sorted(team_ids), dtype=np.int64)
    inputs = Inputs.of(matches.history, as_of.toordinal(), partition.season.start_year, teams)
    if len(team_ids) < 2 or len(inputs.matches) < inputs.options.fewest_matches:
        return {}
    return predictions(fit(inputs), team_ids, as_of)


def _row(row: Friction) -> Mapping[str, Any]:
    columns = {name: value for name, value in asdict(row).items() if name != _OF_PARTITION}
    return {**columns, "recommended_markets": [market.value for market in row.recommended_markets]}
