"""What the market expects of matches: its prices without the bookmaker's margin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from monps_platform.domain.forecasts import Forecast, ForecastGap, ForecastModel, handicap_key
from monps_platform.domain.no_vig import power
from monps_platform.domain.odds import Market, is_plausible

MARKET_VERSION = "power-1"
"""How the margin is taken out, and the version of the code."""
TOTALS_LINE = 2.5
_DIGITS = 6
_BOOK = MappingProxyType(
    {
        Market.ONE_X_TWO: "one_x_two_bookmaker_id",
        Market.OVER_UNDER: "over_under_bookmaker_id",
        Market.ASIAN_HANDICAP: "asian_handicap_bookmaker_id",
    }
)


@dataclass(frozen=True)
class MarketQuote:
    """A quote that may speak for the market: ``rank`` 0 before 1; ``line`` in goals; ``prices`` decimal, by side."""

    match_id: int
    model: ForecastModel
    market: Market
    line: float | None
    bookmaker_id: int
    rank: int
    prices: tuple[float, ...]

    @property
    def is_plausible(self) -> bool:
        """Whether its margin may be that of a real market, and its line is one that forecasts have."""
        of_line = self.market is not Market.OVER_UNDER or self.line == TOTALS_LINE
        return of_line and is_plausible(self.prices)


def market_forecasts(match_ids: Iterable[int], quotes: Sequence[MarketQuote]) -> list[Forecast]:
    """Two forecasts of each match, before it and at the close, of the markets that are quoted and of no other.

    In each market the plausible quotes of the best rank speak; the margin is taken out by the power method.
    """
    found: dict[tuple[int, ForecastModel], dict[str, Any]] = {}
    for market in _BOOK:
        chosen = _best([quote for quote in quotes if quote.market is market and quote.is_plausible])
        if chosen:
            fair = power(np.array([quote.prices for quote in chosen]))
            for quote, probabilities in zip(chosen, fair.tolist(), strict=True):
                _add(found.setdefault((quote.match_id, quote.model), {}), quote, probabilities)
    models = (ForecastModel.MARKET_PRE_MATCH, ForecastModel.MARKET_CLOSING)
    return [_forecast(match_id, model, found.get((match_id, model))) for match_id in match_ids for model in models]


def _best(quotes: Sequence[MarketQuote]) -> list[MarketQuote]:
    """Those of the best rank that a match has at a time."""
    best: dict[tuple[int, ForecastModel], int] = {}
    for quote in quotes:
        key = quote.match_id, quote.model
        best[key] = min(best.get(key, quote.rank), quote.rank)
    return [quote for quote in quotes if quote.rank == best[quote.match_id, quote.model]]


def _add(values: dict[str, Any], quote: MarketQuote, fair: Sequence[float]) -> None:
    values[_BOOK[quote.market]] = quote.bookmaker_id
    match quote.market:
        case Market.ONE_X_TWO:
            values |= dict(zip(("home_prob", "draw_prob", "away_prob"), fair, strict=True))
        case Market.OVER_UNDER:
            values["over25_prob"] = fair[0]
        case Market.ASIAN_HANDICAP if quote.line is not None:
            values.setdefault("handicaps", {})[handicap_key(quote.line)] = round(fair[0], _DIGITS)


def _forecast(match_id: int, model: ForecastModel, values: Mapping[str, Any] | None) -> Forecast:
    if not values:
        return Forecast(match_id, model, MARKET_VERSION, gap=ForecastGap.NO_PRICES)
    return Forecast(match_id, model, MARKET_VERSION, **values)
