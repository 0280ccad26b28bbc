"""Value against the goal model: which probability belongs to which side and line, and what has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.agents import DixonColesValue, Selection
from monps_platform.domain.agents.dixon_coles_value import fair_probability
from monps_platform.domain.forecasts import Forecast, ForecastGap, ForecastModel, handicap_key
from monps_platform.domain.goal_model.score_grid import (
    HANDICAP_LINES,
    handicap_probabilities,
    over_probabilities,
    score_probabilities,
)
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PICK_SIDES, PickSide
from monps_platform.domain.quotes import standing
from monps_platform_tests.domain.test_quotes import BOOK_IDS, NOW, closing, handicap, quote, snapshot, total

USUAL = DixonColesValue()
EVERY = DixonColesValue(markets=(Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP))
HELD = Forecast(
    7,
    ForecastModel.DIXON_COLES,
    "test-1",
    home_prob=0.5,
    draw_prob=0.3,
    away_prob=0.2,
    over15_prob=0.75,
    over25_prob=0.5,
    over35_prob=0.25,
    btts_prob=0.55,
    handicaps={"-0.25": 0.6, "0": 0.7, "0.5": 0.8},
)
GAP = Forecast(7, ForecastModel.DIXON_COLES, "test-1", gap=ForecastGap.TOO_LITTLE_HISTORY)


def taken(found: Sequence[Selection]) -> list[tuple[PickSide, int, float]]:
    return [(item.side, item.bookmaker_id, item.price) for item in found]


@pytest.mark.parametrize(
    ("prices", "side"),
    [
        # The bounds: 1.05 / 0.5 = 2.1, 1.05 / 0.3 = 3.5, 1.05 / 0.2 = 5.25, met exactly.
        ((2.1, 3.5, 5.25), None),
        ((2.1001, 3.4, 5.0), PickSide.HOME),
        ((2.0999, 3.4, 5.0), None),
        ((2.0, 3.5001, 5.0), PickSide.DRAW),
        ((2.0, 3.4999, 5.0), None),
        ((2.0, 3.4, 5.2501), PickSide.AWAY),
        ((2.0, 3.4, 5.2499), None),
    ],
)
def test_the_best_price_is_picked_where_it_times_the_probability_exceeds_the_threshold(
    prices: tuple[float, float, float], side: PickSide | None
) -> None:
    worse = quote("BW", tuple(price - 0.1 for price in prices))
    found = USUAL.select([worse, quote("B365", prices)], {7: HELD})
    assert [(item.side, item.bookmaker_id) for item in found] == ([] if side is None else [(side, BOOK_IDS["B365"])])
    for item in found:
        place = PICK_SIDES[Market.ONE_X_TWO].index(item.side)
        probability = (0.5, 0.3, 0.2)[place]
        assert (item.price, item.probability) == (prices[place], probability)
        assert item.edge == pytest.approx(prices[place] * probability - 1, abs=1e-12)


def test_a_threshold_of_its_own_moves_the_bound() -> None:
    quotes = [quote("B365", (2.2, 3.4, 4.9))]
    assert DixonColesValue(threshold=1.1).select(quotes, {7: HELD}) == []
    assert len(DixonColesValue(threshold=1.0999).select(quotes, {7: HELD})) == 1


@pytest.mark.parametrize("unreal", ["Max", "BbMx", "Avg", "BbAv", "BFE"])
def test_the_price_is_never_that_of_an_aggregate_or_exchange(unreal: str) -> None:
    better = quote(unreal, (2.3, 3.4, 4.0))
    assert better.is_plausible
    assert USUAL.select([better], {7: HELD}) == []
    assert USUAL.select([better, quote("B365", (2.0, 3.4, 5.0))], {7: HELD}) == []
    real = quote("B365", (2.2, 3.4, 4.9))
    assert taken(USUAL.select([better, real], {7: HELD})) == [(PickSide.HOME, BOOK_IDS["B365"], 2.2)]


def test_an_implausible_quote_is_left_out() -> None:
    shifted = quote("WH", (3.5, 1.20, 2.15))
    assert USUAL.select([shifted], {7: HELD}) == []
    found = USUAL.select([shifted, quote("B365", (2.2, 3.4, 4.9))], {7: HELD})
    assert taken(found) == [(PickSide.HOME, BOOK_IDS["B365"], 2.2)]


@pytest.mark.parametrize("keys", [("WH", "BW"), ("BW", "WH")])
def test_of_books_with_the_same_best_price_the_first_by_key_is_taken(keys: tuple[str, str]) -> None:
    quotes = [quote(key, (2.2, 3.4, 4.9)) for key in keys]
    assert taken(USUAL.select(quotes, {7: HELD})) == [(PickSide.HOME, BOOK_IDS["BW"], 2.2)]


def test_a_match_without_a_forecast_is_not_picked_and_those_beside_it_are() -> None:
    quotes = [quote("B365", (2.2, 3.4, 4.9), match_id=match_id) for match_id in (6, 7, 8)]
    assert USUAL.select(quotes, {}) == []
    gap = replace(GAP, match_id=6)
    assert [item.match_id for item in USUAL.select(quotes, {6: gap, 7: HELD})] == [7]


def test_closing_prices_are_not_taken() -> None:
    better = quote("B365", (2.5, 3.3, 4.0))
    quotes = [quote("B365", (2.0, 3.4, 5.0)), closing(better), snapshot(better, 1)]
    assert USUAL.select(standing(quotes, NOW), {7: HELD}) == []


@pytest.mark.parametrize(
    ("market", "side", "line", "probability"),
    [
        (Market.ONE_X_TWO, PickSide.HOME, None, 0.5),
        (Market.ONE_X_TWO, PickSide.DRAW, None, 0.3),
        (Market.ONE_X_TWO, PickSide.AWAY, None, 0.2),
        (Market.OVER_UNDER, PickSide.OVER, 1.5, 0.75),
        (Market.OVER_UNDER, PickSide.UNDER, 1.5, 0.25),
        (Market.OVER_UNDER, PickSide.OVER, 2.5, 0.5),
        (Market.OVER_UNDER, PickSide.UNDER, 2.5, 0.5),
        (Market.OVER_UNDER, PickSide.OVER, 3.5, 0.25),
        (Market.OVER_UNDER, PickSide.UNDER, 3.5, 0.75),
        (Market.OVER_UNDER, PickSide.OVER, 2.25, None),
        (Market.OVER_UNDER, PickSide.UNDER, 2.0, None),
        (Market.OVER_UNDER, PickSide.OVER, 0.0, None),
        (Market.ASIAN_HANDICAP, PickSide.HOME, -0.25, 0.6),
        (Market.ASIAN_HANDICAP, PickSide.AWAY, -0.25, 0.4),
        (Market.ASIAN_HANDICAP, PickSide.HOME, 0.0, 0.7),
        (Market.ASIAN_HANDICAP, PickSide.HOME, -0.0, 0.7),
        (Market.ASIAN_HANDICAP, PickSide.AWAY, 0.0, 0.3),
        (Market.ASIAN_HANDICAP, PickSide.AWAY, 0.5, 0.2),
        (Market.ASIAN_HANDICAP, PickSide.HOME, 0.25, None),
        (Market.ASIAN_HANDICAP, PickSide.AWAY, -0.5, None),
        (Market.BTTS, PickSide.YES, None, None),
        (Market.DRAW_NO_BET, PickSide.HOME, None, None),
        (Market.DOUBLE_CHANCE, PickSide.HOME_OR_DRAW, None, None),
    ],
)
def test_each_side_and_line_has_its_own_probability_and_others_have_none(
    market: Market, side: PickSide, line: float | None, probability: float | None
) -> None:
    found = fair_probability(HELD, market, side, line)
    assert found is None if probability is None else found == pytest.approx(probability, abs=1e-15)
    assert fair_probability(GAP, market, side, line) is None


def test_of_a_forecast_with_other_gaps_only_what_it_holds_has_a_probability() -> None:
    bare = replace(HELD, over25_prob=None, handicaps=None)
    assert fair_probability(bare, Market.OVER_UNDER, PickSide.UNDER, 2.5) is None
    assert fair_probability(bare, Market.OVER_UNDER, PickSide.UNDER, 1.5) == 0.25
    assert fair_probability(bare, Market.ASIAN_HANDICAP, PickSide.HOME, 0.0) is None


@settings(deadline=None, max_examples=50)
@given(st.floats(0.3, 4), st.floats(0.3, 4), st.floats(-0.15, 0.05))
def test_both_sides_of_every_line_are_the_score_grids_and_sum_to_one(home: float, away: float, rho: float) -> None:
    scores = score_probabilities(np.array([(home, away)]), rho)
    overs = over_probabilities(scores, [1.5, 2.5, 3.5])[0].tolist()
    fair = handicap_probabilities(scores, HANDICAP_LINES)[0].tolist()
    keys = [handicap_key(line) for line in HANDICAP_LINES]
    held = replace(
        HELD,
        over15_prob=overs[0],
        over25_prob=overs[1],
        over35_prob=overs[2],
        handicaps=dict(zip(keys, fair, strict=True)),
    )
    stated = [(Market.OVER_UNDER, line, share) for line, share in zip((1.5, 2.5, 3.5), overs, strict=True)]
    stated += [(Market.ASIAN_HANDICAP, line, share) for line, share in zip(HANDICAP_LINES, fair, strict=True)]
    for market, line, share in stated:
        first, second = (fair_probability(held, market, side, line) for side in PICK_SIDES[market])
        assert first == share
        assert second == pytest.approx(1 - share, abs=1e-15)


@pytest.mark.parametrize(
    ("prices", "side"),
    [
        # 1.05 / 0.6 = 1.75 and 1.05 / 0.4 = 2.625; a swapped side would pick neither, or the other one.
        ((1.75, 2.6), None),
        ((1.76, 2.6), PickSide.HOME),
        ((1.7, 2.625), None),
        ((1.7, 2.63), PickSide.AWAY),
    ],
)
def test_a_handicap_is_picked_on_the_side_that_the_model_likes(
    prices: tuple[float, float], side: PickSide | None
) -> None:
    found = EVERY.select([handicap("B365", -0.25, prices)], {7: HELD})
    assert [(item.side, item.line) for item in found] == ([] if side is None else [(side, -0.25)])


@pytest.mark.parametrize(
    ("line", "prices", "side"),
    [
        (1.5, (1.41, 2.9), PickSide.OVER),
        (1.5, (1.33, 4.21), PickSide.UNDER),
        (3.5, (4.21, 1.33), PickSide.OVER),
        (3.5, (2.9, 1.41), PickSide.UNDER),
    ],
)
def test_totals_are_picked_at_each_half_line(line: float, prices: tuple[float, float], side: PickSide) -> None:
    assert [(item.side, item.line) for item in EVERY.select([total("B365", line, prices)], {7: HELD})] == [(side, line)]


def test_lines_without_a_probability_are_not_picked_and_leave_the_others() -> None:
    quotes = [total("B365", 2.25, (2.4, 1.7)), handicap("B365", -1.0, (2.6, 1.6)), total("B365", 2.5, (2.2, 1.8))]
    found = EVERY.select(quotes, {7: HELD})
    assert [(item.market, item.side, item.line) for item in found] == [(Market.OVER_UNDER, PickSide.OVER, 2.5)]


def test_of_several_lines_the_largest_edge_is_picked_at_most_once_for_each_side() -> None:
    quotes = [
        # Edges of the home side: 1.9 * 0.6 - 1 = 0.14, 1.65 * 0.7 - 1 = 0.155, 1.4 * 0.8 - 1 = 0.12.
        handicap("B365", -0.25, (1.9, 2.0)),
        handicap("BW", 0.0, (1.65, 2.3)),
        handicap("B365", 0.5, (1.4, 3.0)),
    ]
    (found,) = EVERY.select(quotes, {7: HELD})
    assert (found.side, found.line, found.bookmaker_id) == (PickSide.HOME, 0.0, BOOK_IDS["BW"])
    assert found.edge == pytest.approx(0.155, abs=1e-12)


def test_kelly_stakes_follow_from_the_models_probability() -> None:
    quotes = [quote("B365", (2.4, 3.3, 4.3))]
    agent = DixonColesValue(kelly_fraction=0.25, kelly_cap=1.0)
    # A quarter of (0.5 * 2.4 - 1) / 1.4 of 100 units.
    assert [item.stake for item in agent.select(quotes, {7: HELD})] == [3.5714]
    assert [item.stake for item in replace(agent, kelly_cap=0.02).select(quotes, {7: HELD})] == [2.0]
