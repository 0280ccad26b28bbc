"""Stakes: how much of a bankroll to risk."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def fractional_kelly(probability: ArrayLike, price: ArrayLike, fraction: float, cap: float) -> Floats:
    """Shares of the bankroll (n,) that a fraction of the Kelly criterion stakes, none above ``cap``.

    f = fraction * (p * price - 1) / (price - 1) for probabilities p and decimal odds, each (n,): the growth rate of the
    bankroll is greatest at fraction 1 (Kelly 1956, "A new interpretation of information rate"); a fraction gives up
    some growth for much less variance (Thorp 2006). 0 without an edge. Raises ValueError for a probability that is not
    between 0 and 1, a price that is not above 1, and a fraction or cap that is not in (0, 1].
    """
    chance, odds = np.asarray(probability, dtype=np.float64), np.asarray(price, dtype=np.float64)
    if not ((chance > 0) & (chance < 1)).all():
        raise ValueError("a probability is missing or not between 0 and 1")
    if not ((odds > 1) & np.isfinite(odds)).all():
        raise ValueError("a price is missing, infinite or not above 1")
    for name, value in (("fraction", fraction), ("cap", cap)):
        if not 0 < value <= 1:
            raise ValueError(f"a {name} of {value}: it lies above 0 and is at most 1")
    return np.clip(fraction * (chance * odds - 1) / (odds - 1), 0, cap)
