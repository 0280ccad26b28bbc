"""What a strategy's bets say: return on stake with its interval, CLV, and whether chance alone explains the profit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from monps_platform.domain.intervals import Rate, rate
from monps_platform.domain.quantum.strategies.walk_forward import Bet
from monps_platform.domain.staking import fractional_kelly

LEAST_BETS = 10
"""Bets for an interval and a test. From here on the bootstrap's 95 % intervals hold the truth of fair bets at prices of
1.95 to 3.5 in 91 to 96 of 100 cases; with five, in as few as 80."""
RESAMPLES = 1000
"""An end of the interval then varies by a fiftieth of its width from seed to seed (standard error of the quantile)."""
PRIOR_SD = 0.05
"""Standard deviation of true returns on stake over strategies, around 0, before any evidence: markets' margins are of
this size, and few who beat them do so by more."""
KELLY_FRACTION = 0.25
KELLY_CAP = 0.05
"""The share of the bankroll that is one unit: the most that is ever staked on a bet, as by the built-in agents."""
_CELLS = 100
"""Parts of a unit in which payouts are counted: bookmakers quote in hundredths."""
_ROUNDING = 1e-6
_SEED = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What n bets of one unit came to. ``roi`` is profit / stake, with its 95 % interval; ``mean_clv_percentage`` that
    over the bets with a closing price, ``clv_no_vig`` that against the closing price less its margin, over the bets
    that have one, with its 95 % interval; ``p_value`` that of a return of at most 0; ``quarter_kelly`` the stake, as a
    share of a unit, that the shrunken return would justify, were it believed. None is what cannot be said.
    """

    bets: int
    roi: float | None
    roi_low: float | None
    roi_high: float | None
    mean_clv_percentage: float | None
    clv_no_vig: Rate
    p_value: float | None
    quarter_kelly: float


NO_RATE = Rate(None, None, None, 0, 0)


def evidence(bets: Sequence[Bet]) -> Evidence:
    """What some bets say, at most one of which is on a match."""
    if not bets:
        return Evidence(0, None, None, None, None, NO_RATE, None, 0.0)
    profits = np.array([bet.profit for bet in bets])
    prices = np.array([bet.price for bet in bets])
    of_stake = mean_rate(profits.tolist(), [bet.match_id for bet in bets])
    clv = [bet.clv_percentage for bet in bets if bet.clv_percentage is not None]
    return Evidence(
        len(bets),
        of_stake.value,
        of_stake.low,
        of_stake.high,
        float(np.mean(clv)) if clv else None,
        known_rate((bet.clv_no_vig_percentage, bet.match_id) for bet in bets),
        p_value(prices, profits) if len(bets) >= LEAST_BETS else None,
        quarter_kelly(prices, profits),
    )


def roi(bets: Sequence[Bet]) -> float | None:
    """Profit / stake of bets of one unit; None without a bet."""
    return float(np.mean([bet.profit for bet in bets])) if bets else None


def mean_rate(values: Sequence[float], match_ids: Sequence[int]) -> Rate:
    """The mean of n bets' values with its 95 % interval by the bootstrap over matches; no interval of fewer than ten
    matches, and none of values that are all alike, which say nothing about how far they may vary.
    """
    found = rate(values, np.ones(len(values)), match_ids, _SEED, RESAMPLES)
    if found.value is None or found.low is None or found.high is None:
        return found
    if found.clusters < LEAST_BETS or found.low == found.high:
        return replace(found, low=None, high=None)
    return replace(found, low=min(found.low, found.value), high=max(found.high, found.value))


def known_rate(values: Iterable[tuple[float | None, int]]) -> Rate:
    """The mean of the values that are known, each with its match."""
    known = [(value, match_id) for value, match_id in values if value is not None]
    return mean_rate([value for value, _ in known], [match_id for _, match_id in known])


def p_value(prices: ArrayLike, profits: ArrayLike) -> float:
    """Probability of at least this profit of n bets of one unit, were none of them worth more than its stake.

    The bets lie on the edge of that hypothesis: each wins with probability 1 / price, so that it returns its stake on
    average, and a lower probability would make such a profit rarer still. The distribution of the sum is exact, by
    convolution, not resampled: it is right for few bets at long odds, where the normal distribution and the bootstrap
    are not, and it has no smallest value, as it needs among a thousand tests. Bets whose stake came back are left out:
    of the others at the same terms, 1 / price is the fair share. A bet that can be won or lost by half varies less than
    is assumed here, which errs on the side of caution; so do prices between two hundredths. Raises ValueError when the
    lengths differ.
    """
    odds, won = np.asarray(prices, dtype=np.float64), np.asarray(profits, dtype=np.float64)
    if odds.shape != won.shape:
        raise ValueError(f"prices of shape {odds.shape}, profits of shape {won.shape}: not one each")
    decided = won != 0
    odds, paid = odds[decided], won[decided] + 1
    least = int(np.floor(paid.sum() * _CELLS + _ROUNDING))
    if least <= 0:
        return 1.0
    below = np.zeros(least)  # probability of each payout below the one that was reached
    below[0] = 1.0
    reached = 0.0
    cells = np.ceil(odds * _CELLS - _ROUNDING).astype(np.int64)
    for cell, chance in zip(cells.tolist(), (1 / odds).tolist(), strict=True):
        moved = below * chance
        below -= moved
        reached += float(moved[max(least - cell, 0) :].sum())
        below[cell:] += moved[: max(least - cell, 0)]
    return min(reached, 1.0)


def quarter_kelly(prices: ArrayLike, profits: ArrayLike) -> float:
    """A quarter of the Kelly stake on the return after shrinkage, as a share of a unit, from 0 to 1.

    The return's posterior mean, given a normal prior around 0 with the standard deviation PRIOR_SD, is return *
    prior^2 / (prior^2 + s^2), where s^2 = sum(price - 1) / n^2 is the variance of the mean of n fair bets. The stake is
    that on a bet at the mean price with this return, KELLY_CAP of the bankroll at most, which is one unit.
    """
    odds, won = np.asarray(prices, dtype=np.float64), np.asarray(profits, dtype=np.float64)
    mean, variance = float(won.mean()), float((odds - 1).sum()) / len(odds) ** 2
    if mean <= 0:
        return 0.0
    edge = mean * PRIOR_SD**2 / (PRIOR_SD**2 + variance)
    price = float(odds.mean())
    stake = fractional_kelly([(1 + edge) / price], [price], KELLY_FRACTION, KELLY_CAP)[0]
    return float(stake) / KELLY_CAP
