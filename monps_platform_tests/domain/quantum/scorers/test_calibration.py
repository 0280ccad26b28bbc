"""Whether profiles are right on later matches: by hand, and against the naive rate where the truth is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import exp, log, log1p

import pytest

from monps_platform.domain.quantum.scorers.calibration import (
    LEAST_CHANCE,
    Forecast,
    ScorerForecasts,
    combined,
    following_season,
    judge,
    naive_chance,
    within_season,
)
from monps_platform.domain.quantum.scorers.profile import scorer_profiles
from monps_platform_tests.domain.quantum.scorers.season_builder import (
    FIRST_DAY,
    appearance,
    match,
    season,
    shot,
    simulated,
    totals,
)

_SQUAD = [appearance(7), appearance(8), appearance(5, is_home=False)]
_DAY = FIRST_DAY + timedelta(days=3)


def test_later_matches_are_forecast_by_the_newest_profiles_and_earlier_ones_not() -> None:
    shots = [shot(7, goal=True), shot(5, is_home=False)]
    held = season([match(number, shots, appearances=_SQUAD) for number in range(1, 7)])
    found = within_season(held, [_DAY, _DAY + timedelta(days=2)])
    assert [row.match_id for row in found.rows] == [3] * 3 + [4] * 3 + [5] * 3 + [6] * 3
    by_then = {item.player_id: item.anytime_prob for item in scorer_profiles(held.before(_DAY))}
    assert {row.player_id: row.chance for row in found.rows[:6]} == by_then
    assert [row.scored for row in found.rows[:3]] == [True, False, False]


def test_goals_of_players_without_a_profile_are_told() -> None:
    before = [match(number, [shot(7, goal=True)], appearances=_SQUAD) for number in (1, 2)]
    newcomer = match(3, [shot(77, goal=True), shot(77, goal=True), shot(7, goal=True)], appearances=_SQUAD)
    found = within_season(season([*before, newcomer]), [_DAY])
    assert (found.goals, found.unforeseen) == (3, 2)


def test_own_goals_are_no_player_s_success() -> None:
    before = [match(number, [shot(7, goal=True), shot(5, is_home=False)], appearances=_SQUAD) for number in (1, 2)]
    found = within_season(season([*before, match(3, [shot(7, own_goal=True)], appearances=_SQUAD)]), [_DAY])
    assert not any(row.scored for row in found.rows)
    assert found.goals == 0


def test_matches_without_shots_say_nothing_about_scorers() -> None:
    before = [match(number, [shot(7, goal=True)], appearances=_SQUAD) for number in range(1, 3)]
    assert within_season(season([*before, match(3, None, appearances=_SQUAD)]), [_DAY]) == ScorerForecasts()


def test_what_came_later_changes_no_chance() -> None:
    held = simulated(0, teams=6).season
    day = held.matches[15].day
    changed = tuple(item if item.day < day else replace(item, appearances=()) for item in held.matches)
    chances = [row.chance for row in within_season(held, [day]).rows]
    assert chances == [row.chance for row in within_season(replace(held, matches=changed), [day]).rows]


def test_the_naive_chance_is_that_of_goals_by_minutes() -> None:
    assert naive_chance(1, 180, 90.0) == pytest.approx(1 - exp(-0.5))
    assert naive_chance(1, None, None) == naive_chance(0, 90, 90.0) == 0.0


def test_scores_and_their_difference_are_those_of_the_formulas() -> None:
    rows = (Forecast(1, 7, 1, 0.4, 0.5, scored=True), Forecast(2, 7, 1, 0.2, 0.0, scored=False))
    found = judge(ScorerForecasts(rows, goals=3, unforeseen=1), seed=1)
    assert found is not None
    assert (found.n, found.n_matches, found.scored, found.goals, found.unforeseen) == (2, 2, 1, 3, 1)
    assert found.expected == pytest.approx(0.6)
    assert found.came_true.value == pytest.approx(1 / 0.6)
    assert [(item.n, item.scored) for item in found.deciles] == [(1, 0), (1, 1)]
    assert [item.expected for item in found.deciles] == pytest.approx([0.2, 0.4])
    assert found.brier.profile.value == pytest.approx((2 * 0.36 + 2 * 0.04) / 2)
    assert found.brier.naive.value == pytest.approx((2 * 0.25 + 0) / 2)
    assert found.log_loss.profile.value == pytest.approx(-(log(0.4) + log(0.8)) / 2)
    assert found.log_loss.naive.value == pytest.approx(-(log(0.5) + log(1 - LEAST_CHANCE)) / 2)
    assert found.log_loss.difference.clusters == 2
    assert sum(item.n for item in found.bins) == sum(item.n for item in found.naive_bins) == 2


def test_without_a_forecast_there_is_no_judgement() -> None:
    assert judge(ScorerForecasts(), seed=1) is None
    without_minutes = season([match(1, [shot(7, goal=True)]), match(4, [shot(7, goal=True)])])
    assert judge(within_season(without_minutes, [_DAY]), seed=1) is None


def test_a_following_season_is_forecast_for_those_who_stayed() -> None:
    shots = [shot(7, goal=True), shot(8), shot(5, is_home=False)]
    last = season([match(1, shots)], [totals(7), totals(8), totals(5, 2)])
    following = season([match(9, [shot(7, goal=True), shot(8, goal=True)])], [totals(7), totals(5, 1), totals(77)])
    found = following_season(last, following)
    assert [(row.player_id, row.team_id, row.scored) for row in found.rows] == [(7, 1, True)]
    assert (found.goals, found.unforeseen) == (2, 1)


def test_a_following_season_whose_players_are_not_known_is_not_forecast() -> None:
    last = season([match(1, [shot(7, goal=True)])], [totals(7)])
    assert following_season(last, season([match(9, [shot(7, goal=True)])])) == ScorerForecasts()


@cache
def _simulated_forecasts() -> ScorerForecasts:
    """Two simulated seasons, forecast from their first quarter, half and three quarters."""
    seasons = [simulated(seed).season for seed in (0, 1)]
    return combined(within_season(held, [held.matches[at].day for at in (100, 190, 280)]) for held in seasons)


def test_profiles_are_better_than_the_naive_rate_where_rates_differ_and_are_known() -> None:
    found = judge(_simulated_forecasts(), seed=1)
    assert found is not None
    for score in (found.log_loss, found.brier):
        assert score.difference.high is not None
        assert score.difference.high < 0


def test_as_many_goals_are_scored_as_the_profiles_expect() -> None:
    forecasts = _simulated_forecasts()
    expected = -sum(log1p(-row.chance) for row in forecasts.rows)
    # 1400 goals: two standard errors are 5 per cent.
    assert forecasts.goals - forecasts.unforeseen == pytest.approx(expected, rel=0.05)


def test_chances_are_about_the_shares_that_come_true() -> None:
    found = judge(_simulated_forecasts(), seed=1)
    assert found is not None
    # A little too high by the formula: who plays whole matches or none has fewer matches with a goal than expected
    # minutes say, as his goals come in fewer matches.
    assert 1.0 < found.expected / found.scored < 1.1
    for item in found.bins:
        if item.n >= 500:
            assert item.happened.low is not None
            assert item.happened.high is not None
            assert item.happened.low - 0.02 <= item.forecast <= item.happened.high + 0.02
