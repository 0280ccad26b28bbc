"""The goal model: from strengths to expected goals, score matrices and the probabilities of every market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import clubs
from monps_platform.sources.simulated.randomness import Floats, Ints, poisson_pmf
from monps_platform.sources.simulated.strengths import strength_table

BASE_LOG_RATE = 0.13
"""Log of the goals that an average side scores away at an average side."""

HOME_ADVANTAGE = 0.26
"""Added to the log of the home side's expected goals: about 30 % more goals at home."""

LOW_SCORE_CORRELATION = -0.1
"""Dixon and Coles' rho; negative: 0-0 and 1-1 are likelier than independent Poisson goals would have it."""

MAX_GOALS = 15
"""The most goals that one side can score."""

TOTALS_LINE = 2.5
"""The one totals line that football-data.co.uk prints."""

QUARTER_LINES: Floats = np.arange(-24, 25) / 4
"""Asian handicap lines of the home side that a main line is chosen from, in goals: -6 to 6."""

_SIZE = MAX_GOALS + 1
_HOME_GOALS, _AWAY_GOALS = (grid.ravel() for grid in np.indices((_SIZE, _SIZE)))
_DIFFERENCE = _HOME_GOALS - _AWAY_GOALS


@dataclass(frozen=True, eq=False)
class TrueProbabilities:
    """What the generator used for one match.

    The score matrix, shape (16, 16), where ``scores[i, j]`` is the probability of i home and j away goals;
    expected goals of both sides; the 1x2 probabilities (sum 1); the probability of more than 2.5 goals.
    """

    scores: Floats
    home_goals: float
    away_goals: float
    home: float
    draw: float
    away: float
    over_2_5: float

    def handicap(self, line: float) -> float:
        """The home side's fair probability (1 / fair price) at an Asian handicap line in quarter goals."""
        return float(handicap_probabilities(self.scores.reshape(1, -1), np.array([line]))[0, 0])


def true_probabilities(league: League, season: Season) -> Mapping[tuple[str, str], TrueProbabilities]:
    """The truth of all n(n-1) matches of a season by (home club, away club); raises as team_strengths does."""
    names = clubs(league)
    pairs = np.array(list(permutations(range(len(names)), 2)))
    rates = expected_goals(strength_table(league, season), pairs[:, 0], pairs[:, 1])
    scores = score_matrices(rates)
    scores.setflags(write=False)
    columns = np.column_stack([rates, outcome_probabilities(scores), over_probabilities(scores)[:, :1]])
    return MappingProxyType(
        {
            (names[home], names[away]): TrueProbabilities(matrix.reshape(_SIZE, _SIZE), *row)
            for (home, away), row, matrix in zip(pairs.tolist(), columns.tolist(), scores, strict=True)
        }
    )


def expected_goals(strengths: Floats, home: Ints, away: Ints) -> Floats:
    """Expected goals of home and away sides, shape (matches, 2), from the (clubs, 2) table of strengths."""
    attack, defence = strengths.T
    at_home = BASE_LOG_RATE + HOME_ADVANTAGE + attack[home] - defence[away]
    return np.asarray(np.exp(np.stack([at_home, BASE_LOG_RATE + attack[away] - defence[home]], axis=1)))


def score_matrices(rates: Floats) -> Floats:
    """Probabilities of all scores, shape (matches, 256), from expected goals, shape (matches, 2).

    Poisson goals with the low-score correction of Dixon & Coles (1997), section 4.2; column i * 16 + j
    is the score i-j. Rows sum to 1.
    """
    home, away = np.moveaxis(poisson_pmf(rates, _SIZE), 1, 0)
    scores = home[:, :, None] * away[:, None, :]
    rho = LOW_SCORE_CORRELATION
    scores[:, 0, 0] *= 1 - rho * rates[:, 0] * rates[:, 1]
    scores[:, 0, 1] *= 1 + rho * rates[:, 0]
    scores[:, 1, 0] *= 1 + rho * rates[:, 1]
    scores[:, 1, 1] *= 1 - rho
    flat = scores.reshape(len(rates), -1)
    return np.asarray(flat / flat.sum(axis=1, keepdims=True))


def outcome_probabilities(scores: Floats) -> Floats:
    """Probabilities of home win, draw and away win, shape (matches, 3)."""
    sides = np.stack([_DIFFERENCE > 0, _DIFFERENCE == 0, _DIFFERENCE < 0], axis=1)
    return np.asarray(scores @ sides)


def over_probabilities(scores: Floats) -> Floats:
    """Probabilities of more and of fewer than 2.5 goals, shape (matches, 2)."""
    over = _HOME_GOALS + _AWAY_GOALS > TOTALS_LINE
    return np.asarray(scores @ np.stack([over, ~over], axis=1))


def handicap_probabilities(scores: Floats, lines: Floats) -> Floats:
    """The home side's fair probability (1 / fair price) at each line, shape (matches, lines).

    A quarter line is two half stakes on its neighbours; a push returns the stake. The fair price is
    1 + lost / won, where won and lost are the expected shares of the stake that win and lose.
    """
    halves = np.stack([np.floor(lines * 2), np.ceil(lines * 2)]) / 2
    margin = _DIFFERENCE[:, None] + halves[:, None, :]
    won = scores @ (margin > 0).mean(axis=0)
    lost = scores @ (margin < 0).mean(axis=0)
    return np.asarray(won / (won + lost))


def main_lines(scores: Floats) -> tuple[Floats, Floats]:
    """The quarter line nearest to even chances, and the fair probabilities of both sides at it.

    Shapes (matches,) in goals of the home side, and (matches, 2).
    """
    fair = handicap_probabilities(scores, QUARTER_LINES)
    nearest = np.abs(fair - 0.5).argmin(axis=1)
    home = fair[np.arange(len(fair)), nearest]
    return QUARTER_LINES[nearest], np.stack([home, 1 - home], axis=1)
