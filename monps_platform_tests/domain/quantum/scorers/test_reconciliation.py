"""Goals of the profiles are those of the matches less own goals; and it is seen when they are not."""

from __future__ import annotations

from dataclasses import replace

from monps_platform.domain.quantum.scorers.profile import scorer_profiles
from monps_platform.domain.quantum.scorers.reconciliation import TeamGoals, reconcile
from monps_platform_tests.domain.quantum.scorers.season_builder import AWAY, HOME, match, season, shot, simulated


def test_own_goals_of_the_opponent_count_for_the_team_and_for_no_player() -> None:
    held = season([match(1, [shot(7, goal=True), shot(5, own_goal=True, is_home=False), shot(5, is_home=False)])])
    assert reconcile(held, scorer_profiles(held)) == [TeamGoals(HOME, 1, 2, 1, 1), TeamGoals(AWAY, 1, 0, 0, 0)]
    assert [row.difference for row in reconcile(held, scorer_profiles(held))] == [0, 0]


def test_matches_without_shots_are_left_out_on_both_sides() -> None:
    matches = [match(number, [shot(7, goal=True)]) for number in range(9)]
    held = season([*matches, match(9, None, score=(4, 2))])
    home = reconcile(held, scorer_profiles(held))[0]
    assert (home.n_matches, home.scored, home.of_profiles, home.difference) == (9, 9, 9, 0)


def test_a_score_that_the_shots_do_not_add_up_to_is_seen() -> None:
    held = season([match(1, [shot(7, goal=True)], score=(2, 0))])
    assert reconcile(held, scorer_profiles(held))[0].difference == -1


def test_a_goal_given_to_a_player_too_many_is_seen() -> None:
    held = season([match(1, [shot(7, goal=True)])])
    (profile,) = scorer_profiles(held)
    assert reconcile(held, [replace(profile, goals=2)])[0].difference == 1


def test_every_goal_of_a_simulated_season_is_somebody_s() -> None:
    held = simulated(0).season
    assert {row.difference for row in reconcile(held, scorer_profiles(held))} == {0}
