"""Who scores first and last: by hand, by numerical integration, and what must hold always."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from monps_platform.domain.quantum.scorers.first_and_last import first_goal, last_goal

_PROPERTIES = settings(deadline=None, max_examples=100)
_EXPECTED = arrays.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(6)), elements=st.floats(0, 2))


def test_with_one_period_the_first_goal_is_shared_like_the_goals() -> None:
    # A half and one goal expected of two: a third and two thirds of 1 - exp(-1.5).
    assert first_goal([[0.5], [1.0]]).tolist() == pytest.approx([(1 - exp(-1.5)) / 3, 2 * (1 - exp(-1.5)) / 3])


def test_who_scores_early_scores_first_and_who_scores_late_last() -> None:
    # One of them can only score in the first half, the other one only in the second; each expects one goal.
    early_first, late_first = first_goal([[1.0, 0.0], [0.0, 1.0]]).tolist()
    assert early_first == pytest.approx(1 - exp(-1))
    assert late_first == pytest.approx(exp(-1) * (1 - exp(-1)))
    assert last_goal([[1.0, 0.0], [0.0, 1.0]]).tolist() == pytest.approx([late_first, early_first])


def test_where_nothing_is_expected_nobody_scores_first() -> None:
    assert first_goal(np.zeros((3, 6))).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("wrong", [-0.1, np.nan, np.inf])
def test_numbers_of_goals_that_cannot_be_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="negative, missing or infinite"):
        first_goal([[0.1, wrong]])


@_PROPERTIES
@given(_EXPECTED)
def test_all_first_goals_and_nobody_sum_to_one(expected: np.ndarray) -> None:
    nobody = exp(-expected.sum())
    for which in (first_goal, last_goal):
        found = which(expected)
        assert (found >= 0).all()
        assert found.sum() + nobody == pytest.approx(1.0, abs=1e-12)


@_PROPERTIES
@given(_EXPECTED)
def test_expecting_more_goals_of_a_player_makes_him_likelier_to_score_first_and_others_less(
    expected: np.ndarray,
) -> None:
    more = expected.copy()
    more[0] += 0.1
    before, after = first_goal(expected), first_goal(more)
    assert after[0] > before[0]
    assert (after[1:] <= before[1:] + 1e-12).all()


def test_the_formula_is_the_integral() -> None:
    expected = np.random.default_rng(4).random((5, 6)) / 10
    steps = 20_000
    density = np.repeat(expected, steps, axis=1) / steps
    total = density.sum(axis=0)
    survived = np.exp(-(np.cumsum(total) - total / 2))
    assert first_goal(expected).tolist() == pytest.approx((density @ survived).tolist(), rel=1e-7)


def test_simulated_matches_have_the_first_and_last_scorers_that_the_formula_says() -> None:
    chance = np.random.default_rng(8)
    expected = np.array([[0.4, 0.1], [0.1, 0.5], [0.05, 0.05]])
    matches = 40_000
    firsts, lasts = np.zeros(3), np.zeros(3)
    for goals in chance.poisson(expected, size=(matches, 3, 2)):
        who, when = np.nonzero(goals)
        times = [(period + chance.random(), player) for player, period in zip(who, when, strict=True)
                 for _ in range(goals[player, period])]  # fmt: skip
        if times:
            firsts[min(times)[1]] += 1
            lasts[max(times)[1]] += 1
    assert (firsts / matches).tolist() == pytest.approx(first_goal(expected).tolist(), abs=0.01)
    assert (lasts / matches).tolist() == pytest.approx(last_goal(expected).tolist(), abs=0.01)
