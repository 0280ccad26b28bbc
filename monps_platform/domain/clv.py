"""Closing line value: what a price taken was worth at the close, in per cent, the one place that says so.

Above 0 where the price taken was the better one. The formula that divides the other way round has the wrong sign and
the wrong size, and is the commonest mistake of such tools.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def clv_percentage(price_taken: ArrayLike, closing_price: ArrayLike) -> Floats:
    """(price taken / closing price - 1) * 100, of prices of the same market, line and side; decimal odds of one shape.

    NaN where there is no closing price (NaN). Raises ValueError for a price that is not above 1.
    """
    taken, closing = _prices(price_taken), _prices(closing_price)
    return np.asarray((taken / closing - 1) * 100)


def clv_no_vig_percentage(price_taken: ArrayLike, closing_probability: ArrayLike) -> Floats:
    """(price taken * no-vig closing probability - 1) * 100: the expected profit of the pick, were the close right.

    For a line on which the stake may be returned, the probability is that of winning among the outcomes that settle
    (1 / fair price). NaN where there is none (NaN). Raises ValueError for a price that is not above 1 and for a
    probability that is not between 0 and 1.
    """
    taken, chance = _prices(price_taken), np.asarray(closing_probability, dtype=np.float64)
    if ((chance <= 0) | (chance >= 1)).any():
        raise ValueError("a closing probability is not between 0 and 1")
    return np.asarray((taken * chance - 1) * 100)


def _prices(given: ArrayLike) -> Floats:
    prices = np.asarray(given, dtype=np.float64)
    if ((prices <= 1) | np.isinf(prices)).any():
        raise ValueError("a price is infinite or not above 1")
    return prices
