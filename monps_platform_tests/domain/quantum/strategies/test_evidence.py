"""What bets say: tabulated by hand, and against the truth of chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.strategies.evidence import LEAST_BETS, evidence, p_value, quarter_kelly
from monps_platform.domain.quantum.strategies.rules import HOME_WIN
from monps_platform.domain.quantum.strategies.walk_forward import Bet
from monps_platform.domain.seasons import Season
from monps_platform.domain.settlement import Backed, profit, settle
from monps_platform.domain.strategies import StrategyName

SEASON = Season(2019)
PRICES = st.lists(st.integers(101, 900).map(lambda cents: cents / 100), min_size=1, max_size=7)


def bets(*profits: float, price: float = 2.0, clv: float | None = None) -> list[Bet]:
    return [
        Bet(StrategyName.FADE_LUCK, 1, at, SEASON, date(2019, 9, 1), HOME_WIN, price, clv, None, won)
        for at, won in enumerate(profits)
    ]


def test_return_interval_and_clv_are_as_by_hand() -> None:
    found = evidence([*bets(*[1.0] * 12, *[-1.0] * 8, clv=3.0), *bets(-1.0, 1.0)])
    assert found.bets == 22
    assert found.roi == pytest.approx(4 / 22)
    assert found.mean_clv_percentage == pytest.approx(3.0)  # two bets had no closing price
    # At evens P(13 of 22 or more) = 0.262.
    assert found.p_value == pytest.approx(sum(comb(22, won) for won in range(13, 23)) / 2**22)
    assert found.roi_low is not None
    assert found.roi_high is not None
    assert found.roi_low < 4 / 22 < found.roi_high


def test_clv_without_margin_has_an_interval_over_matches_and_says_how_many_bets_have_a_close() -> None:
    own = [
        replace(bet, clv_no_vig_percentage=None if bet.match_id % 3 == 0 else float(bet.match_id % 3) * 4 - 8)
        for bet in bets(*[1.0, -1.0] * 15)
    ]
    found = evidence(own).clv_no_vig
    assert found.n == 20
    assert found.value == pytest.approx(-2.0)  # ten of -4 and ten of 0
    # Two standard errors of 2 / sqrt(20).
    assert (found.low, found.high) == pytest.approx((-2.88, -1.12), abs=0.25)
    twice = evidence([*own, *own]).clv_no_vig
    assert twice.n == 40
    assert twice.low == pytest.approx(found.low)  # no new match
    alike = evidence(bets(*[1.0, -1.0] * 15)).clv_no_vig
    assert (alike.value, alike.low, alike.n) == (None, None, 0)


def test_the_interval_is_about_two_standard_errors_either_way() -> None:
    found = evidence(bets(*[1.0, -1.0] * 50))
    assert (found.roi_low, found.roi_high) == pytest.approx((-0.196, 0.196), abs=0.02)


def test_without_a_bet_there_is_nothing_to_say() -> None:
    found = evidence([])
    assert (found.bets, found.roi, found.roi_low, found.p_value, found.quarter_kelly) == (0, None, None, None, 0.0)


def test_few_bets_have_a_return_but_neither_interval_nor_test() -> None:
    found = evidence(bets(*[1.0] * (LEAST_BETS - 2), -1.0))
    assert found.roi is not None
    assert (found.roi_low, found.roi_high, found.p_value) == (None, None, None)


def test_bets_that_all_went_alike_have_no_interval_but_can_be_tested() -> None:
    found = evidence(bets(*[-1.0] * 12))
    assert (found.roi, found.roi_low, found.roi_high, found.p_value) == (-1.0, None, None, 1.0)
    assert evidence(bets(*[1.0] * 12)).p_value == pytest.approx(2**-12)


@given(PRICES, st.data())
def test_p_is_the_sum_over_all_ways_the_bets_may_go(prices: list[float], data: st.DataObject) -> None:
    won = data.draw(st.lists(st.booleans(), min_size=len(prices), max_size=len(prices)))
    cents = [round(100 * price) for price in prices]
    reached = sum(cent for cent, is_won in zip(cents, won, strict=True) if is_won)
    by_hand = 0.0
    for ends in product((True, False), repeat=len(prices)):
        if sum(cent for cent, is_won in zip(cents, ends, strict=True) if is_won) >= reached:
            by_hand += float(
                np.prod([1 / odds if end else 1 - 1 / odds for odds, end in zip(prices, ends, strict=True)])
            )
    profits = [price - 1 if is_won else -1.0 for price, is_won in zip(prices, won, strict=True)]
    assert p_value(prices, profits) == pytest.approx(by_hand, rel=1e-9)


@given(PRICES)
def test_p_of_bets_that_all_won_is_the_product_of_their_chances(prices: list[float]) -> None:
    assert p_value(prices, np.array(prices) - 1) == pytest.approx(float(np.prod(1 / np.array(prices))))


def test_a_returned_stake_changes_nothing() -> None:
    assert p_value([2.0, 1.9, 3.0], [1.0, 0.0, -1.0]) == p_value([2.0, 3.0], [1.0, -1.0])
    assert p_value([1.9, 1.9], [0.0, 0.0]) == 1.0


def test_prices_between_two_hundredths_err_on_the_side_of_caution() -> None:
    exact = 3 / 1.905 * (1 - 1 / 1.905) ** 2 + 3 / 1.905**2 * (1 - 1 / 1.905) + 1 / 1.905**3
    assert p_value([1.905] * 3, [0.905, -1.0, -1.0]) == pytest.approx(exact)
    two = 3 / 1.905**2 * (1 - 1 / 1.905) + 1 / 1.905**3
    assert p_value([1.905] * 3, [0.905, 0.905, -1.0]) >= two


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="not one each"):
        p_value([2.0, 3.0], [1.0])


@pytest.mark.parametrize("prices", [[1.9] * 12, [1.2, 1.4, 2.5, 6.0] * 5, [8.0] * 15, [15.0] * 38])
def test_under_the_null_p_is_uniform_or_above(prices: list[float]) -> None:
    chance, runs = np.random.default_rng(1), 2000
    odds = np.array(prices)
    won = chance.random((runs, len(odds))) < 1 / odds
    found = np.array([p_value(odds, profits) for profits in np.where(won, odds - 1, -1.0)])
    for level in (0.01, 0.05, 0.1, 0.3, 0.5):
        # Three standard errors of a share of 2,000.
        assert (found <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / runs)


@pytest.mark.parametrize("line", [-0.25, 0.25, -0.75, -1.0])
def test_under_the_null_p_of_handicaps_that_may_be_halved_or_returned_is_uniform_or_above(line: float) -> None:
    chance, runs, count = np.random.default_rng(2), 1000, 30
    home, away = chance.poisson(1.6, (runs, count)), chance.poisson(1.1, (runs, count))
    backed = Backed(Market.ASIAN_HANDICAP, PickSide.HOME, line)
    results = settle([backed] * home.size, home.ravel(), away.ravel())
    # The price at which the bet is worth its stake: what is lost / what is won at odds of two.
    at_evens = profit(results, np.full(home.size, 2.0), np.ones(home.size))
    price = 1 - at_evens[at_evens < 0].sum() / at_evens[at_evens > 0].sum()
    profits = profit(results, np.full(home.size, price), np.ones(home.size)).reshape(runs, count)
    found = np.array([p_value(np.full(count, price), each) for each in profits])
    for level in (0.01, 0.05, 0.1, 0.2):
        assert (found <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / runs)


def test_the_stake_is_a_quarter_of_kelly_on_the_shrunken_return() -> None:
    # 40 bets at evens, 26 won: return 0.3; variance of the mean 1 / 40; shrunk by 0.0025 / (0.0025 + 0.025).
    edge = 0.3 * 0.0025 / 0.0275
    assert quarter_kelly([2.0] * 40, [1.0] * 26 + [-1.0] * 14) == pytest.approx(0.25 * edge / 1.0 / 0.05)


def test_nothing_is_staked_on_a_loss_and_never_more_than_a_unit() -> None:
    assert quarter_kelly([2.0] * 20, [1.0, -1.0] * 10) == 0.0
    assert quarter_kelly([1.05] * 5000, [0.05] * 5000) == 1.0


@given(st.integers(101, 2000), st.integers(1, 60), st.data())
def test_the_stake_stays_between_nothing_and_a_unit(cents: int, count: int, data: st.DataObject) -> None:
    price, won = cents / 100, data.draw(st.integers(0, count))
    stake = quarter_kelly([price] * count, [price - 1] * won + [-1.0] * (count - won))
    assert 0 <= stake <= 1
