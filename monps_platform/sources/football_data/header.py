"""Learning bookmakers and markets from a header, so that a new bookmaker needs no new code.

A quote's columns share a prefix: ``{book}H/D/A`` (1x2), ``{book}>2.5``/``{book}<2.5`` (totals),
``{book}AHH``/``{book}AHA`` (Asian handicap). A ``C`` behind the book marks closing prices, except where it is the
book's own last letter: ``VCH`` is VC Bet before the match, ``VCCH`` its closing price.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monps_platform.domain.bookmakers import KNOWN, canonical_key
from monps_platform.domain.odds import PRICE_SCALE, Market

_TOTAL = re.compile(r"(?P<prefix>.+)>(?P<line>\d+(?:\.\d+)?)")
_CLOSING = "C"
# Betbrain's maximum and average share one handicap column.
_BETBRAIN = ("BbMx", "BbAv")


@dataclass(frozen=True)
class QuoteColumns:
    """Where one bookmaker's quotes of one market stand: its columns in the order of the market's sides, and the line.

    ``line`` is given by the header for totals (ten-thousandths of a goal); ``line_name`` is the column that holds
    it per match for handicaps, None where the file has no such column.
    """

    market: Market
    bookmaker: str
    is_closing: bool
    names: tuple[str, ...]
    line: int | None = None
    line_name: str | None = None


def learn_quotes(header: Iterable[str]) -> tuple[QuoteColumns, ...]:
    """Every bookmaker, market and price kind that a header offers, each once."""
    header = tuple(header)
    names = frozenset(header)
    found = [*_one_x_two(header, names), *_totals(header, names), *_handicaps(header, names)]
    unique = {(item.market, item.bookmaker, item.is_closing, item.line): item for item in reversed(found)}
    return tuple(reversed(unique.values()))


def _one_x_two(header: tuple[str, ...], names: frozenset[str]) -> list[QuoteColumns]:
    prefixes = [
        name[:-1]
        for name in header
        if name.endswith("H") and {f"{name[:-1]}D", f"{name[:-1]}A"} <= names and len(name) > 1
    ]
    found = []
    for prefix in dict.fromkeys(prefixes):
        book, closing = split_closing(prefix, prefixes.__contains__)
        columns = (f"{prefix}H", f"{prefix}D", f"{prefix}A")
        found.append(QuoteColumns(Market.ONE_X_TWO, canonical_key(book), closing, columns))
    return found


def _totals(header: tuple[str, ...], names: frozenset[str]) -> list[QuoteColumns]:
    offers = [match for name in header if (match := _TOTAL.fullmatch(name)) and name.replace(">", "<") in names]
    prefixes = {match["prefix"] for match in offers}
    found = []
    for match in offers:
        book, closing = split_closing(match["prefix"], prefixes.__contains__)
        columns = (match[0], match[0].replace(">", "<"))
        line = round(float(match["line"]) * PRICE_SCALE)
        found.append(QuoteColumns(Market.OVER_UNDER, canonical_key(book), closing, columns, line=line))
    return found


def _handicaps(header: tuple[str, ...], names: frozenset[str]) -> list[QuoteColumns]:
    prefixes = [name[:-3] for name in header if name.endswith("AHH") and len(name) > 3 and f"{name[:-1]}A" in names]
    found = []
    for prefix in dict.fromkeys(prefixes):
        book, closing = split_closing(prefix, prefixes.__contains__)
        line_name = next((name for name in _line_names(prefix, book, closing) if name in names), None)
        columns = (f"{prefix}AHH", f"{prefix}AHA")
        found.append(QuoteColumns(Market.ASIAN_HANDICAP, canonical_key(book), closing, columns, line_name=line_name))
    return found


def _line_names(prefix: str, book: str, closing: bool) -> tuple[str, ...]:
    """Candidate columns of a handicap's line, best first: the book's own, Betbrain's, the market's."""
    if book in _BETBRAIN:
        return ("BbAHh",)
    return (f"{prefix}AH", "AHCh" if closing else "AHh")


def split_closing(prefix: str, is_offered: Callable[[str], bool]) -> tuple[str, bool]:
    """Split a column prefix into bookmaker and closing mark.

    ``VC`` is a bookmaker though it ends in C; any other final C is the mark when what precedes it is a book: one
    known, or one whose own pre-match columns stand in the same header.
    """
    book = prefix.removesuffix(_CLOSING)
    if book == prefix or not book or prefix in KNOWN:
        return prefix, False
    if is_offered(book) or canonical_key(book) in KNOWN:
        return book, True
    return prefix, False
