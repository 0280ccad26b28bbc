"""Leagues with a known truth: estimates come near it, as near as their standard errors say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from monps_platform.domain.goal_model.dixon_coles import Fit, Inputs, fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.leagues import SIMULATED, League
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.parser import parse_season
from monps_platform.sources.simulated import (
    BASE_LOG_RATE,
    HOME_ADVANTAGE,
    LOW_SCORE_CORRELATION,
    simulate_season,
    team_strengths,
)
from monps_platform_tests.domain.goal_model.drawn import FIRST_SEASON, NO_DECAY, Floats, Truth, draw_league, draw_truth

_LEAGUES, _SIDES, _SWAPS, _SEASONS = 120, 12, 3, 3
_LAST = FIRST_SEASON + _SEASONS - 1
_PARAMETERS = ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")


@dataclass(frozen=True)
class Misses:
    """How far estimates lie from the truth, in standard errors: (leagues,) per parameter, (leagues * sides,)."""

    parameters: dict[str, Floats]
    attack: Floats
    defence: Floats


@cache
def drawn_misses() -> Misses:
    chance = np.random.default_rng(1997)
    parameters: dict[str, list[float]] = {name: [] for name in _PARAMETERS}
    attack, defence = [], []
    for _ in range(_LEAGUES):
        truth = draw_truth(chance, NO_DECAY, _SIDES + (_SEASONS - 1) * _SWAPS)
        found = fitted(draw_league(chance, truth, _SIDES, _SWAPS, _SEASONS))
        for name in _PARAMETERS:
            estimate = getattr(found, name)
            parameters[name].append((estimate.value - getattr(truth, name)) / estimate.standard_error)
        attack.append(missed(found, truth, "attack"))
        defence.append(missed(found, truth, "defence"))
    pooled = {name: np.array(values) for name, values in parameters.items()}
    return Misses(pooled, np.concatenate(attack), np.concatenate(defence))


def fitted(matches: Matches) -> Fit:
    return fit(Inputs.of(matches, int(matches.day[-1]) + 1, _LAST, np.array([], dtype=np.int64), NO_DECAY))


def missed(found: Fit, truth: Truth, side: str) -> Floats:
    """Of the clubs of the last season, whose strengths in force are known."""
    playing = np.isin(found.teams, np.arange(_SWAPS * (_SEASONS - 1), _SIDES + _SWAPS * (_SEASONS - 1)))
    effect = getattr(truth, f"newcomer_{side}") * found.is_newcomer
    true = getattr(truth, side)[found.teams] + effect
    misses: Floats = (getattr(found, side) - true) / getattr(found, f"{side}_se")
    return misses[playing]


def coverage(misses: Floats) -> float:
    return float(np.mean(np.abs(misses) < 1.959964))


@pytest.mark.parametrize("side", ["attack", "defence"])
def test_95_percent_intervals_hold_the_true_strengths_in_95_percent_of_cases(side: str) -> None:
    misses = getattr(drawn_misses(), side)
    assert len(misses) == _LEAGUES * _SIDES
    assert coverage(misses) == pytest.approx(0.95, abs=0.02)
    assert misses.mean() == pytest.approx(0, abs=0.12)
    assert misses.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("name", _PARAMETERS)
def test_errors_of_the_leagues_parameters_are_as_large_as_they_say(name: str) -> None:
    misses = drawn_misses().parameters[name]
    # Four standard errors of the mean and of the standard deviation of 120 normal numbers.
    assert misses.mean() == pytest.approx(0, abs=0.36)
    assert misses.std() == pytest.approx(1, abs=0.26)


def test_95_percent_intervals_hold_the_leagues_parameters_in_95_percent_of_cases() -> None:
    assert coverage(np.concatenate(list(drawn_misses().parameters.values()))) == pytest.approx(0.95, abs=0.03)


def test_weak_newcomers_are_found_and_the_next_one_is_forecast_below_average() -> None:
    chance = np.random.default_rng(3)
    truth = replace(draw_truth(chance, NO_DECAY, 40), newcomer_attack=-0.35, newcomer_defence=-0.25)
    matches = draw_league(chance, truth, sides=16, swaps=6, seasons=5)
    next_one, season = 99, FIRST_SEASON + 5
    inputs = Inputs.of(matches, int(matches.day[-1]) + 90, season, np.array([next_one, 39]), NO_DECAY)
    found = fit(inputs)
    for estimate, true in ((found.newcomer_attack, -0.35), (found.newcomer_defence, -0.25)):
        assert estimate.value == pytest.approx(true, abs=2 * estimate.standard_error)
        assert estimate.value < -2 * estimate.standard_error
    at = found.teams.tolist().index(next_one)
    assert (found.attack[at], found.defence[at]) == (found.newcomer_attack.value, found.newcomer_defence.value)
    average = np.exp(found.intercept.value + found.home_advantage.value + found.attack.mean() - found.defence.mean())
    assert found.expected_goals(np.array([next_one]), np.array([39]))[0, 0] < average


@cache
def simulated(league: League, season: Season) -> tuple[Fit, Floats]:
    """A fit to one season of a simulated league, and its clubs' true attack and defence in the order of the fit."""
    parsed = parse_season(simulate_season(league, season), league, "simulated")
    names = sorted(team_strengths(league, season))
    sides = np.array([(names.index(match.home_team), names.index(match.away_team)) for match in parsed.matches])
    days = np.array([match.match_date.toordinal() for match in parsed.matches])
    fixtures = Fixtures(np.arange(len(days)), days, np.full(len(days), season.start_year), sides[:, 0], sides[:, 1])
    goals = np.array([(match.home_goals, match.away_goals) for match in parsed.matches])
    matches = Matches.of(fixtures, goals[:, 0], goals[:, 1])
    options = replace(NO_DECAY, strength_sd=0.22, rho_sd=0.1)
    inputs = Inputs.of(matches, int(matches.day[-1]) + 1, season.start_year, np.arange(len(names)), options)
    truth = [team_strengths(league, season)[name] for name in names]
    return fit(inputs), np.array([(strength.attack, strength.defence) for strength in truth])


_SIMULATED = [(league, Season(year)) for league in SIMULATED for year in (2015, 2018, 2021)]


def test_the_simulated_leagues_parameters_are_found() -> None:
    for name, true in (
        ("home_advantage", HOME_ADVANTAGE),
        ("rho", LOW_SCORE_CORRELATION),
        ("intercept", BASE_LOG_RATE),
    ):
        estimates = [getattr(simulated(*which)[0], name) for which in _SIMULATED]
        misses = np.array([(found.value - true) / found.standard_error for found in estimates])
        assert (np.abs(misses) < 3).all(), name
        # rho is drawn towards 0 by its prior: six seasons apart miss together by up to a standard error.
        assert abs(misses.mean()) < 1.2, name


def test_the_simulated_clubs_strengths_are_found() -> None:
    misses, correlations = [], []
    for which in _SIMULATED:
        found, truth = simulated(*which)
        estimates = np.stack([found.attack, found.defence], axis=1)
        misses.append((estimates - truth) / np.stack([found.attack_se, found.defence_se], axis=1))
        correlations += [np.corrcoef(estimates[:, side], truth[:, side])[0, 1] for side in (0, 1)]
    assert coverage(np.concatenate(misses)) == pytest.approx(0.95, abs=0.04)
    assert np.mean(correlations) > 0.75
