"""Simulated leagues: football-data.co.uk's and Understat's bytes, for when the sites can't be reached.

Clubs, referees, players, results and prices are invented; the truth behind them is known, so that estimates and
prices can be compared with it.
"""

from monps_platform.sources.simulated.names import LATE_GOAL_CLUBS, UNDERSTAT_NAMES, NotSimulatedError
from monps_platform.sources.simulated.scores import (
    BASE_LOG_RATE,
    HOME_ADVANTAGE,
    LOW_SCORE_CORRELATION,
    TrueProbabilities,
    true_probabilities,
)
from monps_platform.sources.simulated.season import simulate_season
from monps_platform.sources.simulated.strengths import Strength, team_strengths
from monps_platform.sources.simulated.understat import (
    LATE_GOAL_ODDS,
    UnknownMatchError,
    match_ids,
    simulate_league_file,
    simulate_match_file,
)

__all__ = [
    "BASE_LOG_RATE",
    "HOME_ADVANTAGE",
    "LATE_GOAL_CLUBS",
    "LATE_GOAL_ODDS",
    "LOW_SCORE_CORRELATION",
    "UNDERSTAT_NAMES",
    "NotSimulatedError",
    "Strength",
    "TrueProbabilities",
    "UnknownMatchError",
    "match_ids",
    "simulate_league_file",
    "simulate_match_file",
    "simulate_season",
    "team_strengths",
    "true_probabilities",
]
