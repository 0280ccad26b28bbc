"""What a league's matches came to of late: the forecast that any model has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monps_platform.domain.forecasts import HALF_LINES
from monps_platform.domain.goal_model.history import Matches


@dataclass(frozen=True)
class BaseRate:
    """Frequencies over n matches: results, more than 1.5, 2.5 and 3.5 goals, both sides scoring; and mean goals."""

    n: int
    home: float
    draw: float
    away: float
    over: tuple[float, ...]
    both_score: float
    home_goals: float
    away_goals: float


def base_rate(history: Matches, day: int, window_days: int, fewest: int) -> BaseRate | None:
    """The base rate of the matches in the ``window_days`` before a day (ordinal); None with fewer than ``fewest``."""
    past = history.before(day).since(day - window_days)
    if len(past) < max(fewest, 1):
        return None
    home, away = past.home_goals, past.away_goals
    return BaseRate(
        n=len(past),
        home=float(np.mean(home > away)),
        draw=float(np.mean(home == away)),
        away=float(np.mean(home < away)),
        over=tuple(float(np.mean(home + away > line)) for line in HALF_LINES),
        both_score=float(np.mean((home > 0) & (away > 0))),
        home_goals=float(home.mean()),
        away_goals=float(away.mean()),
    )
