"""How good each simulated club is in each season: the known truth behind results and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season, SeasonError, season_range
from monps_platform.sources.simulated.names import clubs
from monps_platform.sources.simulated.randomness import Floats, Stream

ATTACK_SD = 0.24
"""Standard deviation of the clubs' attack over the long run, in log goals."""

DEFENCE_SD = 0.19
"""Standard deviation of the clubs' defence over the long run, in log goals."""

ATTACK_DEFENCE_CORRELATION = 0.7
"""Correlation of a club's attack with its defence: good clubs are good at both ends."""

PERSISTENCE = 0.88
"""Correlation of a club's strength with its strength a season earlier."""


@dataclass(frozen=True)
class Strength:
    """A club's strength in log goals against the league's average of 0; more is better for both.

    A side's expected goals are multiplied by exp(attack), its opponent's are divided by exp(defence).
    """

    attack: float
    defence: float


def team_strengths(league: League, season: Season) -> Mapping[str, Strength]:
    """The true strength of every club of a simulated league in a season, constant over that season.

    Raises NotSimulatedError (a ValueError) for a league that is not simulated, SeasonError for a season
    before the league's first.
    """
    names = clubs(league)
    rows = strength_table(league, season).tolist()
    return MappingProxyType({name: Strength(*row) for name, row in zip(names, rows, strict=True)})


def strength_table(league: League, season: Season) -> Floats:
    """Attack and defence of the league's clubs, in their order: shape (clubs, 2), columns with mean 0.

    A stationary first-order autoregression over seasons, walked from the league's first season, so that
    any season stands on its own and yet agrees with its neighbours. Raises as team_strengths does.
    """
    size = len(clubs(league))
    if season < league.first_season:
        raise SeasonError(f"{league.code} is simulated from {league.first_season} on; {season} is before that")
    first, *later = season_range(league.first_season, season)
    table = _innovation(league, first, size)
    for year in later:
        table = PERSISTENCE * table + np.sqrt(1 - PERSISTENCE**2) * _innovation(league, year, size)
    return np.asarray(table - table.mean(axis=0))


def _innovation(league: League, season: Season, size: int) -> Floats:
    own, shared = Stream(league, season, "strengths").normal(2, size)
    independent = np.sqrt(1 - ATTACK_DEFENCE_CORRELATION**2) * own
    return np.stack([ATTACK_SD * shared, DEFENCE_SD * (ATTACK_DEFENCE_CORRELATION * shared + independent)], axis=1)
