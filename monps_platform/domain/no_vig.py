"""No-vig probabilities: what decimal odds say about the sides once the bookmaker's margin is taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_TOLERANCE = 1e-14
_STEPS = 200


def power(prices: Floats) -> Floats:
    """No-vig probabilities, shape (n, sides), from decimal odds of the same shape, by the power method.

    p = q ** k with q = 1 / price and one k per row, so that every row sums to 1 (Clarke, Kovalchik & Ingram 2017,
    "Adjusting bookmaker's odds to allow for overround"). k is above 1 with an overround, and below 1 where the
    inverse prices sum to less than 1, as the best prices of several bookmakers may. Raises ValueError for prices
    that are missing, infinite or not above 1.
    """
    if not (np.isfinite(prices) & (prices > 1)).all():
        raise ValueError("a price is missing, infinite or not above 1: leave the quote out")
    return raised_to_sum(1 / prices, 1.0)


def raised_to_sum(values: Floats, total: ArrayLike) -> Floats:
    """``values ** k``, shape (..., sides), with the k of each row for which the row sums to ``total``, shape (...).

    Values lie between 0 and 1, a total below the number of sides, which is the sum for k = 0. The log of the sum is
    convex and falls in k: Newton's steps never pass the root to the right, and where the first one would go below
    0, it stops there. Within 1e-12 of the total; a row depends on no other row. Raises ValueError where no k does.
    """
    logs, target = np.log(values), np.log(total)
    exponent = np.ones(values.shape[:-1])
    for _ in range(_STEPS):
        raised = np.exp(exponent[..., None] * logs)
        sums = raised.sum(axis=-1)
        excess = np.log(sums) - target
        open_rows = ~(np.abs(excess) <= _TOLERANCE)
        if not open_rows.any():
            return np.asarray(raised)
        step = excess * sums / -(raised * logs).sum(axis=-1)
        exponent = np.where(open_rows, np.maximum(exponent + step, 0), exponent)
    raise ValueError(f"no power of {values[open_rows][0].tolist()} has the sum asked for")
