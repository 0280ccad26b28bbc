"""What bookmakers asked: noisy beliefs about the truth, a margin, and a grid of prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.no_vig import raised_to_sum
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream

CLOSING_ERROR_SD = 0.05
"""The closing market's error about the log of a side's expected goals, shared by all bookmakers."""

NEWS_SD = 0.08
"""What the market learns about it between the pre-match price and kick-off; before, it adds to the error."""

GAP_SHARE = 0.015
"""Share of matches for which a bookmaker has no price in a market."""

FINE_GRID: Ints = np.arange(101, 50_001)
"""Prices in hundredths, in steps of 0.01 from 1.01 to 500: Pinnacle's, and all Asian handicaps."""

# fmt: off
LADDER: Ints = np.array([
    *range(101, 112), 112, 114, 116, 118, 120, 122, 125, 128, 130, 133, 136, 140, 144, 147, 150, 153, 157,
    160, 163, 166, 170, 172, 175, 180, 183, 185, 190, 195, *range(200, 300, 5), *range(300, 420, 10), 420, 433,
    *range(450, 700, 25), *range(700, 1_000, 50), *range(1_000, 2_000, 100), *range(2_000, 5_000, 300),
    *range(5_000, 10_000, 500), *range(10_000, 50_001, 5_000),
])
# fmt: on
"""Prices in hundredths as bookmakers with fractional roots have them: 1.53, 1.57, ... coarser for long odds."""


@dataclass(frozen=True, eq=False)
class Bookmaker:
    """One bookmaker in one market.

    ``column`` is football-data.co.uk's prefix, ``margin`` the overround before rounding, ``noise`` the
    standard deviation of its own error in log probability, ``grid`` the prices it has, in hundredths.
    """

    column: str
    margin: float
    noise: float
    grid: Ints


@dataclass(frozen=True, eq=False)
class Quotes:
    """Prices in hundredths, shape (matches, columns, sides), and which of them were quoted, (matches, columns).

    Hundredths are whole numbers, so that a mean rounds alike everywhere.
    """

    columns: tuple[str, ...]
    cents: Ints
    quoted: NDArray[np.bool_]


MATCH_ODDS_BOOKS: tuple[Bookmaker, ...] = (
    Bookmaker("B365", 0.054, 0.022, LADDER),
    Bookmaker("BW", 0.053, 0.024, LADDER),
    Bookmaker("IW", 0.062, 0.026, LADDER),
    Bookmaker("PS", 0.026, 0.008, FINE_GRID),
    Bookmaker("WH", 0.055, 0.022, LADDER),
    Bookmaker("VC", 0.052, 0.024, LADDER),
)
"""Bookmakers of the 1x2 market, with margins and noise near those of 2019-20 to 2021-22."""

TOTALS_BOOKS: tuple[Bookmaker, ...] = (
    Bookmaker("B365", 0.053, 0.016, LADDER),
    Bookmaker("P", 0.028, 0.006, FINE_GRID),
)
"""Bookmakers of the totals at 2.5 goals."""

HANDICAP_BOOKS: tuple[Bookmaker, ...] = (
    Bookmaker("B365", 0.027, 0.009, FINE_GRID),
    Bookmaker("P", 0.021, 0.005, FINE_GRID),
)
"""Bookmakers of the Asian handicap."""


def market_rates(stream: Stream, rates: Floats) -> tuple[Floats, Floats]:
    """Expected goals as the market sees them, pre-match and closing, each of shape (matches, 2).

    News separates the two, so the closing market is the sharper one; neither is biased.
    """
    errors = stream.normal(2, *rates.shape)
    closing = rates * np.exp(CLOSING_ERROR_SD * errors[0] - CLOSING_ERROR_SD**2 / 2)
    return closing * np.exp(NEWS_SD * errors[1] - NEWS_SD**2 / 2), closing


def quote(stream: Stream, fair: Floats, books: tuple[Bookmaker, ...]) -> Quotes:
    """Each bookmaker's prices for the market's probabilities, shape (matches, sides), which sum to 1."""
    matches, sides = fair.shape
    noise = np.array([book.noise for book in books])[:, None]
    belief = fair[:, None, :] * np.exp(noise * stream.normal(matches, len(books), sides))
    belief /= belief.sum(axis=2, keepdims=True)
    asked = 100 / with_margin(belief, np.array([book.margin for book in books]))
    cents = np.stack([to_grid(asked[:, index], book.grid) for index, book in enumerate(books)], axis=1)
    quoted = stream.uniform(matches, len(books)) >= GAP_SHARE
    return Quotes(tuple(book.column for book in books), cents, quoted)


def with_margin(fair: Floats, margins: Floats) -> Floats:
    """Inverse prices that sum to 1 + margin: shape (..., books, sides) from probabilities and (books,).

    Inverse price = probability ** k with k below 1, the power method (Clarke, Kovalchik & Ingram 2017): it
    charges outsiders more than favourites and never asks less than 1.
    """
    return raised_to_sum(fair, 1 + margins)


def to_grid(prices: Floats, grid: Ints) -> Ints:
    """The nearest price of an ascending grid, all in hundredths; beyond its ends the end itself."""
    return np.asarray(grid[np.searchsorted((grid[:-1] + grid[1:]) / 2, prices)])


def aggregates(quotes: Quotes) -> Quotes:
    """Highest and mean price (rounded half up) over the bookmakers that quoted, as columns Max and Avg."""
    counted = np.where(quotes.quoted[..., None], quotes.cents, 0)
    books = quotes.quoted.sum(axis=1)
    divisor = np.maximum(books, 1)[:, None]
    mean = (2 * counted.sum(axis=1) + divisor) // (2 * divisor)
    cents = np.stack([counted.max(axis=1), mean], axis=1)
    return Quotes(("Max", "Avg"), cents, np.repeat(books[:, None] > 0, 2, axis=1))
