"""From an answer of The Odds API to events and quotes; what cannot be loaded becomes a rejection, each by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from monps_platform.domain.bookmakers import OF_ODDS_API
from monps_platform.domain.odds import Market
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.snapshots import Event, ParsedSnapshot, SnapshotQuote
from monps_platform.sources.errors import UnreadableFileError

PARSER_VERSION = "odds-api-1"
HIGHEST_PRICE = Decimal(10_000)
HIGHEST_LINE = Decimal(20)
CLOCKS_DIFFER = timedelta(minutes=5)
"""A price of a later instant than the answer's by more is none that stood."""
_MARKETS = MappingProxyType({"h2h": Market.ONE_X_TWO, "totals": Market.OVER_UNDER, "spreads": Market.ASIAN_HANDICAP})
_LAY = frozenset({"h2h_lay", "outrights_lay"})
_DRAW = "Draw"
_DECIMALS = 4
_QUARTERS = 4
_MOST_TEXT = 2000


class _RejectedError(Exception):
    """A quote that cannot be loaded."""

    def __init__(self, reason: Reason, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def parse_snapshot(body: bytes, fetched_at: datetime, name: str) -> ParsedSnapshot:
    """The events and quotes of an answer that came at an instant. Raises UnreadableFileError, which names the file, for
    a body that is not the list of events that was asked for.
    """
    reading = _Reading(fetched_at)
    for number, record in enumerate(_events(body, name), start=1):
        reading.add(number, record)
    return ParsedSnapshot(tuple(reading.events), tuple(reading.quotes), tuple(reading.rejections))


def _events(body: bytes, name: str) -> list[Any]:
    try:
        # Exactly as they are written: no binary float lies between a price and its decimals.
        document = json.loads(body.decode("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{name}: the answer is no JSON ({error})") from error
    if not isinstance(document, list):
        raise UnreadableFileError(f"{name}: the answer holds JSON, but no list of events: {str(document)[:80]!r}")
    return document


@dataclass
class _Reading:
    """What has been read of a file so far."""

    fetched_at: datetime
    events: list[Event] = field(default_factory=list)
    quotes: list[SnapshotQuote] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def add(self, number: int, record: object) -> None:
        """Read an event with all its quotes."""
        try:
            event = _event(number, record)
        except _RejectedError as error:
            self._reject_all(number, record, error)
            return
        self.events.append(event)
        for book, market in _markets(record):
            try:
                quotes = self._read(event, len(self.events) - 1, book, market)
            except _RejectedError as error:
                self._reject(number, {"event": event.title, "bookmaker": book.get("key"), "market": market}, error)
                continue
            for quote in quotes:
                self._keep(number, quote)

    def _read(self, event: Event, at: int, book: Mapping[str, Any], market: Mapping[str, Any]) -> list[SnapshotQuote]:
        key = OF_ODDS_API.get(str(book.get("key")))
        if key is None:
            raise _RejectedError(Reason.UNKNOWN_BOOKMAKER, f"no bookmaker has the key {book.get('key')!r}")
        kind = _market(market)
        captured_at = self._captured_at(event, market.get("last_update", book.get("last_update")))
        priced = _priced(event, kind, market.get("outcomes"))
        return [SnapshotQuote(at, key, kind, line, captured_at, prices) for line, prices in priced]

    def _captured_at(self, event: Event, text: object) -> datetime:
        captured_at = _instant(text)
        if captured_at > self.fetched_at + CLOCKS_DIFFER:
            raise _RejectedError(Reason.CAPTURED_IN_THE_FUTURE, f"updated at {captured_at:%Y-%m-%d %H:%M:%S} UTC")
        if event.commences_at <= max(captured_at, self.fetched_at):
            raise _RejectedError(Reason.EVENT_STARTED, f"began at {event.commences_at:%Y-%m-%d %H:%M} UTC")
        return captured_at

    def _keep(self, number: int, quote: SnapshotQuote) -> None:
        key = (quote.event, quote.bookmaker, quote.market, quote.line, quote.captured_at)
        if key in self.seen:
            self._reject(number, {"quote": str(quote)}, _RejectedError(Reason.DUPLICATE_QUOTE))
            return
        self.seen.add(key)
        self.quotes.append(quote)

    def _reject_all(self, number: int, record: object, error: _RejectedError) -> None:
        """The event that cannot be read counts once for each of its markets, once if it has none."""
        for _ in range(max(1, sum(1 for _ in _markets(record)))):
            self._reject(number, record, error)

    def _reject(self, number: int, record: object, error: _RejectedError) -> None:
        # JSON writes NUL as an escape; half a surrogate pair is what no database keeps.
        text = json.dumps(record, default=str, ensure_ascii=False)[:_MOST_TEXT].encode(errors="replace").decode()
        self.rejections.append(Rejection(Dataset.ODDS, number, error.reason, text, error.detail))


def _event(number: int, record: object) -> Event:
    if not isinstance(record, Mapping):
        raise _RejectedError(Reason.UNREADABLE_EVENT, "it is no object")
    texts = [record.get(name) for name in ("id", "home_team", "away_team")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise _RejectedError(Reason.MISSING_TEAM, "an event has an id and two teams")
    event_id, home, away = (str(text).strip() for text in texts)
    if not all(_is_storable(text) for text in (event_id, home, away)):
        raise _RejectedError(Reason.UNUSABLE_TEXT)
    if home == away:
        raise _RejectedError(Reason.SAME_TEAM_TWICE)
    return Event(number, event_id, home, away, _instant(record.get("commence_time")))


def _is_storable(text: str) -> bool:
    return "\x00" not in text and text.encode(errors="replace").decode() == text


def _markets(record: object) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each market with its bookmaker; what is no object is none."""
    for book in _objects(record, "bookmakers"):
        for market in _objects(book, "markets"):
            yield book, market


def _objects(record: object, name: str) -> Sequence[Mapping[str, Any]]:
    held = record.get(name) if isinstance(record, Mapping) else None
    return [item for item in held if isinstance(item, Mapping)] if isinstance(held, list) else []


def _market(market: Mapping[str, Any]) -> Market:
    key = str(market.get("key"))
    if key in _LAY:
        raise _RejectedError(Reason.LAY_PRICES, "what an exchange asks of those who lay is no price to back at")
    if key not in _MARKETS:
        raise _RejectedError(Reason.UNKNOWN_MARKET, f"no market of ours is called {key!r}")
    return _MARKETS[key]


def _instant(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise _RejectedError(Reason.UNREADABLE_TIME, f"{text!r} is no instant") from None
    if found.tzinfo is None:
        raise _RejectedError(Reason.UNREADABLE_TIME, f"{text!r} has no time zone")
    return found.astimezone(UTC)


Priced = tuple[Decimal | None, tuple[Decimal, ...]]


def _priced(event: Event, market: Market, outcomes: object) -> list[Priced]:
    """The lines of a market with the prices of their sides, in the order of SIDES."""
    if not isinstance(outcomes, list) or not all(isinstance(item, Mapping) for item in outcomes):
        raise _RejectedError(Reason.INCOMPLETE_PRICES, "the market has no list of outcomes")
    names = {
        Market.ONE_X_TWO: (event.home, _DRAW, event.away),
        Market.OVER_UNDER: ("Over", "Under"),
        Market.ASIAN_HANDICAP: (event.home, event.away),
    }[market]
    sides = [[item for item in outcomes if str(item.get("name")).strip() == name] for name in names]
    if len(outcomes) != sum(map(len, sides)) or len({len(side) for side in sides}) != 1 or not sides[0]:
        raise _RejectedError(Reason.INCOMPLETE_PRICES, f"the sides of {market} are {', '.join(names)}")
    if market is Market.ONE_X_TWO:
        return [(None, _prices([side[0] for side in sides]))] if len(sides[0]) == 1 else _repeated()
    lines = [{_line(item) * _sign(market, at): item for item in side} for at, side in enumerate(sides)]
    if set(lines[0]) != set(lines[1]) or len(lines[0]) != len(sides[0]):
        raise _RejectedError(Reason.LINES_DIFFER, "both sides have the same lines, each once")
    return [(line, _prices([item, lines[1][line]])) for line, item in lines[0].items()]


def _repeated() -> list[Priced]:
    raise _RejectedError(Reason.DUPLICATE_QUOTE, "a side stands there twice")


def _sign(market: Market, side: int) -> int:
    """A handicap's away side has the home side's line the other way round."""
    return -1 if market is Market.ASIAN_HANDICAP and side == 1 else 1


def _line(outcome: Mapping[str, Any]) -> Decimal:
    if outcome.get("point") is None:
        raise _RejectedError(Reason.MISSING_LINE)
    line = _number(outcome["point"])
    if abs(line) > HIGHEST_LINE:
        raise _RejectedError(Reason.LINE_OUT_OF_RANGE, f"{line} goals")
    if line * _QUARTERS % 1:
        raise _RejectedError(Reason.LINE_NOT_QUARTER, f"{line} goals")
    # -0 and 0.50 are 0 and 0.5.
    return line.normalize() + 0


def _prices(outcomes: Sequence[Mapping[str, Any]]) -> tuple[Decimal, ...]:
    return tuple(_price(outcome.get("price")) for outcome in outcomes)


def _price(value: object) -> Decimal:
    price = _number(value)
    if price <= 1:
        raise _RejectedError(Reason.PRICE_NOT_ABOVE_ONE, f"{price}")
    if price > HIGHEST_PRICE:
        raise _RejectedError(Reason.PRICE_OUT_OF_RANGE, f"{price}")
    if price != round(price, _DECIMALS):
        raise _RejectedError(Reason.PRICE_TOO_PRECISE, f"{price}")
    return price


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _RejectedError(Reason.NOT_A_NUMBER, f"{value!r}")
    return Decimal(value)
