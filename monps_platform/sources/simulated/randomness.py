"""Named streams of random numbers that are the same on every machine and under every numpy version."""

from __future__ import annotations

import hashlib
from math import prod, tau

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.goal_model.score_grid import poisson_pmf
from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_VERSION = 1  # A new model version draws new numbers, so that old and new bytes are never taken for each other.
_SPARE_BITS = np.uint64(11)  # A double holds 53 of the 64 random bits.
_UNIT = 2.0**-53
_POISSON_LIMIT = 64  # Counts of a match stay far below: the largest rate is about 25.


class Stream:
    """Random numbers for one topic of one league and season.

    Only the raw output of PCG64 is used, and everything else is derived from it here: numpy promises
    (NEP 19) that bit generators and SeedSequence keep their streams, but not that Generator's
    distributions do. Each topic has its own stream, so that a new topic leaves the others as they were.
    """

    def __init__(self, league: League, season: Season, topic: str) -> None:
        name = f"{_VERSION}/{league.code}/{season.name}/{topic}"
        # Python's own hash() is salted per process; this one is not.
        self._bits = np.random.PCG64(int.from_bytes(hashlib.sha256(name.encode()).digest(), "big"))

    def uniform(self, *shape: int) -> Floats:
        """Uniform numbers in [0, 1) of the given shape."""
        raw = np.asarray(self._bits.random_raw(prod(shape)), dtype=np.uint64)
        return np.asarray((raw >> _SPARE_BITS) * _UNIT, dtype=np.float64).reshape(shape)

    def normal(self, *shape: int) -> Floats:
        """Standard normal numbers of the given shape (Box & Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(*shape)))
        return np.asarray(radius * np.cos(tau * self.uniform(*shape)))

    def permutations(self, rows: int, size: int) -> Ints:
        """Independent random orders of ``range(size)``: shape (rows, size)."""
        return np.argsort(self.uniform(rows, size), axis=1, kind="stable")

    def poisson(self, rates: Floats) -> Ints:
        """Poisson counts with the given rates, by inversion; the shape is that of the rates."""
        cumulative = np.cumsum(poisson_pmf(rates, _POISSON_LIMIT), axis=-1)
        return np.asarray((cumulative < self.uniform(*rates.shape)[..., None]).sum(axis=-1))
