"""How the score of a match ran, told by its shots: the lead at every shot, and for how long a side was ahead.

The source counts completed minutes of each half's clock (minute 0 is the first, minute 45 the first of the second half)
and stoppage time on: minute 46 may be in the stoppage time of the first half or the second minute of the second. The
shots' ids are in the order of play, which tells the two apart where the score depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch
from monps_platform.domain.understat import GOALS, Shot

HALF_TIME, FULL_TIME = 45, 90
"""Minutes of the clock."""
_MIDDLE = 0.5
"""A goal of minute m fell between m and m + 1."""


class GameState(StrEnum):
    """How a side stands."""

    LEADING = "leading"
    LEVEL = "level"
    TRAILING = "trailing"

    @classmethod
    def of_lead(cls, lead: int) -> GameState:
        """By the side's goals less the other's."""
        return cls.LEADING if lead > 0 else cls.TRAILING if lead < 0 else cls.LEVEL


@dataclass(frozen=True, slots=True)
class Moment:
    """A shot or own goal, and the home side's lead in goals before it."""

    shot: Shot
    home_lead: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one minute of the clock to another (0 to 90) without a goal, and the home side's lead in it. A stretch has
    no length where two goals fell in one minute, or where the score changed in the stoppage time of the second half.
    """

    start: float
    end: float
    home_lead: int


@dataclass(frozen=True, slots=True)
class Course:
    """How the score of a match ran: its shots in order of play, and the stretches between goals, which add up to 90
    minutes. Stoppage time has shots but no minutes, as no source says how long it was.
    """

    moments: tuple[Moment, ...]
    stretches: tuple[Stretch, ...]

    def leads(self, *, is_home: bool) -> Iterable[tuple[float, int]]:
        """Minutes of each stretch, and the side's lead in goals."""
        for stretch in self.stretches:
            yield stretch.end - stretch.start, stretch.home_lead if is_home else -stretch.home_lead

    def minutes(self, *, is_home: bool) -> dict[GameState, float]:
        """Minutes that the side was leading, level and trailing; they sum to 90."""
        found = dict.fromkeys(GameState, 0.0)
        for minutes, lead in self.leads(is_home=is_home):
            found[GameState.of_lead(lead)] += minutes
        return found


def courses(season: LeagueSeason) -> Mapping[int, Course]:
    """By match id, of all matches that have one. Ask for it by ``season.once(courses)``."""
    found = {match.match_id: course(match) for match in season.matches}
    return {match_id: known for match_id, known in found.items() if known is not None}


def course(match: SeasonMatch) -> Course | None:
    """How the score ran; None where no shots are held, or where they do not add up to the match's score."""
    if match.shots is None:
        return None
    known = tuple(moments(match.shots))
    goals = [moment.shot for moment in known if moment.shot.result in GOALS]
    home_goals = sum(goal.counts_for_home for goal in goals)
    if (home_goals, len(goals) - home_goals) != (match.home.goals, match.away.goals):
        return None
    return Course(known, tuple(_stretches(goals, _goals_before_half_time(match))))


def moments(shots: Iterable[Shot]) -> Iterable[Moment]:
    """The shots in order of play, each with the home side's lead before it."""
    home_lead = 0
    for shot in in_order(shots):
        yield Moment(shot, home_lead)
        if shot.result in GOALS:
            home_lead += 1 if shot.counts_for_home else -1


def in_order(shots: Iterable[Shot]) -> list[Shot]:
    """The shots of a match in order of play: that of their ids if the minutes go along with it, that is, fall at most
    once, from stoppage time to the second half; else by minute and id.
    """
    by_id = sorted(shots, key=lambda shot: (shot.id, shot.minute))
    falls = [later.minute for earlier, later in pairwise(by_id) if later.minute < earlier.minute]
    if not falls or (len(falls) == 1 and falls[0] >= HALF_TIME):
        return by_id
    return sorted(by_id, key=lambda shot: (shot.minute, shot.id))


def _goals_before_half_time(match: SeasonMatch) -> int:
    """How many of the goals, in order of play, are told by the half-time score to be of the first half."""
    home, away = match.home.half_time_goals, match.away.half_time_goals
    return 0 if home is None or away is None else home + away


def _stretches(goals: Iterable[Shot], before_half_time: int) -> Iterable[Stretch]:
    start, lead = 0.0, 0
    for number, goal in enumerate(goals):
        latest = HALF_TIME if number < before_half_time else FULL_TIME
        end = max(start, min(goal.minute + _MIDDLE, latest))
        yield Stretch(start, end, lead)
        start, lead = end, lead + (1 if goal.counts_for_home else -1)
    yield Stretch(start, FULL_TIME, lead)
