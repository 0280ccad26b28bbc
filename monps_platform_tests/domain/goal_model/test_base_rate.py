"""Base rates: frequencies of the matches before a day, and nothing where there are too few."""

from __future__ import annotations

import numpy as np
import pytest

from monps_platform.domain.goal_model.base_rate import BaseRate, base_rate
from monps_platform.domain.goal_model.history import Fixtures, Matches

_SCORES = ((2, 1), (0, 0), (1, 3), (4, 0), (1, 1), (0, 1), (1, 0), (2, 2))


def on_days(days: list[int]) -> Matches:
    rows = np.arange(len(days))
    goals = np.array([_SCORES[row] for row in rows], dtype=np.int64).reshape(-1, 2)
    return Matches.of(Fixtures(rows, np.array(days), rows, rows, rows), goals[:, 0], goals[:, 1])


def test_the_base_rate_of_eight_matches_is_what_counting_them_gives() -> None:
    assert base_rate(on_days(list(range(8))), day=8, window_days=8, fewest=8) == BaseRate(
        n=8,
        home=3 / 8,
        draw=3 / 8,
        away=2 / 8,
        over=(5 / 8, 4 / 8, 3 / 8),
        both_score=4 / 8,
        home_goals=11 / 8,
        away_goals=8 / 8,
    )


def test_only_the_days_of_the_window_before_the_day_count() -> None:
    found = base_rate(on_days([89, 90, 95, 99, 100, 101, 200, 300]), day=100, window_days=10, fewest=1)
    assert found is not None
    assert found.n == 3
    assert [found.home, found.draw, found.away] == pytest.approx([1 / 3] * 3)
    assert [found.home_goals, found.away_goals] == pytest.approx([5 / 3, 1])


@pytest.mark.parametrize(("matches", "known"), [(2, False), (3, True)])
def test_fewer_matches_than_asked_for_give_no_base_rate(matches: int, known: bool) -> None:
    assert (base_rate(on_days(list(range(matches))), day=50, window_days=100, fewest=3) is not None) is known


def test_no_matches_give_no_base_rate_even_if_none_are_asked_for() -> None:
    assert base_rate(on_days([]), day=50, window_days=100, fewest=0) is None
