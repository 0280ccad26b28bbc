"""What the goal model expects of a match between any two teams of its league, by venue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations

import numpy as np

from monps_platform.domain.goal_model.dixon_coles import Fit
from monps_platform.domain.goal_model.score_grid import both_score_probability, over_probabilities, score_probabilities

_LINE = 2.5


@dataclass(frozen=True, slots=True)
class Prediction:
    """Expected goals of both sides, and probabilities that both score and of three goals or more."""

    home_goals: float
    away_goals: float
    btts: float
    over25: float

    @property
    def total_goals(self) -> float:
        """Expected goals of both sides together."""
        return self.home_goals + self.away_goals

    @property
    def stronger_share(self) -> float:
        """The part in them of the side that is expected to score more, 0.5 to 1."""
        return max(self.home_goals, self.away_goals) / self.total_goals


Predictions = Mapping[tuple[int, int], Prediction]
"""By home and away team."""


def predictions(fit: Fit, team_ids: Sequence[int], as_of: date) -> dict[tuple[int, int], Prediction]:
    """Of all ordered pairs of a league's teams, by its goal model.

    Teams of different leagues have none: each league's strengths are measured against its own average. Raises
    ValueError for a fit of a later day than ``as_of``, UnknownTeamError for a team that it does not know.
    """
    if fit.day > as_of.toordinal():
        raise ValueError(f"the goal model is of {date.fromordinal(fit.day)}, which {as_of} knows nothing of")
    pairs = list(permutations(team_ids, 2))
    home, away = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    goals = fit.expected_goals(home, away)
    scores = score_probabilities(goals, fit.rho.value)
    chances = np.column_stack([both_score_probability(scores), over_probabilities(scores, [_LINE])])
    rows = np.column_stack([goals, chances]).tolist()
    return {pair: Prediction(*row) for pair, row in zip(pairs, rows, strict=True)}
