"""Which club a source means by a spelling: proved by the fixtures that it shares with ours, never by its name.

Two sources that list one league's season list the same matches. A spelling and a club agree on a fixture when both
were on the same side (home or away), on days at most one apart (time zones differ), with the same score. Pairing
spellings with clubs is then an assignment problem: the one-to-one pairing that agrees on the most fixtures (Kuhn 1955,
"The Hungarian method for the assignment problem"; here ``scipy.optimize.linear_sum_assignment``). How alike the names
are decides only between assignments that agree on equally many fixtures: it may choose a candidate, never prove one.

Two different clubs of one league agree on a fixture only by chance: within a day of it the other one has a match too
(88 % of all fixtures), on the same side (47 % of these), with the same score (6.0 % of these): together 2.5 %. By the
binomial law, 29 fixtures of 38 then never agree by chance, and three of three for one pair of clubs in 65,000. Clubs
with like calendars make that one in 15,000; but the club's right spelling agrees on the same three fixtures, and so
does the spelling's right club, so that the margin over the runner-up refuses the pairing unless both are missing.
Measured on football-data.co.uk's five top leagues, 2017-18 to 2020-21 (7,203 matches, 268,818 fixtures of one club
held against another): no two clubs agree on more than 8 fixtures of 38. All 392 clubs of these 20 seasons agree with
their Understat spelling on every fixture compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Generic, TypeVar

import numpy as np
import scipy
from numpy.typing import NDArray

MIN_AGREED = 3
"""Fixtures that a proved pairing agrees on, at least."""
MIN_SHARE = 0.75
"""Share of the compared fixtures that a proved pairing agrees on, at least."""
_WITHIN_DAYS = 1
_GOALS = 1 << 16  # More than a side scores, so that a code of two scores is unique.

T = TypeVar("T", int, str)
_Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Played(Generic[T]):
    """One finished match between clubs that are named by ``T``: an id of ours, or a source's spelling."""

    day: date
    home: T
    away: T
    home_goals: int
    away_goals: int


@dataclass(frozen=True)
class Pairing:
    """What a spelling was paired with, and what that rests on.

    ``candidate`` is the club assigned to the spelling (None: there was none left), ``team`` the same club once it is
    proved, else None with the ``reason``. ``agreed`` counts fixtures on which both agree, ``compared`` those of the
    spelling within a day of any match of the candidate, so that a match which one source lacks is not held against it.
    ``runner_up`` is the most fixtures on which any other club agrees with the spelling, or any other spelling with the
    club.
    """

    spelling: str
    team: int | None
    candidate: int | None
    agreed: int
    compared: int
    runner_up: int
    reason: str | None


@dataclass(frozen=True)
class _Sides:
    """Both sides of n matches: the club's position, the day and a code of side and score, each (2n,)."""

    club: _Counts
    day: _Counts
    result: _Counts


def pair_teams(ours: Sequence[Played[int]], theirs: Sequence[Played[str]], names: Mapping[int, str]) -> list[Pairing]:
    """Pair each spelling in ``theirs`` with a club in ``ours``, both of one league's season; sorted by spelling.

    ``names`` has our name of every club in ``ours``. A pairing is proved when it agrees on MIN_AGREED fixtures and on
    MIN_SHARE of those compared, and no rival agrees on more than half as many. Raises ValueError when a club of ours
    has no name.
    """
    teams, spellings = _clubs(ours), _clubs(theirs)
    if unnamed := [team for team in teams if team not in names]:
        raise ValueError(f"clubs {unnamed} of our matches have no name: pass the name of every club of the season")
    our_sides, their_sides = _sides(ours, teams), _sides(theirs, spellings)
    shape = len(spellings), len(teams)
    agreed, compared = _agreed(their_sides, our_sides, shape), _compared(their_sides, our_sides, shape)
    # All names of an assignment together weigh less than one fixture.
    weights = agreed + _likeness(spellings, [names[team] for team in teams]) / (min(shape) + 1)
    sides = scipy.optimize.linear_sum_assignment(weights, maximize=True)
    assigned = dict(zip(*(side.tolist() for side in sides), strict=True))
    return [
        _pairing(spelling, teams[assigned[at]], at, assigned[at], agreed, compared)
        if at in assigned
        else _left_over(spelling, agreed[at])
        for at, spelling in enumerate(spellings)
    ]


