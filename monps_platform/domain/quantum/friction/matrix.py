"""The friction matrix: every ordered pair of a season's teams, with scores, forecast, scenario and markets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import isnan

from monps_platform.domain.odds import Market
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.friction.components import Floats, pair_scores
from monps_platform.domain.quantum.friction.predictions import Predictions
from monps_platform.domain.quantum.friction.scenario import Outlook, scenario
from monps_platform.domain.quantum.friction.traits import Traits
from monps_platform.domain.quantum.friction.vocabulary import Score
from monps_platform.domain.tactics import MatchScenario

FRICTION_VERSION = "friction-1"
"""Raise it when the same data give other rows."""

ActiveMarkets = Mapping[int, Collection[Market]]
"""By team: the markets in which it has a strategy that is active on out-of-sample evidence."""


@dataclass(frozen=True, slots=True)
class Friction:
    """A row of the matrix: two teams, one of them at home; None where there is not enough data.

    ``partition`` is the home team's league and season. The scores, 0 to 100, are the same at both venues; what the goal
    model expects is not.
    """

    partition: Partition
    home_team_id: int
    away_team_id: int
    same_league: bool
    n_home_matches: int
    n_away_matches: int
    friction_score: float | None
    style_friction: float | None
    tempo_friction: float | None
    physical_friction: float | None
    mental_friction: float | None
    tier_friction: float | None
    chaos_potential: float | None
    predicted_scenario: MatchScenario | None
    predicted_btts_prob: float | None
    predicted_over25_prob: float | None
    predicted_total_goals: float | None
    recommended_markets: tuple[Market, ...]

    @property
    def scores(self) -> Mapping[Score, float | None]:
        """The scores by name."""
        return {score: getattr(self, score) for score in Score}


def friction_matrix(teams: Sequence[Traits], predictions: Predictions, active: ActiveMarkets) -> list[Friction]:
    """All n(n-1) ordered pairs of a season's n teams of all leagues, in the order of the teams given.

    Raises ValueError for teams of different seasons, of simulated and real leagues together, and for one given twice.
    """
    _require_one_season(teams)
    scores = pair_scores(teams)
    rows: list[Friction] = []
    for home, away in permutations(range(len(teams)), 2):
        found = {score: _known(values, home, away) for score, values in scores.items()}
        rows.append(_friction(teams[home], teams[away], found, predictions, active))
    return rows


def recommended_markets(home: Traits, away: Traits, active: ActiveMarkets) -> tuple[Market, ...]:
    """Markets with out-of-sample evidence on either team, none across leagues: the evidence is from league matches."""
    if home.partition != away.partition:
        return ()
    known = {*active.get(home.team_id, ()), *active.get(away.team_id, ())}
    return tuple(market for market in Market if market in known)


def _friction(
    home: Traits, away: Traits, scores: Mapping[Score, float | None], predictions: Predictions, active: ActiveMarkets
) -> Friction:
    prediction = predictions.get((home.team_id, away.team_id))
    return Friction(
        partition=home.partition,
        home_team_id=home.team_id,
        away_team_id=away.team_id,
        same_league=home.partition == away.partition,
        n_home_matches=home.n_matches,
        n_away_matches=away.n_matches,
        friction_score=scores[Score.FRICTION],
        style_friction=scores[Score.STYLE],
        tempo_friction=scores[Score.TEMPO],
        physical_friction=scores[Score.PHYSICAL],
        mental_friction=scores[Score.MENTAL],
        tier_friction=scores[Score.TIER],
        chaos_potential=scores[Score.CHAOS],
        predicted_scenario=scenario(Outlook(scores, prediction)),
        predicted_btts_prob=None if prediction is None else prediction.btts,
        predicted_over25_prob=None if prediction is None else prediction.over25,
        predicted_total_goals=None if prediction is None else prediction.total_goals,
        recommended_markets=recommended_markets(home, away, active),
    )


def _known(values: Floats, home: int, away: int) -> float | None:
    value = float(values[home, away])
    return None if isnan(value) else value


def _require_one_season(teams: Sequence[Traits]) -> None:
    seasons = {team.partition.season for team in teams}
    if len(seasons) > 1:
        raise ValueError(f"teams of the seasons {sorted(map(str, seasons))}: a matrix is of one")
    if len({team.partition.league.is_simulated for team in teams}) > 1:
        raise ValueError("teams of simulated and of real leagues: they are never compared")
    if len({team.team_id for team in teams}) < len(teams):
        raise ValueError("a team is given twice")
