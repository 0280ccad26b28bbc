"""The best real price of each side, and what became of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monps_platform.domain.bookmakers import Bookmaker
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.picks import PickSide
from monps_platform.domain.quantum.strategies.offers import Offer, best_offers, by_backed
from monps_platform.domain.quantum.strategies.rules import AWAY_WIN, DRAW, HOME_WIN
from monps_platform.domain.quotes import Quote
from monps_platform.domain.settlement import Backed

SOFT, OTHER_SOFT = Bookmaker("B365", "Bet365"), Bookmaker("BW", "Bet&Win")
SHARP = Bookmaker("PS", "Pinnacle", is_sharp=True)
EXCHANGE = Bookmaker("BFE", "Betfair Exchange", is_exchange=True)
HIGHEST = Bookmaker("Max", "Market maximum", is_aggregate=True)
IDS = {book.key: at for at, book in enumerate((SOFT, OTHER_SOFT, SHARP, EXCHANGE, HIGHEST))}


def quote(book: Bookmaker, *prices: float, match_id: int = 7, line: float | None = None) -> Quote:
    market = Market.ONE_X_TWO if line is None else Market.ASIAN_HANDICAP
    return Quote(match_id, market, line, IDS[book.key], book, PriceKind.PRE_MATCH, None, prices)


def closing(*args: object, **terms: object) -> Quote:
    return replace(quote(*args, **terms), kind=PriceKind.CLOSING)  # type: ignore[arg-type]


def prices(found: tuple[Offer, ...]) -> dict[Backed, float]:
    return {offer.backed: offer.price for offer in found}


def test_the_best_price_is_a_real_books_never_an_aggregates_or_an_exchanges() -> None:
    before = [
        quote(SOFT, 2.0, 3.4, 4.0),
        quote(OTHER_SOFT, 2.1, 3.2, 3.8),
        quote(EXCHANGE, 2.3, 3.7, 4.4),
        quote(HIGHEST, 2.4, 3.8, 4.5),
    ]
    assert prices(best_offers(before, [])[7]) == {HOME_WIN: 2.1, DRAW: 3.4, AWAY_WIN: 4.0}


def test_an_implausible_quote_is_nobodys_best_price() -> None:
    before = [quote(SOFT, 2.0, 3.4, 4.0), quote(OTHER_SOFT, 20.0, 34.0, 40.0)]
    assert prices(best_offers(before, [])[7])[HOME_WIN] == 2.0


def test_a_match_that_only_aggregates_quote_has_no_offer() -> None:
    assert best_offers([quote(HIGHEST, 2.0, 3.4, 4.0)], []) == {}


def test_the_close_is_the_takers_own_books_else_the_sharp_ones() -> None:
    before = [quote(SOFT, 2.0, 3.0, 4.0), quote(OTHER_SOFT, 1.9, 3.6, 3.9)]
    at_close = [closing(SOFT, 1.6, 3.5, 6.0), closing(SHARP, 1.7, 4.0, 5.0)]
    found = {offer.backed: offer for offer in best_offers(before, at_close)[7]}
    assert found[HOME_WIN].clv_percentage == pytest.approx(25.0)  # 2.0 at the soft book, which closed at 1.6
    assert found[DRAW].clv_percentage == pytest.approx(-10.0)  # 3.6 at the other, which did not close: 4.0
    no_vig = found[HOME_WIN].clv_no_vig_percentage
    assert no_vig is not None
    assert 15 < no_vig < 25


def test_a_price_on_a_line_that_moved_has_no_clv() -> None:
    before, at_close = [quote(SOFT, 1.9, 2.0, line=-0.5)], [closing(SOFT, 1.9, 2.0, line=-0.75)]
    assert [offer.clv_percentage for offer in best_offers(before, at_close)[7]] == [None, None]
    assert {offer.backed for offer in best_offers(before, at_close)[7]} == {
        Backed(Market.ASIAN_HANDICAP, side, -0.5) for side in (PickSide.HOME, PickSide.AWAY)
    }


def test_closing_prices_are_refused_as_prices_to_take() -> None:
    with pytest.raises(ValueError, match="no price before the match"):
        best_offers([closing(SOFT, 2.0, 3.4, 4.0)], [])


def test_two_offers_on_one_side_are_refused() -> None:
    with pytest.raises(ValueError, match="one offer on each side"):
        by_backed((Offer(HOME_WIN, 2.0), Offer(HOME_WIN, 2.1)))


@pytest.mark.parametrize("price", [1.0, 0.5, float("nan"), float("inf")])
def test_a_price_is_above_one_and_finite(price: float) -> None:
    with pytest.raises(ValueError, match="a price of"):
        Offer(HOME_WIN, price)
