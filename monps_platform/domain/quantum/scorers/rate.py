"""Goals per 90 minutes by a gamma-Poisson posterior whose prior comes from the position and from xG.

The goals g of a player in t nineties are Poisson with mean rate * t. His rate has the prior gamma(shape a, rate a / m)
of his role, with mean m and coefficient of variation 1 / sqrt(a); his expected goals x add to it, and then his goals:

    prior      gamma(a + w x,      a / m + w t)
    posterior  gamma(a + w x + g,  a / m + w t + t)

(Gelman et al. 2013, "Bayesian Data Analysis", section 2.6). An expected goal counts as ``w`` goals. With
phi = sum(xg^2) / sum(xg) over the league's shots, x has the variance phi * rate * t of a compound Poisson sum, and
goals vary around it by (1 - phi) * rate * t; (w x + g) / (w t + t) then has just the variance rate / (w t + t) that
the posterior ascribes to it when w = (1 - 2 phi) / phi. Counting both in full would make the interval too narrow, as
the goals are among the shots that x is summed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from monps_platform.domain.quantum.scorers.roles import Role

Floats = NDArray[np.float64]

XG_BALLAST = 100.0
"""Goals, and as many expected ones, that are added before xG is scaled to the league's goals. Over a season they differ
by some per cent; over the first weeks chance alone makes more.
"""
USUAL_SHAPE, SHAPE_SPREAD = 3.6, 0.5
"""Geometric mean of the shapes of outfield roles, and standard deviation of their logs, in the real season 2017-18:
what a role's shape is taken to be until its players have shown it. Later seasons had no part in it.
"""
SHAPE_LIMITS = (0.5, 100.0)
"""Shapes that are searched. Below, the mean of a gamma comes near the end of its own 95 % interval."""
_BALLAST_NINETIES = 1.0
_LEVEL = (0.025, 0.975)


@dataclass(frozen=True)
class XgWorth:
    """An expected goal of a league's season in goals: ``scale`` as many on average, ``weight`` as much evidence."""

    scale: float
    weight: float

    @classmethod
    def of(cls, goals: int, shot_xg: ArrayLike) -> XgWorth:
        """From the league's goals, own goals left out, and the xG (n,) of its shots. Weight 0, goals alone count, where
        no shot has xG, or where phi is 1/2 or more.
        """
        xg = np.asarray(shot_xg, dtype=np.float64)
        total = float(xg.sum())
        scale = (goals + XG_BALLAST) / (total + XG_BALLAST)
        if total == 0:
            return cls(scale, 0.0)
        phi = scale * float((xg**2).sum()) / total
        return cls(scale, max(0.0, (1 - 2 * phi) / phi))

    def evidence(self, goals: ArrayLike, xg: ArrayLike) -> Floats:
        """Goals and what xG is worth of them, together: g + w x, of any shape. By 1 + weight it is the goals that they
        stand for.
        """
        return np.asarray(goals, dtype=np.float64) + self.weight * self.scale * np.asarray(xg, dtype=np.float64)


@dataclass(frozen=True)
class RolePrior:
    """The gamma of a role: mean goals per 90, and shape."""

    mean: float
    shape: float


@dataclass(frozen=True, eq=False)
class Rates:
    """Goals per 90 of n players: mean of the prior, mean and ends of the 95 % interval of the posterior; each (n,)."""

    prior: Floats
    mean: Floats
    low: Floats
    high: Floats


def fit_priors(evidence: ArrayLike, exposure: ArrayLike, roles: Sequence[Role]) -> Mapping[Role, RolePrior]:
    """Priors of the roles of n players from ``XgWorth.evidence`` and (1 + weight) nineties, both (n,).

    A role's mean is its evidence by its exposure, with one more ninety at the mean of all, so that none is 0. Its shape
    maximises the likelihood of the evidence, negative binomial around that mean, times the lognormal of USUAL_SHAPE
    (empirical Bayes: Efron & Morris 1975). Raises ValueError where nobody has played.
    """
    seen, over = np.asarray(evidence, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    if not over.sum() > 0:
        raise ValueError("nobody has played: there is no rate")
    # Half a goal more: a league without a goal yet is not one where nobody ever scores (Jeffreys).
    overall = (float(seen.sum()) + 0.5) / float(over.sum())
    priors = {}
    for role in dict.fromkeys(roles):
        own = np.array([other is role for other in roles])
        counts, nineties = seen[own], over[own]
        mean = float((counts.sum() + overall * _BALLAST_NINETIES) / (nineties.sum() + _BALLAST_NINETIES))
        priors[role] = RolePrior(mean, _shape(counts, mean * nineties))
    return priors


def rates(goals: ArrayLike, xg: ArrayLike, minutes: ArrayLike, roles: Sequence[Role], worth: XgWorth) -> Rates:
    """Rates of n players from their goals, xG and minutes in the same matches, each (n,). Raises ValueError where
    nobody has played.
    """
    scored, nineties = np.asarray(goals, dtype=np.float64), np.asarray(minutes, dtype=np.float64) / 90
    from_xg = worth.evidence(np.zeros_like(scored), xg)
    priors = fit_priors(scored + from_xg, (1 + worth.weight) * nineties, roles)
    shape = np.array([priors[role].shape for role in roles]) + from_xg
    exposure = np.array([priors[role].shape / priors[role].mean for role in roles]) + worth.weight * nineties
    low, high = (
        np.asarray(scipy.stats.gamma.ppf(level, shape + scored, scale=1 / (exposure + nineties))) for level in _LEVEL
    )
    return Rates(shape / exposure, (shape + scored) / (exposure + nineties), low, high)


def _shape(counts: Floats, expected: Floats) -> float:
    """The shape of the gamma of a role's rates by its mean, from counts and those expected of the mean, both (n,)."""

    def loss(log_shape: float) -> float:
        shape = exp(log_shape)
        gammaln = scipy.special.gammaln
        likelihood = gammaln(shape + counts) - gammaln(shape) + shape * (log_shape - np.log(shape + expected))
        likelihood -= counts * np.log(shape + expected)
        return float(((log_shape - log(USUAL_SHAPE)) / SHAPE_SPREAD) ** 2 / 2 - likelihood.sum())

    low, high = SHAPE_LIMITS
    return exp(scipy.optimize.minimize_scalar(loss, bounds=(log(low), log(high)), method="bounded").x)
