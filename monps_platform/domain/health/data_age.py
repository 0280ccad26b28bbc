"""How old the data of a league may be: what last season's calendar makes due, and what has no score though it is over.

A league plays on about the same weeks every year: a match of the season before is expected again 52 weeks later, on the
same day of the week. What is expected and not there some days after it was due is missing; in summer, and in a winter
break, nothing is expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monps_platform.domain.leagues import League, expected_matches
from monps_platform.domain.seasons import Season

GRACE = timedelta(days=4)
"""The sources bring results out twice a week."""
OPENING_GRACE = timedelta(days=18)
"""Before the first result of a season: it may begin two weeks later than the one before."""
LONG_PAST = timedelta(days=60)
"""A match without a score that is older than this was called off: a check of the table tells of it."""
A_YEAR = timedelta(weeks=52)
MATCHES_A_WEEK = 8
"""What a league plays in a week, where no season before it is held."""


@dataclass(frozen=True, slots=True)
class LeagueData:
    """What is held of a league from one source.

    ``days_before`` are the matches a day of the season before the current one; ``played`` and ``teams`` are of the
    current season; ``unscored`` are the matches without a score that were due between LONG_PAST and GRACE ago.
    """

    source: str
    league: League
    newest_season: Season | None = None
    newest_file: datetime | None = None
    newest_result: date | None = None
    days_before: Mapping[date, int] | None = None
    played: int = 0
    teams: int = 0
    unscored: int = 0
    oldest_unscored: date | None = None

    @property
    def subject(self) -> str:
        """Source and league."""
        return f"{self.source} {self.league.code}"


def leagues_play(day: date) -> bool:
    """Whether all leagues play, but for winter breaks: from the end of August to the middle of May."""
    return (day.month, day.day) >= (8, 28) or (day.month, day.day) <= (5, 15)


def is_followed(data: LeagueData, today: date) -> bool:
    """Whether the league is kept up to date: the current season is held, or the one before it."""
    return data.newest_season is not None and data.newest_season.start_year >= Season.of(today).start_year - 1


def due_matches(data: LeagueData, today: date) -> int:
    """The matches that should have a result by now, and have not; 0 for a league that is not followed."""
    if not is_followed(data, today) or _is_complete(data, today):
        return 0
    opening = Season.of(today).first_day - timedelta(days=1)
    since = max(data.newest_result or opening, opening)
    until = today - (GRACE if data.played else OPENING_GRACE)
    if data.days_before:
        expected = {day + A_YEAR: matches for day, matches in data.days_before.items()}
        return sum(matches for day, matches in expected.items() if since < day <= until and _may_play(data, today, day))
    days = range(max(0, (until - since).days))
    playing = sum(leagues_play(since + timedelta(days=number + 1)) for number in days)
    return playing // 7 * MATCHES_A_WEEK


def _is_complete(data: LeagueData, today: date) -> bool:
    """Whether every match of the current season is played."""
    expected = expected_matches(data.league, Season.of(today), data.teams)
    return bool(expected) and data.played >= (expected or 0)


def _may_play(data: LeagueData, today: date, day: date) -> bool:
    """Whether a day counts. Where the format does not tell when the last match is played, a season that ends a week
    earlier than the one before would look like one that is not over: the end of the season is left out.
    """
    return expected_matches(data.league, Season.of(today), data.teams) is not None or leagues_play(day)
