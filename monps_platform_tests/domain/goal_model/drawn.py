"""Leagues drawn from the goal model itself, so that its estimates can be held against the truth."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.goal_model.dixon_coles import Options
from monps_platform.domain.goal_model.history import Fixtures, Ints, Matches

Floats = NDArray[np.float64]

FIRST_SEASON = 2010
FIRST_DAY = 733_987
"""A Tuesday in August 2010."""
SEASON_DAYS = 270
YEAR = 364
NO_DECAY = Options(half_life_days=1e9, strength_sd=0.3, newcomer_sd=0.2, rho_sd=0.05, window_days=5000)


@dataclass(frozen=True)
class Truth:
    """What a league was drawn with: strengths (all clubs,) and newcomer effects of the model, as it names them."""

    intercept: float
    home_advantage: float
    rho: float
    newcomer_attack: float
    newcomer_defence: float
    attack: Floats
    defence: Floats


def draw_truth(chance: np.random.Generator, options: Options, clubs: int) -> Truth:
    """Parameters as their priors say; intercept and home advantage as leagues have them."""
    return Truth(
        intercept=float(chance.normal(0.1, 0.1)),
        home_advantage=float(chance.normal(0.3, 0.1)),
        rho=float(np.clip(chance.normal(0, options.rho_sd), -0.15, 0.15)),
        newcomer_attack=float(chance.normal(0, options.newcomer_sd)),
        newcomer_defence=float(chance.normal(0, options.newcomer_sd)),
        attack=chance.normal(0, options.strength_sd, clubs),
        defence=chance.normal(0, options.strength_sd, clubs),
    )


def draw_league(
    chance: np.random.Generator, truth: Truth, sides: int = 12, swaps: int = 3, seasons: int = 3
) -> Matches:
    """Whole double round robins; each season the first ``swaps`` clubs leave for the next ones of the truth.

    Clubs are numbered from 0; season ``s`` has the ``sides`` clubs from ``s * swaps`` on.
    """
    parts = []
    for number in range(seasons):
        pairs = chance.permutation(np.array(list(permutations(range(sides), 2)))) + number * swaps
        new = (pairs >= sides + (number - 1) * swaps) & (number > 0)
        days = FIRST_DAY + YEAR * number + np.arange(len(pairs)) * SEASON_DAYS // len(pairs)
        season = np.full(len(pairs), FIRST_SEASON + number)
        parts.append(np.column_stack([days, season, pairs, draw_goals(chance, truth, pairs, new)]))
    day, season, home, away, home_goals, away_goals = np.concatenate(parts).T
    return Matches.of(Fixtures(np.arange(len(day)), day, season, home, away), home_goals, away_goals)


def draw_goals(chance: np.random.Generator, truth: Truth, pairs: Ints, new: NDArray[np.bool_]) -> Ints:
    """Goals (n, 2) of home and away sides (n, 2), by rejection: a Poisson score is kept with odds tau."""
    attack = truth.attack[pairs] + truth.newcomer_attack * new
    defence = truth.defence[pairs] + truth.newcomer_defence * new
    rates = np.exp(truth.intercept + np.array([truth.home_advantage, 0.0]) + attack - defence[:, ::-1])
    goals = np.zeros(pairs.shape, dtype=np.int64)
    left = np.arange(len(pairs))
    while len(left):
        goals[left] = chance.poisson(rates[left])
        drawn = zip(*goals[left].T.tolist(), *rates[left].T.tolist(), strict=True)
        taus = np.array([tau(x, y, home, away, truth.rho) for x, y, home, away in drawn])
        left = left[chance.uniform(0, 2, len(left)) > taus]
    return goals


def tau(home_goals: int, away_goals: int, home_rate: float, away_rate: float, rho: float) -> float:
    """Dixon & Coles (1997), section 4.2, as it is printed there."""
    if (home_goals, away_goals) == (0, 0):
        return 1 - home_rate * away_rate * rho
    if (home_goals, away_goals) == (0, 1):
        return 1 + home_rate * rho
    if (home_goals, away_goals) == (1, 0):
        return 1 + away_rate * rho
    if (home_goals, away_goals) == (1, 1):
        return 1 - rho
    return 1.0


def fixtures_of(matches: Matches) -> Fixtures:
    """The matches without their results."""
    return Fixtures(*(getattr(matches, field.name) for field in fields(Fixtures)))


def take(matches: Matches, rows: NDArray[np.generic]) -> Matches:
    """Matches in any rows (m,), put in order."""
    some = Fixtures(*(getattr(matches, field.name)[rows] for field in fields(Fixtures)))
    return Matches.of(some, matches.home_goals[rows], matches.away_goals[rows])
