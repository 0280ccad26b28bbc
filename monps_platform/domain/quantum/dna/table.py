"""The league's table as it stood before each day, cut into thirds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, Side, points

LEAST_PLAYED = 5
"""Matches of a team from which on its place counts. Places after five matches go with the points per match of the rest
of the season by a rank correlation of 0.53, after one by 0.35, after ten by 0.58 (20 seasons of five leagues)."""

_Standing = tuple[int, int, int, int]
"""Points, goal difference, goals, matches."""


class Third(StrEnum):
    """A part of the table."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


def thirds(season: LeagueSeason) -> Mapping[date, Mapping[int, Third]]:
    """By day of play, the third in which every team with at least five matches stood by the matches of earlier days.

    Ask for it by ``season.once(thirds)``. Teams are in order of points, goal difference, goals, and team id where these
    are all the same; points taken away by the league are not known. Of n teams that at place p = 0, 1, ... is in the
    third 3 p / n, rounded down: 7, 7 and 6 of 20.
    """
    standings: dict[int, _Standing] = {}
    found = {}
    for day, matches in groupby(sorted(season.matches, key=attrgetter("day")), key=attrgetter("day")):
        found[day] = _cut(standings)
        _add(standings, matches)
    return found


def _cut(standings: Mapping[int, _Standing]) -> Mapping[int, Third]:
    order = sorted(standings, key=lambda team_id: (*(-figure for figure in standings[team_id][:3]), team_id))
    every = tuple(Third)
    return {
        team_id: every[3 * place // len(order)]
        for place, team_id in enumerate(order)
        if standings[team_id][3] >= LEAST_PLAYED
    }


def _add(standings: dict[int, _Standing], matches: Iterable[SeasonMatch]) -> None:
    for match in matches:
        _add_side(standings, match.home, match.away)
        _add_side(standings, match.away, match.home)


def _add_side(standings: dict[int, _Standing], own: Side, other: Side) -> None:
    gained, difference, goals, played = standings.get(own.team_id, (0, 0, 0, 0))
    margin = own.goals - other.goals
    standings[own.team_id] = (gained + points(margin), difference + margin, goals + own.goals, played + 1)
