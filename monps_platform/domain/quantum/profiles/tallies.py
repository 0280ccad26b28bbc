"""A team's matches as columns of counts and sums, of which every feature is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, auto
from math import hypot, nan

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.quantum.game_state import Course, GameState, courses
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, Side, TeamMatch, points
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.domain.understat import Shot

Floats = NDArray[np.float64]

PITCH_LENGTH, PITCH_WIDTH = 105.0, 68.0
"""In metres, as UEFA prescribes them: the source gives shares of them."""


class Column(IntEnum):
    """What is counted of one side in one match. From ``OPEN_PLAY`` on: shots, neither penalties nor own goals."""

    POINTS = 0
    GOALS = auto()
    XG = auto()
    SHOTS = auto()
    CORNERS = auto()
    FOULS = auto()
    PPDA = auto()
    DEEP = auto()
    OPEN_PLAY = auto()
    CROSSES = auto()
    THROUGH_BALLS = auto()
    WON_BALLS = auto()
    TAKE_ONS = auto()
    COMBINATIONS = auto()
    AERIALS = auto()
    HEADERS = auto()
    BLOCKED = auto()
    OPEN_PLAY_XG = auto()
    DISTANCE = auto()
    DISTANCE_SQUARES = auto()
    SET_PIECES = auto()
    NON_PENALTY = auto()
    LEADING = auto()
    LEVEL = auto()
    TRAILING = auto()


COLUMN_OF_ACTION: Mapping[str, Column] = {
    "Cross": Column.CROSSES,
    "Throughball": Column.THROUGH_BALLS,
    "BallRecovery": Column.WON_BALLS,
    "Tackle": Column.WON_BALLS,
    "Interception": Column.WON_BALLS,
    "BlockedPass": Column.WON_BALLS,
    "TakeOn": Column.TAKE_ONS,
    "Pass": Column.COMBINATIONS,
    "LayOff": Column.COMBINATIONS,
    "Aerial": Column.AERIALS,
    "HeadPass": Column.AERIALS,
    "Chipped": Column.AERIALS,
}
"""Understat's last actions before a shot. ``Dispossessed`` and ``Challenge`` are in no column: the source does not say
which side's they were. Rebounds and touches say nothing of how the attack was built."""

_COLUMN_OF_STATE: Mapping[GameState, Column] = {
    GameState.LEADING: Column.LEADING,
    GameState.LEVEL: Column.LEVEL,
    GameState.TRAILING: Column.TRAILING,
}


@dataclass(frozen=True, eq=False)
class Tally:
    """A team's matches, oldest first: what it did and what its opponents did, each of shape (matches, len(Column)),
    NaN where not held, and whether it was at home, of shape (matches,).
    """

    own: Floats
    other: Floats
    is_home: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.own)

    def where(self, chosen: NDArray[np.bool_] | slice) -> Tally:
        """Some of the matches."""
        return Tally(self.own[chosen], self.other[chosen], self.is_home[chosen])

    @property
    def halves(self) -> tuple[Tally, Tally]:
        """The first, third, fifth ... match, and the others."""
        return self.where(slice(0, None, 2)), self.where(slice(1, None, 2))


def tallies(season: LeagueSeason) -> dict[int, Tally]:
    """Every team's matches as columns, by team id."""
    known = season.once(courses)
    rows = {match.match_id: _rows(match, known.get(match.match_id)) for match in season.matches}
    return {team_id: _tally(season.of_team(team_id), rows) for team_id in season.team_ids}


def _tally(matches: Iterable[TeamMatch], rows: Mapping[int, tuple[list[float], list[float]]]) -> Tally:
    """``rows`` are those of the home and the away side by match id."""
    held = [(rows[match.match.match_id], match.is_home) for match in matches]
    own = np.array([row[not is_home] for row, is_home in held])
    other = np.array([row[is_home] for row, is_home in held])
    return Tally(own, other, np.array([is_home for _, is_home in held]))


def _rows(match: SeasonMatch, course: Course | None) -> tuple[list[float], list[float]]:
    """Columns of the home and of the away side; those by the score are not held where it cannot be told."""
    home, away = match.home, match.away
    rows = _row(home, home.goals - away.goals), _row(away, away.goals - home.goals)
    if match.shots is not None:
        for row in rows:
            row[Column.OPEN_PLAY : Column.LEADING] = [0.0] * (Column.LEADING - Column.OPEN_PLAY)
        for shot in filter(_is_counted, match.shots):
            _count(rows[not shot.is_home], shot)
    if course is not None:
        for row in rows:
            row[Column.LEADING :] = [0.0] * (len(Column) - Column.LEADING)
        for moment in course.moments:
            if _is_counted(moment.shot):
                lead = moment.home_lead if moment.shot.is_home else -moment.home_lead
                rows[not moment.shot.is_home][_COLUMN_OF_STATE[GameState.of_lead(lead)]] += 1
    return rows


def _row(side: Side, goal_difference: int) -> list[float]:
    stated = (side.xg, side.shots, side.corners, side.fouls, side.ppda, side.deep)
    known = [points(goal_difference), side.goals, *(nan if value is None else value for value in stated)]
    return [*map(float, known), *[nan] * (len(Column) - len(known))]


def _is_counted(shot: Shot) -> bool:
    return shot.result is not ShotResult.OWN_GOAL and shot.situation is not ShotSituation.PENALTY


def _count(row: list[float], shot: Shot) -> None:
    row[Column.NON_PENALTY] += 1
    if shot.situation is ShotSituation.OPEN_PLAY:
        _count_open_play(row, shot)
    else:
        row[Column.SET_PIECES] += 1


def _count_open_play(row: list[float], shot: Shot) -> None:
    distance = hypot((1 - shot.x) * PITCH_LENGTH, (shot.y - 0.5) * PITCH_WIDTH)
    row[Column.OPEN_PLAY] += 1
    row[Column.HEADERS] += shot.body_part is BodyPart.HEAD
    row[Column.BLOCKED] += shot.result is ShotResult.BLOCKED
    row[Column.OPEN_PLAY_XG] += shot.xg
    row[Column.DISTANCE] += distance
    row[Column.DISTANCE_SQUARES] += distance**2
    column = COLUMN_OF_ACTION.get(shot.last_action or "")
    if column is not None:
        row[column] += 1
