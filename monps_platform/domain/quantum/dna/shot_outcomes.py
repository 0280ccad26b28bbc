"""What the shots of a match were worth: goals as a sum of independent shots, each a goal with the probability that is
its xG (Poisson binomial), and the result that follows.

Shots of one attack are not independent (a rebound after a saved penalty), so that goals vary a little less than this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.game_state import courses
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch
from monps_platform.domain.shots import ShotResult
from monps_platform.domain.understat import Shot

Floats = NDArray[np.float64]

_ON_TARGET = frozenset({ShotResult.GOAL, ShotResult.SAVED})


@dataclass(frozen=True, slots=True)
class Shooting:
    """A side's shots of a match, own goals aside, penalties among them."""

    goals: int
    xg: float
    on_target: int


@dataclass(frozen=True, slots=True)
class ShotOutcome:
    """Both sides' shots of a match, and the probabilities of home win, draw and away win by them."""

    home: Shooting
    away: Shooting
    home_win: float
    draw: float
    away_win: float


def shot_outcomes(season: LeagueSeason) -> Mapping[int, ShotOutcome]:
    """By match id, of the matches whose shots are held and add up to the score. Ask for it by
    ``season.once(shot_outcomes)``.
    """
    known = season.once(courses)
    matches = [match for match in season.matches if match.match_id in known]
    home = [TeamMatch(match, is_home=True).own_shots or () for match in matches]
    away = [TeamMatch(match, is_home=False).own_shots or () for match in matches]
    chances = outcome_chances(goal_counts(_table(home)), goal_counts(_table(away))).tolist()
    return {
        match.match_id: ShotOutcome(_shooting(of_home), _shooting(of_away), *results)
        for match, of_home, of_away, results in zip(matches, home, away, chances, strict=True)
    }


def goal_counts(chances: Floats) -> Floats:
    """Probabilities of 0 to s goals, (n, s + 1), of s shots, (n, s): exact, shot by shot.

    Raises ValueError for chances that are not between 0 and 1.
    """
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a shot's xG is not between 0 and 1")
    counts = np.zeros((len(chances), chances.shape[1] + 1))
    counts[:, 0] = 1
    for chance in chances.T[:, :, None]:
        scored = counts[:, :-1] * chance
        counts *= 1 - chance
        counts[:, 1:] += scored
    return counts


def outcome_chances(home: Floats, away: Floats) -> Floats:
    """Probabilities of home win, draw and away win, (n, 3), from those of both sides' goals, (n, k) and (n, l)."""
    size = max(home.shape[1], away.shape[1])
    home, away = (np.pad(counts, ((0, 0), (0, size - counts.shape[1]))) for counts in (home, away))
    fewer_home, fewer_away = (np.cumsum(counts, axis=1) - counts for counts in (home, away))
    return np.stack(
        [(home * fewer_away).sum(axis=1), (home * away).sum(axis=1), (away * fewer_home).sum(axis=1)], axis=1
    )


def _table(shots: Sequence[Sequence[Shot]]) -> Floats:
    """Chances of the shots of n sides, (n, s); a side with fewer than s has shots without a chance."""
    table = np.zeros((len(shots), max(map(len, shots), default=0)))
    for row, own in zip(table, shots, strict=True):
        row[: len(own)] = [shot.xg for shot in own]
    return table


def _shooting(shots: Sequence[Shot]) -> Shooting:
    results = [shot.result for shot in shots]
    on_target = sum(result in _ON_TARGET for result in results)
    return Shooting(results.count(ShotResult.GOAL), sum(shot.xg for shot in shots), on_target)
