"""Who plays whom and when: a double round robin from mid-August to late May."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import clubs
from monps_platform.sources.simulated.randomness import Ints, Stream

_WEEKS = 41  # From the first Saturday after 11 August to the third or fourth Sunday of May.
_FREE_WEEKENDS = (3, 8, 13, 32, 20, 24, 28, 30, 36, 19, 21, 22, 37)
"""Weekends without league football, in the order in which a calendar gives them up: internationals, cups, winter."""
_MIDWEEKS = (11, 16, 18, 23, 26, 34)
"""Weeks with a round on the Tuesday and Wednesday after the weekend."""

_Slot = tuple[int, str]
"""Days after the week's Saturday, and the kick-off in UK local time."""
_WEEKEND: tuple[_Slot, ...] = ((-1, "20:00"), (0, "12:30"), (0, "17:30"), (1, "14:00"), (1, "14:00"), (1, "16:30"))
_MIDWEEK: tuple[_Slot, ...] = ((3, "19:45"), (3, "19:45"), (3, "20:15"), (4, "19:30"), (4, "20:15"))
_SATURDAY_AFTERNOON: _Slot = (0, "15:00")
_WEDNESDAY_EVENING: _Slot = (4, "19:45")
_LAST_DAY: _Slot = (1, "16:00")  # The last round kicks off together, so that nobody knows the other results.
_SATURDAY = 5


@dataclass(frozen=True, eq=False)
class Fixtures:
    """All matches of a season in order of kick-off.

    Club numbers ``home`` and ``away``, the round and the place within the round count from 0, shape
    (matches,); ``days`` and ``times`` are the UK local date and HH:MM of each kick-off.
    """

    home: Ints
    away: Ints
    round: Ints
    place: Ints
    days: tuple[date, ...]
    times: tuple[str, ...]


def fixtures(league: League, season: Season) -> Fixtures:
    """The season's calendar; raises NotSimulatedError for a league that is not simulated."""
    size = len(clubs(league))
    stream = Stream(league, season, "fixtures")
    # Clubs change places in the wheel and matches within a round, or each season would run alike.
    drawn = stream.permutations(1, size)[0][double_round_robin(size)]
    order = stream.permutations(len(drawn), size // 2)
    pairs = np.take_along_axis(drawn, order[:, :, None], axis=1)
    kickoffs = _kickoffs(season, len(drawn), size // 2)
    by_time = sorted(range(pairs.shape[0] * pairs.shape[1]), key=kickoffs.__getitem__)
    home, away = pairs.reshape(-1, 2)[by_time].T
    rounds, places = np.divmod(np.array(by_time), size // 2)
    days, times = zip(*(kickoffs[index] for index in by_time), strict=True)
    return Fixtures(home, away, rounds, places, days, times)


def double_round_robin(size: int) -> Ints:
    """Home and away numbers of each match of each round, shape (2 (size - 1), size / 2, 2), for an even size.

    The circle method: the last side stays, the others go round it; then the same rounds at the other's
    ground. Sides alternate between home and away but for the turn of the halves and the fixed side's match.
    """
    turn = np.arange(size - 1)[:, None]
    step = np.arange(1, size // 2)[None, :]
    pairs = np.stack([(turn + step) % (size - 1), (turn - step) % (size - 1)], axis=2)
    pairs = np.where((step % 2 == 1)[..., None], pairs, pairs[..., ::-1])
    fixed = np.concatenate([np.full_like(turn, size - 1), turn], axis=1)
    fixed = np.where(turn % 2 == 0, fixed, fixed[:, ::-1])
    first = np.concatenate([fixed[:, None, :], pairs], axis=1)
    return np.concatenate([first, first[..., ::-1]])


def _kickoffs(season: Season, rounds: int, matches: int) -> list[tuple[date, str]]:
    """Day and time of every match, round by round."""
    start = _first_saturday(season)
    free = set(_FREE_WEEKENDS[: _WEEKS + len(_MIDWEEKS) - rounds])
    weeks = sorted([(week, False) for week in range(_WEEKS) if week not in free] + [(week, True) for week in _MIDWEEKS])
    slots = [_slots(matches, midweek=midweek) for _, midweek in weeks[:-1]] + [[_LAST_DAY] * matches]
    return [
        (start + timedelta(weeks=week, days=days), time)
        for (week, _), places in zip(weeks, slots, strict=True)
        for days, time in places
    ]


def _slots(matches: int, *, midweek: bool) -> list[_Slot]:
    usual, rest = (_MIDWEEK, _WEDNESDAY_EVENING) if midweek else (_WEEKEND, _SATURDAY_AFTERNOON)
    return [*usual, *[rest] * (matches - len(usual))]


def _first_saturday(season: Season) -> date:
    earliest = date(season.start_year, 8, 12)
    return earliest + timedelta(days=(_SATURDAY - earliest.weekday()) % 7)
