"""The gamma-Poisson rate: worked examples, what must hold of every player, and true rates inside the intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.quantum.scorers.profile import scorer_profiles
from monps_platform.domain.quantum.scorers.rate import (
    SHAPE_LIMITS,
    XG_BALLAST,
    Rates,
    XgWorth,
    fit_priors,
    rates,
)
from monps_platform.domain.quantum.scorers.roles import Role
from monps_platform_tests.domain.quantum.scorers.season_builder import simulated

_PROPERTIES = settings(deadline=None, max_examples=50)
_WORTH = XgWorth(scale=1.0, weight=1.0)
_OTHERS = [(4, 5.0, 1800), (8, 7.0, 2700), (1, 1.0, 900), (0, 0.5, 900), (2, 2.0, 1800)]
"""Goals, xG and minutes of other forwards."""
Player = tuple[int, float, int]


def _among_others(*players: Player) -> Rates:
    goals, xg, minutes = zip(*_OTHERS, *players, strict=True)
    return rates(goals, xg, minutes, [Role.FORWARD] * len(goals), _WORTH)


def _rate_among_others(player: Player) -> tuple[float, float, float, float]:
    found = _among_others(player)
    prior, mean, low, high = (float(item[-1]) for item in (found.prior, found.mean, found.low, found.high))
    return prior, mean, low, high


def test_an_expected_goal_is_worth_what_makes_the_variance_of_the_rate_right() -> None:
    # As many goals as expected; phi = (10 * .01 + 2 * .25) / 2 = .3, w = (1 - .6) / .3 = 4/3.
    worth = XgWorth.of(2, [0.1] * 10 + [0.5] * 2)
    assert worth.scale == pytest.approx(1.0)
    assert worth.weight == pytest.approx(4 / 3)


def test_xg_is_scaled_to_the_goals_of_the_league_once_there_are_many() -> None:
    assert XgWorth.of(900, [0.1] * 10_000).scale == pytest.approx((900 + XG_BALLAST) / (1000 + XG_BALLAST))
    assert XgWorth.of(0, []) == XgWorth(scale=1.0, weight=0.0)


def test_shots_that_are_all_or_nothing_make_xg_worthless_beside_goals() -> None:
    assert XgWorth.of(6, [0.9] * 7).weight == 0.0


def test_the_variance_of_simulated_rates_is_the_one_that_the_weight_promises() -> None:
    chance = np.random.default_rng(5)
    chances = chance.choice([0.03, 0.1, 0.35], size=(4000, 60))
    taken = np.arange(60) < chance.poisson(30, size=(4000, 1))
    xg = (chances * taken).sum(axis=1)
    goals = ((chance.random(chances.shape) < chances) & taken).sum(axis=1)
    worth = XgWorth.of(int(goals.sum()), chances[taken])
    evidence = worth.evidence(goals, xg)
    assert evidence.var() == pytest.approx(evidence.mean(), rel=0.06)


def test_a_posterior_is_that_of_the_formula() -> None:
    goals, xg, minutes = [5, 3], [4.0, 2.0], [900, 900]
    roles = [Role.FORWARD, Role.FORWARD]
    worth = XgWorth(scale=1.0, weight=0.5)
    prior = fit_priors([7.0, 4.0], [15.0, 15.0], roles)[Role.FORWARD]
    found = rates(goals, xg, minutes, roles, worth)
    # One more ninety of the league's mean, 11.5 / 30.
    assert prior.mean == pytest.approx((11 + 11.5 / 30) / 31)
    assert found.prior[0] == pytest.approx((prior.shape + 2) / (prior.shape / prior.mean + 5))
    assert found.mean[0] == pytest.approx((prior.shape + 2 + 5) / (prior.shape / prior.mean + 5 + 10))


@_PROPERTIES
@given(goals=st.integers(0, 40), xg=st.floats(0, 40), minutes=st.integers(1, 3420))
def test_the_posterior_lies_between_the_prior_and_the_goals_and_inside_its_interval(
    goals: int, xg: float, minutes: int
) -> None:
    prior, mean, low, high = _rate_among_others((goals, xg, minutes))
    seen = goals / (minutes / 90)
    assert min(prior, seen) - 1e-9 <= mean <= max(prior, seen) + 1e-9
    assert 0 <= low <= mean <= high


@_PROPERTIES
@given(goals=st.integers(1, 10), xg=st.floats(0.1, 10), minutes=st.integers(90, 1000))
def test_twice_the_same_season_makes_the_rate_surer(goals: int, xg: float, minutes: int) -> None:
    found = _among_others((goals, xg, minutes), (2 * goals, 2 * xg, 2 * minutes))
    width = (found.high - found.low) / found.mean
    assert width[-1] < width[-2]


@_PROPERTIES
@given(minutes=st.integers(1, 1700))
def test_minutes_without_a_shot_lower_the_rate_and_narrow_it(minutes: int) -> None:
    found = _among_others((0, 0.0, minutes), (0, 0.0, 2 * minutes))
    assert found.mean[-1] < found.mean[-2]
    assert found.high[-1] - found.low[-1] < found.high[-2] - found.low[-2]


def test_a_player_who_has_not_played_has_the_mean_of_his_role() -> None:
    prior, mean, _, _ = _rate_among_others((0, 0.0, 0))
    assert mean == pytest.approx(prior)
    assert 0.05 < mean < 0.5


def test_goalkeepers_who_never_scored_are_given_a_small_rate_but_none_of_zero() -> None:
    found = rates([0, 0, 20], [0, 0, 20.0], [3420, 3420, 3420], [Role.GOALKEEPER] * 2 + [Role.FORWARD], _WORTH)
    assert 0 < found.mean[0] < 0.01
    assert found.low[0] <= found.mean[0] <= found.high[0]


def test_rates_where_nobody_has_played_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody has played"):
        rates([0], [0.0], [0], [Role.FORWARD], _WORTH)


def test_players_who_score_alike_get_a_large_shape_and_such_who_differ_a_small_one() -> None:
    chance = np.random.default_rng(2)
    roles = [Role.FORWARD] * 400
    alike = chance.poisson(10, 400)
    different = chance.poisson(10 * chance.gamma(1.0, 1.0, 400))
    exposure = np.full(400, 25.0)
    assert fit_priors(alike, exposure, roles)[Role.FORWARD].shape > 20
    assert fit_priors(different, exposure, roles)[Role.FORWARD].shape == pytest.approx(1.0, rel=0.2)


def test_shapes_stay_inside_the_limits_that_keep_the_mean_inside_its_interval() -> None:
    exposure = np.full(100, 1000.0)
    lone = np.array([1000.0] + [0.0] * 99)
    assert fit_priors(lone, exposure, [Role.FORWARD] * 100)[Role.FORWARD].shape >= SHAPE_LIMITS[0]


def test_true_rates_lie_inside_the_intervals_of_95_per_cent_about_that_often() -> None:
    inside: list[bool] = []
    for seed in range(4):
        truth = simulated(seed)
        for profile in scorer_profiles(truth.season):
            assert profile.rate_low is not None
            assert profile.rate_high is not None
            if profile.position != "GK":
                inside.append(profile.rate_low <= truth.rates[profile.player_id] <= profile.rate_high)
    # About 1600 players: two standard errors are 1.1 per cent.
    assert len(inside) > 1500
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)


def test_rates_of_simulated_forwards_come_back_on_average_and_in_their_order() -> None:
    truth = simulated(0)
    forwards = [item for item in scorer_profiles(truth.season) if (item.position or "").startswith("F")]
    found = np.array([item.rate_per_90 for item in forwards], dtype=np.float64)
    true = np.array([truth.rates[item.player_id] for item in forwards])
    assert found.mean() == pytest.approx(true.mean(), rel=0.1)
    assert np.corrcoef(found, true)[0, 1] > 0.7
