"""Who scores first and last, when goals of n competitors are Poisson with a constant intensity within each period.

With Lambda_p the goals expected of all in period p, the first goal falls there with probability
exp(-sum over q < p of Lambda_q) * (1 - exp(-Lambda_p)), and is then i's with probability lambda_ip / Lambda_p: the
integral of lambda_i(t) exp(-integral of Lambda to t), exactly. For the last goal, time runs backwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def first_goal(expected: ArrayLike) -> Floats:
    """Probability (n,) that each of n scores first, from goals expected by period (n, periods). They sum to
    1 - exp(-goals expected of all); the rest is nobody's. Raises ValueError for a negative or infinite number.
    """
    goals = np.asarray(expected, dtype=np.float64)
    if not (np.isfinite(goals).all() and (goals >= 0).all()):
        raise ValueError("an expected number of goals is negative, missing or infinite")
    total = goals.sum(axis=0)
    before = np.cumsum(total) - total
    # (1 - exp(-x)) / x, which is 1 at 0.
    decided = np.where(total > 0, -np.expm1(-total) / np.where(total > 0, total, 1.0), 1.0)
    return np.asarray(goals @ (np.exp(-before) * decided))


def last_goal(expected: ArrayLike) -> Floats:
    """Probability (n,) that each of n scores last; shapes and errors as for ``first_goal``."""
    return first_goal(np.asarray(expected, dtype=np.float64)[:, ::-1])
