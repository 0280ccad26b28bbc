"""The scores that a market's prices imply: the goal model that gives back its no-vig probabilities.

Three numbers describe the scores of one match by Dixon & Coles (1997): the expected goals of either side and rho. Three
no-vig probabilities determine them: home win, draw, and over at a line of totals. So the model is not fitted to prices
but solved from them, match by match; what it then says of other lines is what the prices of 1x2 and totals imply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.bookmakers import Bookmaker
from monps_platform.domain.goal_model.score_grid import MAX_GOALS, outcome_probabilities, score_probabilities
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.settlement import SHARES, Backed, settle

Floats = NDArray[np.float64]

IMPLIED_VERSION = "dixon-coles-implied-1"
TOLERANCE = 1e-9
"""The largest difference between a probability given and the one solved for."""
_STEPS = 50
_LONGEST = 0.5
"""The longest step of log goals and rho: near the edge Newton's own would leave the model."""
_STEP = 1e-6
_EDGE = 0.999
"""How near rho may come to where a score's probability would be negative."""

_GOALS = np.arange(MAX_GOALS + 1)
_HOME_GOALS, _AWAY_GOALS = (grid.ravel() for grid in np.meshgrid(_GOALS, _GOALS, indexing="ij"))


@dataclass(frozen=True)
class MarketView:
    """No-vig probabilities of home win, draw and away win, and of over at a line (1 / fair price); whose they are."""

    one_x_two: tuple[float, float, float]
    line: float
    over: float
    books: tuple[Bookmaker, Bookmaker]


@dataclass(frozen=True)
class ImpliedScores:
    """Probabilities of all scores, (n, 256), as in ``score_grid``; a row of NaN where the search for the model that
    gives the prices does not arrive: there is none, or it lies beyond what the steps reach.
    """

    probabilities: Floats

    @classmethod
    def of(cls, views: Sequence[MarketView]) -> ImpliedScores:
        """Solve for the scores that n markets imply, each by itself."""
        if not views:
            return cls(np.empty((0, _HOME_GOALS.size)))
        wanted = np.array([[*view.one_x_two[:2], view.over] for view in views])
        shares = np.stack([_shares(Backed(Market.OVER_UNDER, PickSide.OVER, view.line)) for view in views])
        solution = _solve(wanted, shares)
        found = np.full((len(views), _HOME_GOALS.size), np.nan)
        solved = ~np.isnan(solution).any(axis=1)
        found[solved] = _scores(solution[solved])
        return cls(found)

    def fair_probability(self, place: int, backed: Backed) -> float | None:
        """1 / fair price of a pick in the match at a place: the share that wins among what settles. None where the
        match has no solution, or the pick is all but certain.
        """
        scores = self.probabilities[place]
        won, lost = _shares(backed) @ scores
        if not won + lost > 0:
            return None
        fair = float(won / (won + lost))
        return fair if 0 < fair < 1 else None


@cache
def _shares(backed: Backed) -> Floats:
    """The shares of the stake that each score wins, and loses, shape (2, 256); settled as picks are."""
    results = settle([backed] * _HOME_GOALS.size, _HOME_GOALS, _AWAY_GOALS)
    return np.array([SHARES[result] for result in results]).T


def _scores(parameters: Floats) -> Floats:
    """Probabilities of the scores, (n, 256), from log expected goals of both sides and rho, (n, 3)."""
    rates = np.exp(parameters[:, :2])
    return score_probabilities(rates, _inside(rates, parameters[:, 2]))


def _inside(rates: Floats, rho: Floats) -> Floats:
    """Rho, moved to where no score's probability is negative."""
    lowest = np.maximum(-1 / rates[:, 0], -1 / rates[:, 1])
    highest = np.minimum(1 / (rates[:, 0] * rates[:, 1]), 1.0)
    return np.clip(rho, _EDGE * lowest, _EDGE * highest)


def _stated(parameters: Floats, shares: Floats) -> Floats:
    """What the model says of home win, draw and over, (n, 3)."""
    scores = _scores(parameters)
    won, lost = np.einsum("nks,ns->kn", shares, scores)
    home, draw, _ = outcome_probabilities(scores).T
    return np.stack([home, draw, won / (won + lost)], axis=1)


def _solve(wanted: Floats, shares: Floats) -> Floats:
    """Log goals and rho, (n, 3), by Newton's method with differences for derivatives; NaN where it does not arrive.

    A row that has arrived moves no more: its solution does not hang on what else is solved with it.
    """
    solution = np.full((len(wanted), 3), np.nan)
    rows = np.arange(len(wanted))
    parameters = np.tile([np.log(1.5), np.log(1.2), 0.0], (len(wanted), 1))
    for _ in range(_STEPS):
        missed = _stated(parameters, shares[rows]) - wanted[rows]
        arrived = (np.abs(missed) < TOLERANCE).all(axis=1)
        solution[rows[arrived]] = parameters[arrived]
        rows, parameters, missed = rows[~arrived], parameters[~arrived], missed[~arrived]
        if not len(rows):
            break
        parameters = _stepped(parameters, missed, wanted[rows], shares[rows])
    return solution


def _stepped(parameters: Floats, missed: Floats, wanted: Floats, shares: Floats) -> Floats:
    """The parameters after a step of Newton's."""
    moved = [_stated(parameters + _STEP * axis, shares) for axis in np.eye(3)]
    slopes = np.stack([(each - wanted - missed) / _STEP for each in moved], axis=2)
    # At the edge of rho the slopes are flat: such a row has no solution, and a little stiffness keeps it finite.
    step = np.linalg.solve(slopes + 1e-12 * np.eye(3), missed[:, :, None])[:, :, 0]
    longest = np.abs(step).max(axis=1, keepdims=True)
    stepped = parameters - step * np.minimum(1, _LONGEST / np.maximum(longest, _LONGEST))
    stepped[:, 2] = _inside(np.exp(stepped[:, :2]), stepped[:, 2])
    return np.asarray(stepped)
