"""How old a table may grow before somebody should look: by what it is made from, and by the season's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_LAST_MATCH_DAY = (6, 10)
_FIRST_MATCH_DAY = (7, 20)
"""No main division plays between these days: play-offs end in the first days of June, the first leagues begin in the
last days of July.
"""


class Pace(StrEnum):
    """How often a table is made anew."""

    FETCHED = "fetched"
    DERIVED = "derived"
    WATCHED = "watched"


@dataclass(frozen=True, slots=True)
class Window:
    """Age from which on a table is a warning, and from which on a failure."""

    warn: timedelta
    fail: timedelta


_SEASON = {
    # Results and odds appear once or twice a week, the refresh is daily: one missed day is worth a look, four mean that
    # a whole round has gone by.
    Pace.FETCHED: Window(timedelta(hours=36), timedelta(hours=96)),
    # Made after what they are made from, by the same refresh: they may lag behind it by half a day.
    Pace.DERIVED: Window(timedelta(hours=48), timedelta(hours=108)),
    # Swept every quarter of an hour, also in summer: the server does not know seasons.
    Pace.WATCHED: Window(timedelta(minutes=45), timedelta(hours=2)),
}
_SUMMER = {
    # Nothing is played: a weekly look finds late corrections and the first fixtures.
    Pace.FETCHED: Window(timedelta(days=8), timedelta(days=15)),
    Pace.DERIVED: Window(timedelta(days=9), timedelta(days=16)),
    Pace.WATCHED: _SEASON[Pace.WATCHED],
}


def is_summer(day: date) -> bool:
    """Whether no main division plays around a day."""
    return _LAST_MATCH_DAY < (day.month, day.day) < _FIRST_MATCH_DAY


def window(pace: Pace, day: date) -> Window:
    """How old a table may be on a day."""
    return (_SUMMER if is_summer(day) else _SEASON)[pace]
