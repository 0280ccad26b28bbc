"""The score grid and its markets against plain loops, explicit settlement and identities between markets."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monps_platform.domain.goal_model.score_grid import (
    HANDICAP_LINES,
    MAX_GOALS,
    both_score_probability,
    handicap_probabilities,
    outcome_probabilities,
    over_probabilities,
    poisson_pmf,
    score_probabilities,
)

Floats = NDArray[np.float64]

_PROPERTIES = settings(deadline=None, max_examples=50)
_RATES = st.tuples(st.floats(0.1, 5), st.floats(0.1, 5))
_RHOS = st.floats(-0.15, 0.03)
_TOTALS = (0.5, 1.5, 2.5, 3.5, 4.5)
_QUARTER_LINES = [quarters / 4 for quarters in range(-24, 25)]


def grid(rates: tuple[float, float], rho: float) -> Floats:
    return score_probabilities(np.array([rates]), rho)


def poisson(rate: float, count: int) -> float:
    return exp(-rate) * rate**count / factorial(count)


def tau(home: int, away: int, rates: tuple[float, float], rho: float) -> float:
    """The low-score correction as Dixon & Coles (1997) print it, case by case."""
    match home, away:
        case 0, 0:
            return 1 - rates[0] * rates[1] * rho
        case 0, 1:
            return 1 + rates[0] * rho
        case 1, 0:
            return 1 + rates[1] * rho
        case 1, 1:
            return 1 - rho
        case _:
            return 1


def looped(rates: tuple[float, float], rho: float) -> dict[tuple[int, int], float]:
    weights = {
        (home, away): tau(home, away, rates, rho) * poisson(rates[0], home) * poisson(rates[1], away)
        for home in range(16)
        for away in range(16)
    }
    total = sum(weights.values())
    return {score: weight / total for score, weight in weights.items()}


def scores_of(row: Floats) -> Iterator[tuple[int, int, float]]:
    """Home goals, away goals and probability of every column of one match."""
    for column, probability in enumerate(row.tolist()):
        yield *divmod(column, 16), probability


def settle(margin_in_quarters: int, price: float) -> float:
    """Profit of a unit stake on the home side, from its goal difference plus the line, in quarters of a goal."""
    if margin_in_quarters >= 2:
        return price - 1
    if margin_in_quarters <= -2:
        return -1
    return {1: (price - 1) / 2, 0: 0.0, -1: -0.5}[margin_in_quarters]


@_PROPERTIES
@given(_RATES, _RHOS)
def test_the_grid_is_that_of_two_loops_over_home_and_away_goals(rates: tuple[float, float], rho: float) -> None:
    expected = looped(rates, rho)
    found = {(home, away): probability for home, away, probability in scores_of(grid(rates, rho)[0])}
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-300)


@_PROPERTIES
@given(st.lists(_RATES, min_size=1, max_size=10), _RHOS)
def test_a_match_does_not_depend_on_the_others_in_the_same_call(rates: list[tuple[float, float]], rho: float) -> None:
    together = score_probabilities(np.array(rates), rho)
    assert together.shape == (len(rates), 256)
    for number, pair in enumerate(rates):
        alone, among = grid(pair, rho), together[number : number + 1]
        assert (alone == among).all()
        assert (outcome_probabilities(alone) == outcome_probabilities(together)[number]).all()
        assert (over_probabilities(alone, _TOTALS) == over_probabilities(together, _TOTALS)[number]).all()
        assert (
            handicap_probabilities(alone, HANDICAP_LINES) == handicap_probabilities(together, HANDICAP_LINES)[number]
        ).all()


@_PROPERTIES
@given(_RATES, _RHOS)
def test_scores_outcomes_and_their_complements_sum_to_one(rates: tuple[float, float], rho: float) -> None:
    scores = grid(rates, rho)
    assert scores.min() >= 0
    assert scores.sum() == pytest.approx(1, abs=1e-12)
    assert outcome_probabilities(scores).sum() == pytest.approx(1, abs=1e-12)


@_PROPERTIES
@given(_RATES)
def test_without_correlation_the_goals_of_the_two_sides_are_independent(rates: tuple[float, float]) -> None:
    scores = grid(rates, 0.0).reshape(16, 16)
    home, away = scores.sum(axis=1), scores.sum(axis=0)
    assert np.abs(scores - np.outer(home, away)).max() < 1e-14
    assert home[:5] == pytest.approx([poisson(rates[0], count) for count in range(5)], rel=1e-4)


def test_a_published_rho_moves_only_the_four_lowest_scores() -> None:
    plain, corrected = grid((1.4, 1.1), 0.0).reshape(16, 16), grid((1.4, 1.1), -0.13).reshape(16, 16)
    ratio = corrected / plain
    assert ratio[:2, :2] == pytest.approx(
        np.array([[1 + 0.13 * 1.4 * 1.1, 1 - 0.13 * 1.4], [1 - 0.13 * 1.1, 1.13]]), rel=1e-6
    )
    ratio[:2, :2] = 1
    assert ratio == pytest.approx(np.ones((16, 16)), rel=1e-6)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_markets_add_up_the_scores_that_win_them(rates: tuple[float, float], rho: float) -> None:
    scores = grid(rates, rho)
    cells = list(scores_of(scores[0]))
    outcomes = [sum(p for i, j, p in cells if i > j), sum(p for i, j, p in cells if i == j)]
    outcomes.append(sum(p for i, j, p in cells if i < j))
    assert outcome_probabilities(scores)[0] == pytest.approx(outcomes, abs=1e-12)
    overs = [sum(p for i, j, p in cells if i + j > line) for line in _TOTALS]
    assert over_probabilities(scores, _TOTALS)[0] == pytest.approx(overs, abs=1e-12)
    both = sum(p for i, j, p in cells if i and j)
    assert both_score_probability(scores) == pytest.approx([both], abs=1e-12)


@pytest.mark.parametrize("line", _QUARTER_LINES)
def test_a_stake_at_the_fair_price_is_settled_to_nothing_on_average(line: float) -> None:
    for rates in ((1.6, 1.1), (0.7, 2.4), (3.1, 0.4)):
        scores = grid(rates, -0.1)
        price = 1 / handicap_probabilities(scores, [line])[0, 0]
        profits = [p * settle(4 * (i - j) + round(4 * line), price) for i, j, p in scores_of(scores[0])]
        assert sum(profits) == pytest.approx(0, abs=1e-12 * price)


@pytest.mark.parametrize(("margin", "profit"), [(3, 0.9), (2, 0.9), (1, 0.45), (0, 0), (-1, -0.5), (-2, -1), (-3, -1)])
def test_stakes_win_half_win_are_returned_half_lost_or_lost(margin: int, profit: float) -> None:
    assert settle(margin, 1.9) == pytest.approx(profit)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_the_two_sides_of_a_handicap_sum_to_one(rates: tuple[float, float], rho: float) -> None:
    home = handicap_probabilities(grid(rates, rho), HANDICAP_LINES)[0]
    away = handicap_probabilities(grid((rates[1], rates[0]), rho), [-line for line in HANDICAP_LINES])[0]
    assert home + away == pytest.approx(np.ones(25), abs=1e-12)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_handicaps_of_half_a_goal_and_of_none_follow_from_the_outcomes(rates: tuple[float, float], rho: float) -> None:
    scores = grid(rates, rho)
    home, draw, away = outcome_probabilities(scores)[0]
    fair = handicap_probabilities(scores, [-0.5, 0, 0.5])[0]
    assert fair == pytest.approx([home, home / (home + away), home + draw], abs=1e-12)


@_PROPERTIES
@given(_RATES, _RHOS)
def test_more_goals_given_are_likelier_to_be_enough(rates: tuple[float, float], rho: float) -> None:
    assert (np.diff(handicap_probabilities(grid(rates, rho), HANDICAP_LINES)[0]) > -1e-12).all()
    assert (np.diff(over_probabilities(grid(rates, rho), _TOTALS)[0]) < 0).all()


def test_a_side_that_is_expected_to_score_more_wins_more() -> None:
    rates = np.column_stack([np.linspace(0.2, 4, 30), np.full(30, 1.2)])
    home, _, away = outcome_probabilities(score_probabilities(rates, -0.1)).T
    assert (np.diff(home) > 0).all()
    assert (np.diff(away) < 0).all()


def test_handicap_lines_run_from_minus_three_to_three_in_quarters() -> None:
    assert HANDICAP_LINES[:3] == (-3.0, -2.75, -2.5)
    assert HANDICAP_LINES[12] == 0
    assert HANDICAP_LINES[-1] == 3.0
    assert len(HANDICAP_LINES) == 25


def test_every_goal_up_to_fifteen_has_its_poisson_probability() -> None:
    assert MAX_GOALS == 15
    found = poisson_pmf(np.array([[0.4, 2.0], [7.0, 25.0]]), 64)
    for place, rate in np.ndenumerate(np.array([[0.4, 2.0], [7.0, 25.0]])):
        assert found[place] == pytest.approx([poisson(rate, count) for count in range(64)], rel=1e-11)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_expected_goals_that_make_no_sense_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="expected goals must be positive and finite"):
        score_probabilities(np.array([[1.2, 1.1], [1.0, wrong]]), -0.1)


@pytest.mark.parametrize(
    ("rates", "rho"),
    [((2.0, 2.0), 0.3), ((4.0, 1.0), -0.3), ((1.0, 4.0), -0.3), ((0.5, 0.5), 1.1), ((1.0, 1.0), np.nan)],
)
def test_a_correlation_that_makes_a_probability_negative_is_refused(rates: tuple[float, float], rho: float) -> None:
    message = rf"rho {rho} makes a score's probability negative at expected goals \[{rates[0]}, {rates[1]}\]"
    with pytest.raises(ValueError, match=message):
        score_probabilities(np.array([(1.0, 1.0)] * (rho < 1) + [rates]), rho)


@pytest.mark.parametrize("line", [2.0, 2.25, 2.75, np.nan])
def test_totals_whose_stakes_may_be_returned_are_refused(line: float) -> None:
    with pytest.raises(ValueError, match="totals lines must be half lines"):
        over_probabilities(grid((1.4, 1.1), 0.0), [1.5, line])


@pytest.mark.parametrize("line", [0.3, -1.1, np.nan])
def test_handicaps_between_quarter_lines_are_refused(line: float) -> None:
    with pytest.raises(ValueError, match="handicap lines must be whole quarters"):
        handicap_probabilities(grid((1.4, 1.1), 0.0), [0.25, line])
