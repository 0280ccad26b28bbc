"""In which periods of a match a player's goals fall.

Shares of the periods are those of a goal intensity per minute on the pitch that is the league's, times his presence in
each period, times what his team does otherwise; around that, his own goals and xG move them. Counts by period are
multinomial with shares that vary around the expected ones as a Dirichlet (Mosimann 1962); by how much, the league's
players and teams show.
"""

from __future__ import annotations

from math import exp, log

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONCENTRATION_LIMITS = (1.0, 1000.0)
"""Goals as which expected shares may count: at the upper end nothing but them is seen."""
LEAST_PRESENCE = 0.02
"""No period is quite without a player: substitutes of a few minutes a match have come on early, too."""
_HALF = 0.5
_ROUNDS = 30
"""Of the proportional fitting: enough for a millionth."""


def period_shares(evidence: ArrayLike, presence: ArrayLike, team_of: Ints) -> Floats:
    """Shares of the periods of n players, each row summing to 1, from goals and xG by period (``XgWorth.evidence``) and
    presence, both (n, 6), and what tells each player's team, (n,).
    """
    seen, there = np.asarray(evidence, dtype=np.float64), np.asarray(presence, dtype=np.float64)
    expected = league_shares(seen, np.maximum(there, LEAST_PRESENCE))
    _, numbers = np.unique(team_of, return_inverse=True)
    expected = _rows(expected * _team_factors(seen, expected, numbers)[numbers])
    return shrunk_shares(seen, expected, concentration(seen, expected))


def league_shares(evidence: Floats, presence: Floats) -> Floats:
    """Shares (n, 6) proportional to presence times one intensity per period, such that the players' evidence, spread by
    them, falls in the periods in which the league's did (iterative proportional fitting). Half a goal is added to each
    period: none is impossible.
    """
    of_players = evidence.sum(axis=1)
    if not of_players.any():
        return _rows(presence)
    weights = of_players / of_players.sum()
    wanted = evidence.sum(axis=0) + _HALF
    wanted = intensity = wanted / wanted.sum()
    for _ in range(_ROUNDS):
        intensity = intensity * wanted / (weights @ _rows(intensity * presence))
        intensity = intensity / intensity.sum()
    return _rows(intensity * presence)


def concentration(counts: ArrayLike, centres: ArrayLike) -> float:
    """How many goals the centres' shares count as, by largest likelihood: counts and positive centres, both (n, 6)."""
    seen, around = np.asarray(counts, dtype=np.float64), np.asarray(centres, dtype=np.float64)
    totals = seen.sum(axis=1)

    def loss(log_strength: float) -> float:
        strength = exp(log_strength)
        prior = strength * around
        likelihood = (scipy.special.gammaln(seen + prior) - scipy.special.gammaln(prior)).sum(axis=1)
        return -float((likelihood + scipy.special.gammaln(strength) - scipy.special.gammaln(totals + strength)).sum())

    low, high = CONCENTRATION_LIMITS
    return exp(scipy.optimize.minimize_scalar(loss, bounds=(log(low), log(high)), method="bounded").x)


def shrunk_shares(counts: ArrayLike, centres: ArrayLike, strength: float) -> Floats:
    """Shares (n, 6) of counts (n, 6) with ``strength`` goals of their centres' shares (n, 6) added."""
    seen, around = np.asarray(counts, dtype=np.float64), np.asarray(centres, dtype=np.float64)
    return _rows(seen + strength * around)


def _team_factors(evidence: Floats, expected: Floats, team_of: Ints) -> Floats:
    """What each team's goals do otherwise than its players' presence says: factors (teams, 6)."""
    seen, spread = (np.zeros((int(team_of.max()) + 1, evidence.shape[1])) for _ in range(2))
    np.add.at(seen, team_of, evidence)
    # A team without a shot yet has the shares of its players, each counted alike.
    np.add.at(spread, team_of, (evidence.sum(axis=1, keepdims=True) + np.finfo(float).eps) * expected)
    centres = _rows(spread)
    return np.asarray(shrunk_shares(seen, centres, concentration(seen, centres)) / centres)


def _rows(values: Floats) -> Floats:
    """Rows (n, 6) scaled so that each sums to 1."""
    return np.asarray(values / values.sum(axis=1, keepdims=True))
