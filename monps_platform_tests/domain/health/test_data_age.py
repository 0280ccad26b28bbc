"""What the calendar makes due: matches of a year ago are expected again, and nothing is due in summer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.health.data_age import GRACE, OPENING_GRACE, LeagueData, due_matches, is_followed
from monps_platform.domain.leagues import league
from monps_platform.domain.seasons import Season

LAST = Season(2024)
OPENS, CHRISTMAS, AGAIN, ENDS = date(2024, 8, 17), date(2024, 12, 21), date(2025, 1, 11), date(2025, 5, 24)


def season_before() -> Mapping[date, int]:
    """Ten matches every Saturday of 2024-25 from August to May, but for three weeks at the turn of the year."""
    saturdays = (OPENS + timedelta(weeks=week) for week in range(45))
    return {day: 10 for day in saturdays if day <= ENDS and not CHRISTMAS < day < AGAIN}


HELD = LeagueData("football-data", league("E0"), Season(2025), None, None, season_before(), played=50, teams=20)


def due(today: date, newest: date | None, **changes: object) -> int:
    return due_matches(replace(HELD, newest_result=newest, **changes), today)  # type: ignore[arg-type]


def test_a_round_is_due_some_days_after_it_was_played_a_year_ago() -> None:
    newest, played = date(2025, 10, 4), date(2025, 10, 11)
    assert due(played + GRACE - timedelta(days=1), newest) == 0
    assert due(played + GRACE, newest) == 10
    assert due(played + GRACE, played) == 0
    assert due(played + timedelta(days=14) + GRACE, newest) == 30


def test_nothing_is_due_in_a_winter_break() -> None:
    assert due(date(2026, 1, 13), date(2025, 12, 20)) == 0
    assert due(date(2026, 1, 14), date(2025, 12, 20)) == 10


@pytest.mark.parametrize("today", [date(2026, 6, 1) + timedelta(days=days) for days in range(75)])
def test_nothing_is_due_in_summer(today: date) -> None:
    ended = replace(HELD, newest_result=date(2026, 5, 23), newest_season=Season(2025), played=380)
    if Season.of(today) == Season(2026):  # turned on 1 July: last season's calendar is what 2025-26 was
        moved = {day + timedelta(weeks=52): matches for day, matches in season_before().items()}
        ended = replace(ended, played=0, teams=0, days_before=moved)
    assert due_matches(ended, today) == 0


def test_a_season_may_begin_two_weeks_later_than_the_one_before() -> None:
    opening = OPENS + timedelta(weeks=52)
    assert due(opening + OPENING_GRACE - timedelta(days=1), None, played=0, teams=0) == 0
    assert due(opening + timedelta(days=14) + OPENING_GRACE, None, played=0, teams=0) == 30


def test_a_season_that_is_complete_makes_nothing_due_though_the_one_before_ended_later() -> None:
    assert due(date(2026, 6, 1), date(2026, 5, 16), played=370) == 10
    assert due(date(2026, 6, 1), date(2026, 5, 16), played=380) == 0


def test_where_the_format_tells_no_end_the_end_of_the_season_makes_nothing_due() -> None:
    scottish = {"league": league("SC0"), "teams": 13}
    assert due(date(2026, 6, 1), date(2026, 5, 16), **scottish) == 0
    assert due(date(2026, 5, 10), date(2026, 4, 25), **scottish) == 10


def test_without_a_season_before_a_round_a_week_is_due_while_leagues_play() -> None:
    assert due(date(2025, 10, 25), date(2025, 10, 4), days_before={}) == 16
    assert due(date(2026, 7, 20), None, days_before={}, played=0) == 0
    assert due(date(2026, 6, 25), date(2026, 5, 16), days_before={}) == 0


def test_a_league_is_followed_while_this_season_or_the_last_is_held() -> None:
    today = date(2025, 10, 20)
    assert [is_followed(replace(HELD, newest_season=Season(year)), today) for year in (2023, 2024, 2025)] == [
        False,
        True,
        True,
    ]
    assert not is_followed(replace(HELD, newest_season=None), today)
    assert due(today, None, newest_season=Season(2023)) == 0
    assert due(today, None, newest_season=LAST, played=0) > 0


@given(st.integers(0, 364), st.integers(0, 364))
def test_newer_results_never_make_more_due(one: int, other: int) -> None:
    today = date(2026, 5, 1)
    older, newer = sorted((today - timedelta(days=one), today - timedelta(days=other)))
    assert due(today, newer) <= due(today, older)
