"""Weeks: from which Tuesday on a match is forecast, and what that week's fit may see."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.goal_model.dixon_coles import DEFAULT
from monps_platform.domain.goal_model.history import Fixtures
from monps_platform.domain.goal_model.walk_forward import Week, week_of, weeks
from monps_platform_tests.domain.goal_model.drawn import FIRST_DAY, FIRST_SEASON, draw_league, draw_truth, fixtures_of

_CHANCE = np.random.default_rng(5)
LEAGUE = draw_league(_CHANCE, draw_truth(_CHANCE, DEFAULT, 12), 8, 2)
FIXTURES = fixtures_of(LEAGUE)


@pytest.mark.parametrize(
    ("day", "tuesday"),
    [
        (date(2021, 8, 10), date(2021, 8, 10)),
        (date(2021, 8, 13), date(2021, 8, 10)),
        (date(2021, 8, 15), date(2021, 8, 10)),
        (date(2021, 8, 16), date(2021, 8, 10)),
        (date(2021, 8, 17), date(2021, 8, 17)),
        (date(2022, 1, 1), date(2021, 12, 28)),
        (date(2020, 3, 2), date(2020, 2, 25)),
    ],
)
def test_a_football_week_runs_from_tuesday_to_monday(day: date, tuesday: date) -> None:
    assert week_of(day) == tuesday


@settings(deadline=None, max_examples=100)
@given(st.dates(date(1993, 7, 1), date(2100, 1, 1)))
def test_every_day_belongs_to_the_tuesday_of_the_last_seven_days(day: date) -> None:
    assert week_of(day).weekday() == 1
    assert timedelta(0) <= day - week_of(day) < timedelta(7)


def test_every_fixture_is_forecast_once_in_its_own_week() -> None:
    found = weeks(LEAGUE, FIXTURES)
    chosen = [int(row) for week in found for row in week.chosen]
    assert Counter(chosen) == Counter(range(len(FIXTURES)))
    for week in found:
        days = {week_of(date.fromordinal(int(day))).toordinal() for day in FIXTURES.day[week.chosen]}
        assert days == {week.day}
    assert [week.day for week in found] == sorted({week.day for week in found})


def test_a_weeks_fit_sees_all_matches_before_its_tuesday_and_none_after() -> None:
    for week in weeks(LEAGUE, FIXTURES, replace(DEFAULT, fewest_matches=0, window_days=5000)):
        assert week.inputs is not None
        assert week.inputs.day == week.day
        assert week.inputs.matches.match_id.tolist() == LEAGUE.match_id[LEAGUE.day < week.day].tolist()


def test_a_match_on_the_tuesday_itself_is_forecast_and_not_seen() -> None:
    on_tuesdays = np.flatnonzero((LEAGUE.day - FIRST_DAY) % 7 == 0)
    assert len(on_tuesdays) > 10
    for week in weeks(LEAGUE, FIXTURES, replace(DEFAULT, fewest_matches=0)):
        assert week.inputs is not None
        todays = LEAGUE.match_id[on_tuesdays][LEAGUE.day[on_tuesdays] == week.day]
        assert np.isin(todays, FIXTURES.match_id[week.chosen]).all()
        assert not np.isin(todays, week.inputs.matches.match_id).any()


def test_fixtures_may_come_in_any_order() -> None:
    order = np.random.default_rng(1).permutation(len(FIXTURES))
    mixed = Fixtures(*(getattr(FIXTURES, field.name)[order] for field in fields(Fixtures)))
    assert forecast(weeks(LEAGUE, mixed), mixed) == forecast(weeks(LEAGUE, FIXTURES), FIXTURES)


def forecast(found: list[Week], fixtures: Fixtures) -> list[tuple[int, list[int], str | None]]:
    """Of each week: the day, the ids of its matches, and the fingerprint of what its fit sees."""
    return [
        (
            week.day,
            sorted(fixtures.match_id[week.chosen].tolist()),
            None if week.inputs is None else week.inputs.fingerprint,
        )
        for week in found
    ]


def test_weeks_of_too_little_history_have_no_inputs() -> None:
    found = weeks(LEAGUE, FIXTURES, replace(DEFAULT, fewest_matches=60))
    known = {week.day: week.inputs is not None for week in found}
    assert known == {day: bool((LEAGUE.day < day).sum() >= 60) for day in known}
    assert set(known.values()) == {False, True}


def test_newcomers_are_known_from_the_weeks_fixtures_before_they_have_played() -> None:
    opening = next(week for week in weeks(LEAGUE, FIXTURES) if FIXTURES.season[week.chosen].max() == FIRST_SEASON + 2)
    assert opening.inputs is not None
    sides = np.union1d(FIXTURES.home[opening.chosen], FIXTURES.away[opening.chosen])
    assert opening.inputs.entrants.tolist() == sides.tolist()
    assert opening.inputs.entrant_is_new.tolist() == [club in (10, 11) for club in sides.tolist()]


def test_clubs_seen_in_the_season_stay_entrants_of_its_later_weeks() -> None:
    last = weeks(LEAGUE, FIXTURES)[-1]
    assert last.inputs is not None
    assert last.inputs.entrants.tolist() == list(range(4, 12))


def test_two_seasons_in_one_week_are_forecast_as_of_the_later_one() -> None:
    day = int(LEAGUE.day[LEAGUE.season == FIRST_SEASON + 1][0])
    both = Fixtures(*np.array([[1, 2], [day, day], [FIRST_SEASON, FIRST_SEASON + 1], [0, 8], [1, 9]]))
    (week,) = weeks(LEAGUE, both, replace(DEFAULT, fewest_matches=1))
    assert week.inputs is not None
    assert dict(zip(week.inputs.entrants.tolist(), week.inputs.entrant_is_new.tolist(), strict=True)) == {
        0: False, 1: False, 8: True, 9: True,
    }  # fmt: skip


def test_without_fixtures_there_are_no_weeks() -> None:
    assert weeks(LEAGUE, Fixtures(*np.zeros((5, 0), dtype=np.int64))) == []
