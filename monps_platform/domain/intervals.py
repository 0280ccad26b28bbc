"""Rates with what they rest on: a ratio of sums, and a 95 % interval by the cluster bootstrap.

Picks of one match win and lose together, so that whole matches are drawn with replacement, not single picks
(Cameron, Gelbach & Miller 2008, "Bootstrap-based improvements for inference with clustered errors", section III;
percentile interval: Efron & Tibshirani 1993, chapter 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
_LEVEL = (2.5, 97.5)
_IN_CACHE = 1 << 15
"""Counts of a product: few enough for the processor's cache."""


@dataclass(frozen=True)
class Rate:
    """Sum of a numerator by sum of a denominator over ``n`` observations in ``clusters`` clusters.

    ``value`` is None without a denominator; ``low`` and ``high`` are the 95 % interval, None where fewer than two
    clusters have a denominator, which says nothing about how far the rate may vary.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int


def rate(
    numerator: ArrayLike, denominator: ArrayLike, clusters: ArrayLike, seed: int, resamples: int = RESAMPLES
) -> Rate:
    """The rate of n observations, each (n,): its share of both sums and the cluster it belongs to.

    A mean is a rate whose denominator is 1 everywhere. Denominators are not negative; ``seed`` makes the interval
    repeatable. Raises ValueError when the lengths differ, a number is not finite, or a denominator is negative.
    """
    above, below = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    names, positions = np.unique(np.asarray(clusters), return_inverse=True)
    if not len(above) == len(below) == len(positions):
        raise ValueError(f"{len(above)} numerators, {len(below)} denominators, {len(positions)} clusters: not one each")
    if not (np.isfinite(above).all() and np.isfinite(below).all()):
        raise ValueError("a numerator or denominator is missing or infinite: leave the observation out")
    if (below < 0).any():
        raise ValueError("a denominator is negative")
    if below.sum() == 0:
        return Rate(None, None, None, len(above), len(names))
    value = float(above.sum() / below.sum())
    sums = [np.bincount(positions, side, len(names)) for side in (above, below)]
    of_cluster = np.stack(sums, axis=1).astype(np.float64)
    low, high = _interval(of_cluster, seed, resamples)
    return Rate(value, low, high, len(above), len(names))


def resampled_sums(values: ArrayLike, seed: int | Sequence[int], resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """Sums (resamples, k) of n observations drawn with replacement, each a row of ``values`` (n, k).

    All k columns share the draws, so that a difference of two columns' sums is that of a paired comparison, and the
    sums of independent strata (each with a seed of its own) add up to those of a stratified bootstrap. Raises
    ValueError for values that are no table, or without a row.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or not len(table):
        raise ValueError(f"values of shape {table.shape}: at least one row of k columns is needed")
    count, random = len(table), np.random.default_rng(seed)
    sums = np.empty((resamples, table.shape[1]))
    chunk = max(1, _IN_CACHE // count)
    for done in range(0, resamples, chunk):
        drawn = min(chunk, resamples - done)
        chosen = random.integers(0, count, size=(drawn, count)) + np.arange(drawn)[:, None] * count
        times = np.bincount(chosen.ravel(), minlength=drawn * count).reshape(drawn, count)
        sums[done : done + drawn] = times.astype(np.float64) @ table
    return sums


def percentile_interval(drawn: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """The 95 % interval of a statistic from its bootstrap values (r,), those left out that are undefined (NaN); None
    and None where nothing is left.
    """
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, _LEVEL)
    return float(low), float(high)


def _interval(of_cluster: NDArray[np.float64], seed: int, resamples: int) -> tuple[float | None, float | None]:
    """The interval of a rate, given each cluster's sums of numerators and denominators (n, 2)."""
    if np.count_nonzero(of_cluster[:, 1]) < 2:
        return None, None
    above, below = resampled_sums(of_cluster, seed, resamples).T
    some = below > 0
    return percentile_interval(above[some] / below[some])
