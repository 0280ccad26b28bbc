"""Which fit forecasts which match: one fit a football week, of what stood before it and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monps_platform.domain.goal_model.dixon_coles import DEFAULT, Inputs, Options
from monps_platform.domain.goal_model.history import Fixtures, Ints, Matches

_TUESDAY = 1  # date.weekday()


@dataclass(frozen=True, eq=False)
class Week:
    """A week's forecasts: its Tuesday (ordinal), the positions (m,) of its matches among the fixtures, and what their
    fit sees; None where the history holds too little.
    """

    day: int
    chosen: Ints
    inputs: Inputs | None


def week_of(day: date) -> date:
    """The Tuesday on or before a day.

    Football weeks run from Tuesday to Monday: midweek rounds and weekends are each forecast from what stood before.
    """
    return day - timedelta(days=(day.weekday() - _TUESDAY) % 7)


def weeks(history: Matches, fixtures: Fixtures, options: Options = DEFAULT) -> list[Week]:
    """The weeks of fixtures that come in any order, earliest first.

    A week's fit sees the matches of ``history`` before its Tuesday, and of the season's participants those that
    played in it before and those of the week's fixtures. Should fixtures of two seasons share a week, the later
    season is the one that its newcomers are new to.
    """
    tuesdays = np.array([week_of(date.fromordinal(day)).toordinal() for day in fixtures.day.tolist()])
    days = np.unique(tuesdays).tolist()
    return [_week(history, fixtures, day, np.flatnonzero(tuesdays == day), options) for day in days]


def _week(history: Matches, fixtures: Fixtures, day: int, chosen: Ints, options: Options) -> Week:
    season = int(fixtures.season[chosen].max())
    teams = np.union1d(fixtures.home[chosen], fixtures.away[chosen])
    inputs = Inputs.of(history, day, season, teams, options)
    return Week(day, chosen, inputs if len(inputs.matches) >= options.fewest_matches else None)
