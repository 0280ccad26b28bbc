"""Matches as picks need them: whether they have begun, how they ended, and when they are given up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from monps_platform.domain.fixtures import Fixture
from monps_platform.domain.seasons import Season

DAY = date(2024, 6, 1)
"""In summer: British time is an hour ahead of UTC."""
KICKOFF = datetime(2024, 6, 1, 14, tzinfo=UTC)
SEASON = Season(2023)


def fixture(kickoff: datetime | None = KICKOFF, home: int | None = None, away: int | None = None) -> Fixture:
    return Fixture(7, DAY, kickoff, home, away)


@pytest.mark.parametrize(
    ("home", "away", "score"), [(2, 1, (2, 1)), (0, 0, (0, 0)), (None, None, None), (1, None, None), (None, 0, None)]
)
def test_a_match_is_played_when_both_sides_goals_are_known(
    home: int | None, away: int | None, score: tuple[int, int] | None
) -> None:
    found = fixture(home=home, away=away)
    assert found.score == score
    assert found.is_played is (score is not None)


@pytest.mark.parametrize(("seconds", "has_begun"), [(-3600, False), (-1, False), (0, True), (1, True), (86_400, True)])
@pytest.mark.parametrize("hours_east", [-8, 0, 9])
def test_a_match_has_begun_from_its_kickoff_on_in_every_time_zone(
    seconds: int, has_begun: bool, hours_east: int
) -> None:
    now = (KICKOFF + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours_east)))
    assert fixture().has_begun(now) is has_begun


@pytest.mark.parametrize(
    ("now", "has_begun"),
    [
        (datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        (datetime(2024, 5, 31, 22, 59, 59, tzinfo=UTC), False),
        # Midnight in London, where the day of the match begins.
        (datetime(2024, 5, 31, 23, tzinfo=UTC), True),
        (datetime(2024, 6, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))), False),
        (datetime(2024, 6, 1, 12, tzinfo=UTC), True),
        (datetime(2024, 7, 1, tzinfo=UTC), True),
    ],
)
def test_a_match_without_kickoff_may_have_begun_from_its_day_on(now: datetime, has_begun: bool) -> None:
    assert fixture(kickoff=None).has_begun(now) is has_begun


@pytest.mark.parametrize(
    ("today", "is_void"),
    [(date(2024, 6, 2), False), (date(2024, 8, 31), False), (date(2024, 9, 1), True), (date(2030, 1, 1), True)],
)
def test_a_match_without_a_score_is_void_when_its_season_is_over(today: date, is_void: bool) -> None:
    assert fixture().is_void(SEASON, today) is is_void
    assert fixture(home=1).is_void(SEASON, today) is is_void
    assert not fixture(home=1, away=1).is_void(SEASON, today)
