"""Quotes and the arithmetic of odds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monps_platform.domain.odds import PRICE_SCALE, Market, Quotes, concatenate, overround

_AT_ANY_SPEED = settings(deadline=None)

_PRICES = st.integers(PRICE_SCALE + 1, 9_999 * PRICE_SCALE)
_TABLES = st.integers(2, 3).flatmap(
    lambda sides: st.lists(st.lists(_PRICES, min_size=sides, max_size=sides), min_size=1, max_size=20)
)


def _quotes(market: Market, rows: list[tuple[int, int, bool, int, list[int]]]) -> Quotes:
    match, bookmaker, closing, line, prices = zip(*rows, strict=True)
    return Quotes(
        market,
        np.array(match),
        np.array(bookmaker),
        np.array(closing),
        None if market is Market.ONE_X_TWO else np.array(line),
        np.array(prices),
    )


@_AT_ANY_SPEED
@given(_TABLES)
def test_the_overround_is_the_sum_of_the_inverse_prices_less_one(prices: list[list[int]]) -> None:
    exact = [sum(1 / Fraction(price, PRICE_SCALE) for price in row) - 1 for row in prices]
    assert overround(np.array(prices)) == pytest.approx([float(margin) for margin in exact], rel=1e-12, abs=1e-12)


def test_fair_prices_have_no_overround() -> None:
    fair: NDArray[np.int64] = np.array([[20_000, 40_000, 40_000], [30_000, 30_000, 30_000]])
    assert overround(fair) == pytest.approx([0.0, 0.0], abs=1e-12)


@_AT_ANY_SPEED
@given(_TABLES, st.data())
def test_a_higher_price_on_any_side_lowers_the_overround(prices: list[list[int]], data: st.DataObject) -> None:
    better = np.array(prices)
    side = data.draw(st.integers(0, better.shape[1] - 1))
    better[:, side] += 10_000
    assert (overround(better) < overround(np.array(prices))).all()


def test_concatenated_quotes_stand_behind_each_other_in_every_column() -> None:
    first = _quotes(Market.OVER_UNDER, [(0, 1, False, 25_000, [19_000, 21_000])])
    second = _quotes(
        Market.OVER_UNDER, [(3, 0, True, 35_000, [30_000, 14_000]), (4, 2, False, 25_000, [18_000, 20_000])]
    )
    both = concatenate([first, second])
    assert len(both) == 3
    assert both.market is Market.OVER_UNDER
    assert both.match.tolist() == [0, 3, 4]
    assert both.bookmaker.tolist() == [1, 0, 2]
    assert both.is_closing.tolist() == [False, True, False]
    assert both.line is not None
    assert both.line.tolist() == [25_000, 35_000, 25_000]
    assert both.prices.tolist() == [[19_000, 21_000], [30_000, 14_000], [18_000, 20_000]]


def test_a_market_without_lines_has_none_when_concatenated() -> None:
    quotes = _quotes(Market.ONE_X_TWO, [(0, 0, False, 0, [20_000, 30_000, 40_000])])
    assert concatenate([quotes, quotes]).line is None


def test_a_mask_chooses_whole_rows_in_their_order() -> None:
    rows = [(at, at + 1, at % 2 == 0, at * 2_500, [11_000 + at, 12_000 + at]) for at in range(4)]
    quotes = _quotes(Market.ASIAN_HANDICAP, rows)
    chosen = quotes.where(np.array([False, True, False, True]))
    assert chosen.line is not None
    assert [chosen.match.tolist(), chosen.bookmaker.tolist(), chosen.line.tolist()] == [[1, 3], [2, 4], [2_500, 7_500]]
    assert chosen.is_closing.tolist() == [False, False]
    assert chosen.prices.tolist() == [[11_001, 12_001], [11_003, 12_003]]
    one_x_two = _quotes(Market.ONE_X_TWO, [(0, 0, False, 0, [20_000, 30_000, 40_000])])
    assert one_x_two.where(np.array([True])).line is None
