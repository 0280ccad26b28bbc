"""Closing prices: which one a pick is compared with, what it was worth against it, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.bookmakers import MARKET_AVERAGES
from monps_platform.domain.clv import clv_no_vig_percentage, clv_percentage
from monps_platform.domain.goal_model.implied import IMPLIED_VERSION, ImpliedScores, MarketView
from monps_platform.domain.no_vig import power
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.picks import PICK_SIDES, ClosingSource, NoClosingReason
from monps_platform.domain.quotes import Quote, newest
from monps_platform.domain.settlement import Backed

CLOSING_VERSION = "closing-2"
LATEST = timedelta(hours=1)
"""A snapshot is a closing price if it was taken within so long before kickoff."""
DIGITS = 10
"""Decimals to which percentages are given."""


@dataclass(frozen=True, slots=True)
class OpenPick:
    """A pick as far as its closing price depends on it; the price taken in decimal odds, and whether anybody quoted its
    line before the match.
    """

    match_id: int
    backed: Backed
    bookmaker_id: int
    price_taken: float
    line_was_quoted: bool = True


@dataclass(frozen=True, slots=True)
class Closing:
    """The close of a pick: the price with whose it is and what it makes the pick worth, in per cent; or the reason why
    there is none, and, where only the line had moved, what the pick's own line was worth.
    """

    price: float | None = None
    source: ClosingSource | None = None
    bookmaker_id: int | None = None
    captured_at: datetime | None = None
    reason: NoClosingReason | None = None
    clv: float | None = None
    clv_no_vig: float | None = None
    clv_line_adjusted: float | None = None
    method: str | None = None


NOT_PLAYED = Closing(reason=NoClosingReason.MATCH_NOT_PLAYED)


def closing_quotes(quotes: Iterable[Quote], kickoffs: Mapping[int, datetime | None]) -> list[Quote]:
    """The last quotes before kickoff: the newest of those that the source calls closing, and of books and markets
    without one the newest snapshots, if they were taken within the last hour before it. ``kickoffs`` by match id.
    """
    given = list(quotes)
    stated = newest(quote for quote in given if quote.kind is PriceKind.CLOSING and not _after(quote, kickoffs))
    closed = {quote.offer for quote in stated}
    late = newest(quote for quote in given if quote.kind is PriceKind.SNAPSHOT and _is_late(quote, kickoffs))
    return [*stated, *(quote for quote in late if quote.offer not in closed)]


def close(picks: Sequence[OpenPick], quotes: Iterable[Quote]) -> list[Closing]:
    """The closing of each pick, in their order, from the closing quotes of their matches.

    The price is that of the same market, line and side: at the same bookmaker, else at a sharp one, else the market's
    average. No-vig probabilities are those of the same quote, by the power method. Where a total or a handicap has
    closing prices at other lines only, the pick's own line is priced by the scores that the match's closing prices of
    1x2 and totals imply, as far as these are known.
    """
    by_match: dict[int, list[Quote]] = {}
    for quote in quotes:
        by_match.setdefault(quote.match_id, []).append(quote)
    chosen = [_choose(pick, by_match.get(pick.match_id, ())) for pick in picks]
    found = [Closing(reason=choice) if isinstance(choice, NoClosingReason) else Closing() for choice in chosen]
    _add_prices(found, picks, chosen)
    _add_adjusted(found, picks, by_match)
    return found


_AT_OTHER_LINES = (NoClosingReason.LINE_MOVED, NoClosingReason.LINE_NOT_QUOTED)
Choice = tuple[Quote, ClosingSource] | NoClosingReason


def _choose(pick: OpenPick, quotes: Sequence[Quote]) -> Choice:
    backed = pick.backed
    of_market = [quote for quote in quotes if quote.market is backed.market]
    same_line = sorted(
        (quote for quote in of_market if quote.line == backed.line), key=lambda quote: quote.bookmaker.key
    )
    able = [(quote, source) for quote in same_line if (source := _source(pick, quote)) is not None]
    for wanted in (ClosingSource.SAME_BOOKMAKER, ClosingSource.SHARP, ClosingSource.MARKET_AVERAGE):
        for quote, source in able:
            if source is wanted and quote.is_plausible:
                return quote, source
    if able:
        return NoClosingReason.IMPLAUSIBLE_PRICE
    if same_line:
        return NoClosingReason.BOOKMAKER_GONE
    if of_market:
        return NoClosingReason.LINE_MOVED if pick.line_was_quoted else NoClosingReason.LINE_NOT_QUOTED
    return NoClosingReason.MARKET_NOT_QUOTED if quotes else NoClosingReason.NOT_CAPTURED_BEFORE_KICKOFF


def _source(pick: OpenPick, quote: Quote) -> ClosingSource | None:
    if quote.bookmaker_id == pick.bookmaker_id:
        return ClosingSource.SAME_BOOKMAKER
    if quote.bookmaker.is_sharp:
        return ClosingSource.SHARP
    return ClosingSource.MARKET_AVERAGE if quote.bookmaker.key in MARKET_AVERAGES else None


def _add_prices(found: list[Closing], picks: Sequence[OpenPick], chosen: Sequence[Choice]) -> None:
    """Prices and what they make the picks worth, the picks of one market at once."""
    positions: dict[Market, list[tuple[int, Quote, ClosingSource]]] = {}
    for at, choice in enumerate(chosen):
        if not isinstance(choice, NoClosingReason):
            positions.setdefault(choice[0].market, []).append((at, *choice))
    for market, of_market in positions.items():
        rows = np.arange(len(of_market))
        sides = [PICK_SIDES[market].index(picks[at].backed.side) for at, _, _ in of_market]
        prices = np.array([quote.prices for _, quote, _ in of_market])
        taken = np.array([picks[at].price_taken for at, _, _ in of_market])
        raw = clv_percentage(taken, prices[rows, sides])
        no_vig = clv_no_vig_percentage(taken, power(prices)[rows, sides])
        for (at, quote, source), clv, fair in zip(of_market, _rounded(raw), _rounded(no_vig), strict=True):
            price = quote.price(picks[at].backed.side)
            found[at] = Closing(price, source, quote.bookmaker_id, quote.captured_at, None, clv, fair)


def _add_adjusted(found: list[Closing], picks: Sequence[OpenPick], by_match: Mapping[int, Sequence[Quote]]) -> None:
    """What the picks that closed at other lines only were worth at their own."""
    moved = [at for at, closing in enumerate(found) if closing.reason in _AT_OTHER_LINES]
    ids = list(dict.fromkeys(picks[at].match_id for at in moved))
    views = {match_id: view for match_id in ids if (view := _view(by_match[match_id])) is not None}
    scores = ImpliedScores.of(list(views.values()))
    places = {match_id: place for place, match_id in enumerate(views)}
    for at in moved:
        place = places.get(picks[at].match_id)
        fair = None if place is None else scores.fair_probability(place, picks[at].backed)
        if fair is not None and place is not None:
            value = clv_no_vig_percentage([picks[at].price_taken], [fair])
            keys = "+".join(book.key for book in (views[picks[at].match_id].books))
            found[at] = replace(found[at], clv_line_adjusted=_rounded(value)[0], method=f"{IMPLIED_VERSION} {keys}")


def _view(quotes: Sequence[Quote]) -> MarketView | None:
    """What the close says of a match's scores, by a sharp book's prices or else the market's average; None where it
    lacks 1x2 or totals.
    """
    one_x_two, totals = (_speaks(quotes, market) for market in (Market.ONE_X_TWO, Market.OVER_UNDER))
    if one_x_two is None or totals is None or totals.line is None:
        return None
    home, draw, away = power(np.array([one_x_two.prices]))[0].tolist()
    over = power(np.array([totals.prices]))[0, 0].item()
    return MarketView((home, draw, away), totals.line, over, (one_x_two.bookmaker, totals.bookmaker))


def _speaks(quotes: Sequence[Quote], market: Market) -> Quote | None:
    """The plausible quote of a sharp book, else of the market's average; of several lines the one nearest to even."""
    plausible = [quote for quote in quotes if quote.market is market and quote.is_plausible]
    for able in (
        [quote for quote in plausible if quote.bookmaker.is_sharp],
        [quote for quote in plausible if quote.bookmaker.key in MARKET_AVERAGES],
    ):
        if able:
            return min(able, key=_nearest_to_even)
    return None


def _nearest_to_even(quote: Quote) -> tuple[float, str, float]:
    return abs(quote.prices[0] - quote.prices[-1]), quote.bookmaker.key, quote.line or 0.0


def _rounded(values: NDArray[np.float64]) -> list[float]:
    # Adding 0 makes a zero of the zero below 0.
    return [round(value, DIGITS) + 0.0 for value in values.tolist()]


def _after(quote: Quote, kickoffs: Mapping[int, datetime | None]) -> bool:
    """Whether a quote was captured when the match had begun."""
    kickoff = kickoffs.get(quote.match_id)
    return quote.captured_at is not None and kickoff is not None and quote.captured_at >= kickoff


def _is_late(quote: Quote, kickoffs: Mapping[int, datetime | None]) -> bool:
    """Whether a snapshot was taken within the last hour before kickoff."""
    kickoff = kickoffs.get(quote.match_id)
    if kickoff is None or quote.captured_at is None:
        return False
    return kickoff - LATEST <= quote.captured_at < kickoff
