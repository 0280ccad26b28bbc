"""Predictions are those of the goal model and its score grid, for that venue."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from monps_platform.domain.goal_model.dixon_coles import UnknownTeamError
from monps_platform.domain.goal_model.score_grid import MAX_GOALS, score_probabilities
from monps_platform.domain.quantum.friction.predictions import Prediction, predictions
from monps_platform_tests.domain.quantum.friction.drawn_teams import AS_OF, fitted

TEAMS = list(range(11, 19))
FIT = fitted(TEAMS)


def test_there_is_one_for_every_ordered_pair() -> None:
    found = predictions(FIT, TEAMS, AS_OF)
    assert len(found) == len(TEAMS) * (len(TEAMS) - 1)
    assert all(home != away for home, away in found)


@pytest.mark.parametrize("pair", [(11, 12), (12, 11), (17, 14)])
def test_each_is_what_the_score_grid_says_of_that_venue(pair: tuple[int, int]) -> None:
    found = predictions(FIT, TEAMS, AS_OF)[pair]
    rates = FIT.expected_goals(np.array([pair[0]]), np.array([pair[1]]))
    grid = score_probabilities(rates, FIT.rho.value).reshape(MAX_GOALS + 1, MAX_GOALS + 1)
    home, away = np.indices(grid.shape)
    assert (found.home_goals, found.away_goals) == pytest.approx(tuple(rates[0]))
    assert found.btts == pytest.approx(grid[1:, 1:].sum())
    assert found.over25 == pytest.approx(grid[home + away > 2].sum())
    assert found.total_goals == pytest.approx(((home + away) * grid).sum(), abs=1e-6)


def test_the_venues_differ() -> None:
    found = predictions(FIT, TEAMS, AS_OF)
    assert found[11, 12].home_goals > found[12, 11].away_goals
    assert all(found[pair].total_goals != found[pair[::-1]].total_goals for pair in found)


def test_the_stronger_side_has_its_share_of_the_goals_at_home_or_away() -> None:
    assert Prediction(2.0, 1.0, 0.5, 0.5).stronger_share == pytest.approx(2 / 3)
    assert Prediction(1.0, 3.0, 0.5, 0.5).stronger_share == 0.75


def test_a_goal_model_of_a_later_day_is_refused() -> None:
    with pytest.raises(ValueError, match="knows nothing of"):
        predictions(FIT, TEAMS, AS_OF - timedelta(days=1))


def test_a_team_that_the_goal_model_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownTeamError):
        predictions(FIT, [11, 99], AS_OF)


def test_a_single_team_has_none() -> None:
    assert predictions(FIT, [11], AS_OF) == {}
