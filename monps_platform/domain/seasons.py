"""Seasons: a football year from July to June, written 2019-20."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_NAME = re.compile(r"(\d{4})-(\d{2})")
_CENTURY = 100
_FIRST_MONTH = 7  # July: no main division has started its season earlier.


class SeasonError(ValueError):
    """Text that names no season, or a range that runs backwards."""


@dataclass(frozen=True, order=True)
class Season:
    """One football season by the calendar year in which it starts."""

    start_year: int

    @classmethod
    def parse(cls, text: str) -> Season:
        """Read ``2019-20``; raises SeasonError for anything else."""
        match = _NAME.fullmatch(text.strip())
        if match is None or (int(match[1]) + 1) % _CENTURY != int(match[2]):
            raise SeasonError(f"{text!r} is no season: write it as 2019-20 (start year, next year's last two digits)")
        return cls(int(match[1]))

    @classmethod
    def of(cls, day: date) -> Season:
        """The season that a day belongs to; a season turns on 1 July."""
        return cls(day.year if day.month >= _FIRST_MONTH else day.year - 1)

    @property
    def name(self) -> str:
        """The season's name, such as 2019-20."""
        return f"{self.start_year}-{(self.start_year + 1) % _CENTURY:02d}"

    @property
    def code(self) -> str:
        """The season's code in football-data.co.uk paths, such as 1920."""
        return f"{self.start_year % _CENTURY:02d}{(self.start_year + 1) % _CENTURY:02d}"

    @property
    def first_day(self) -> date:
        """The earliest day on which a match of this season can kick off."""
        return date(self.start_year, _FIRST_MONTH, 1)

    @property
    def last_day(self) -> date:
        """The latest plausible match day: the summer of 2020 stretched 2019-20 into August."""
        return date(self.start_year + 1, 8, 31)

    @property
    def usual_end(self) -> date:
        """The day by which a season is normally over."""
        return date(self.start_year + 1, 6, 30)

    def __str__(self) -> str:
        return self.name


def season_range(first: Season, last: Season) -> tuple[Season, ...]:
    """All seasons from first to last, both included; raises SeasonError when last is before first."""
    if last < first:
        raise SeasonError(f"the range {first}:{last} runs backwards: write {last}:{first}")
    return tuple(Season(year) for year in range(first.start_year, last.start_year + 1))


def parse_seasons(text: str) -> tuple[Season, ...]:
    """Read ``2019-20``, ``2019-20:2021-22`` and comma-separated mixes; sorted, without repeats."""
    seasons: set[Season] = set()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        first, colon, last = part.partition(":")
        seasons.update(season_range(Season.parse(first), Season.parse(last if colon else first)))
    if not seasons:
        raise SeasonError("no season named: write for example 2019-20 or 2019-20:2021-22")
    return tuple(sorted(seasons))


def finished_seasons(today: date, count: int) -> tuple[Season, ...]:
    """The last ``count`` seasons that are over on a day, oldest first."""
    current = Season.of(today)
    return tuple(Season(current.start_year - back) for back in range(count, 0, -1))


def seasons_in_progress(today: date) -> tuple[Season, ...]:
    """The seasons of which matches may still be played or corrected on a day: the current one and, until its latest
    plausible match day, the one before. Oldest first.
    """
    current = Season.of(today)
    before = Season(current.start_year - 1)
    return (before, current) if today <= before.last_day else (current,)


def names(seasons: Iterable[Season]) -> list[str]:
    """The seasons' names, in the given order."""
    return [season.name for season in seasons]
