"""Value against the consensus: boards by hand at, above and below the bound, and the rule written once more exactly."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.agents import ConsensusValue, Selection
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PICK_SIDES, PickSide
from monps_platform.domain.quotes import Quote, standing
from monps_platform_tests.domain.test_quotes import (
    BOOK_IDS,
    DRAWN_LINES,
    NOW,
    any_quotes,
    closing,
    handicap,
    quote,
    snapshot,
    total,
)

USUAL = ConsensusValue()
BOOKS = ("B365", "BW", "IW", "WH", "PS", "CL", "LB")
REST = (1.5, 4.5)
"""Prices of home win and draw that nobody disagrees on."""


def away(*prices: float, books: Sequence[str] = BOOKS) -> list[Quote]:
    """A board of 1x2 on which the books differ in the price of the away side only."""
    return [quote(key, (*REST, price)) for key, price in zip(books, prices, strict=False)]


def taken(found: Sequence[Selection]) -> list[tuple[PickSide, int, float]]:
    return [(item.side, item.bookmaker_id, item.price) for item in found]


@pytest.mark.parametrize(
    ("prices", "is_picked"),
    [
        # Mean 4, consensus 0.25: 1 / (0.25 - 0.05) = 5, exactly the best price.
        ((5.0, 4.0, 3.5, 3.5), False),
        ((5.0001, 4.0, 3.5, 3.5), True),
        ((4.9999, 4.0, 3.5, 3.5), False),
        ((5.01, 4.0, 3.5, 3.5), True),
        ((4.99, 4.0, 3.5, 3.5), False),
        ((5.0, 4.0, 3.5, 3.4999), True),
        ((5.0, 4.0, 3.5, 3.5001), False),
        # Five books: mean 3.5, consensus 2/7.
        ((4.25, 3.5, 3.5, 3.0, 3.25), True),
        ((4.24, 3.5, 3.5, 3.01, 3.25), False),
        ((4.0, 4.0, 4.0, 4.0), False),
    ],
)
def test_the_best_price_is_picked_where_it_is_above_the_bound(prices: tuple[float, ...], is_picked: bool) -> None:
    assert taken(USUAL.select(away(*prices), {})) == [(PickSide.AWAY, BOOK_IDS["B365"], prices[0])] * is_picked


def ties() -> Iterator[tuple[float, list[Fraction]]]:
    """Alphas and prices of four to seven books, the best one first, of which it meets the bound exactly: with n prices
    that add up to n * best / (1 + alpha * best), in whole ten-thousandths.
    """
    for hundredths, books, cents in product(range(1, 25), (4, 5, 6, 7), range(130, 900)):
        total, rest = divmod(1_000_000 * books * cents, 10_000 + hundredths * cents)
        each, left = divmod(total - 100 * cents, books - 1)
        # The others' prices may not lie so far off that no margin is plausible for all.
        if rest == 0 and 10_000 / each - 100 / cents < 0.25:
            others = [Fraction(each + (at < left), 10_000) for at in range(books - 1)]
            yield hundredths / 100, [Fraction(cents, 100), *others]


def over(prices: Sequence[Fraction]) -> list[Quote]:
    """A board of totals on which the books differ in the price of over only, under at a margin of about 10 %."""
    under = round(1 / (1.1 - 1 / float(prices[0])), 2)
    return [total(key, 2.5, (float(price), under)) for key, price in zip(BOOKS, prices, strict=False)]


def test_a_price_that_meets_the_bound_exactly_is_no_pick_until_another_price_falls_by_one_step() -> None:
    met, step = list(ties()), Fraction(1, 10_000)
    assert len(met) > 80
    for alpha, prices in met:
        agent = ConsensusValue(alpha=alpha, markets=(Market.OVER_UNDER,))
        *rest, last = prices
        found = [agent.select(over([*rest, last + change]), {}) for change in (0, step, -step)]
        assert [bool(picks) for picks in found] == [False, False, True], f"alpha {alpha}, {prices}"


def test_without_an_alpha_books_that_agree_give_no_pick_and_any_better_price_does() -> None:
    agent = ConsensusValue(alpha=0.0)
    assert agent.select(away(*[4.1] * 5), {}) == []
    assert taken(agent.select(away(4.1001, *[4.1] * 4), {})) == [(PickSide.AWAY, BOOK_IDS["B365"], 4.1001)]


def test_probability_and_edge_follow_from_the_consensus_of_the_real_books() -> None:
    (found,) = USUAL.select(away(5.5, 4.0, 3.5, 3.0), {})
    assert (found.match_id, found.market, found.side, found.line) == (7, Market.ONE_X_TWO, PickSide.AWAY, None)
    assert (found.bookmaker_id, found.price, found.stake) == (BOOK_IDS["B365"], 5.5, 1.0)
    assert found.probability == pytest.approx(0.2, abs=1e-12)
    assert found.edge == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize("real_books", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("fewest", [1, 2, 3, 4, 5])
def test_only_real_books_count_towards_the_fewest(real_books: int, fewest: int) -> None:
    unreal = away(4.0, 4.0, 4.0, 4.0, books=("Max", "Avg", "BFE", "BbAv"))
    quotes = away(6.0, *[3.0] * (real_books - 1))
    found = ConsensusValue(fewest_books=fewest).select([*unreal, *quotes], {})
    assert bool(found) is (real_books >= fewest and real_books > 1)


def test_three_real_books_beside_aggregates_and_an_exchange_are_too_few() -> None:
    unreal = away(4.0, 4.0, 4.0, books=("Max", "Avg", "BFE"))
    assert USUAL.select([*unreal, *away(6.0, 3.0, 3.0)], {}) == []
    assert taken(USUAL.select([*unreal, *away(6.0, 3.0, 3.0, 3.0)], {})) == [(PickSide.AWAY, BOOK_IDS["B365"], 6.0)]


@pytest.mark.parametrize("unreal", ["Max", "BbMx", "Avg", "BbAv", "BFE"])
def test_neither_the_price_nor_the_consensus_is_ever_that_of_an_aggregate_or_exchange(unreal: str) -> None:
    quotes = away(5.5, 4.0, 3.5, 3.0)
    expected = USUAL.select(quotes, {})
    assert taken(expected) == [(PickSide.AWAY, BOOK_IDS["B365"], 5.5)]
    # Plausible beside the others, and the best by far.
    better = quote(unreal, (1.5, 4.5, 9.0))
    assert better.is_plausible
    assert USUAL.select([better, *quotes], {}) == expected
    assert USUAL.select([better, *away(5.0, 4.0, 3.5, 3.5)], {}) == []


def test_an_implausible_quote_is_left_out_of_price_consensus_and_count() -> None:
    # William Hill with its sides shifted by one: 58 % of margin.
    shifted = quote("WH", (3.5, 1.20, 2.15))
    home = [quote(key, (price, 4.5, 5.0)) for key, price in zip(BOOKS, (1.7, 1.45, 1.45, 1.45, 1.45), strict=False)]
    without = [item for item in home if item.bookmaker.key != "WH"]
    assert not shifted.is_plausible
    (found,) = USUAL.select([*without, shifted], {})
    assert found.price == 1.7
    assert found.probability == pytest.approx(4 / (1.7 + 3 * 1.45) - 0.05, abs=1e-12)
    assert USUAL.select([*without[:3], shifted], {}) == []


def test_every_side_of_a_board_may_be_picked_and_no_side_twice() -> None:
    quotes = [
        quote("B365", (3.2, 3.3, 2.3)),
        quote("BW", (2.4, 3.2, 3.2)),
        *(quote(key, (2.5, 3.3, 2.6)) for key in ("IW", "WH", "PS")),
    ]
    assert taken(USUAL.select(quotes, {})) == [
        (PickSide.AWAY, BOOK_IDS["BW"], 3.2),
        (PickSide.HOME, BOOK_IDS["B365"], 3.2),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_of_books_with_the_same_best_price_the_first_by_key_is_taken(turned: bool) -> None:
    quotes = away(6.0, 6.0, 3.0, 3.0, 3.0, books=("WH", "BW", "PS", "IW", "B365"))
    assert taken(USUAL.select(quotes[::-1] if turned else quotes, {})) == [(PickSide.AWAY, BOOK_IDS["BW"], 6.0)]


def test_books_are_compared_at_the_same_line_only() -> None:
    agent = ConsensusValue(markets=(Market.OVER_UNDER, Market.ASIAN_HANDICAP))
    odd = [total("B365", 2.5, (2.6, 1.6))]
    same = [total(key, 2.5, (1.9, 1.9)) for key in ("BW", "IW", "WH")]
    other = [total(key, 2.75, (1.9, 1.9)) for key in ("BW", "IW", "WH")]
    as_handicap = [handicap(key, 2.5, (1.9, 1.9)) for key in ("BW", "IW", "WH")]
    assert taken(agent.select([*odd, *same], {})) == [(PickSide.OVER, BOOK_IDS["B365"], 2.6)]
    assert agent.select([*odd, *other], {}) == []
    assert agent.select([*odd, *as_handicap], {}) == []


@pytest.mark.parametrize(("prices", "side"), [((2.6, 1.6), PickSide.HOME), ((1.6, 2.6), PickSide.AWAY)])
def test_handicaps_are_picked_on_either_side(prices: tuple[float, float], side: PickSide) -> None:
    quotes = [handicap("B365", 0.0, prices), *(handicap(key, 0.0, (1.9, 1.9)) for key in ("BW", "IW", "WH"))]
    found = ConsensusValue(markets=(Market.ASIAN_HANDICAP,)).select(quotes, {})
    assert [(item.side, item.line, item.price) for item in found] == [(side, 0.0, 2.6)]


def test_of_quotes_of_all_kinds_only_what_stands_is_picked() -> None:
    quotes = away(5.0, 4.0, 3.5, 3.5)
    better = quote("B365", (*REST, 9.0))
    assert USUAL.select(standing([*quotes, closing(better), snapshot(better, 1)], NOW), {}) == []
    assert taken(USUAL.select(standing([*quotes, closing(better), snapshot(better, -1)], NOW), {})) == [
        (PickSide.AWAY, BOOK_IDS["B365"], 9.0)
    ]


@pytest.mark.parametrize("alpha", [0.03125, 0.05004])
def test_an_alpha_of_many_decimals_counts_to_the_last_one(alpha: float) -> None:
    for step in range(-20, 21):
        # Four prices about the one that meets the bound, the others 3.5: mean and bound in exact fractions.
        best = Fraction(round(_at_bound(alpha) * 10_000) + step, 10_000)
        value = best * (Fraction(4) / (best + Fraction(21, 2)) - Fraction(str(alpha)))
        found = ConsensusValue(alpha=alpha).select(away(float(best), 3.5, 3.5, 3.5), {})
        assert bool(found) is (value > 1), f"{float(best)} is worth {float(value)}"


def _at_bound(alpha: float) -> float:
    """The price that, beside three of 3.5, meets the bound: found by halving an interval."""
    low, high = 3.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle * (4 / (middle + 10.5) - alpha) > 1 else (middle, high)
    return low


Exact = tuple[float | None, str, Fraction, Fraction]


def exactly(quotes: Sequence[Quote], alpha: str, fewest: int) -> dict[tuple[int, Market, PickSide], Exact]:
    """The picks, side by side in exact fractions: line, key of the book, price and probability."""
    found: dict[tuple[int, Market, PickSide], Exact] = {}
    places = dict.fromkeys((item.match_id, item.market, item.line) for item in quotes)
    for match_id, market, line in places:
        usable = [
            item
            for item in quotes
            if (item.match_id, item.market, item.line) == (match_id, market, line)
            and item.bookmaker.key not in ("Max", "Avg", "BFE")
            and Fraction(-5, 100) <= sum(1 / Fraction(str(price)) for price in item.prices) - 1 <= Fraction(40, 100)
        ]
        if len(usable) < fewest:
            continue
        for at, side in enumerate(PICK_SIDES[market]):
            prices = {item.bookmaker.key: Fraction(str(item.prices[at])) for item in usable}
            best = max(prices.values())
            chance = len(prices) / sum(prices.values(), Fraction(0)) - Fraction(alpha)
            if chance <= 0 or best <= 1 / chance:
                continue
            mine = line, min(key for key, price in prices.items() if price == best), best, chance
            rival = found.get((match_id, market, side))
            if rival is None or (best * chance, -(line or 0)) > (rival[2] * rival[3], -(rival[0] or 0)):
                found[match_id, market, side] = mine
    return found


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**9), st.sampled_from(["0", "0.01", "0.05", "0.1"]), st.integers(1, 5))
def test_the_rule_in_exact_fractions_gives_the_same_picks(seed: int, alpha: str, fewest: int) -> None:
    quotes = any_quotes(random.Random(seed), (7, 8))
    agent = ConsensusValue(alpha=float(alpha), fewest_books=fewest, markets=tuple(DRAWN_LINES))
    found = agent.select(quotes, {})
    expected = exactly(quotes, alpha, fewest)
    assert [(item.match_id, item.market, item.side) for item in found] == sorted(expected)
    for item in found:
        line, key, price, chance = expected[item.match_id, item.market, item.side]
        assert (item.line, item.bookmaker_id, item.price) == (line, BOOK_IDS[key], float(price))
        assert item.probability == pytest.approx(float(chance), abs=1e-12)
        assert item.edge == pytest.approx(float(price * chance) - 1, abs=1e-12)
        assert item.edge > 0
