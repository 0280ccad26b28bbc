"""Prices as a service quotes them at an instant: events that are to be matches of ours, and how prices moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Rejection


@dataclass(frozen=True, slots=True)
class Event:
    """A match as the service lists it: its position in the file from 1, its id, both spellings and its beginning."""

    number: int
    event_id: str
    home: str
    away: str
    commences_at: datetime

    @property
    def title(self) -> str:
        """For messages."""
        return f"{self.home} - {self.away}, {self.commences_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class SnapshotQuote:
    """Every side of a market at one bookmaker at an instant.

    ``event`` points into the parsed events; ``bookmaker`` is the platform's key; ``line`` in goals (of the home side,
    for a handicap), None for 1x2; ``prices`` decimal odds in the order of SIDES; ``captured_at`` UTC.
    """

    event: int
    bookmaker: str
    market: Market
    line: Decimal | None
    captured_at: datetime
    prices: tuple[Decimal, ...]


@dataclass(frozen=True)
class ParsedSnapshot:
    """A parsed file. Quotes read = quotes + rejections, those of unreadable events among them."""

    events: Sequence[Event]
    quotes: Sequence[SnapshotQuote]
    rejections: Sequence[Rejection]

    @property
    def quotes_read(self) -> int:
        """Quotes that the file names, readable or not."""
        return len(self.quotes) + len(self.rejections)


@dataclass(frozen=True, slots=True)
class SidePrice:
    """The price of one side at an instant, at one bookmaker and line."""

    bookmaker: str
    line: Decimal | None
    side: str
    captured_at: datetime
    price: Decimal


@dataclass(frozen=True, slots=True)
class Movement:
    """How one side's price moved over its snapshots: decimal odds."""

    bookmaker: str
    line: Decimal | None
    side: str
    snapshots: int
    open: Decimal
    low: Decimal
    high: Decimal
    before: Decimal
    latest: Decimal
    latest_at: datetime

    @property
    def change(self) -> float:
        """What the last snapshot did to the implied probability 1/price, in percentage points: above 0, the price
        shortened. A move from 1.5 to 1.4 then weighs as much as it does, beside one from 15 to 14.
        """
        return float(100 / self.latest - 100 / self.before)

    @property
    def change_since_open(self) -> float:
        """The same since the first snapshot."""
        return float(100 / self.latest - 100 / self.open)


def movements(prices: Iterable[SidePrice]) -> list[Movement]:
    """The movement of each bookmaker, line and side, in the order in which they first come."""
    series: dict[tuple[str, Decimal | None, str], list[SidePrice]] = {}
    for price in prices:
        series.setdefault((price.bookmaker, price.line, price.side), []).append(price)
    return [_movement(held) for held in series.values()]


def _movement(held: Sequence[SidePrice]) -> Movement:
    ordered = sorted(held, key=lambda price: price.captured_at)
    first, last = ordered[0], ordered[-1]
    figures = [price.price for price in ordered]
    before = figures[-2] if len(figures) > 1 else figures[-1]
    return Movement(
        bookmaker=first.bookmaker,
        line=first.line,
        side=first.side,
        snapshots=len(figures),
        open=figures[0],
        low=min(figures),
        high=max(figures),
        before=before,
        latest=figures[-1],
        latest_at=last.captured_at,
    )


def biggest(found: Mapping[str, Sequence[Movement]], limit: int) -> list[tuple[str, Movement]]:
    """Of the movements of matches and markets, by any name, those that the last snapshot moved most; none that did not
    move.
    """
    moved = [(name, move) for name, moves in found.items() for move in moves if move.latest != move.before]
    return sorted(moved, key=lambda item: -abs(item[1].change))[:limit]
