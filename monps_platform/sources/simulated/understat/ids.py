"""Ids of the simulated Understat: far above the real site's, and shared by no two leagues, seasons or kinds."""

from __future__ import annotations

from enum import IntEnum

from monps_platform.domain.leagues import League
from monps_platform.sources.simulated.names import CLUBS
from monps_platform.sources.simulated.randomness import Ints

FIRST_ID = 9_000_000_000
"""The smallest id, far above any of the real site."""

PER_YEAR = 100_000
"""Ids of one kind that a league has for one year."""

_PER_KIND = 10_000 * PER_YEAR  # Years have four digits.


class IdKind(IntEnum):
    """What an id is of; each kind has a range of its own in each league."""

    MATCH = 0
    SHOT = 1
    PLAYER = 2
    ROSTER = 3
    TEAM = 4


def make_ids(league: League, kind: IdKind, years: Ints | int, numbers: Ints) -> Ints:
    """The ids of things numbered from 0 within a year: the numbers' shape."""
    place = tuple(CLUBS).index(league.code) * len(IdKind) + kind
    return FIRST_ID + place * _PER_KIND + years * PER_YEAR + numbers
