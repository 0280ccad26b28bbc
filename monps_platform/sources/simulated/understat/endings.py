"""When the shots of a season fall and how they end, in agreement with its scores and numbers of shots."""

from __future__ import annotations

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.domain.shots import ShotResult
from monps_platform.sources.simulated.names import LATE_GOAL_CLUBS, clubs
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.understat.chances import OWN_GOAL_SHARE, pick
from monps_platform.sources.simulated.understat.minutes import FIRST_HALF_SHOTS, draw_minutes
from monps_platform.sources.simulated.understat.played import Played

RESULTS: tuple[ShotResult, ...] = tuple(ShotResult)
GOAL, OWN_GOAL, SAVED, MISSED, BLOCKED, ON_POST = range(len(RESULTS))

_NOT_ON_TARGET: Floats = np.array([0.588, 0.382, 0.03])  # Missed, blocked, on the post.


def season_endings(league: League, season: Season, matches: Played) -> Ints:
    """One row per shot, own goals among them, shape (n, 3): the shooter's side, the minute, index into RESULTS.

    Goals stand first. Own goals come on top of the number of shots; in their stead the side that they count for
    has as many more shots saved, so that its shots on target are those of football-data.co.uk.
    """
    goals = _goals(league, season, matches)
    scored = np.bincount(goals[goals[:, 2] == GOAL, 0], minlength=len(matches.club))
    return np.concatenate([goals, _others(league, season, matches, scored)])


def _goals(league: League, season: Season, matches: Played) -> Ints:
    side = np.repeat(np.arange(len(matches.club)), matches.goals)
    second_half = _count_up(matches.goals) >= matches.half_time_goals[side]
    scores_late = (matches.club == clubs(league).index(LATE_GOAL_CLUBS[league.code]))[side]
    minute = draw_minutes(Stream(league, season, "understat/goal minutes"), second_half, scores_late)
    own = Stream(league, season, "understat/own goals").uniform(len(side)) < OWN_GOAL_SHARE
    # An own goal is listed with the side of the player who scored it, the other one of the pair of rows.
    return np.column_stack([np.where(own, side ^ 1, side), minute, np.where(own, OWN_GOAL, GOAL)])


def _others(league: League, season: Season, matches: Played, scored: Ints) -> Ints:
    """The shots without a goal: as many of them saved as there were shots on target."""
    counts = matches.shots - scored
    side = np.repeat(np.arange(len(counts)), counts)
    second_half = Stream(league, season, "understat/shot halves").uniform(len(side)) >= FIRST_HALF_SHOTS
    minute = draw_minutes(Stream(league, season, "understat/shot minutes"), second_half, np.zeros_like(second_half))
    saved = _count_up(counts) < (matches.shots_on_target - scored)[side]
    off_target = pick(Stream(league, season, "understat/off target"), np.tile(_NOT_ON_TARGET, (len(side), 1)))
    return np.column_stack([side, minute, np.where(saved, SAVED, MISSED + off_target)])


def _count_up(counts: Ints) -> Ints:
    """0 to n - 1 for each n in turn, in one row."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
