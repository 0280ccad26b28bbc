"""Learning bookmakers and markets from a header, so that a new bookmaker needs no new code.

A quote's columns share a prefix: ``{book}H/D/A`` (1x2), ``{book}>2.5``/``{book}<2.5`` (totals),
``{book}AHH``/``{book}AHA`` (Asian handicap). A ``C`` behind the book marks closing prices, except where it is the
book's own last letter: ``VCH`` is VC Bet before the match, ``VCCH`` its closing price. Where a side has no column,
the quote is learned all the same, so that the prices of its other sides are rejected as incomplete and not lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from monps_platform.domain.bookmakers import KNOWN, canonical_key
from monps_platform.domain.odds import PRICE_SCALE, Market

_TOTAL = re.compile(r"(?P<prefix>.+)[<>](?P<line>\d+(?:\.\d+)?)")
_HANDICAP = re.compile(r"(?P<prefix>.+)AH[HA]")
_RESULT_SIDES = ("H", "D", "A")
_HANDICAP_SIDES = ("AHH", "AHA")
_CLOSING = "C"
# Betbrain's maximum and average share one handicap column.
_BETBRAIN = ("BbMx", "BbAv")


_Split = Callable[[str], tuple[str, bool]]


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
    names = tuple(dict.fromkeys(header))
    results, totals, handicaps = _result_prefixes(names), _prefixes(_TOTAL, names), _prefixes(_HANDICAP, names)
    split = partial(split_closing, is_offered={*results, *totals, *handicaps}.__contains__)
    found = [*_one_x_two(results, split), *_totals(names, split), *_handicaps(handicaps, names, split)]
    unique = {(item.market, item.bookmaker, item.is_closing, item.line): item for item in reversed(found)}
    return tuple(reversed(unique.values()))


def _prefixes(pattern: re.Pattern[str], names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(match["prefix"] for name in names if (match := pattern.fullmatch(name))))


def _result_prefixes(names: Iterable[str]) -> list[str]:
    """Prefixes of at least two of the three sides; one alone may be anything."""
    sides = Counter(name[:-1] for name in names if name.endswith(_RESULT_SIDES) and not name.endswith(_HANDICAP_SIDES))
    return [prefix for prefix, count in sides.items() if prefix and count > 1]


def _one_x_two(prefixes: Iterable[str], split: _Split) -> Iterator[QuoteColumns]:
    for prefix in prefixes:
        book, closing = split(prefix)
        columns = (f"{prefix}H", f"{prefix}D", f"{prefix}A")
        yield QuoteColumns(Market.ONE_X_TWO, canonical_key(book), closing, columns)


def _totals(names: Iterable[str], split: _Split) -> Iterator[QuoteColumns]:
    for match in filter(None, map(_TOTAL.fullmatch, names)):
        book, closing = split(match["prefix"])
        columns = (f"{match['prefix']}>{match['line']}", f"{match['prefix']}<{match['line']}")
        line = round(float(match["line"]) * PRICE_SCALE)
        yield QuoteColumns(Market.OVER_UNDER, canonical_key(book), closing, columns, line=line)


def _handicaps(prefixes: Iterable[str], names: Collection[str], split: _Split) -> Iterator[QuoteColumns]:
    for prefix in prefixes:
        book, closing = split(prefix)
        line_name = next((name for name in _line_names(prefix, book, closing) if name in names), None)
        columns = (f"{prefix}AHH", f"{prefix}AHA")
        yield QuoteColumns(Market.ASIAN_HANDICAP, canonical_key(book), closing, columns, line_name=line_name)


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
