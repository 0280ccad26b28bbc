"""Single quotes, as picks are taken from them and compared with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monps_platform.domain.bookmakers import Bookmaker
from monps_platform.domain.odds import Market, PriceKind, is_plausible
from monps_platform.domain.picks import PICK_SIDES, PickSide

MAX_UNTIMED_AGE = timedelta(hours=24)
"""How long after its file was first fetched a price without a time may be bet at. football-data.co.uk collects prices
on Friday afternoons for the weekend and on Tuesdays for midweek: a day later the market has moved.
"""


@dataclass(frozen=True, slots=True)
class Quote:
    """Every side of a market at one bookmaker: ``line`` in goals (of the home side, for a handicap), None for 1x2;
    ``prices`` decimal odds in the order of PICK_SIDES; ``captured_at`` None where the source does not say.
    """

    match_id: int
    market: Market
    line: float | None
    bookmaker_id: int
    bookmaker: Bookmaker
    kind: PriceKind
    captured_at: datetime | None
    prices: tuple[float, ...]

    @property
    def offer(self) -> tuple[int, Market, int]:
        """The match, market and bookmaker: what one capture is of, with all its lines."""
        return self.match_id, self.market, self.bookmaker_id

    @property
    def is_plausible(self) -> bool:
        """Whether its overround may be a real market's."""
        return is_plausible(self.prices)

    def price(self, side: PickSide) -> float:
        """The price of one side."""
        return self.prices[PICK_SIDES[self.market].index(side)]


@dataclass(frozen=True, slots=True)
class Board:
    """The quotes of one market of a match at one line, side by side."""

    match_id: int
    market: Market
    line: float | None
    quotes: tuple[Quote, ...]


def boards(quotes: Iterable[Quote]) -> list[Board]:
    """Quotes by match, market and line, in the order in which they first come."""
    found: dict[tuple[int, Market, float | None], list[Quote]] = {}
    for quote in quotes:
        found.setdefault((quote.match_id, quote.market, quote.line), []).append(quote)
    return [Board(*key, tuple(of_board)) for key, of_board in found.items()]


def standing(quotes: Iterable[Quote], now: datetime) -> list[Quote]:
    """The quotes of matches to come that stand at an instant: of each book and market the newest price of a known
    time, or, where it has none, the price collected before the match. Closing prices are none of them.
    """
    return newest(
        quote
        for quote in quotes
        if quote.kind is not PriceKind.CLOSING and (quote.captured_at is None or quote.captured_at <= now)
    )


def fresh(quotes: Iterable[Quote], now: datetime, fetched_at: datetime | None) -> list[Quote]:
    """The quotes that may still be bet at, as far as their file tells: all of a known time, and those without one if
    the file, first fetched at an instant (None: there is no file), is no older than ``MAX_UNTIMED_AGE``.
    """
    is_fresh = fetched_at is not None and now - fetched_at <= MAX_UNTIMED_AGE
    return [quote for quote in quotes if is_fresh or quote.captured_at is not None]


def newest(quotes: Iterable[Quote]) -> list[Quote]:
    """Of each match, market and book the quotes of the newest capture, all its lines; one without a time is older than
    every other.
    """
    found: dict[tuple[int, Market, int], list[Quote]] = {}
    for quote in quotes:
        held = found.setdefault(quote.offer, [])
        if held and _age(quote) > _age(held[0]):
            held.clear()
        if not held or _age(quote) == _age(held[0]):
            held.append(quote)
    return [quote for held in found.values() for quote in held]


def _age(quote: Quote) -> tuple[bool, float]:
    """Greater for newer quotes; one without a time is older than every other."""
    return (False, 0.0) if quote.captured_at is None else (True, quote.captured_at.timestamp())