def _clubs(matches: Sequence[Played[T]]) -> list[T]:
    """The clubs of some matches, sorted, each once."""
    return sorted({club for match in matches for club in (match.home, match.away)})


def _sides(matches: Sequence[Played[T]], clubs: Sequence[T]) -> _Sides:
    position = {club: at for at, club in enumerate(clubs)}
    club = [position[match.home] for match in matches] + [position[match.away] for match in matches]
    day = [match.day.toordinal() for match in matches]
    home = [2 * (match.home_goals * _GOALS + match.away_goals) for match in matches]
    result = home + [code + 1 for code in home]
    return _Sides(*(np.array(values, dtype=np.int64) for values in (club, day + day, result)))


def _agreed(theirs: _Sides, ours: _Sides, shape: tuple[int, int]) -> _Counts:
    """On how many fixtures each spelling and club agree, (spellings, clubs); either's fixture counts once.

    Going through the hits by date pairs as many fixtures as can be paired: all windows are equally wide.
    """
    near = np.abs(theirs.day[:, None] - ours.day) <= _WITHIN_DAYS
    their_at, our_at = np.nonzero(near & (theirs.result[:, None] == ours.result))
    by_date = np.lexsort((ours.day[our_at], theirs.day[their_at]))
    their_at, our_at = their_at[by_date], our_at[by_date]
    agreed = np.zeros(shape, dtype=np.int64)
    used: set[tuple[str, int, int]] = set()
    hits = (their_at, our_at, theirs.club[their_at], ours.club[our_at])
    for their, our, spelling, team in zip(*(column.tolist() for column in hits), strict=True):
        once = {("theirs", their, team), ("ours", our, spelling)}
        if used.isdisjoint(once):
            used |= once
            agreed[spelling, team] += 1
    return agreed


def _compared(theirs: _Sides, ours: _Sides, shape: tuple[int, int]) -> _Counts:
    """How many fixtures of each spelling lie within a day of any match of each club, (spellings, clubs)."""
    days, position = np.unique(theirs.day, return_inverse=True)
    fixtures, busy = np.zeros((shape[0], len(days)), np.int64), np.zeros((shape[1], len(days)), np.int64)
    np.add.at(fixtures, (theirs.club, position), 1)
    our_at, day_at = np.nonzero(np.abs(ours.day[:, None] - days) <= _WITHIN_DAYS)
    busy[ours.club[our_at], day_at] = 1
    return fixtures @ busy.T


def _likeness(spellings: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    """How alike the names are, from 0 to 1, (spellings, clubs)."""
    matcher = SequenceMatcher(autojunk=False)
    alike = np.zeros((len(spellings), len(names)))
    for column, name in enumerate(names):
        matcher.set_seq2(name.casefold())
        for row, spelling in enumerate(spellings):
            matcher.set_seq1(spelling.casefold())
            alike[row, column] = matcher.ratio()
    return alike


def _pairing(spelling: str, team: int, row: int, column: int, agreed: _Counts, compared: _Counts) -> Pairing:
    rivals = np.concatenate([np.delete(agreed[row], column), np.delete(agreed[:, column], row)])
    numbers = int(agreed[row, column]), int(compared[row, column]), int(rivals.max(initial=0))
    reason = _doubt(*numbers)
    return Pairing(spelling, team if reason is None else None, team, *numbers, reason)


def _left_over(spelling: str, agreed: _Counts) -> Pairing:
    reason = "no club of ours is left for it: there are more spellings than clubs"
    return Pairing(spelling, None, None, 0, 0, int(agreed.max(initial=0)), reason)


def _doubt(agreed: int, compared: int, runner_up: int) -> str | None:
    """Why a pairing is not proved; None when it is."""
    if agreed < MIN_AGREED:
        return f"agrees on {agreed} of {compared} fixtures: at least {MIN_AGREED} must agree"
    if agreed < MIN_SHARE * compared:
        return f"agrees on {agreed} of {compared} fixtures: at least {MIN_SHARE:.0%} must agree"
    if runner_up * 2 > agreed:
        return f"agrees on {agreed} fixtures, a rival pairing on {runner_up}: a rival may have half as many at most"
    return None
