"""What is expected of a match, by the goal model or by the market, as a card shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from monps_platform.domain.forecasts import ForecastGap
from monps_platform.domain.goal_model.dixon_coles import Inputs, fit
from monps_platform.domain.goal_model.history import Matches
from monps_platform.domain.goal_model.score_grid import (
    both_score_probability,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.seasons import Season

_LINE = 2.5


class NoOutlook(StrEnum):
    """Why nothing is expected of a match."""

    TWO_LEAGUES = "the teams play in different leagues, whose strengths are not measured against each other"
    TOO_LITTLE_HISTORY = "the league has too few earlier matches for a goal model"
    NOT_FORECAST = "the fixture is not forecast yet (monps up)"
    NO_FIXTURE = "no match between them is scheduled"
    NO_PRICES = "no prices are held of the scheduled match"


GAPS = {ForecastGap.TOO_LITTLE_HISTORY: NoOutlook.TOO_LITTLE_HISTORY, ForecastGap.NO_PRICES: NoOutlook.NO_PRICES}
"""The reasons that stored forecasts give, in a card's words."""


@dataclass(frozen=True, slots=True)
class MatchOutlook:
    """Probabilities of a match and expected goals; None where it has none. ``n_matches``: those that the goal model was
    fitted to, before ``as_of``; both None for the market.
    """

    home: float | None
    draw: float | None
    away: float | None
    over25: float | None
    btts: float | None
    home_goals: float | None
    away_goals: float | None
    as_of: date | None = None
    n_matches: int | None = None

    @property
    def goals(self) -> tuple[float, float] | None:
        """Expected goals of home and away side."""
        if self.home_goals is None or self.away_goals is None:
            return None
        return self.home_goals, self.away_goals


def modelled(history: Matches, season: Season, home: int, away: int, as_of: date) -> MatchOutlook | NoOutlook:
    """By a goal model fitted to a league's matches before a day, as the friction matrix foretells the pair."""
    teams = np.array([home, away], dtype=np.int64)
    inputs = Inputs.of(history, as_of.toordinal(), season.start_year, np.sort(teams))
    if len(inputs.matches) < inputs.options.fewest_matches:
        return NoOutlook.TOO_LITTLE_HISTORY
    fitted = fit(inputs)
    goals = fitted.expected_goals(teams[:1], teams[1:])
    scores = score_probabilities(goals, fitted.rho.value)
    columns = (
        outcome_probabilities(scores),
        over_probabilities(scores, [_LINE]),
        both_score_probability(scores),
        goals,
    )
    home_win, draw, away_win, over25, btts, *both = np.concatenate([column.ravel() for column in columns]).tolist()
    return MatchOutlook(home_win, draw, away_win, over25, btts, both[0], both[1], as_of, fitted.matches)
