"""A partition: one league's season, the unit that is fetched, replaced and reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monps_platform.domain.leagues import LEAGUES, League
from monps_platform.domain.seasons import Season


@dataclass(frozen=True)
class Partition:
    """One league in one season."""

    league: League
    season: Season

    @property
    def name(self) -> str:
        """For people: ``E0 2019-20``."""
        return f"{self.league.code} {self.season}"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Block:
    """Leagues that follow each other in the platform's order, times seasons that follow each other: what one run
    can take as a range.
    """

    leagues: tuple[League, ...]
    seasons: tuple[Season, ...]

    @property
    def partitions(self) -> list[Partition]:
        """Every league in every season."""
        return [Partition(league, season) for league in self.leagues for season in self.seasons]


def blocks(partitions: Iterable[Partition]) -> list[Block]:
    """The fewest-first greedy cover of partitions by disjoint blocks: rows of seasons by league, then merged over
    neighbouring leagues with the same seasons.
    """
    seasons_of: dict[League, list[Season]] = {}
    for partition in partitions:
        seasons_of.setdefault(partition.league, []).append(partition.season)
    rows = [
        Block((league,), run)
        for league in LEAGUES
        if league in seasons_of
        for run in _consecutive_seasons(sorted(set(seasons_of[league])))
    ]
    merged: list[Block] = []
    for row in rows:
        for at, block in enumerate(merged):
            if block.seasons == row.seasons and _follows(row.leagues[0], block.leagues[-1]):
                merged[at] = Block((*block.leagues, *row.leagues), block.seasons)
                break
        else:
            merged.append(row)
    return merged


def _follows(league: League, other: League) -> bool:
    return LEAGUES.index(league) == LEAGUES.index(other) + 1


def _consecutive_seasons(seasons: Sequence[Season]) -> list[tuple[Season, ...]]:
    runs: list[list[Season]] = []
    for season in seasons:
        if runs and season.start_year == runs[-1][-1].start_year + 1:
            runs[-1].append(season)
        else:
            runs.append([season])
    return [tuple(run) for run in runs]
