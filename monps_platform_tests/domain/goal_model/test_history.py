"""Played matches: their order, what lies before a day, and who is new to a league."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.goal_model.history import Fixtures, Matches, are_new

_DAYS = st.lists(st.integers(0, 9), max_size=25)


def played(*rows: tuple[int, int, int, int, int]) -> Matches:
    """Goalless matches from match id, day, season, home and away."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return Matches.of(Fixtures(*columns), np.zeros(len(rows)), np.zeros(len(rows)))


def test_matches_stand_in_order_of_day_and_match_id() -> None:
    matches = played((9, 5, 1, 1, 2), (3, 7, 1, 3, 4), (8, 5, 1, 5, 6), (1, 6, 1, 7, 8))
    assert matches.day.tolist() == [5, 5, 6, 7]
    assert matches.match_id.tolist() == [8, 9, 1, 3]
    assert matches.home.tolist() == [5, 1, 7, 3]


def test_the_goals_of_a_match_move_with_it() -> None:
    columns = np.array([[2, 1], [5, 4], [0, 0], [10, 20], [11, 21]])
    matches = Matches.of(Fixtures(*columns), [3, 1], [2, 0])
    assert [
        (int(m), int(h), int(a))
        for m, h, a in zip(matches.match_id, matches.home_goals, matches.away_goals, strict=True)
    ] == [
        (1, 1, 0),
        (2, 3, 2),
    ]


def test_every_column_is_of_64_bit_integers() -> None:
    matches = played((1, 1, 1, 1, 2))
    assert {getattr(matches, field.name).dtype for field in fields(matches)} == {np.dtype(np.int64)}


@settings(deadline=None, max_examples=50)
@given(_DAYS, st.integers(-1, 11))
def test_a_day_parts_the_matches_before_it_from_the_others(days: list[int], day: int) -> None:
    matches = played(*((number, on, 1, 1, 2) for number, on in enumerate(days)))
    before, since = matches.before(day), matches.since(day)
    assert sorted(before.day.tolist()) == sorted(on for on in days if on < day)
    assert sorted(since.day.tolist()) == sorted(on for on in days if on >= day)
    assert sorted([*before.match_id, *since.match_id]) == list(range(len(days)))


def test_the_teams_of_a_season_are_those_of_its_matches() -> None:
    matches = played((1, 1, 2010, 7, 3), (2, 2, 2011, 3, 9), (3, 3, 2011, 9, 3))
    assert [matches.teams_of(season).tolist() for season in (2009, 2010, 2011)] == [[], [3, 7], [3, 9]]


def test_a_team_is_new_that_did_not_play_in_the_season_before() -> None:
    history = played((1, 1, 2010, 1, 2), (2, 2, 2011, 1, 3), (3, 3, 2012, 2, 3))
    teams, seasons = np.array([1, 3, 1, 2, 3, 4, 4]), np.array([2011, 2011, 2012, 2012, 2012, 2013, 2011])
    assert are_new(history, teams, seasons).tolist() == [False, True, False, True, False, True, True]


def test_nobody_is_known_to_be_new_where_the_season_before_is_not_held() -> None:
    history = played((1, 1, 2010, 1, 2), (3, 3, 2012, 2, 3))
    assert not are_new(history, np.array([1, 2, 9, 2, 3]), np.array([2010, 2010, 2010, 2012, 2012])).any()


@pytest.mark.parametrize("goals", [([1, -1], [0, 0]), ([1, 1], [0, -1])])
def test_a_match_that_was_not_played_is_refused(goals: tuple[list[int], list[int]]) -> None:
    with pytest.raises(ValueError, match="negative goals: leave out the matches that were not played"):
        Matches.of(Fixtures(*np.ones((5, 2), dtype=np.int64)), *goals)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"columns of \[2, 3\] matches"):
        Matches.of(Fixtures(*np.ones((5, 2), dtype=np.int64)), [1, 1, 1], [0, 0])
