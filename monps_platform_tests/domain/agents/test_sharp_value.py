"""Value at a soft book against a sharp one: whose price, whose probability, and the same line on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.agents import Selection, SharpValue
from monps_platform.domain.no_vig import NoVigMethod
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quotes import standing
from monps_platform_tests.domain.test_quotes import BOOK_IDS, NOW, closing, handicap, quote, snapshot, total

USUAL = SharpValue()
TOTALS = SharpValue(markets=(Market.OVER_UNDER,))
HANDICAPS = SharpValue(markets=(Market.ASIAN_HANDICAP,))
SOFT, SHARP = BOOK_IDS["B365"], BOOK_IDS["PS"]
PUBLISHED = (0.3591708, 0.4237291, 0.2171001)
"""Probabilities of prices 2.7, 2.3 and 4.4 that the package penaltyblog prints for the power method."""


def taken(found: Sequence[Selection]) -> list[tuple[PickSide, int, float]]:
    return [(item.side, item.bookmaker_id, item.price) for item in found]


def powered(prices: Sequence[float]) -> list[float]:
    """No-vig probabilities by the power method, the exponent found by halving an interval."""
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(price**-middle for price in prices) > 1 else (low, middle)
    return [float(price**-low) for price in prices]


@pytest.mark.parametrize(
    ("prices", "side"),
    [
        # 1.02 / 0.3591708 = 2.83987, 1.02 / 0.4237291 = 2.40720, 1.02 / 0.2171001 = 4.69829.
        ((2.8398, 2.2, 3.9), None),
        ((2.8399, 2.2, 3.9), PickSide.HOME),
        ((2.6, 2.4071, 3.9), None),
        ((2.6, 2.4073, 3.9), PickSide.DRAW),
        ((2.6, 2.2, 4.6982), None),
        ((2.6, 2.2, 4.6984), PickSide.AWAY),
    ],
)
def test_a_soft_price_is_picked_where_it_times_the_published_probability_exceeds_the_threshold(
    prices: tuple[float, float, float], side: PickSide | None
) -> None:
    found = USUAL.select([quote("B365", prices), quote("PS", (2.7, 2.3, 4.4))], {})
    assert [(item.side, item.bookmaker_id) for item in found] == ([] if side is None else [(side, SOFT)])
    for item in found:
        place = (PickSide.HOME, PickSide.DRAW, PickSide.AWAY).index(item.side)
        assert item.price == prices[place]
        assert item.probability == pytest.approx(PUBLISHED[place], abs=5e-6)
        assert item.edge == pytest.approx(prices[place] * PUBLISHED[place] - 1, abs=5e-5)


@pytest.mark.parametrize("sharp", [price / 100 for price in range(185, 206)])
def test_a_price_that_meets_the_threshold_exactly_is_no_pick(sharp: float) -> None:
    """Equal prices are even chances whatever their margin: 2.04 * 0.5 = 1.02."""
    quotes = [total("PS", 2.5, (sharp, sharp))]
    assert TOTALS.select([*quotes, total("B365", 2.5, (2.04, 1.8))], {}) == []
    assert TOTALS.select([*quotes, total("B365", 2.5, (1.8, 2.04))], {}) == []
    assert taken(TOTALS.select([*quotes, total("B365", 2.5, (2.0401, 1.8))], {})) == [(PickSide.OVER, SOFT, 2.0401)]
    assert taken(TOTALS.select([*quotes, total("B365", 2.5, (1.8, 2.0401))], {})) == [(PickSide.UNDER, SOFT, 2.0401)]


def test_a_threshold_of_its_own_moves_the_bound() -> None:
    quotes = [total("PS", 2.5, (1.9, 1.9)), total("B365", 2.5, (2.2, 1.7))]
    assert SharpValue(markets=(Market.OVER_UNDER,), threshold=1.1).select(quotes, {}) == []
    assert len(SharpValue(markets=(Market.OVER_UNDER,), threshold=1.0999).select(quotes, {})) == 1


def test_the_price_is_that_of_the_soft_book_even_if_others_have_a_better_one() -> None:
    quotes = [quote(key, (3.2, 3.3, 2.4)) for key in ("BW", "Max", "BFE", "Avg")]
    alone = [quote("B365", (3.0, 3.2, 2.3)), quote("PS", (2.7, 3.3, 2.7))]
    found = USUAL.select([*quotes, *alone], {})
    assert taken(found) == [(PickSide.HOME, SOFT, 3.0)]
    assert found == USUAL.select(alone, {})


@pytest.mark.parametrize("missing", ["B365", "PS"])
def test_without_either_book_there_is_nothing_to_compare(missing: str) -> None:
    quotes = [quote(key, prices) for key, prices in (("B365", (3.2, 3.2, 2.3)), ("PS", (2.7, 3.3, 2.7)))]
    assert len(USUAL.select(quotes, {})) == 1
    rest = [item for item in quotes if item.bookmaker.key != missing]
    assert USUAL.select([*rest, quote("BW", (2.7, 3.3, 2.7))], {}) == []


@pytest.mark.parametrize("agent", [TOTALS, HANDICAPS])
@pytest.mark.parametrize("other", [-0.5, 0.0, 0.25, 2.25, 2.75])
def test_prices_of_another_line_are_not_compared(agent: SharpValue, other: float) -> None:
    make = total if agent is TOTALS else handicap
    soft, even = make("B365", 2.5, (2.3, 1.7)), (1.95, 1.95)
    assert len(agent.select([soft, make("PS", 2.5, even)], {})) == 1
    assert agent.select([soft, make("PS", other, even)], {}) == []
    # Beside the other line the same one still speaks, and it alone.
    (found,) = agent.select([soft, make("PS", other, (1.7, 2.3)), make("PS", 2.5, even)], {})
    assert found.line == 2.5
    assert found.probability == pytest.approx(0.5, abs=1e-12)


def test_prices_of_another_market_or_match_are_not_compared() -> None:
    soft = total("B365", 2.5, (2.3, 1.7))
    both = SharpValue(markets=(Market.OVER_UNDER, Market.ASIAN_HANDICAP))
    assert both.select([soft, handicap("PS", 2.5), total("PS", 2.5, match_id=8)], {}) == []


@pytest.mark.parametrize(
    ("prices", "side"),
    [((2.3, 1.7), PickSide.HOME), ((1.7, 2.3), PickSide.AWAY)],
)
def test_a_handicap_is_picked_on_the_side_whose_price_is_too_high(prices: tuple[float, float], side: PickSide) -> None:
    found = HANDICAPS.select([handicap("B365", -0.75, prices), handicap("PS", -0.75)], {})
    assert [(item.side, item.line, item.price) for item in found] == [(side, -0.75, 2.3)]


def test_the_probability_of_each_side_of_a_handicap_is_its_own() -> None:
    # Pinnacle holds the home side for much likelier: only the away side of the soft book is value.
    quotes = [handicap("B365", -0.25, (1.5, 3.0)), handicap("PS", -0.25, (1.55, 2.6))]
    (found,) = HANDICAPS.select(quotes, {})
    assert (found.side, found.price) == (PickSide.AWAY, 3.0)
    assert found.probability == pytest.approx(powered((1.55, 2.6))[1], abs=1e-10)


def test_an_implausible_quote_of_either_book_is_not_compared() -> None:
    shifted = (3.5, 1.20, 2.15)
    assert USUAL.select([quote("B365", (3.2, 3.2, 2.3)), quote("PS", shifted)], {}) == []
    assert USUAL.select([quote("B365", shifted), quote("PS", (2.7, 3.3, 2.7))], {}) == []


@pytest.mark.parametrize("unreal", ["Max", "Avg", "BbMx", "BbAv", "BFE"])
def test_no_price_is_taken_at_an_aggregate_or_exchange_even_if_it_is_named(unreal: str) -> None:
    agent = SharpValue(soft_book=unreal)
    quotes = [quote(unreal, (3.2, 3.2, 2.3)), quote("PS", (2.7, 3.3, 2.7))]
    assert agent.select(quotes, {}) == []


def test_other_books_and_methods_may_be_named() -> None:
    quotes = [quote("WH", (2.7, 3.4, 2.6)), quote("Avg", (1.5, 4.2, 6.0))]
    (found,) = SharpValue(soft_book="WH", sharp_book="Avg", method=NoVigMethod.MULTIPLICATIVE).select(quotes, {})
    assert taken([found]) == [(PickSide.HOME, BOOK_IDS["WH"], 2.7)]
    assert found.probability == pytest.approx((1 / 1.5) / (1 / 1.5 + 1 / 4.2 + 1 / 6.0), abs=1e-12)


def test_closing_prices_are_neither_taken_nor_compared_with() -> None:
    soft, sharp = quote("B365", (2.7, 3.3, 2.6)), quote("PS", (2.7, 3.3, 2.7))
    better = [closing(quote("B365", (3.2, 3.2, 2.3))), closing(quote("PS", (1.8, 3.8, 4.5)))]
    assert USUAL.select(standing([soft, sharp, *better], NOW), {}) == []
    later = [snapshot(item, 1) for item in better]
    assert USUAL.select(standing([soft, sharp, *later], NOW), {}) == []
    assert len(USUAL.select(standing([soft, sharp, *(snapshot(item, -1) for item in better)], NOW), {})) == 1


@pytest.mark.parametrize("method", list(NoVigMethod))
def test_a_sharp_quote_that_the_method_cannot_take_stops_no_other_pick(method: NoVigMethod) -> None:
    """Shin's model needs a margin, the additive method leaves nothing of a long shot; both quotes are plausible."""
    agent = SharpValue(method=method)
    value = [quote("B365", (3.2, 3.2, 2.3)), quote("PS", (2.7, 3.3, 2.7))]
    expected = agent.select(value, {})
    assert taken(expected) == [(PickSide.HOME, SOFT, 3.2)]
    for prices in ((2.9, 3.4, 2.9), (1.01, 12.0, 80.0)):
        odd = [quote("B365", (2.0, 3.4, 3.6), match_id=8), quote("PS", prices, match_id=8)]
        assert odd[1].is_plausible
        assert [item for item in agent.select([*odd, *value], {}) if item.match_id == 7] == expected


_PRICES = st.tuples(st.integers(120, 600), st.integers(250, 600), st.integers(120, 600)).map(
    lambda prices: tuple(price / 100 for price in prices)
)


@settings(deadline=None, max_examples=100)
@given(_PRICES, _PRICES, st.sampled_from([1.0, 1.02, 1.1]))
def test_the_rule_side_by_side_gives_the_same_picks(
    soft: tuple[float, ...], sharp: tuple[float, ...], threshold: float
) -> None:
    quotes = [quote("B365", soft), quote("PS", sharp)]
    found = SharpValue(threshold=threshold).select(quotes, {})
    values = [price * chance for price, chance in zip(soft, powered(sharp), strict=True)]
    if not all(item.is_plausible for item in quotes):
        assert found == []
    elif all(abs(value - threshold) > 1e-9 for value in values):
        sides = (PickSide.HOME, PickSide.DRAW, PickSide.AWAY)
        expected = {side: value - 1 for side, value in zip(sides, values, strict=True) if value > threshold}
        assert {item.side: item.edge for item in found} == pytest.approx(expected, abs=1e-9)
