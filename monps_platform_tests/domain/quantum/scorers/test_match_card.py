"""Scorers of a match: everything sums to 1, and goals expected of the match are what the chances share."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.quantum.scorers.match_card import MatchScorers, match_scorers
from monps_platform.domain.quantum.scorers.profile import ScorerProfile, scorer_profiles
from monps_platform_tests.domain.quantum.scorers.season_builder import match, season, shot, simulated


def _squads() -> tuple[list[ScorerProfile], list[ScorerProfile]]:
    profiles = scorer_profiles(simulated(0, teams=6).season)
    return [item for item in profiles if item.team_id == 1], [item for item in profiles if item.team_id == 2]


def _sums(card: MatchScorers) -> tuple[float, float]:
    players = (*card.home, *card.away)
    return (
        sum(item.first for item in players) + card.own_goal_first + card.nobody,
        sum(item.last for item in players) + card.own_goal_last + card.nobody,
    )


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 6), st.floats(0.01, 6))
def test_first_and_last_scorers_own_goals_and_nobody_sum_to_one(home: float, away: float) -> None:
    card = match_scorers(*_squads(), home, away)
    assert _sums(card) == pytest.approx((1.0, 1.0), abs=1e-12)
    assert card.nobody == pytest.approx(exp(-home - away))
    for item in (*card.home, *card.away):
        assert 0 <= max(item.first, item.last) <= item.anytime < 1


def test_only_those_who_are_given_share_the_goals() -> None:
    home, away = _squads()
    whole, eleven = match_scorers(home, away, 1.5, 1.0), match_scorers(home[:11], away, 1.5, 1.0)
    assert _sums(eleven) == pytest.approx((1.0, 1.0), abs=1e-12)
    assert len(eleven.home) == 11
    assert all(fewer.anytime >= more.anytime for fewer, more in zip(eleven.home, whole.home[:11], strict=True))
    assert eleven.own_goal_first == pytest.approx(whole.own_goal_first)


def test_against_an_average_opponent_the_chance_is_that_of_the_profile() -> None:
    home, away = _squads()
    of_players = sum(sum(item.goal_periods.expected_goals.values()) for item in home)
    average = of_players / (1 - home[0].goal_periods.own_goal_share)
    card = match_scorers(home, away, average, 1.0)
    assert [item.anytime for item in card.home] == pytest.approx([item.anytime_prob for item in home])


def test_more_goals_expected_of_a_side_make_its_players_likelier_and_the_others_later() -> None:
    home, away = _squads()
    few, many = match_scorers(home, away, 1.0, 1.0), match_scorers(home, away, 2.0, 1.0)
    assert all(more.anytime > less.anytime for less, more in zip(few.home, many.home, strict=True))
    assert [item.anytime for item in few.away] == pytest.approx([item.anytime for item in many.away])
    assert sum(item.first for item in many.away) < sum(item.first for item in few.away)


def test_a_midfielder_is_not_at_forty_per_cent_to_score_first() -> None:
    card = match_scorers(*_squads(), 1.4, 1.2)
    assert max(item.first for item in (*card.home, *card.away)) < 0.25


def test_a_match_of_one_shooter_against_one_is_shared_by_their_sides() -> None:
    held = season([match(1, [shot(7, xg=0.5), shot(5, is_home=False)])])
    home, away = scorer_profiles(held)
    share = home.goal_periods.own_goal_share
    card = match_scorers([home], [away], 2.0, 1.0)
    assert share == 0.5
    assert card.home[0].anytime == pytest.approx(1 - exp(-1.0))
    assert card.own_goal_first == pytest.approx((1 - exp(-3.0)) / 2)
    # Timing is the league's, so that nobody scores earlier than another: shares of 3 goals are 1, .5 and 1.5.
    assert card.away[0].first == pytest.approx((1 - exp(-3.0)) / 6, rel=0.05)


@pytest.mark.parametrize("goals", [-1.0, float("nan"), float("inf")])
def test_numbers_of_goals_that_cannot_be_are_refused(goals: float) -> None:
    with pytest.raises(ValueError, match="goals expected of a side"):
        match_scorers(*_squads(), goals, 1.0)


def test_goals_that_nobody_is_there_to_score_are_refused() -> None:
    home, _ = _squads()
    with pytest.raises(ValueError, match="any of 0 players"):
        match_scorers(home, [], 1.0, 1.0)
