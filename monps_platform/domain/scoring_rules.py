"""How good probabilities were: a score per observation, the lower the better, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monps_platform.domain.intervals import Rate, rate

Floats = NDArray[np.float64]

_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Bin:
    """Forecasts from ``low`` up to but without ``high`` (1 belongs to the last bin), and how often it happened.

    ``forecast`` is the mean of the ``n`` forecasts; ``happened`` the share of them that came true.
    """

    low: float
    high: float
    forecast: float
    happened: Rate
    n: int


def ranked_probability_score(probabilities: ArrayLike, outcomes: ArrayLike) -> Floats:
    """Ranked probability score (n,) of probabilities (n, k) of ordered outcomes; ``outcomes`` (n,) in 0 to k - 1.

    Sum of the squared differences of the cumulative distributions (Epstein 1969) by k - 1, so that it lies in
    0 to 1 (Constantinou & Fenton 2012). Raises ValueError for what are no probabilities or no outcomes.
    """
    forecast, happened = _checked(probabilities, outcomes)
    gaps = np.cumsum(forecast - happened, axis=1)[:, :-1]
    return np.asarray((gaps**2).mean(axis=1))


def log_loss(probabilities: ArrayLike, outcomes: ArrayLike) -> Floats:
    """Minus the natural log of the probability of what happened (Good 1952), shape (n,).

    Shapes and errors as for the ranked probability score. What had probability 0 and happened costs infinity.
    """
    forecast, happened = _checked(probabilities, outcomes)
    with np.errstate(divide="ignore"):
        return np.asarray(np.abs(np.log(forecast[happened])))


def brier(probabilities: ArrayLike, outcomes: ArrayLike) -> Floats:
    """Sum over the classes of the squared errors, shape (n,), in 0 to 2 (Brier 1950).

    Shapes and errors as for the ranked probability score.
    """
    forecast, happened = _checked(probabilities, outcomes)
    return np.asarray(((forecast - happened) ** 2).sum(axis=1))


def calibration(
    forecast: ArrayLike, happened: ArrayLike, clusters: ArrayLike, seed: int, bins: int = 10
) -> tuple[Bin, ...]:
    """Forecasts (n,) in bins of equal width against what happened (n,) bool; empty bins are left out.

    ``clusters`` (n,) and ``seed`` serve the interval of each share, as in ``intervals.rate``. Raises ValueError
    when the lengths differ, a forecast is not in 0 to 1, or ``happened`` is not boolean.
    """
    chances, came_true, groups = np.asarray(forecast, dtype=np.float64), np.asarray(happened), np.asarray(clusters)
    _check_events(chances, came_true, groups, bins)
    edges = np.arange(bins + 1) / bins
    positions = np.searchsorted(edges[1:-1], chances, side="right")
    found = []
    for number in np.unique(positions).tolist():
        inside = positions == number
        share = rate(came_true[inside], np.ones(inside.sum()), groups[inside], seed)
        low, high = edges[number : number + 2].tolist()
        found.append(Bin(low, high, float(chances[inside].mean()), share, share.n))
    return tuple(found)


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Mean distance of forecast and share over the bins, weighted by n; None without a bin.

    The expected calibration error of Naeini, Cooper & Hauskrecht (2015).
    """
    gaps = [(abs(item.forecast - item.happened.value), item.n) for item in bins if item.happened.value is not None]
    return sum(gap * n for gap, n in gaps) / sum(n for _, n in gaps) if gaps else None


def _checked(probabilities: ArrayLike, outcomes: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Probabilities (n, k), and which outcome happened in each row, shape (n, k)."""
    forecast, numbers = np.asarray(probabilities, dtype=np.float64), np.asarray(outcomes)
    if forecast.ndim != 2 or forecast.shape[1] < 2:
        raise ValueError(f"probabilities of shape {forecast.shape}: a row per observation, two or more outcomes each")
    if numbers.shape != forecast.shape[:1]:
        raise ValueError(f"{len(forecast)} rows of probabilities, outcomes of shape {numbers.shape}: not one each")
    for wrong, complaint in (
        (~np.isfinite(forecast).all(axis=1), "a probability is missing or infinite"),
        (((forecast < 0) | (forecast > 1)).any(axis=1), "a probability is not in 0 to 1"),
        (np.abs(forecast.sum(axis=1) - 1) > _SUM_TOLERANCE, "the probabilities do not sum to 1"),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(f"row {row}: {complaint}: {forecast[row].tolist()}")
    classes = np.arange(forecast.shape[1])
    if not np.isin(numbers, classes).all():
        raise ValueError(f"an outcome is none of {classes.tolist()}: {np.setdiff1d(numbers, classes)[:5].tolist()}")
    return forecast, numbers[:, None] == classes


def _check_events(chances: Floats, came_true: NDArray[np.generic], groups: NDArray[np.generic], bins: int) -> None:
    if bins < 1:
        raise ValueError(f"{bins} bins: at least one is needed")
    if not chances.shape == came_true.shape == groups.shape == (chances.size,):
        raise ValueError(f"{chances.size} forecasts, {came_true.size} events, {groups.size} clusters: not one each")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a forecast is missing or not in 0 to 1")
    if came_true.dtype != np.bool_:
        raise ValueError(f"whether it happened must be boolean, not {came_true.dtype}")
