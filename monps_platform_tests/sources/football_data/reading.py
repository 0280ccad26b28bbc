"""Writing small files of the source and looking at what the parser makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from monps_platform.domain.leagues import league
from monps_platform.domain.matches import MatchesWithQuotes, ParsedMatches
from monps_platform.domain.odds import PRICE_SCALE, Market
from monps_platform.domain.rejections import Reason
from monps_platform.sources.football_data.parser import parse_season

RESULTS = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR"
NAME = "mmz4281/2122/E0.csv"


class Odds(NamedTuple):
    """One complete quote as a person would write it down."""

    home_team: str
    bookmaker: str
    market: Market
    is_closing: bool
    line: Decimal | None
    prices: tuple[Decimal, ...]


def file_of(header: str, *rows: str, end: str = "\r\n") -> bytes:
    """A file of a header and data lines, each with its end."""
    return "".join(f"{line}{end}" for line in (header, *rows)).encode()


def parse(header: str, *rows: str, code: str = "E0") -> ParsedMatches:
    """What the parser makes of a header and data lines."""
    return parse_season(file_of(header, *rows), league(code), NAME)


def parse_prices(names: str, *cells: str) -> ParsedMatches:
    """What the parser makes of price columns, one match per data line; the home sides are T0, T1, ..."""
    rows = [f"E0,14/08/2021,T{at},Other,1,0,H,{line}" for at, line in enumerate(cells)]
    return parse(f"{RESULTS},{names}", *rows)


def odds_of(parsed: ParsedMatches | MatchesWithQuotes) -> list[Odds]:
    """All complete quotes in their order."""
    return list(_odds(parsed))


def _odds(parsed: ParsedMatches | MatchesWithQuotes) -> Iterator[Odds]:
    for quotes in parsed.quotes:
        lines: Iterable[int | None] = [None] * len(quotes) if quotes.line is None else quotes.line.tolist()
        columns = (quotes.match.tolist(), quotes.bookmaker.tolist(), quotes.is_closing.tolist())
        for match, book, closing, line, prices in zip(*columns, lines, quotes.prices.tolist(), strict=True):
            yield Odds(
                parsed.matches[match].home_team,
                parsed.bookmakers[book],
                quotes.market,
                closing,
                None if line is None else Decimal(line) / PRICE_SCALE,
                tuple(Decimal(price) / PRICE_SCALE for price in prices),
            )


def reasons_of(parsed: ParsedMatches) -> list[tuple[int, Reason]]:
    """Line numbers and reasons of all rejections."""
    return [(rejection.line_number, rejection.reason) for rejection in parsed.rejections]


def decimals(text: str) -> tuple[Decimal, ...]:
    """``1.5 2`` as exact numbers."""
    return tuple(Decimal(part) for part in text.split())
