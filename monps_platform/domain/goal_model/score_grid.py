"""From expected goals to the probabilities of all scores, and from those to the probabilities of every market."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MAX_GOALS = 15
"""The most goals that one side can score."""

HANDICAP_LINES: tuple[float, ...] = tuple(quarters / 4 for quarters in range(-12, 13))
"""Asian handicap lines of the home side in goals: -3 to 3 in quarters."""

_SIZE = MAX_GOALS + 1
_HOME_GOALS, _AWAY_GOALS = (grid.ravel() for grid in np.indices((_SIZE, _SIZE)))
_TOTAL = _HOME_GOALS + _AWAY_GOALS
_DIFFERENCE = _HOME_GOALS - _AWAY_GOALS


def poisson_pmf(rates: Floats, limit: int) -> Floats:
    """Probabilities of 0 to ``limit`` - 1 events: the shape of the rates with ``limit`` appended."""
    counts = np.arange(limit)
    log_factorials = np.cumsum(np.log(np.maximum(counts, 1)))
    return np.asarray(np.exp(counts * np.log(rates)[..., None] - rates[..., None] - log_factorials))


def score_probabilities(rates: Floats, rho: ArrayLike) -> Floats:
    """Probabilities of all scores, shape (n, 256), from the expected goals of home and away side, shape (n, 2).

    Poisson goals with the low-score correction of Dixon & Coles (1997), section 4.2, and its ``rho``, one for all or
    one for each match (n,); column i * 16 + j is the score i-j. Rows sum to 1: what lies beyond 15 goals is spread over
    the others. Raises ValueError for expected goals that are not positive and finite, and where rho makes a probability
    negative.
    """
    if not (np.isfinite(rates) & (rates > 0)).all():
        raise ValueError("expected goals must be positive and finite: leave the match out")
    dependence = np.broadcast_to(np.asarray(rho, dtype=np.float64), len(rates))
    factors = _low_score_factors(rates, dependence)
    if not (factors >= 0).all():
        row = int(np.flatnonzero(~(factors >= 0).all(axis=1))[0])
        raise ValueError(
            f"rho {dependence[row]} makes a score's probability negative at expected goals {rates[row].tolist()}"
        )
    home, away = np.moveaxis(poisson_pmf(rates, _SIZE), 1, 0)
    scores = home[:, :, None] * away[:, None, :]
    scores[:, :2, :2] *= factors.reshape(-1, 2, 2)
    flat = scores.reshape(len(rates), _SIZE * _SIZE)
    return np.asarray(flat / flat.sum(axis=1, keepdims=True))


def outcome_probabilities(scores: Floats) -> Floats:
    """Probabilities of home win, draw and away win, shape (n, 3), from those of the scores, (n, 256)."""
    return _expected(scores, np.stack([_DIFFERENCE > 0, _DIFFERENCE == 0, _DIFFERENCE < 0], axis=1))


def over_probabilities(scores: Floats, lines: ArrayLike) -> Floats:
    """Probabilities of more goals than each half line (k,) has, shape (n, k), from those of the scores, (n, 256).

    Raises ValueError for other lines, such as 2.0 and 2.25: stakes on them may be returned.
    """
    totals = np.asarray(lines, dtype=np.float64)
    if not (totals % 1 == 0.5).all():
        raise ValueError(f"totals lines must be half lines such as 2.5: {totals.tolist()}")
    return _expected(scores, _TOTAL[:, None] > totals)


def both_score_probability(scores: Floats) -> Floats:
    """Probability that both sides score, shape (n,), from those of the scores, (n, 256)."""
    return np.asarray(_expected(scores, ((_HOME_GOALS > 0) & (_AWAY_GOALS > 0))[:, None])[:, 0])


def handicap_probabilities(scores: Floats, lines: ArrayLike) -> Floats:
    """The home side's fair probability (1 / fair price) at each quarter line (k,), shape (n, k); scores (n, 256).

    A quarter line is two half stakes on its neighbours; a push returns the stake. The fair price is
    1 + lost / won, where won and lost are the expected shares of the stake that win and lose. The away side's
    is 1 less the home side's. Raises ValueError for lines that are not whole quarters.
    """
    given = np.asarray(lines, dtype=np.float64)
    if not (given * 4 % 1 == 0).all():
        raise ValueError(f"handicap lines must be whole quarters of a goal: {given.tolist()}")
    halves = np.stack([np.floor(given * 2), np.ceil(given * 2)]) / 2
    margin = _DIFFERENCE[:, None] + halves[:, None, :]
    won = _expected(scores, (margin > 0).mean(axis=0))
    lost = _expected(scores, (margin < 0).mean(axis=0))
    return np.asarray(won / (won + lost))


def _low_score_factors(rates: Floats, rho: Floats) -> Floats:
    """Dixon and Coles' tau of the scores 0-0, 0-1, 1-0 and 1-1, shape (n, 4), from a rho for each match (n,)."""
    home, away = rates.T
    return np.stack([1 - rho * home * away, 1 + rho * home, 1 + rho * away, 1 - rho], axis=1)


def _expected(scores: Floats, values: NDArray[np.generic]) -> Floats:
    """Expectations, shape (n, k), of k values of the scores, shape (256, k).

    By einsum: a matrix product's last bits depend on how many rows it is given, and with them a match's
    probabilities would on the other matches that are forecast with it.
    """
    return np.asarray(np.einsum("ns,sk->nk", scores, values.astype(np.float64)))
