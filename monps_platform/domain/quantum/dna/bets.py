"""Bets of one unit on every side of every match of a season, at the market's average price before the match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from monps_platform.domain.clv import clv_percentage
from monps_platform.domain.market_forecasts import TOTALS_LINE
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickResult, PickSide
from monps_platform.domain.quantum.season import AveragePrices, LeagueSeason, SeasonMatch
from monps_platform.domain.settlement import Backed, profit, settle

Backing = tuple[Market, PickSide]
"""What is backed."""


@dataclass(frozen=True, slots=True)
class Bet:
    """How one unit ended. ``clv_percentage`` is that of the average price before the match against the closing average
    of the same side and line; None where there is none.
    """

    result: PickResult
    profit: float
    clv_percentage: float | None


@dataclass(frozen=True, slots=True)
class _Offer:
    """What can be backed in a match: the settled bet's terms, its price, and its closing price on the same terms."""

    match: SeasonMatch
    backed: Backed
    price: float
    closing_price: float | None


_PRICE: Mapping[Backing, Callable[[AveragePrices], float | None]] = MappingProxyType(
    {
        (Market.ONE_X_TWO, PickSide.HOME): lambda prices: prices.home,
        (Market.ONE_X_TWO, PickSide.DRAW): lambda prices: prices.draw,
        (Market.ONE_X_TWO, PickSide.AWAY): lambda prices: prices.away,
        (Market.OVER_UNDER, PickSide.OVER): lambda prices: prices.over,
        (Market.OVER_UNDER, PickSide.UNDER): lambda prices: prices.under,
        (Market.ASIAN_HANDICAP, PickSide.HOME): lambda prices: prices.handicap_home,
        (Market.ASIAN_HANDICAP, PickSide.AWAY): lambda prices: prices.handicap_away,
    }
)


def level_bets(season: LeagueSeason) -> Mapping[Backing, Mapping[int, Bet]]:
    """The bets on each side, by match id; matches without a price are left out. Ask for it by
    ``season.once(level_bets)``.
    """
    return {backing: _settled(_offers(season.matches, backing)) for backing in _PRICE}


def _offers(matches: Sequence[SeasonMatch], backing: Backing) -> list[_Offer]:
    offers = []
    for match in matches:
        backed, price = _terms(match.pre_match, backing)
        if backed is not None and price is not None:
            at_close, closing_price = _terms(match.closing, backing)
            offers.append(_Offer(match, backed, price, closing_price if at_close == backed else None))
    return offers


def _terms(prices: AveragePrices, backing: Backing) -> tuple[Backed | None, float | None]:
    """What is backed, None where its line is not known, and the price, None where there is none."""
    market, side = backing
    price = _PRICE[backing](prices)
    match market:
        case Market.OVER_UNDER:
            return Backed(market, side, TOTALS_LINE), price
        case Market.ASIAN_HANDICAP:
            line = prices.handicap_line
            return None if line is None else Backed(market, side, line), price
        case _:
            return Backed(market, side), price


def _settled(offers: Sequence[_Offer]) -> Mapping[int, Bet]:
    home, away = ([getattr(offer.match, side).goals for offer in offers] for side in ("home", "away"))
    results = settle([offer.backed for offer in offers], home, away)
    prices = np.array([offer.price for offer in offers])
    closing = np.array([np.nan if offer.closing_price is None else offer.closing_price for offer in offers])
    profits = profit(results, prices, np.ones(len(offers))).tolist()
    clv = clv_percentage(prices, closing).tolist()
    return {
        offer.match.match_id: Bet(result, won, None if offer.closing_price is None else value)
        for offer, result, won, value in zip(offers, results, profits, clv, strict=True)
    }
