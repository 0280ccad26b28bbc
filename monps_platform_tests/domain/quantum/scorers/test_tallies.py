"""Goals, minutes and expected minutes: by hand, from line-ups and from totals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monps_platform.domain.quantum.scorers.playing_time import HALF_LIFE, playing_times
from monps_platform.domain.quantum.scorers.presence import presence_of_appearances, presence_of_totals
from monps_platform.domain.quantum.scorers.tallies import team_tallies
from monps_platform_tests.domain.quantum.scorers.season_builder import (
    AWAY,
    HOME,
    appearance,
    match,
    season,
    shot,
    totals,
)


def test_goals_are_counted_by_venue_situation_and_period() -> None:
    first = match(1, [shot(7, 10, goal=True), shot(7, 80, goal=True, penalty=True, xg=0.76), shot(7, 50)])
    second = match(2, [shot(7, 95, goal=True, is_home=False)], home=AWAY, away=HOME)
    home, _ = team_tallies(season([first, second]))
    (player,) = home.players
    assert (player.home_goals, player.away_goals, player.penalty_goals, player.goals) == (2, 1, 1, 3)
    assert player.goals_by_period == (1, 0, 0, 0, 0, 2)
    assert player.xg_by_period == pytest.approx((0.1, 0, 0, 0.1, 0, 0.86))


def test_an_own_goal_is_no_goal_and_makes_nobody_a_scorer() -> None:
    home, away = team_tallies(season([match(1, [shot(7, own_goal=True), shot(8, goal=True, is_home=False)])]))
    assert home.players == ()
    assert [player.player_id for player in away.players] == [8]


def test_a_player_of_two_clubs_is_two_rows_with_his_goals_for_each() -> None:
    matches = [match(1, [shot(7, goal=True)]), match(2, [shot(7, goal=True, is_home=False), shot(7, is_home=False)])]
    home, away = team_tallies(season(matches))
    assert [(item.player_id, item.goals, item.xg) for item in home.players] == [(7, 1, 0.1)]
    assert [(item.player_id, item.goals, item.xg) for item in away.players] == [(7, 1, 0.2)]


def test_teams_whose_shots_are_mostly_not_held_have_no_tally() -> None:
    with_shots = [match(number, [shot(7)]) for number in range(9)]
    assert [team.n_matches_with_shots for team in team_tallies(season([*with_shots, match(9, None)]))] == [9, 9]
    assert team_tallies(season([*with_shots[:8], match(8, None)])) == []
    assert team_tallies(season([match(1, None)])) == []


def test_minutes_come_from_line_ups_where_every_match_has_them() -> None:
    matches = [
        match(1, [], appearances=[appearance(7, 90), appearance(8, 60, "DC"), appearance(5, 90, is_home=False)]),
        match(2, [], appearances=[appearance(7, 30, "Sub")]),
    ]
    times = playing_times(season(matches), HOME)
    assert sorted(times) == [7, 8]
    assert (times[7].appearances, times[7].minutes, times[7].position) == (2, 120, "F S")
    older = 0.5 ** (1 / HALF_LIFE)
    assert times[7].expected_minutes == pytest.approx((older * 90 + 30) / (older + 1))
    assert times[8].expected_minutes == pytest.approx(older * 60 / (older + 1))


def test_who_last_played_long_ago_is_expected_for_few_minutes_but_some() -> None:
    matches = [match(1, [], appearances=[appearance(7)])]
    matches += [match(number, [], appearances=[appearance(8)]) for number in range(2, 32)]
    times = playing_times(season(matches), HOME)
    assert times[7].expected_minutes is not None
    assert 0 < times[7].expected_minutes < 90 / 31


def test_minutes_of_matches_without_shots_do_not_count_against_the_goals() -> None:
    matches = [match(number, [], appearances=[appearance(7)]) for number in range(9)]
    without = match(9, None, appearances=[appearance(7, 45)])
    times = playing_times(season([*matches, without]), HOME)
    assert (times[7].minutes, times[7].minutes_with_shots) == (855, 810)


def test_without_line_ups_minutes_are_those_of_the_season_by_matches() -> None:
    held = season([match(1, [shot(7)]), match(2, [shot(7)])], [totals(7, minutes=135, appearances=2)])
    time = playing_times(held, HOME)[7]
    assert (time.appearances, time.minutes, time.minutes_with_shots, time.expected_minutes) == (2, 135, 135, 67.5)


def test_one_match_without_a_line_up_and_no_totals_leave_minutes_unknown() -> None:
    held = season([match(1, [shot(7)], appearances=[appearance(7)]), match(2, [shot(7)])])
    assert playing_times(held, HOME) == {}
    (player,) = team_tallies(held)[0].players
    assert (player.time.appearances, player.time.minutes, player.time.expected_minutes) == (None, None, None)


def test_minutes_that_are_not_told_per_club_are_not_guessed() -> None:
    held = season([match(1, [shot(7, goal=True)])], [totals(7, minutes=None, appearances=None)])
    (player,) = team_tallies(held)[0].players
    assert (player.goals, player.time.minutes, player.time.expected_minutes) == (1, None, None)


def test_players_with_neither_shot_nor_appearance_are_left_out() -> None:
    listed = [
        totals(7),
        totals(8, minutes=None, appearances=None),
        totals(9, minutes=0, appearances=0),
        totals(6, AWAY),
    ]
    home, away = team_tallies(season([match(1, [])], listed))
    assert [player.player_id for player in home.players] == [7]
    assert [player.player_id for player in away.players] == [6]


def test_who_began_was_there_early_and_who_came_on_late() -> None:
    assert presence_of_appearances([appearance(7, 60)]) == pytest.approx((1, 1, 1, 1, 0, 0))
    assert presence_of_appearances([appearance(7, 30, "Sub")]) == pytest.approx((0, 0, 0, 0, 1, 1))
    both = presence_of_appearances([appearance(7, 60), appearance(7, 30, "Sub")])
    assert both == pytest.approx((0.5, 0.5, 0.5, 0.5, 0.5, 0.5))


@pytest.mark.parametrize(
    ("letters", "mean", "presence"),
    [
        ("F", 90.0, (1, 1, 1, 1, 1, 1)),
        # From minute 45 on they go evenly until half of them are left at the end: 5/6 is the share of minute 60.
        ("F", 78.75, (1, 1, 1, 11 / 12, 9 / 12, 7 / 12)),
        # They come on evenly from minute 60 on.
        ("S", 15.0, (0, 0, 0, 0, 1 / 4, 3 / 4)),
        ("F S", 10.0, (0, 0, 0, 0, 1 / 40, 5 / 8)),
    ],
)
def test_totals_tell_presence_by_letters_and_minutes_per_appearance(
    letters: str, mean: float, presence: tuple[float, ...]
) -> None:
    assert presence_of_totals(letters, mean) == pytest.approx(presence, abs=0.03)


@pytest.mark.parametrize("letters", ["F", "S", "F S"])
@pytest.mark.parametrize("mean", [1.0, 20.0, 50.0, 70.0, 89.0])
def test_presence_has_about_the_minutes_of_an_appearance(letters: str, mean: float) -> None:
    presence = presence_of_totals(letters, mean)
    assert all(0 <= share <= 1 for share in presence)
    assert sum(presence) * 15 == pytest.approx(mean, abs=4 if letters == "F S" else 0.6)


def test_players_without_an_entry_in_full_line_ups_have_unknown_minutes() -> None:
    held = season([match(1, [shot(7, goal=True)], appearances=[appearance(8)])])
    first, second = team_tallies(held)[0].players
    assert (first.goals, first.time.minutes) == (1, None)
    assert (second.goals, second.time.minutes) == (0, 90)


def test_the_name_is_the_one_of_the_last_line_up() -> None:
    renamed = replace(appearance(7), player="new name")
    held = season([match(1, [], appearances=[appearance(7)]), match(2, [], appearances=[renamed])])
    assert team_tallies(held)[0].players[0].player == "new name"
