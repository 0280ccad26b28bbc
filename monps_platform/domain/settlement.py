"""Settlement: how a pick ended, by the score at the end of normal time, and what it won or lost.

Every market comes down to one number, by how many goals the pick's side was beyond its line; a line in quarters is two
half stakes on the lines beside it. Rules of Asian handicaps and totals as Pinnacle publishes them ("What is the
explanation for Asian Handicap and Double Totals?").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monps_platform.domain.odds import Market
from monps_platform.domain.picks import MARKETS_WITH_LINE, PICK_SIDES, PickResult, PickSide

Floats = NDArray[np.float64]

RESULTS: tuple[PickResult, ...] = (
    PickResult.LOSS,
    PickResult.HALF_LOSS,
    PickResult.PUSH,
    PickResult.HALF_WIN,
    PickResult.WIN,
)
"""By quarters of a goal beyond the line: -2 or fewer, -1, 0, 1, 2 or more."""


@dataclass(frozen=True)
class Backed:
    """What a pick backs: a side of a market, at a line in goals (of the home side, for a handicap) where it has one.

    Raises ValueError for a side that the market does not have, a line where there is none or none where there is one,
    and a line that is no quarter of a goal.
    """

    market: Market
    side: PickSide
    line: float | None = None

    def __post_init__(self) -> None:
        if self.side not in PICK_SIDES[self.market]:
            raise ValueError(f"{self.market} has no side {self.side}: it has {', '.join(PICK_SIDES[self.market])}")
        if (self.market in MARKETS_WITH_LINE) != (self.line is not None):
            raise ValueError(f"{self.market} {'needs a' if self.line is None else 'has no'} line")
        if self.line is not None and self.line * 4 % 1 != 0:
            raise ValueError(f"a line is in quarters of a goal, not {self.line}")


def settle(backed: Sequence[Backed], home_goals: ArrayLike, away_goals: ArrayLike) -> list[PickResult]:
    """How n picks ended, from the goals of both sides at full time, each (n,).

    Raises ValueError when the lengths differ or goals are missing or negative.
    """
    home, away = np.asarray(home_goals, dtype=np.float64), np.asarray(away_goals, dtype=np.float64)
    if not home.shape == away.shape == (len(backed),):
        raise ValueError(f"{len(backed)} picks, goals of shapes {home.shape} and {away.shape}: not one each")
    if not ((home >= 0) & (away >= 0) & np.isfinite(home) & np.isfinite(away)).all():
        raise ValueError("goals are missing or negative: a match without a score cannot be settled")
    quarters = np.zeros(len(backed))
    positions: dict[tuple[Market, PickSide], list[int]] = {}
    for at, item in enumerate(backed):
        positions.setdefault((item.market, item.side), []).append(at)
    for (market, side), chosen in positions.items():
        line = np.array([backed[at].line or 0.0 for at in chosen])
        quarters[chosen] = _BEYOND[market, side](home[chosen], away[chosen], line) * 4
    steps = np.clip(quarters, -2, 2).astype(np.int64)
    return [RESULTS[step + 2] for step in steps.tolist()]


def possible_results(backed: Backed) -> tuple[PickResult, ...]:
    """How a pick of a played match can end, from loss to win."""
    most = abs(backed.line or 0.0) + 3
    home, away = np.indices((int(most), int(most))).reshape(2, -1)
    found = set(settle([backed] * home.size, home, away))
    return tuple(result for result in RESULTS if result in found)


def profit(results: Sequence[PickResult], price: ArrayLike, stake: ArrayLike) -> Floats:
    """Units won or lost (n,) by picks at decimal odds and stakes, each (n,).

    A win is stake * (price - 1), half a win half of that, a push or a void nothing, half a loss half the stake, a loss
    the stake; to nine decimals, which is exact for prices and stakes of four as long as less than a million units are
    won. Raises ValueError when lengths differ.
    """
    prices, stakes = np.asarray(price, dtype=np.float64), np.asarray(stake, dtype=np.float64)
    if not prices.shape == stakes.shape == (len(results),):
        raise ValueError(f"{len(results)} results, shapes {prices.shape} and {stakes.shape}: not one each")
    won, lost = np.array([SHARES[result] for result in results]).reshape(-1, 2).T
    # Adding 0 makes a zero of the zero below 0.
    return np.asarray(np.round(stakes * (won * (prices - 1) - lost), 9) + 0.0)


SHARES: Mapping[PickResult, tuple[float, float]] = MappingProxyType(
    {
        PickResult.WIN: (1.0, 0.0),
        PickResult.HALF_WIN: (0.5, 0.0),
        PickResult.PUSH: (0.0, 0.0),
        PickResult.VOID: (0.0, 0.0),
        PickResult.HALF_LOSS: (0.0, 0.5),
        PickResult.LOSS: (0.0, 1.0),
    }
)
"""The shares of the stake that win and that are lost."""

Beyond = Callable[[Floats, Floats, Floats], Floats]


def _won(condition: Callable[[Floats, Floats], NDArray[np.bool_]]) -> Beyond:
    """A market without a push: a whole goal beyond the line, or short of it."""
    return lambda home, away, _: np.where(condition(home, away), 1.0, -1.0)


_BEYOND: Mapping[tuple[Market, PickSide], Beyond] = MappingProxyType(
    {
        (Market.ONE_X_TWO, PickSide.HOME): _won(lambda home, away: home > away),
        (Market.ONE_X_TWO, PickSide.DRAW): _won(lambda home, away: home == away),
        (Market.ONE_X_TWO, PickSide.AWAY): _won(lambda home, away: home < away),
        (Market.OVER_UNDER, PickSide.OVER): lambda home, away, line: home + away - line,
        (Market.OVER_UNDER, PickSide.UNDER): lambda home, away, line: line - home - away,
        (Market.ASIAN_HANDICAP, PickSide.HOME): lambda home, away, line: home - away + line,
        (Market.ASIAN_HANDICAP, PickSide.AWAY): lambda home, away, line: away - home - line,
        (Market.BTTS, PickSide.YES): _won(lambda home, away: (home > 0) & (away > 0)),
        (Market.BTTS, PickSide.NO): _won(lambda home, away: (home == 0) | (away == 0)),
        (Market.DOUBLE_CHANCE, PickSide.HOME_OR_DRAW): _won(lambda home, away: home >= away),
        (Market.DOUBLE_CHANCE, PickSide.HOME_OR_AWAY): _won(lambda home, away: home != away),
        (Market.DOUBLE_CHANCE, PickSide.DRAW_OR_AWAY): _won(lambda home, away: home <= away),
        (Market.DRAW_NO_BET, PickSide.HOME): lambda home, away, _: home - away,
        (Market.DRAW_NO_BET, PickSide.AWAY): lambda home, away, _: away - home,
    }
)
"""Goals by which the side was beyond its line: 0 returns the stake."""
