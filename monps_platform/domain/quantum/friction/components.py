"""From the traits of teams to the scores of all pairs: percentiles over the season's teams, then pairing by pairing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import scipy
from numpy.typing import NDArray

from monps_platform.domain.quantum.documents import Source
from monps_platform.domain.quantum.friction.traits import SOURCES, TRAITS, Traits
from monps_platform.domain.quantum.friction.vocabulary import PAIRINGS, WEIGHTS, Pairing, Score
from monps_platform.domain.quantum.profiles.features import LEAST_TEAMS

Floats = NDArray[np.float64]

_OF_PAIRS: Mapping[Pairing, Callable[[Floats, Floats], Floats]] = MappingProxyType(
    {
        Pairing.DISTANCE: lambda one, other: np.abs(one - other),
        Pairing.LEVEL: lambda one, other: (one + other) / 2,
        Pairing.CLOSENESS: lambda one, other: 100 - np.abs(one - other),
    }
)


def pair_scores(teams: Sequence[Traits]) -> dict[Score, Floats]:
    """Every score of every pair of n teams, each (n, n), symmetric, 0 to 100, NaN where it is missing.

    A score is the mean of its pairing over the traits that both teams have; it is missing where these are fewer than
    half of its traits. The friction score is missing where one of its components is. The diagonal means nothing.
    """
    found = {score: _of_traits(standings(teams, TRAITS[score]), pairing) for score, pairing in PAIRINGS.items()}
    found[Score.FRICTION] = np.sum([weight * found[score] for score, weight in WEIGHTS.items()], axis=0)
    return found


def standings(teams: Sequence[Traits], names: Sequence[str]) -> Floats:
    """Where n teams stand by k traits, (n, k): 100 * (rank - 1/2) / m among the m teams of all leagues that have the
    trait, equal ones at their mean rank, so that the mean is 50. NaN where a team does not have it, or fewer than
    LEAST_TEAMS have.

    What match statistics tell is divided by the league's mean before it is ranked: every league has its own referees
    and its own way of counting, so that only the part of a figure that is not the league's can be compared. (In
    2018-19 and 2019-20 the statistics of Serie A lack the blocked shots, a quarter of all; other leagues' have them.)
    """
    values = np.array([[getattr(team, name) for name in names] for team in teams], dtype=np.float64)
    values = values.reshape(len(teams), len(names))
    is_counted = [SOURCES[name] is Source.STATISTICS for name in names]
    values[:, is_counted] = _by_league_mean(values[:, is_counted], [team.partition.name for team in teams])
    held = (~np.isnan(values)).sum(axis=0)
    ranks = np.asarray(scipy.stats.rankdata(values, axis=0, nan_policy="omit"))
    return np.where(held >= LEAST_TEAMS, 100 * (ranks - 0.5) / np.maximum(held, 1), np.nan)


def _by_league_mean(values: Floats, leagues: Sequence[str]) -> Floats:
    """Values (n, k) by the mean over the teams of the same league; NaN where that is 0."""
    names, places = np.unique(leagues, return_inverse=True)
    of_league = places == np.arange(len(names))[:, None]
    held = ~np.isnan(values)
    total, count = of_league @ np.where(held, values, 0), of_league @ held.astype(np.float64)
    mean = total / np.maximum(count, 1)
    return np.asarray(values / np.where(mean > 0, mean, np.nan)[places])


def _of_traits(standing: Floats, pairing: Pairing) -> Floats:
    """A score of all pairs, (n, n), from the standings (n, k)."""
    of_traits = _OF_PAIRS[pairing](standing[:, None], standing[None, :])
    held = ~np.isnan(of_traits)
    count = held.sum(axis=2)
    total = np.where(held, of_traits, 0).sum(axis=2)
    enough = 2 * count >= standing.shape[1]
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=enough))
