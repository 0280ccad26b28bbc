"""Markets, price kinds and quotes: the vocabulary of odds, and the arithmetic every layer shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

PRICE_SCALE = 10_000
"""Prices and lines are held as whole ten-thousandths, exact where binary floats are not."""

LOWEST_OVERROUND = -0.05
HIGHEST_OVERROUND = 0.40
"""Overrounds beyond these are mistakes at the source: no real book asks so little or so much."""


class Market(StrEnum):
    """What is bet on."""

    ONE_X_TWO = "1x2"
    OVER_UNDER = "over_under"
    ASIAN_HANDICAP = "asian_handicap"
    BTTS = "btts"
    DOUBLE_CHANCE = "double_chance"
    DRAW_NO_BET = "draw_no_bet"


class PriceKind(StrEnum):
    """When a price stood: collected before the match, last before kickoff, or at a known instant."""

    PRE_MATCH = "pre_match"
    CLOSING = "closing"
    SNAPSHOT = "snapshot"


SIDES = MappingProxyType(
    {
        Market.ONE_X_TWO: ("home", "draw", "away"),
        Market.OVER_UNDER: ("over", "under"),
        Market.ASIAN_HANDICAP: ("home", "away"),
    }
)
"""The sides of each market that a source quotes today, in the order of its price columns."""


@dataclass(frozen=True)
class Quotes:
    """Complete quotes of one market: n rows, one array per column.

    ``match`` (n,) int64 points into the list of accepted matches; ``bookmaker`` (n,) int64 into the list of
    bookmaker keys; ``is_closing`` (n,) bool; ``line`` (n,) int64 ten-thousandths of a goal, None for 1x2;
    ``prices`` (n, sides) int64 ten-thousandths of decimal odds, every one above 1.
    """

    market: Market
    match: NDArray[np.int64]
    bookmaker: NDArray[np.int64]
    is_closing: NDArray[np.bool_]
    line: NDArray[np.int64] | None
    prices: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.match)

    def where(self, mask: NDArray[np.bool_]) -> Quotes:
        """The rows that a mask (n,) chooses, in their order."""
        return Quotes(
            self.market,
            self.match[mask],
            self.bookmaker[mask],
            self.is_closing[mask],
            None if self.line is None else self.line[mask],
            self.prices[mask],
        )


def concatenate(blocks: Sequence[Quotes]) -> Quotes:
    """Quotes of one market behind each other."""
    lines = [block.line for block in blocks if block.line is not None]
    return Quotes(
        blocks[0].market,
        np.concatenate([block.match for block in blocks]),
        np.concatenate([block.bookmaker for block in blocks]),
        np.concatenate([block.is_closing for block in blocks]),
        np.concatenate(lines) if lines else None,
        np.concatenate([block.prices for block in blocks]),
    )


def is_plausible(prices: Sequence[float]) -> bool:
    """Whether decimal odds, one for each side, may be a real market's: the overround is within the bounds."""
    # To twelve decimals: sums of floats and of exact numbers shall agree on what lies on a bound.
    return LOWEST_OVERROUND <= round(sum(1 / price for price in prices) - 1, 12) <= HIGHEST_OVERROUND


def overround(prices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of the inverse decimal odds less one, shape (n,), from ``prices`` (n, sides) in ten-thousandths.

    The bookmaker's margin as the field defines it: sum(1 / price) - 1.
    """
    inverse: NDArray[np.float64] = PRICE_SCALE / prices
    return np.asarray(inverse.sum(axis=1) - 1.0, dtype=np.float64)
