"""How much more a figure differs from match to match than it would by chance; 1 is chance alone.

Each divides the variance between matches by what is expected of a team that plays the same way every time, as a plain
standard deviation is greatest for teams with few shots.
"""

from __future__ import annotations

import numpy as np

from monps_platform.domain.quantum.profiles.measures import LEAST_MATCHES, LEAST_SHOTS, Measure, Values
from monps_platform.domain.quantum.profiles.tallies import Column, Tally


def share_dispersion(parts: Values, wholes: Values) -> Measure:
    """Pearson's chi-squared of a share against a constant one, by its degrees of freedom (McCullagh & Nelder 1989,
    section 4.5). None where the share is 0 or 1: nothing can differ.
    """

    def measure(tally: Tally) -> float | None:
        part, whole = parts(tally), wholes(tally)
        held = whole > 0
        part, whole = part[held], whole[held]
        if len(whole) < LEAST_MATCHES or whole.sum() < LEAST_SHOTS:
            return None
        share = part.sum() / whole.sum()
        variance = whole * share * (1 - share)
        return float(((part - whole * share) ** 2 / variance).sum() / (len(part) - 1)) if 0 < share < 1 else None

    return measure


def count_dispersion(counts: Values) -> Measure:
    """Fisher's index of a count: variance by mean, 1 for a Poisson count."""

    def measure(tally: Tally) -> float | None:
        held = counts(tally)
        held = held[~np.isnan(held)]
        if len(held) < LEAST_MATCHES or not held.sum():
            return None
        return float(held.var(ddof=1) / held.mean())

    return measure


def relative_spread(values: Values) -> Measure:
    """Standard deviation by mean, for a figure whose variance by chance is not known."""

    def measure(tally: Tally) -> float | None:
        held = values(tally)
        held = held[~np.isnan(held)]
        if len(held) < LEAST_MATCHES or not held.sum():
            return None
        return float(held.std(ddof=1) / held.mean())

    return measure


def distance_dispersion(tally: Tally) -> float | None:
    """Fisher's F of the distance of shots in open play: variance between matches by that within them."""
    counts, sums, squares = (
        tally.own[:, name] for name in (Column.OPEN_PLAY, Column.DISTANCE, Column.DISTANCE_SQUARES)
    )
    held = counts > 0
    counts, sums, squares = counts[held], sums[held], squares[held]
    n, groups = counts.sum(), len(counts)
    if groups < LEAST_MATCHES or n < max(LEAST_SHOTS, groups + 1):
        return None
    explained = (sums**2 / counts).sum()
    between = (explained - sums.sum() ** 2 / n) / (groups - 1)
    within = (squares.sum() - explained) / (n - groups)
    return float(between / within) if within > 0 else None
