"""Runs and falls of profits, of many rows of them at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def longest_losing_run(profits: Floats) -> Floats:
    """The most values below 0 in a row, (r,), of rows of profits, (r, n); a 0 neither ends nor lengthens it."""
    lost = np.cumsum(profits < 0, axis=1)
    at_last_win = np.maximum.accumulate(np.where(profits > 0, lost, 0), axis=1)
    return np.asarray((lost - at_last_win).max(axis=1), dtype=np.float64)


def deepest_fall(profits: Floats) -> Floats:
    """How far the running sum, from 0 on, falls below its peak so far, (r,), of rows of profits, (r, n)."""
    total = np.cumsum(profits, axis=1)
    peak = np.maximum(np.maximum.accumulate(total, axis=1), 0)
    return np.asarray((peak - total).max(axis=1))
