"""Matches as columns: what is counted, on whose side, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from monps_platform.domain.quantum.profiles.tallies import COLUMN_OF_ACTION, Column, tallies
from monps_platform.domain.quantum.season import SeasonMatch, Side
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform_tests.domain.quantum.profiles.drawn_leagues import season_of, shot

HOME, AWAY = 1, 2
PLAYED = SeasonMatch(1, date(2020, 9, 1), None, Side(HOME, goals=1, shots=4), Side(AWAY, goals=1, shots=2))


def counted(match: SeasonMatch, team_id: int = HOME) -> dict[Column, float]:
    """A side's columns of one match."""
    return dict(zip(Column, tallies(season_of((match,)))[team_id].own[0].tolist(), strict=True))


def test_shots_in_open_play_are_counted_by_their_last_action() -> None:
    shots = tuple(shot(number, last_action=action) for number, action in enumerate(COLUMN_OF_ACTION))
    found = counted(replace(PLAYED, shots=shots))
    assert found[Column.OPEN_PLAY] == 12
    names = ("CROSSES", "THROUGH_BALLS", "WON_BALLS", "TAKE_ONS", "COMBINATIONS", "AERIALS")
    assert [found[Column[name]] for name in names] == [1, 1, 4, 1, 2, 3]


@pytest.mark.parametrize("action", [None, "Rebound", "Dispossessed", "FormationChange"])
def test_an_action_that_says_nothing_of_the_attack_is_in_no_column(action: str | None) -> None:
    found = counted(replace(PLAYED, shots=(shot(last_action=action),)))
    assert found[Column.OPEN_PLAY] == 1
    assert not any(found[column] for column in set(COLUMN_OF_ACTION.values()))


def test_distance_is_in_metres_from_the_middle_of_the_goal() -> None:
    # 0.08 of 105 m is 8.4 m to the line, 0.1 of 68 m is 6.8 m off the middle.
    found = counted(replace(PLAYED, shots=(shot(x=0.92, y=0.6),)))
    assert found[Column.DISTANCE] == pytest.approx((8.4**2 + 6.8**2) ** 0.5)
    assert found[Column.DISTANCE_SQUARES] == pytest.approx(8.4**2 + 6.8**2)


def test_set_pieces_are_not_in_open_play_and_penalties_are_nowhere() -> None:
    shots = (
        shot(1, situation=ShotSituation.FROM_CORNER, body_part=BodyPart.HEAD),
        shot(2, situation=ShotSituation.DIRECT_FREE_KICK),
        shot(3, situation=ShotSituation.PENALTY),
        shot(4, result=ShotResult.BLOCKED),
    )
    found = counted(replace(PLAYED, shots=shots))
    assert (found[Column.NON_PENALTY], found[Column.SET_PIECES], found[Column.OPEN_PLAY]) == (3, 2, 1)
    assert (found[Column.HEADERS], found[Column.BLOCKED]) == (0, 1)


def test_the_score_before_a_shot_says_whether_its_side_leads_and_an_own_goal_changes_it() -> None:
    shots = (
        shot(6, minute=80),
        shot(5, minute=70, result=ShotResult.OWN_GOAL),
        shot(4, minute=60, is_home=False),
        shot(3, minute=50),
        shot(2, minute=20, result=ShotResult.GOAL, situation=ShotSituation.PENALTY),
        shot(1, minute=10),
    )
    # 10' level; 20' 1-0 from the spot; 50' leading; 60' the guests trail; 70' own goal, 1-1; 80' level.
    match = replace(PLAYED, shots=shots)
    states = (Column.LEADING, Column.LEVEL, Column.TRAILING)
    home, away = counted(match), counted(match, AWAY)
    assert [home[state] for state in states] == [1, 2, 0]
    assert [away[state] for state in states] == [0, 0, 1]


def test_shots_that_do_not_add_up_to_the_score_are_in_no_state() -> None:
    found = counted(replace(PLAYED, shots=(shot(),)))
    assert found[Column.OPEN_PLAY] == 1
    assert np.isnan([found[state] for state in (Column.LEADING, Column.LEVEL, Column.TRAILING)]).all()


def test_what_is_not_held_is_not_a_number_and_what_did_not_happen_is_zero() -> None:
    without = counted(PLAYED)
    goalless = replace(PLAYED, home=Side(HOME, goals=0), away=Side(AWAY, goals=0))
    empty = counted(replace(goalless, shots=()))
    shot_columns = [column for column in Column if column >= Column.OPEN_PLAY]
    assert np.isnan([without[column] for column in shot_columns]).all()
    assert not any(empty[column] for column in shot_columns)
    assert np.isnan([without[column] for column in (Column.XG, Column.CORNERS, Column.PPDA, Column.DEEP)]).all()


def test_what_a_side_did_is_what_its_opponent_met() -> None:
    found = tallies(season_of((replace(PLAYED, shots=(shot(), shot(2, is_home=False))),)))
    np.testing.assert_array_equal(found[HOME].own, found[AWAY].other)
    np.testing.assert_array_equal(found[HOME].other, found[AWAY].own)
    assert (found[HOME].is_home.tolist(), found[AWAY].is_home.tolist()) == ([True], [False])


def test_halves_alternate_in_the_order_of_the_days() -> None:
    matches = tuple(
        replace(PLAYED, match_id=9 - number, day=PLAYED.day + timedelta(days=number), home=Side(HOME, goals=number))
        for number in range(5)
    )
    odd, even = tallies(season_of(tuple(reversed(matches))))[HOME].halves
    assert odd.own[:, Column.GOALS].tolist() == [0, 2, 4]
    assert even.own[:, Column.GOALS].tolist() == [1, 3]
