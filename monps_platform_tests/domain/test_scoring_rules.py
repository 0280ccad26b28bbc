"""Scores of forecasts: published figures, what makes them proper, and calibration counted once more by hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from monps_platform.domain.intervals import Rate, rate
from monps_platform.domain.scoring_rules import (
    Bin,
    brier,
    calibration,
    calibration_error,
    log_loss,
    ranked_probability_score,
)

Score = Callable[[ArrayLike, ArrayLike], NDArray[np.float64]]

_SCORES: tuple[Score, ...] = (ranked_probability_score, log_loss, brier)
_EACH_SCORE = pytest.mark.parametrize("score", _SCORES, ids=lambda score: score.__name__)
_PROPERTIES = settings(deadline=None, max_examples=60)
_CHANCES = st.one_of(st.floats(0, 1), st.integers(0, 20).map(lambda number: number / 20))


def distributions(size: int) -> st.SearchStrategy[list[float]]:
    weights = st.lists(st.floats(0.01, 1), min_size=size, max_size=size)
    return weights.map(lambda drawn: [weight / sum(drawn) for weight in drawn])


_PAIRS = st.integers(2, 5).flatmap(lambda size: st.tuples(distributions(size), distributions(size)))


def expected(score: Score, truth: list[float], forecast: list[float]) -> float:
    """The mean score of one forecast when outcomes follow the truth."""
    return float(np.dot(truth, score([forecast] * len(truth), np.arange(len(truth)))))


@pytest.mark.parametrize(
    ("forecast", "outcome", "published"),
    [
        ((1, 0, 0), 0, 0.0),
        ((0.9, 0.1, 0), 0, 0.005),
        ((0.8, 0.1, 0.1), 0, 0.025),
        ((0.5, 0.25, 0.25), 0, 0.15625),
        ((0.35, 0.3, 0.35), 1, 0.1225),
        ((0.6, 0.3, 0.1), 1, 0.185),
        ((0.6, 0.25, 0.15), 0, 0.09125),
        ((0.6, 0.15, 0.25), 0, 0.11125),
        ((0.57, 0.33, 0.1), 0, 0.09745),
        ((0.6, 0.2, 0.2), 0, 0.1),
    ],
)
def test_ranked_probability_scores_are_those_of_constantinou_and_fenton(
    forecast: tuple[float, float, float], outcome: int, published: float
) -> None:
    assert ranked_probability_score([forecast], [outcome]) == pytest.approx([published], abs=1e-12)


@pytest.mark.parametrize(
    ("forecast", "outcome", "score"),
    [
        ((0.35, 0.3, 0.35), 0, 0.2725),
        ((0.6, 0.3, 0.1), 0, 0.085),
        ((0.6, 0.1, 0.3), 0, 0.125),
        ((0.0, 0.0, 1.0), 0, 1.0),
        ((0.7, 0.3), 0, 0.09),
    ],
)
def test_ranked_probability_scores_follow_from_the_cumulative_distributions(
    forecast: tuple[float, ...], outcome: int, score: float
) -> None:
    assert ranked_probability_score([forecast], [outcome]) == pytest.approx([score], abs=1e-12)


def test_the_log_loss_is_minus_the_natural_log_of_the_chance_of_what_happened() -> None:
    found = log_loss([[0.5, 0.3, 0.2], [exp(-1), 1 - exp(-1), 0.0], [0.0, 1.0, 0.0]], [2, 0, 1])
    assert found == pytest.approx([-log(0.2), 1.0, 0.0])
    assert not np.signbit(found).any()


def test_what_was_held_impossible_and_happened_costs_infinity_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert log_loss([[1.0, 0.0, 0.0], [0.2, 0.5, 0.3]], [2, 1]).tolist() == [np.inf, -log(0.5)]


def test_brier_scores_sum_the_squared_errors_of_all_classes() -> None:
    # Brier (1950), over all classes: 0.7 for rain that came is (0.3 ** 2) * 2.
    found = brier([[0.7, 0.3], [0.0, 1.0], [1.0, 0.0]], [0, 0, 0])
    assert found == pytest.approx([0.18, 2.0, 0.0])
    assert brier([[0.5, 0.3, 0.2]], [1]) == pytest.approx([0.25 + 0.49 + 0.04])


@_EACH_SCORE
@_PROPERTIES
@given(_PAIRS)
def test_no_forecast_has_a_better_expected_score_than_the_truth(
    score: Score, pair: tuple[list[float], list[float]]
) -> None:
    truth, other = pair
    distance = float(np.abs(np.subtract(truth, other)).max())
    # Strictly proper: each loses some share of the squared distance.
    at_least = distance**2 / (2 * len(truth)) ** 2
    assert expected(score, truth, other) >= expected(score, truth, truth) + at_least - 1e-12


@_EACH_SCORE
@_PROPERTIES
@given(st.lists(st.tuples(distributions(3), st.integers(0, 2)), min_size=1, max_size=8))
def test_each_observation_is_scored_alone(score: Score, observations: list[tuple[list[float], int]]) -> None:
    together = score([row for row, _ in observations], [outcome for _, outcome in observations])
    alone = [score([row], [outcome])[0] for row, outcome in observations]
    assert together.tolist() == alone


@_PROPERTIES
@given(distributions(3), st.integers(0, 2))
def test_scores_seen_from_the_other_side_are_the_same(forecast: list[float], outcome: int) -> None:
    for score in _SCORES:
        turned = score([forecast[::-1]], [2 - outcome])
        assert turned == pytest.approx(score([forecast], [outcome]), abs=1e-12)


def test_only_the_ranked_score_sees_how_near_a_wrong_forecast_was() -> None:
    near, far = [[0.1, 0.9, 0.0]], [[0.1, 0.0, 0.9]]
    assert ranked_probability_score(near, [0])[0] < ranked_probability_score(far, [0])[0]
    assert brier(near, [0]) == pytest.approx(brier(far, [0]))
    assert log_loss(near, [0]) == pytest.approx(log_loss(far, [0]))


@_EACH_SCORE
@pytest.mark.parametrize(
    ("probabilities", "outcomes", "message"),
    [
        ([[0.5, 0.5], [0.5, 0.49]], [0, 0], r"row 1: the probabilities do not sum to 1: \[0.5, 0.49\]"),
        ([[0.5, 0.5], [0.5, 0.500002]], [0, 0], "row 1: the probabilities do not sum to 1"),
        ([[1.1, -0.1]], [0], "row 0: a probability is not in 0 to 1"),
        ([[1 + 5e-7, 0.0]], [0], "row 0: a probability is not in 0 to 1"),
        ([[0.6, 0.6, -0.2]], [0], "row 0: a probability is not in 0 to 1"),
        ([[0.5, 0.5], [np.nan, 0.5]], [0, 0], "row 1: a probability is missing or infinite"),
        ([[0.5, None]], [0], "row 0: a probability is missing or infinite"),
        ([[np.inf, 0.5]], [0], "row 0: a probability is missing or infinite"),
        ([0.5, 0.5], [0, 1], r"shape \(2,\): a row per observation, two or more outcomes each"),
        ([[1.0], [1.0]], [0, 0], r"shape \(2, 1\): a row per observation, two or more outcomes each"),
        ([[0.5, 0.5]], [0, 1], r"1 rows of probabilities, outcomes of shape \(2,\): not one each"),
        ([[0.5, 0.5]], [[0]], r"1 rows of probabilities, outcomes of shape \(1, 1\): not one each"),
        ([[0.5, 0.5]], [2], r"an outcome is none of \[0, 1\]: \[2\]"),
        ([[0.5, 0.5]], [-1], r"an outcome is none of \[0, 1\]: \[-1\]"),
        ([[0.5, 0.5]], [0.5], r"an outcome is none of \[0, 1\]: \[0.5\]"),
    ],
)
def test_what_is_no_forecast_or_no_outcome_is_refused(
    score: Score, probabilities: ArrayLike, outcomes: ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        score(probabilities, outcomes)


@_EACH_SCORE
def test_rounding_of_a_millionth_is_no_error_and_nothing_has_no_score(score: Score) -> None:
    assert np.isfinite(score([[0.5, 0.5 + 5e-7]], [0])).all()
    assert score(np.empty((0, 3)), np.empty(0)).shape == (0,)


def test_bins_hold_forecasts_shares_and_numbers() -> None:
    found = calibration([0.05, 0.05, 0.3, 0.38, 1.0], [False, True, True, False, True], [1, 2, 3, 4, 5], seed=1)
    assert [(item.low, item.high, item.n) for item in found] == [(0.0, 0.1, 2), (0.3, 0.4, 2), (0.9, 1.0, 1)]
    assert [item.forecast for item in found] == pytest.approx([0.05, 0.34, 1.0])
    assert [item.happened.value for item in found] == [0.5, 0.5, 1.0]
    assert calibration_error(found) == pytest.approx((2 * 0.45 + 2 * 0.16 + 0) / 5)


@_PROPERTIES
@given(st.lists(st.tuples(_CHANCES, st.booleans(), st.integers(0, 6)), min_size=1, max_size=40), st.integers(1, 20))
def test_every_forecast_is_in_the_one_bin_whose_bounds_hold_it(
    observations: list[tuple[float, bool, int]], bins: int
) -> None:
    forecast, happened, clusters = (list(column) for column in zip(*observations, strict=True))
    found = calibration(forecast, happened, clusters, 5, bins)
    gaps = 0.0
    for item in found:
        number = round(item.low * bins)
        assert (item.low, item.high) == (number / bins, (number + 1) / bins)
        inside = [row for row in observations if item.low <= row[0] < item.high or row[0] == item.high == 1]
        assert item.n == len(inside) > 0
        assert item.forecast == pytest.approx(sum(row[0] for row in inside) / item.n)
        assert item.happened == rate([row[1] for row in inside], [1] * len(inside), [row[2] for row in inside], seed=5)
        gaps += abs(sum(row[0] - row[1] for row in inside))
    assert sum(item.n for item in found) == len(observations)
    assert [item.low for item in found] == sorted({item.low for item in found})
    assert calibration_error(found) == pytest.approx(gaps / len(observations), abs=1e-12)


def test_intervals_of_true_probabilities_hold_the_forecast_and_those_of_exaggerated_ones_do_not() -> None:
    chance = np.random.default_rng(12)
    truth = chance.uniform(0, 1, 20_000)
    happened = chance.uniform(0, 1, 20_000) < truth
    exaggerated = np.clip(truth + (truth - 0.5) / 2, 0, 1)
    honest, bold = (calibration(forecast, happened, np.arange(20_000), seed=3) for forecast in (truth, exaggerated))
    assert sum(not held(item) for item in honest) <= 2
    assert sum(not held(item) for item in bold) >= 8
    assert calibration_error(honest) == pytest.approx(0.01, abs=0.01)
    # The mean distance of exaggerated and true probabilities is 1/12; in the middle bins some of it cancels out.
    assert calibration_error(bold) == pytest.approx(1 / 12, abs=0.006)


def held(item: Bin) -> bool:
    assert item.happened.low is not None
    assert item.happened.high is not None
    return item.happened.low <= item.forecast <= item.happened.high


def test_the_seed_and_the_clusters_make_the_intervals() -> None:
    chance = np.random.default_rng(4)
    forecast, happened = chance.uniform(0.4, 0.5, 200), chance.uniform(0, 1, 200) < 0.45
    alone, pairs = np.arange(200), np.arange(200) // 50
    assert calibration(forecast, happened, alone, 1) == calibration(forecast, happened, alone, 1)
    assert calibration(forecast, happened, alone, 1) != calibration(forecast, happened, alone, 2)
    assert [item.happened.clusters for item in calibration(forecast, happened, pairs, 1)] == [4]


def test_bins_of_other_sizes_weigh_by_their_numbers() -> None:
    bins = (Bin(0, 0.5, 0.2, Rate(0.3, None, None, 30, 30), 30), Bin(0.5, 1, 0.8, Rate(0.4, None, None, 10, 10), 10))
    assert calibration_error(bins) == pytest.approx((30 * 0.1 + 10 * 0.4) / 40)


def test_nothing_forecast_has_no_bins_and_no_calibration_error() -> None:
    assert calibration([], np.empty(0, dtype=bool), [], 1) == ()
    assert calibration_error(()) is None


@pytest.mark.parametrize(
    ("forecast", "happened", "clusters", "bins", "message"),
    [
        ([0.5, 0.5], [True], [1, 2], 10, "2 forecasts, 1 events, 2 clusters: not one each"),
        ([0.5], [True], [1, 2], 10, "1 forecasts, 1 events, 2 clusters: not one each"),
        ([[0.5]], [[True]], [[1]], 10, "not one each"),
        ([1.01], [True], [1], 10, "a forecast is missing or not in 0 to 1"),
        ([-0.01], [True], [1], 10, "a forecast is missing or not in 0 to 1"),
        ([None], [True], [1], 10, "a forecast is missing or not in 0 to 1"),
        ([0.5], [1], [1], 10, "whether it happened must be boolean, not int64"),
        ([0.5], [None], [1], 10, "whether it happened must be boolean, not object"),
        ([0.5], [True], [1], 0, "0 bins: at least one is needed"),
    ],
)
def test_forecasts_that_make_no_sense_are_refused(
    forecast: ArrayLike, happened: ArrayLike, clusters: ArrayLike, bins: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        calibration(forecast, happened, clusters, 1, bins)
