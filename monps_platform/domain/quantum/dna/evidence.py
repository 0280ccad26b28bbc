"""What the vectors' estimates share: their 95 % intervals, and how far a match's points vary by chance."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.intervals import percentile_interval
from monps_platform.domain.quantum.documents import Estimate, Gap

_Z = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""


def proportion(successes: int, trials: int) -> Estimate:
    """Share of successes with the score interval of Wilson (1927), which holds for few trials and for shares of 0 and 1
    (Brown, Cai & DasGupta 2001, "Interval estimation for a binomial proportion").

    Raises ValueError without a trial, and for successes that are not among the trials.
    """
    if not 0 <= successes <= trials or not trials:
        raise ValueError(f"{successes} successes in {trials} trials")
    share, weight = successes / trials, _Z**2 / trials
    centre = (share + weight / 2) / (1 + weight)
    half = sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    # At shares of 0 and 1 an end is the share itself, which rounding shall not miss.
    return Estimate(value=share, low=min(share, max(0.0, centre - half)), high=max(share, min(1.0, centre + half)))


def bootstrapped(value: float, drawn: NDArray[np.float64]) -> Estimate | Gap:
    """A figure with the percentile interval of its bootstrap values (r,); the reason why not where they are all alike:
    an interval without a width would claim a certainty that nobody has.
    """
    low, high = percentile_interval(drawn)
    if low is None or high is None or low == high:
        return Gap.ALL_ALIKE
    return Estimate(value=value, low=low, high=high)


def points_variance(win: float, draw: float) -> float:
    """Variance of a match's points, from the probabilities of a win and of a draw."""
    return 9 * win + draw - (3 * win + draw) ** 2
