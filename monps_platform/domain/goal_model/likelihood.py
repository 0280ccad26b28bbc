"""The penalised log-likelihood of Dixon & Coles (1997), and its first and second derivatives.

"Modelling association football scores and inefficiencies in the football betting market", JRSS C 46(2), section 4.
Each side's goals are Poisson with a log rate that is linear in the parameters; the four scores with at most one goal
a side are corrected by tau, which depends on both rates and rho.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST_ITERATIONS = 50
_MOST_HALVINGS = 40
_SUFFICIENT = 1e-4
"""Share of the gain that a step promises and must bring (Armijo 1966)."""
_AT_REST = 1e-8
"""Promised gain in log-likelihood below which one step more is the last; rounding blurs gains of some 1e-12."""


class NoMaximumError(RuntimeError):
    """A search for the largest likelihood that came to no end."""


@dataclass(frozen=True, eq=False)
class Design:
    """A sparse matrix (n, ``width``): row i has ``values[i, s]`` in column ``columns[i, s]``, both arrays (n, s).

    Rows are matches, columns parameters. With a few entries a row, products by counting are quicker than dense ones,
    also on a busy machine, since no library starts threads for them.
    """

    columns: Ints
    values: Floats
    width: int

    def times(self, vector: Floats) -> Floats:
        """The matrix times a vector (width,): shape (n,)."""
        return np.asarray((self.values * vector[self.columns]).sum(axis=1))

    def transposed_times(self, vector: Floats) -> Floats:
        """The transposed matrix times a vector (n,): shape (width,)."""
        entries = self.values * vector[:, None]
        return np.bincount(self.columns.ravel(), entries.ravel(), self.width).astype(np.float64)

    def weighted_products(self, weights: Floats, other: Design) -> Floats:
        """The transposed matrix times another one of its size, rows weighted by (n,): shape (width, width)."""
        at = self.columns[:, :, None] * self.width + other.columns[:, None, :]
        entries = (self.values * weights[:, None])[:, :, None] * other.values[:, None, :]
        sums = np.bincount(at.ravel(), entries.ravel(), self.width**2)
        return sums.astype(np.float64).reshape(self.width, self.width)

    def rows(self, mask: NDArray[np.bool_]) -> Design:
        """The rows that a mask (n,) chooses."""
        return Design(self.columns[mask], self.values[mask], self.width)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """What n matches say about p parameters, one of which, at ``rho_at``, is rho.

    ``home`` and ``away`` (n, p) give the log rates of both sides; ``home_goals``, ``away_goals`` and ``weights`` have
    shape (n,). Each parameter has a normal prior around 0 with ``precision`` (p,), 1 / variance.
    """

    home: Design
    away: Design
    home_goals: Ints
    away_goals: Ints
    weights: Floats
    precision: Floats
    rho_at: int

    def log_likelihood(self, parameters: Floats) -> float:
        """Weighted log-likelihood without the priors, natural logs; -inf where tau is not positive for some match."""
        home, away = self.home.times(parameters), self.away.times(parameters)
        tau = 1 + parameters[self.rho_at] * self._low_scores(home, away)
        if not (tau > 0).all():
            return -np.inf
        poisson = self.home_goals * home - np.exp(home) + self.away_goals * away - np.exp(away)
        return float(self.weights @ (np.log(tau) + poisson - self._log_factorials))

    def penalised(self, parameters: Floats) -> float:
        """Log-likelihood plus the logs of the priors, their constants left out."""
        return self.log_likelihood(parameters) - 0.5 * float(self.precision @ parameters**2)

    def derivatives(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Gradient (p,) and Hessian (p, p) of ``penalised``, where it is finite."""
        home, away = self.home.times(parameters), self.away.times(parameters)
        by_rho = self._low_scores(home, away)
        tau = 1 + parameters[self.rho_at] * by_rho
        # tau = 1 + rho c, and c is a product of rates: its derivative by a log rate in it is c itself.
        by_rate = 1 - 1 / tau
        gradient = self._gradient(home, away, by_rate, by_rho / tau) - self.precision * parameters
        hessian = self._hessian(home, away, by_rate * (1 - by_rate), by_rho / tau**2)
        hessian[self.rho_at, self.rho_at] -= self.weights @ (by_rho / tau) ** 2
        hessian[np.diag_indices_from(hessian)] -= self.precision
        return gradient, hessian

    def _gradient(self, home: Floats, away: Floats, by_rate: Floats, by_rho: Floats) -> Floats:
        home_slope = self.weights * (self.home_goals - np.exp(home) + self._has_home_rate * by_rate)
        away_slope = self.weights * (self.away_goals - np.exp(away) + self._has_away_rate * by_rate)
        gradient = self.home.transposed_times(home_slope) + self.away.transposed_times(away_slope)
        gradient[self.rho_at] += self.weights @ by_rho
        return gradient

    def _hessian(self, home: Floats, away: Floats, by_rates: Floats, by_rate_and_rho: Floats) -> Floats:
        """Each match's 3 x 3 block in (home log rate, away log rate, rho), put together; rho twice is left out."""
        home_curve = self.weights * (self._has_home_rate * by_rates - np.exp(home))
        away_curve = self.weights * (self._has_away_rate * by_rates - np.exp(away))
        hessian = self.home.weighted_products(home_curve, self.home)
        hessian += self.away.weighted_products(away_curve, self.away)
        goalless, home_rows, away_rows = self._goalless
        mixed = home_rows.weighted_products((self.weights * by_rates)[goalless], away_rows)
        hessian += mixed + mixed.T
        with_rho = self.home.transposed_times(self.weights * self._has_home_rate * by_rate_and_rho)
        with_rho += self.away.transposed_times(self.weights * self._has_away_rate * by_rate_and_rho)
        hessian[self.rho_at] += with_rho
        hessian[:, self.rho_at] += with_rho
        return hessian

    def _low_scores(self, home: Floats, away: Floats) -> Floats:
        """Derivative of tau by rho (n,): -lambda mu at 0-0, lambda at 0-1, mu at 1-0, -1 at 1-1, else 0."""
        return np.asarray(self._sign * np.exp(self._has_home_rate * home + self._has_away_rate * away))

    @cached_property
    def _is_low(self) -> NDArray[np.bool_]:
        return (self.home_goals <= 1) & (self.away_goals <= 1)

    @cached_property
    def _sign(self) -> Floats:
        return np.where(self.home_goals == self.away_goals, -1.0, 1.0) * self._is_low

    @cached_property
    def _has_home_rate(self) -> Floats:
        return np.where(self._is_low, 1.0 - self.home_goals, 0.0)

    @cached_property
    def _has_away_rate(self) -> Floats:
        return np.where(self._is_low, 1.0 - self.away_goals, 0.0)

    @cached_property
    def _goalless(self) -> tuple[NDArray[np.bool_], Design, Design]:
        """The rows of both sides at 0-0, the one score whose tau holds both rates."""
        goalless = (self.home_goals == 0) & (self.away_goals == 0)
        return goalless, self.home.rows(goalless), self.away.rows(goalless)

    @cached_property
    def _log_factorials(self) -> Floats:
        return np.asarray(scipy.special.gammaln(self.home_goals + 1.0) + scipy.special.gammaln(self.away_goals + 1.0))


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a penalised likelihood is largest: p parameters, the inverse negative Hessian (p, p), the steps taken."""

    parameters: Floats
    covariance: Floats
    iterations: int


def maximise(problem: Likelihood) -> Maximum:
    """Newton's method from 0 with step halving; raises NoMaximumError when it does not come to rest."""
    parameters = np.zeros_like(problem.precision)
    try:
        for iteration in range(1, _MOST_ITERATIONS + 1):
            gradient, hessian = problem.derivatives(parameters)
            step = scipy.linalg.cho_solve(scipy.linalg.cho_factor(-hessian), gradient)
            gain = float(gradient @ step)
            if gain < _AT_REST:
                return _maximum(problem, parameters + step, iteration)
            parameters = parameters + _share_of(step, gain, problem, parameters) * step
    except scipy.linalg.LinAlgError as error:
        raise NoMaximumError("the penalised likelihood is not concave where the search has come") from error
    raise NoMaximumError(f"{_MOST_ITERATIONS} Newton steps did not reach a maximum")


def _maximum(problem: Likelihood, parameters: Floats, iterations: int) -> Maximum:
    _, hessian = problem.derivatives(parameters)
    # LAPACK's own inverse of a positive definite matrix starts threads, which take 5 ms when another process is busy.
    return Maximum(parameters, np.asarray(np.linalg.inv(-hessian)), iterations)


def _share_of(step: Floats, gain: float, problem: Likelihood, parameters: Floats) -> float:
    """The share of a step to go: 1, or halved until the likelihood gains enough."""
    here = problem.penalised(parameters)
    for halvings in range(_MOST_HALVINGS):
        share = 0.5**halvings
        if problem.penalised(parameters + share * step) >= here + _SUFFICIENT * share * gain:
            return share
    raise NoMaximumError("no step along the gradient makes the penalised likelihood larger")
