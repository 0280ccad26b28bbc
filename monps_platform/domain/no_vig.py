"""No-vig probabilities: what decimal odds say about the sides once the bookmaker's margin is taken out.

Five methods, each from decimal odds (n, sides) to probabilities (n, sides) whose rows sum to 1 and keep the order of
the sides. With q = 1 / price and Q = sum of q (Clarke, Kovalchik & Ingram 2017, "Adjusting bookmaker's odds to allow
for overround", doi 10.11648/j.ajss.20170506.12):

- power: q ** k, with the k of each row;
- multiplicative: q / Q, the margin in proportion to the probabilities;
- additive: q - (Q - 1) / sides, the margin in equal parts;
- odds ratio: q / (c + q - c q), the odds of each side cut by one factor c (Cheung 2015);
- Shin: a share z of the money knows the result (Shin 1993, "Measuring the incidence of insider trading in a market for
  state-contingent claims"; in the form of Jullien & Salanie 1994). With two sides it is the additive method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_TOLERANCE = 1e-14
_STEPS = 200
_ROUNDING = 1e-12
_HALVINGS = 60
"""Of an interval, until its ends are the same number."""


class NoVigMethod(StrEnum):
    """How the margin is taken out."""

    POWER = "power"
    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"
    ODDS_RATIO = "odds_ratio"
    SHIN = "shin"


def no_vig(prices: ArrayLike, method: NoVigMethod = NoVigMethod.POWER) -> Floats:
    """No-vig probabilities, shape (n, sides), from decimal odds of the same shape.

    Raises ValueError for prices that are missing, infinite or not above 1, and for a row that the method cannot take.
    """
    return _METHODS[method](np.asarray(prices, dtype=np.float64))


def power(prices: Floats) -> Floats:
    """No-vig probabilities, shape (n, sides), from decimal odds of the same shape, by the power method.

    The exponent is above 1 with an overround, and below 1 where the inverse prices sum to less than 1, as the best
    prices of several bookmakers may. Raises ValueError for prices that are missing, infinite or not above 1.
    """
    return raised_to_sum(_inverse(prices), 1.0)


def multiplicative(prices: Floats) -> Floats:
    """No-vig probabilities, shape (n, sides), in proportion to the inverse prices; errors as for the power method."""
    inverse = _inverse(prices)
    return np.asarray(inverse / inverse.sum(axis=1, keepdims=True))


def additive(prices: Floats) -> Floats:
    """No-vig probabilities, shape (n, sides), each the same amount below the inverse price.

    Raises ValueError, besides the errors of the power method, for a row with a side so long that nothing is left of it.
    """
    inverse = _inverse(prices)
    fair = inverse - (inverse.sum(axis=1, keepdims=True) - 1) / inverse.shape[1]
    _refuse(~(fair > 0).all(axis=1), prices, "the additive method leaves a side no probability")
    return np.asarray(fair)


def odds_ratio(prices: Floats) -> Floats:
    """No-vig probabilities, shape (n, sides), whose odds p / (1 - p) are the book's by one factor for all sides of a
    row; errors as for the power method.
    """
    inverse = _inverse(prices)
    logits = np.log(inverse) - np.log1p(-inverse)
    # At either end every side has at least, or at most, its equal share.
    equal = np.log(inverse.shape[1] - 1)

    def probabilities(cut: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(cut[:, None] - logits)))

    return _falling_to_one(probabilities, logits.min(axis=1) + equal, logits.max(axis=1) + equal)


def shin(prices: Floats) -> Floats:
    """No-vig probabilities, shape (n, sides), by Shin's model of insiders.

    Raises ValueError, besides the errors of the power method, where the inverse prices sum to less than 1: a book
    without a margin has nothing to explain by insiders.
    """
    inverse = _inverse(prices)
    total = inverse.sum(axis=1, keepdims=True)
    # A fair book's inverse prices may sum to a little less than 1, by rounding.
    _refuse(
        total[:, 0] < 1 - _ROUNDING, prices, "Shin's model needs a margin, but the inverse prices sum to less than 1"
    )
    squares = inverse**2 / total

    def probabilities(insiders: Floats) -> Floats:
        share = insiders[:, None]
        # (root - z) / (2 (1 - z)) in another form: as it stands, it loses its digits where z is near 1.
        return np.asarray(2 * squares / (np.sqrt(share**2 + 4 * (1 - share) * squares) + share))

    return _falling_to_one(probabilities, np.zeros(len(inverse)), np.ones(len(inverse)))


_METHODS: Mapping[NoVigMethod, Callable[[Floats], Floats]] = MappingProxyType(
    {
        NoVigMethod.POWER: power,
        NoVigMethod.MULTIPLICATIVE: multiplicative,
        NoVigMethod.ADDITIVE: additive,
        NoVigMethod.ODDS_RATIO: odds_ratio,
        NoVigMethod.SHIN: shin,
    }
)


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


def _inverse(prices: Floats) -> Floats:
    wrong = ~(np.isfinite(prices) & (prices > 1)).all(axis=1)
    if wrong.any():
        found = prices[wrong][0].tolist()
        raise ValueError(f"a price is missing, infinite or not above 1: leave the quote out: {found}")
    return np.asarray(1 / prices)


def _refuse(rows: NDArray[np.bool_], prices: Floats, complaint: str) -> None:
    if rows.any():
        raise ValueError(f"{complaint}: {prices[rows][0].tolist()}; another method can take it")


def _falling_to_one(probabilities: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Probabilities at the parameter (n,) between ``low`` and ``high`` (n,) at which each row sums to 1; the sums fall
    as it rises.
    """
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = probabilities(middle).sum(axis=1) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return probabilities((low + high) / 2)
