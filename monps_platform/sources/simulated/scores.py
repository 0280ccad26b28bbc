"""The truth of each match: from strengths to expected goals and to the probabilities of every market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType

import numpy as np

from monps_platform.domain.goal_model.score_grid import (
    MAX_GOALS,
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import clubs
from monps_platform.sources.simulated.randomness import Floats, Ints
from monps_platform.sources.simulated.strengths import strength_table

BASE_LOG_RATE = 0.13
"""Log of the goals that an average side scores away at an average side."""

HOME_ADVANTAGE = 0.26
"""Added to the log of the home side's expected goals: about 30 % more goals at home."""

LOW_SCORE_CORRELATION = -0.1
"""Dixon and Coles' rho; negative: 0-0 and 1-1 are likelier than independent Poisson goals would have it."""

TOTALS_LINE = 2.5
"""The one totals line that football-data.co.uk prints."""

QUARTER_LINES: Floats = np.arange(-24, 25) / 4
"""Asian handicap lines of the home side that a main line is chosen from, in goals: -6 to 6."""

_SIZE = MAX_GOALS + 1


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
        return float(handicap_probabilities(self.scores.reshape(1, -1), [line])[0, 0])


def true_probabilities(league: League, season: Season) -> Mapping[tuple[str, str], TrueProbabilities]:
    """The truth of all n(n-1) matches of a season by (home club, away club); raises as team_strengths does."""
    names = clubs(league)
    pairs = np.array(list(permutations(range(len(names)), 2)))
    rates = expected_goals(strength_table(league, season), pairs[:, 0], pairs[:, 1])
    scores = score_probabilities(rates, LOW_SCORE_CORRELATION)
    scores.setflags(write=False)
    columns = np.column_stack([rates, outcome_probabilities(scores), over_probabilities(scores, [TOTALS_LINE])])
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


def totals_probabilities(scores: Floats) -> Floats:
    """Probabilities of more and of fewer than 2.5 goals, shape (matches, 2)."""
    over = over_probabilities(scores, [TOTALS_LINE])
    return np.hstack([over, 1 - over])


def main_lines(scores: Floats) -> tuple[Floats, Floats]:
    """The quarter line nearest to even chances, and the fair probabilities of both sides at it.

    Shapes (matches,) in goals of the home side, and (matches, 2).
    """
    fair = handicap_probabilities(scores, QUARTER_LINES)
    nearest = np.abs(fair - 0.5).argmin(axis=1)
    home = fair[np.arange(len(fair)), nearest]
    return QUARTER_LINES[nearest], np.stack([home, 1 - home], axis=1)
