"""The market's forecasts: whose prices speak, what they say without the margin, and what stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monps_platform.domain.forecasts import Forecast, ForecastGap, ForecastModel, handicap_key
from monps_platform.domain.market_forecasts import MARKET_VERSION, MarketQuote, market_forecasts
from monps_platform.domain.odds import Market

PRE, CLOSE = ForecastModel.MARKET_PRE_MATCH, ForecastModel.MARKET_CLOSING
SHARP, AVERAGE = 11, 12
RESULT = MarketQuote(7, PRE, Market.ONE_X_TWO, None, SHARP, 0, (2.7, 2.3, 4.4))
TOTAL = MarketQuote(7, PRE, Market.OVER_UNDER, 2.5, SHARP, 0, (1.5, 2.25))
HANDICAP = MarketQuote(7, PRE, Market.ASIAN_HANDICAP, -0.25, SHARP, 0, (1.9, 1.9))
PUBLISHED = (0.3591708, 0.4237291, 0.2171001)
"""Probabilities of RESULT that the package penaltyblog prints for the power method."""
GOLDEN = 0.6180340
"""The probability p with p + p ** 2 = 1: of a price a beside a price a ** 2."""


def fair(prices: Sequence[float]) -> list[float]:
    """No-vig probabilities by the power method, the exponent found by halving an interval."""
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(price**-middle for price in prices) > 1 else (low, middle)
    return [float(price**-low) for price in prices]


def forecast(*quotes: MarketQuote, model: ForecastModel = PRE) -> Forecast:
    """The forecast of match 7 before it or at the close."""
    found = market_forecasts([7], quotes)
    assert [(item.match_id, item.model, item.model_version, item.as_of) for item in found] == [
        (7, PRE, MARKET_VERSION, None),
        (7, CLOSE, MARKET_VERSION, None),
    ]
    return found[model is CLOSE]


def stated(item: Forecast) -> set[str]:
    """The names of what a forecast holds."""
    own = ("match_id", "model", "model_version")
    return {field.name for field in fields(item) if field.name not in own and getattr(item, field.name) is not None}


def test_a_match_without_prices_has_the_reason_twice_and_nothing_else() -> None:
    for model in (PRE, CLOSE):
        held = forecast(model=model)
        assert stated(held) == {"gap"}
        assert held.gap is ForecastGap.NO_PRICES


def test_known_prices_of_all_markets_give_known_probabilities() -> None:
    held = forecast(RESULT, TOTAL, HANDICAP)
    assert [held.home_prob, held.draw_prob, held.away_prob] == pytest.approx(PUBLISHED, abs=5e-6)
    assert held.over25_prob == pytest.approx(GOLDEN, abs=1e-6)
    assert held.handicaps == {"-0.25": 0.5}
    assert (held.one_x_two_bookmaker_id, held.over_under_bookmaker_id, held.asian_handicap_bookmaker_id) == (
        SHARP,
        SHARP,
        SHARP,
    )


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        (RESULT, {"home_prob", "draw_prob", "away_prob", "one_x_two_bookmaker_id"}),
        (TOTAL, {"over25_prob", "over_under_bookmaker_id"}),
        (HANDICAP, {"handicaps", "asian_handicap_bookmaker_id"}),
    ],
    ids=["1x2", "over/under", "handicap"],
)
def test_a_market_that_nobody_quotes_says_nothing(quote: MarketQuote, expected: set[str]) -> None:
    assert stated(forecast(quote)) == expected
    assert stated(forecast(quote, model=CLOSE)) == {"gap"}


def test_prices_before_the_match_and_at_the_close_do_not_mix() -> None:
    closing = replace(TOTAL, model=CLOSE, prices=(2.25, 1.5))
    before, close = market_forecasts([7], [TOTAL, closing])
    assert before.over25_prob == pytest.approx(GOLDEN, abs=1e-6)
    assert close.over25_prob == pytest.approx(1 - GOLDEN, abs=1e-6)


@pytest.mark.parametrize("ranks", [(0, 1), (1, 2), (0, 2)])
@pytest.mark.parametrize("best_first", [True, False])
def test_the_best_rank_that_a_match_has_speaks_in_each_market(ranks: tuple[int, int], best_first: bool) -> None:
    best, other = ranks
    of_result = [replace(RESULT, rank=best), replace(RESULT, rank=other, bookmaker_id=AVERAGE, prices=(3.0, 3.0, 3.0))]
    of_total = [replace(TOTAL, rank=other), replace(TOTAL, rank=best, bookmaker_id=AVERAGE, prices=(2.0, 2.0))]
    quotes = [*of_result, *of_total]
    held = forecast(*(quotes if best_first else reversed(quotes)))
    assert (held.one_x_two_bookmaker_id, held.over_under_bookmaker_id) == (SHARP, AVERAGE)
    assert held.home_prob == pytest.approx(PUBLISHED[0], abs=5e-6)
    assert held.over25_prob == 0.5


def test_the_rank_is_chosen_for_each_match_and_time_by_itself() -> None:
    average = replace(RESULT, rank=1, bookmaker_id=AVERAGE)
    found = market_forecasts([7, 8], [RESULT, replace(average, match_id=8), replace(average, model=CLOSE)])
    assert [item.one_x_two_bookmaker_id for item in found] == [SHARP, AVERAGE, AVERAGE, None]


@pytest.mark.parametrize(
    ("prices", "plausible"),
    [
        ((2 / 1.4001, 2 / 1.4001), False),
        ((2 / 1.3999, 2 / 1.3999), True),
        ((2.0, 2.0), True),
        ((2 / 0.9501, 2 / 0.9501), True),
        ((2 / 0.9499, 2 / 0.9499), False),
        ((1.01, 1.01), False),
        ((50.0, 50.0), False),
    ],
)
def test_a_quote_whose_margin_no_real_market_has_is_passed_over(prices: tuple[float, float], plausible: bool) -> None:
    sharp = replace(TOTAL, prices=prices)
    assert sharp.is_plausible is plausible
    assert stated(forecast(sharp)) == ({"over25_prob", "over_under_bookmaker_id"} if plausible else {"gap"})
    # The next rank speaks where the best one's prices cannot be believed.
    both = forecast(sharp, replace(TOTAL, rank=1, bookmaker_id=AVERAGE, prices=(1.5, 2.25)))
    assert both.over_under_bookmaker_id == (SHARP if plausible else AVERAGE)


@pytest.mark.parametrize("line", [2.0, 2.25, 2.75, 3.5, None])
def test_totals_at_other_lines_say_nothing_even_at_the_best_rank(line: float | None) -> None:
    other = replace(TOTAL, line=line)
    assert stated(forecast(other)) == {"gap"}
    assert forecast(other, replace(TOTAL, rank=2, bookmaker_id=AVERAGE)).over_under_bookmaker_id == AVERAGE


def test_every_handicap_line_of_the_best_rank_is_kept_and_none_of_another() -> None:
    lines = {-1.0: (2.6, 1.5), -0.25: (1.9, 1.9), -0.0: (1.5, 2.6), 0.75: (1.2, 4.5)}
    quotes = [replace(HANDICAP, line=line, prices=prices) for line, prices in lines.items()]
    held = forecast(*quotes, replace(HANDICAP, line=0.5, rank=1, bookmaker_id=AVERAGE))
    assert held.handicaps is not None
    assert list(held.handicaps) == ["-1", "-0.25", "0", "0.75"]
    assert list(held.handicaps.values()) == pytest.approx([fair(prices)[0] for prices in lines.values()], abs=1e-6)
    assert held.asian_handicap_bookmaker_id == SHARP


def test_an_implausible_line_is_passed_over_and_the_others_of_its_book_stand() -> None:
    held = forecast(HANDICAP, replace(HANDICAP, line=0.25, prices=(1.1, 1.1)))
    assert held.handicaps == {"-0.25": 0.5}


def test_forecasts_come_in_the_order_asked_for_and_of_no_other_match() -> None:
    found = market_forecasts([9, 7], [RESULT, replace(RESULT, match_id=8)])
    assert [(item.match_id, item.model, item.gap is None) for item in found] == [
        (9, PRE, False),
        (9, CLOSE, False),
        (7, PRE, True),
        (7, CLOSE, False),
    ]
    assert market_forecasts([], [RESULT]) == []


_PRICES = st.lists(st.floats(1.05, 15), min_size=3, max_size=3).map(tuple)
_QUOTES = st.lists(
    st.builds(
        MarketQuote,
        match_id=st.integers(1, 4),
        model=st.sampled_from([PRE, CLOSE]),
        market=st.just(Market.ONE_X_TWO),
        line=st.none(),
        bookmaker_id=st.integers(1, 3),
        rank=st.integers(0, 2),
        prices=_PRICES,
    ),
    max_size=12,
    unique_by=lambda quote: (quote.match_id, quote.model, quote.rank),
)


@settings(deadline=None, max_examples=100)
@given(_QUOTES)
def test_any_quotes_give_the_best_plausible_ones_probabilities(quotes: list[MarketQuote]) -> None:
    for held in market_forecasts([1, 2, 3, 4], quotes):
        usable = [
            quote
            for quote in quotes
            if (quote.match_id, quote.model) == (held.match_id, held.model)
            and -0.05 <= sum(1 / price for price in quote.prices) - 1 <= 0.4
        ]
        if not usable:
            assert stated(held) == {"gap"}
            continue
        best = min(usable, key=lambda quote: quote.rank)
        assert held.one_x_two_bookmaker_id == best.bookmaker_id
        found = [held.home_prob, held.draw_prob, held.away_prob]
        assert found == pytest.approx(fair(best.prices), abs=1e-9)
        assert sum(item for item in found if item is not None) == pytest.approx(1, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(st.floats(0.3, 0.7), st.floats(0.96, 1.35))
def test_one_power_of_the_inverse_prices_gives_both_sides(share: float, book: float) -> None:
    over, under = book * share, book * (1 - share)
    held = forecast(replace(TOTAL, prices=(1 / over, 1 / under))).over25_prob
    assert held is not None
    assert log(held) / log(over) == pytest.approx(log(1 - held) / log(under), rel=1e-9)


@pytest.mark.parametrize(
    ("line", "key"),
    [(-0.25, "-0.25"), (0.0, "0"), (-0.0, "0"), (1.5, "1.5"), (-3.0, "-3"), (2.75, "2.75"), (-10.25, "-10.25")],
)
def test_a_handicap_line_is_written_in_quarters_without_needless_digits(line: float, key: str) -> None:
    assert handicap_key(line) == key


@settings(deadline=None, max_examples=100)
@given(st.integers(-80, 80), st.integers(-80, 80))
def test_handicap_keys_are_read_back_and_differ_as_the_lines_do(one: int, other: int) -> None:
    assert float(handicap_key(one / 4)) == one / 4
    assert (handicap_key(one / 4) == handicap_key(other / 4)) is (one == other)
