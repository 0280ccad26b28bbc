"""Ranges of leagues and seasons as runs name them, and whether one holds another."""

from __future__ import annotations

from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.seasons import SeasonError

_ORDER = {league.code: number for number, league in enumerate(LEAGUES)}


def covers(wide: str, narrow: str) -> bool:
    """Whether a range such as ``E0|2019-20:SP1|2021-22`` holds another; an empty one is everything.

    A name that is no partition of leagues and seasons is held by itself alone.
    """
    if wide in {"", narrow}:
        return True
    try:
        outer, inner = _corners(wide), _corners(narrow)
    except (KeyError, ValueError, SeasonError):
        return False
    return all(low <= first and last <= high for (low, high), (first, last) in zip(outer, inner, strict=True))


def _corners(name: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last league by the platform's order, first and last season by year."""
    first, _, last = name.partition(":")
    (low, begin), (high, end) = (_place(part) for part in (first, last or first))
    return (low, high), (begin, end)


def _place(key: str) -> tuple[int, int]:
    code, season = key.split("|")
    return _ORDER[code], int(season[:4])
