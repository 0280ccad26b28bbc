"""Simulated leagues: football-data.co.uk's bytes, from known strengths, for when the site can't be reached.

Clubs, referees, results and prices are invented; the truth behind them is known, so that estimates and
prices can be compared with it.
"""

from monps_platform.sources.simulated.names import NotSimulatedError
from monps_platform.sources.simulated.scores import (
    BASE_LOG_RATE,
    HOME_ADVANTAGE,
    LOW_SCORE_CORRELATION,
    TrueProbabilities,
    true_probabilities,
)
from monps_platform.sources.simulated.season import simulate_season
from monps_platform.sources.simulated.strengths import Strength, team_strengths

__all__ = [
    "BASE_LOG_RATE",
    "HOME_ADVANTAGE",
    "LOW_SCORE_CORRELATION",
    "NotSimulatedError",
    "Strength",
    "TrueProbabilities",
    "simulate_season",
    "team_strengths",
    "true_probabilities",
]
