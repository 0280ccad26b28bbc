"""Played matches and fixtures of one league as columns: what a goal model may look back on, and what it forecasts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Fixtures:
    """Matches to be forecast, played or not, in any order: arrays (n,) without a word on their results.

    ``match_id``; ``day`` as a proleptic ordinal (``date.toordinal``); ``season`` by its start year; ``home`` and
    ``away`` are ids of teams.
    """

    match_id: Ints
    day: Ints
    season: Ints
    home: Ints
    away: Ints

    def __len__(self) -> int:
        return len(self.match_id)

    def where(self, chosen: Ints) -> Fixtures:
        """The fixtures at some positions (m,)."""
        return Fixtures(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Matches:
    """Played matches in order of day and match id: arrays (n,) as those of Fixtures, and the goals of both sides."""

    match_id: Ints
    day: Ints
    season: Ints
    home: Ints
    away: Ints
    home_goals: Ints
    away_goals: Ints

    @classmethod
    def of(cls, fixtures: Fixtures, home_goals: ArrayLike, away_goals: ArrayLike) -> Matches:
        """Fixtures (n,) with their results (n,), put in order.

        Raises ValueError when the lengths differ or goals are negative: an unplayed match is no match of this type.
        """
        given = [getattr(fixtures, field.name) for field in fields(fixtures)]
        columns = [np.asarray(column, dtype=np.int64) for column in (*given, home_goals, away_goals)]
        if len({column.shape for column in columns}) > 1:
            raise ValueError(f"columns of {sorted({len(column) for column in columns})} matches: they must be as long")
        if any((goals < 0).any() for goals in columns[-2:]):
            raise ValueError("negative goals: leave out the matches that were not played")
        order = np.lexsort((columns[0], columns[1]))
        return cls(*(column[order] for column in columns))

    def __len__(self) -> int:
        return len(self.match_id)

    def before(self, day: int) -> Matches:
        """The matches of earlier days."""
        return self._rows(slice(0, int(np.searchsorted(self.day, day))))

    def since(self, day: int) -> Matches:
        """The matches of this day and later ones."""
        return self._rows(slice(int(np.searchsorted(self.day, day)), len(self)))

    def teams_of(self, season: int) -> Ints:
        """Ids of the sides that played in a season, ascending (k,)."""
        held = self.season == season
        return np.union1d(self.home[held], self.away[held])

    def _rows(self, rows: slice) -> Matches:
        return Matches(*(getattr(self, field.name)[rows] for field in fields(self)))


def are_new(history: Matches, teams: Ints, seasons: Ints) -> Bools:
    """Whether each team (n,) is new to the league in the season (n,) beside it.

    New: it did not play in the season before, of which ``history`` holds at least one match. Without any, nobody is
    known to be new.
    """
    new = np.zeros(len(teams), dtype=np.bool_)
    for season in np.unique(seasons).tolist():
        earlier = history.teams_of(season - 1)
        if len(earlier):
            new |= (seasons == season) & ~np.isin(teams, earlier)
    return new
