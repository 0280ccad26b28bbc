"""The simulation's goal model, strengths and random streams."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.goal_model.score_grid import (
    handicap_probabilities,
    outcome_probabilities,
    poisson_pmf,
    score_probabilities,
)
from monps_platform.domain.leagues import SIMULATED, League, league
from monps_platform.domain.seasons import Season, SeasonError, season_range
from monps_platform.sources.simulated import NotSimulatedError, simulate_season, team_strengths, true_probabilities
from monps_platform.sources.simulated.randomness import Stream
from monps_platform.sources.simulated.scores import LOW_SCORE_CORRELATION, QUARTER_LINES, main_lines
from monps_platform.sources.simulated.strengths import PERSISTENCE, strength_table

_SEASON = Season(2021)
_SEASONS = season_range(Season(1996), Season(2025))
_EACH_LEAGUE = pytest.mark.parametrize("item", SIMULATED, ids=lambda item: item.code)
_RATES = st.tuples(st.floats(0.2, 5), st.floats(0.2, 5))
_AT_ANY_SPEED = settings(deadline=None)


def _stream(topic: str = "test") -> Stream:
    return Stream(SIMULATED[0], _SEASON, topic)


def test_uniform_numbers_of_a_stream_are_pinned() -> None:
    assert _stream().uniform(3).tolist() == [0.0050037136609317745, 0.2579353922517731, 0.9131623910103184]


def test_streams_of_other_topics_leagues_and_seasons_are_others() -> None:
    first, second = SIMULATED
    streams = [_stream(), _stream("other"), Stream(second, _SEASON, "test"), Stream(first, Season(2020), "test")]
    assert len({stream.uniform(1)[0] for stream in streams}) == len(streams)


def test_numbers_of_a_stream_follow_their_distributions() -> None:
    uniform, normal = _stream().uniform(40_000), _stream().normal(40_000)
    assert 0 <= uniform.min() < uniform.max() < 1
    assert uniform.mean() == pytest.approx(0.5, abs=0.006)
    assert (normal.mean(), normal.std()) == (pytest.approx(0, abs=0.02), pytest.approx(1, abs=0.015))
    assert (np.abs(normal) > 1.959964).mean() == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("rate", [0.05, 1.4, 12.0])
def test_poisson_counts_have_their_rate_as_mean_and_as_variance(rate: float) -> None:
    counts = _stream().poisson(np.full(40_000, rate))
    assert counts.mean() == pytest.approx(rate, rel=0.08)
    assert counts.var() == pytest.approx(rate, rel=0.08)


def test_permutations_hold_every_number_once_in_each_row() -> None:
    rows = _stream().permutations(50, 10)
    assert (np.sort(rows, axis=1) == np.arange(10)).all()
    assert len({tuple(row) for row in rows.tolist()}) == 50


@_AT_ANY_SPEED
@given(_RATES)
def test_the_low_score_correction_keeps_total_probability_and_expected_goals(rates: tuple[float, float]) -> None:
    scores = score_probabilities(np.array([rates]), LOW_SCORE_CORRELATION).reshape(16, 16)
    assert scores.min() >= 0
    assert scores.sum() == pytest.approx(1)
    goals = np.arange(16)
    expected = (goals @ scores.sum(axis=1), goals @ scores.sum(axis=0))
    assert expected == pytest.approx(rates, abs=0.003)


def test_draws_with_few_goals_are_likelier_than_for_independent_goals() -> None:
    rates = np.array([[1.5, 1.2]])
    scores = score_probabilities(rates, LOW_SCORE_CORRELATION).reshape(16, 16)
    home, away = poisson_pmf(rates, 16)[0]
    assert scores[0, 0] > home[0] * away[0]
    assert scores[1, 1] > home[1] * away[1]
    assert scores[1, 0] < home[1] * away[0]
    assert scores[3, 2] == pytest.approx(home[3] * away[2])


@_AT_ANY_SPEED
@given(_RATES)
def test_half_a_goal_given_is_a_home_win_and_level_is_draw_no_bet(rates: tuple[float, float]) -> None:
    scores = score_probabilities(np.array([rates]), LOW_SCORE_CORRELATION)
    home, draw, away = outcome_probabilities(scores)[0]
    fair = handicap_probabilities(scores, np.array([-0.5, 0.0, 0.5]))[0]
    assert fair == pytest.approx([home, home / (home + away), home + draw])


@_AT_ANY_SPEED
@given(_RATES, st.sampled_from(QUARTER_LINES[8:-8].tolist()))
def test_a_stake_at_the_fair_handicap_price_neither_wins_nor_loses(rates: tuple[float, float], line: float) -> None:
    scores = score_probabilities(np.array([rates]), LOW_SCORE_CORRELATION)
    price = 1 / handicap_probabilities(scores, np.array([line]))[0, 0]
    profit = 0.0
    for (home, away), probability in np.ndenumerate(scores.reshape(16, 16)):
        for half in (np.floor(line * 2) / 2, np.ceil(line * 2) / 2):
            margin = home - away + half
            profit += probability / 2 * ((price - 1) if margin > 0 else -1 if margin < 0 else 0)
    assert profit == pytest.approx(0, abs=1e-9 * price)


@_AT_ANY_SPEED
@given(_RATES)
def test_a_larger_handicap_is_always_the_likelier_one(rates: tuple[float, float]) -> None:
    fair = handicap_probabilities(score_probabilities(np.array([rates]), LOW_SCORE_CORRELATION), QUARTER_LINES)[0]
    assert (np.diff(fair)[fair[1:] < 0.999] > 0).all()
    assert (np.diff(fair) > -1e-12).all()  # Equal but for rounding where the home side wins for certain.


@_AT_ANY_SPEED
@given(_RATES)
def test_no_other_quarter_line_is_nearer_to_even_chances_than_the_main_line(rates: tuple[float, float]) -> None:
    scores = score_probabilities(np.array([rates]), LOW_SCORE_CORRELATION)
    lines, fair = main_lines(scores)
    assert lines[0] in QUARTER_LINES
    assert fair.sum() == pytest.approx(1)
    others = handicap_probabilities(scores, QUARTER_LINES)[0]
    assert abs(fair[0, 0] - 0.5) == pytest.approx(np.abs(others - 0.5).min())


@_EACH_LEAGUE
def test_true_probabilities_cover_every_ordered_pair_and_agree_with_the_score_matrix(item: League) -> None:
    names = set(team_strengths(item, _SEASON))
    truth = true_probabilities(item, _SEASON)
    assert set(truth) == {(home, away) for home in names for away in names if home != away}
    for match in truth.values():
        assert match.home == pytest.approx(np.tril(match.scores, -1).sum())
        assert match.draw == pytest.approx(np.trace(match.scores))
        assert match.home + match.draw + match.away == pytest.approx(1)
        assert match.over_2_5 == pytest.approx(1 - sum(match.scores[i, j] for i in range(3) for j in range(3 - i)))
        assert match.handicap(-0.5) == pytest.approx(match.home)


def test_expected_goals_follow_from_both_sides_strengths() -> None:
    item = SIMULATED[0]
    strengths = team_strengths(item, _SEASON)
    truth = true_probabilities(item, _SEASON)
    home, away = list(strengths)[:2]
    match, reverse = truth[home, away], truth[away, home]
    tilt = strengths[home].attack - strengths[away].defence
    assert match.home_goals == pytest.approx(np.exp(0.13 + 0.26 + tilt))
    assert reverse.away_goals == pytest.approx(np.exp(0.13 + tilt))


@_EACH_LEAGUE
def test_the_true_probabilities_are_those_of_a_real_league(item: League) -> None:
    matches = [match for season in _SEASONS for match in true_probabilities(item, season).values()]
    means = np.mean([(m.home_goals + m.away_goals, m.home, m.draw, m.away, m.over_2_5) for m in matches], axis=0)
    assert means == pytest.approx([2.7, 0.45, 0.26, 0.29, 0.51], abs=0.06)


@_EACH_LEAGUE
def test_strengths_average_to_zero_and_belong_to_the_same_clubs_every_season(item: League) -> None:
    assert len({tuple(team_strengths(item, season)) for season in _SEASONS}) == 1
    for season in _SEASONS:
        assert strength_table(item, season).mean(axis=0) == pytest.approx([0, 0], abs=1e-12)


@_EACH_LEAGUE
def test_strengths_drift_from_season_to_season(item: League) -> None:
    total = [strength_table(item, season).sum(axis=1) for season in _SEASONS]
    next_year = [np.corrcoef(old, new)[0, 1] for old, new in pairwise(total)]
    assert min(next_year) > 0.5
    assert np.mean(next_year) == pytest.approx(PERSISTENCE, abs=0.08)
    assert max(next_year) < 0.999
    assert np.mean([np.corrcoef(old, new)[0, 1] for old, new in zip(total, total[12:], strict=False)]) < 0.6


def test_good_attacks_tend_to_have_good_defences() -> None:
    attack, defence = np.concatenate([strength_table(item, season) for item in SIMULATED for season in _SEASONS]).T
    assert 0.5 < np.corrcoef(attack, defence)[0, 1] < 0.9


def test_the_clubs_of_the_two_leagues_are_different_and_of_the_right_number() -> None:
    first, second = (set(team_strengths(item, _SEASON)) for item in SIMULATED)
    assert (len(first), len(second), first & second) == (20, 18, set())


@pytest.mark.parametrize("function", [simulate_season, team_strengths, true_probabilities])
def test_a_league_that_is_not_simulated_is_refused_by_name(function: object) -> None:
    assert callable(function)
    with pytest.raises(NotSimulatedError, match=r"E0 \(Premier League\) is not simulated.*SIM1, SIM2") as caught:
        function(league("E0"), _SEASON)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("function", [simulate_season, team_strengths, true_probabilities])
def test_a_season_before_the_first_simulated_one_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(SeasonError, match="simulated from 1993-94 on"):
        function(SIMULATED[0], Season(1992))
