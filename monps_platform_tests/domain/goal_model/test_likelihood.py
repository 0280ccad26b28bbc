"""The likelihood against plain loops, its derivatives against differences, and its largest value."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.goal_model.dixon_coles import Inputs, Options, likelihood_of
from monps_platform.domain.goal_model.likelihood import Design, Likelihood, NoMaximumError, maximise
from monps_platform_tests.domain.goal_model.drawn import FIRST_SEASON, YEAR, Floats, draw_league, draw_truth, tau

_OPTIONS = Options(half_life_days=300.0, strength_sd=0.25, newcomer_sd=0.15, rho_sd=0.1)
_SIDES, _SWAPS, _SEASONS = 6, 2, 3
_TEAMS = _SIDES + _SWAPS * (_SEASONS - 1)
_WIDTH = 5 + 2 * _TEAMS
_RHO = 2
_PROPERTIES = settings(deadline=None, max_examples=25)
_SEEDS = st.integers(0, 5)


@cache
def inputs_of(seed: int) -> Inputs:
    """A small league of three seasons, seen 40 days after its last match."""
    chance = np.random.default_rng(seed)
    matches = draw_league(chance, draw_truth(chance, _OPTIONS, _TEAMS), _SIDES, _SWAPS, _SEASONS)
    return Inputs.of(
        matches, int(matches.day[-1]) + 40, FIRST_SEASON + _SEASONS - 1, np.array([0, _TEAMS - 1]), _OPTIONS
    )


def problem_of(seed: int) -> Likelihood:
    return likelihood_of(inputs_of(seed), np.arange(_TEAMS))


@st.composite
def parameters(draw: st.DrawFn) -> Floats:
    """Values as leagues may have them, tau positive at all of them."""
    values = np.array(draw(st.lists(st.floats(-0.4, 0.4), min_size=_WIDTH, max_size=_WIDTH)))
    values[_RHO] = draw(st.floats(-0.08, 0.08))
    return values


def looped(inputs: Inputs, values: Floats) -> tuple[float, float]:
    """The log-likelihood and the penalised one, written down once more from the paper, match by match."""
    intercept, home_advantage, rho, newcomer_attack, newcomer_defence = values[:5].tolist()
    attack, defence = values[5 : 5 + _TEAMS].tolist(), values[5 + _TEAMS :].tolist()
    matches, total = inputs.matches, 0.0
    for at in range(len(matches)):
        home, away = int(matches.home[at]), int(matches.away[at])
        x, y = int(matches.home_goals[at]), int(matches.away_goals[at])
        season = int(matches.season[at])
        home_new, away_new = is_new(home, season), is_new(away, season)
        rate = math.exp(
            intercept + home_advantage + attack[home] + newcomer_attack * home_new
            - defence[away] - newcomer_defence * away_new
        )  # fmt: skip
        other = math.exp(
            intercept + attack[away] + newcomer_attack * away_new - defence[home] - newcomer_defence * home_new
        )
        probability = tau(x, y, rate, other, rho) * poisson(x, rate) * poisson(y, other)
        total += math.exp(-math.log(2) * (inputs.day - int(matches.day[at])) / 300) * math.log(probability)
    sds = [1.0, 1.0, 0.1, 0.15, 0.15, *[0.25] * (2 * _TEAMS)]
    return total, total - sum((value / sd) ** 2 / 2 for value, sd in zip(values.tolist(), sds, strict=True))


def is_new(club: int, season: int) -> bool:
    """As the drawn league was made: the first season's clubs are new to nobody's knowledge."""
    number = season - FIRST_SEASON
    return number > 0 and club >= _SIDES + (number - 1) * _SWAPS


def poisson(goals: int, rate: float) -> float:
    return math.exp(-rate) * rate**goals / math.factorial(goals)


def differences(function: Callable[[Floats], Floats], at: Floats, step: float) -> Floats:
    """Derivatives of a function by central differences, last axis: the parameter."""
    steps = step * np.eye(len(at))
    return np.stack([(function(at + one) - function(at - one)) / (2 * step) for one in steps], axis=-1)


@_PROPERTIES
@given(_SEEDS, parameters())
def test_the_likelihood_is_that_of_the_paper_written_as_a_loop(seed: int, values: Floats) -> None:
    problem = problem_of(seed)
    found = problem.log_likelihood(values), problem.penalised(values)
    assert found == pytest.approx(looped(inputs_of(seed), values), rel=1e-11)


@_PROPERTIES
@given(_SEEDS, parameters())
def test_the_gradient_is_the_difference_quotient_of_the_likelihood(seed: int, values: Floats) -> None:
    problem = problem_of(seed)
    gradient, _ = problem.derivatives(values)
    expected = differences(lambda at: np.array(problem.penalised(at)), values, 1e-5)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-5)


@_PROPERTIES
@given(_SEEDS, parameters())
def test_the_hessian_is_the_difference_quotient_of_the_gradient(seed: int, values: Floats) -> None:
    problem = problem_of(seed)
    _, hessian = problem.derivatives(values)
    expected = differences(lambda at: problem.derivatives(at)[0], values, 1e-5)
    np.testing.assert_allclose(hessian, expected, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12)


@_PROPERTIES
@given(_SEEDS, parameters())
def test_nothing_is_likelier_than_the_maximum(seed: int, elsewhere: Floats) -> None:
    problem = problem_of(seed)
    best = maximise(problem).parameters
    np.testing.assert_allclose(problem.derivatives(best)[0], 0, atol=1e-6)
    assert problem.penalised(best) >= problem.penalised(best + elsewhere / 100)
    assert problem.penalised(best) >= problem.penalised(elsewhere)


def test_the_covariance_is_the_inverse_of_the_curvature_seen_from_outside() -> None:
    problem = problem_of(1)
    found = maximise(problem)
    curvature = -differences(lambda at: problem.derivatives(at)[0], found.parameters, 1e-5)
    np.testing.assert_allclose(found.covariance @ curvature, np.eye(_WIDTH), atol=1e-6)


@pytest.mark.parametrize("rho", [-1.5, 1.5])
def test_where_tau_is_not_positive_nothing_is_likely(rho: float) -> None:
    values = np.full(_WIDTH, 0.0)
    values[_RHO] = rho
    assert problem_of(0).log_likelihood(values) == -np.inf


def test_a_match_of_weight_two_counts_as_two_matches() -> None:
    problem = problem_of(2)
    rows = np.repeat(np.arange(len(problem.weights)), 2)
    home, away = (Design(side.columns[rows], side.values[rows], side.width) for side in (problem.home, problem.away))
    double = Likelihood(
        home, away, problem.home_goals[rows], problem.away_goals[rows], problem.weights[rows],
        problem.precision, problem.rho_at,
    )  # fmt: skip
    heavy = maximise(replace(problem, weights=2 * problem.weights))
    np.testing.assert_allclose(maximise(double).parameters, heavy.parameters, atol=1e-12)
    np.testing.assert_allclose(maximise(double).covariance, heavy.covariance, atol=1e-12)


def test_a_match_weighs_half_after_each_half_life() -> None:
    inputs = inputs_of(0)
    weights = problem_of(0).weights
    ages = inputs.day - inputs.matches.day
    assert weights[-1] == pytest.approx(0.5 ** (40 / 300), rel=1e-12)
    one_season_on = np.searchsorted(inputs.matches.day, inputs.matches.day[0] + YEAR)
    assert weights[0] / weights[one_season_on] == pytest.approx(0.5 ** (YEAR / 300), rel=1e-12)
    assert (ages > 0).all()


def test_a_search_that_leads_nowhere_says_so() -> None:
    """Where every match ends 0-1, rho pulls as hard as it may, and the likelihood curves the wrong way."""
    problem = problem_of(0)
    ones = np.ones_like(problem.home_goals)
    loose = np.where(np.arange(_WIDTH) == _RHO, 1.0, problem.precision)
    stuck = replace(problem, home_goals=0 * ones, away_goals=ones, weights=np.ones(len(ones)), precision=loose)
    with pytest.raises(NoMaximumError, match="not concave"):
        maximise(stuck)
